"""The catalogue as it is on offer: services and topics (TE-3)."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet

from tickets.catalogue import CATEGORIES, kind_of
from tickets.models import Service, ServiceRequest, Topic


def services() -> QuerySet[Service]:
    """The services that a request can be about, in their order."""
    return Service.objects.filter(is_active=True).order_by("position", "pk")


def topics() -> QuerySet[Topic]:
    """The topics of every category, in their order, with the service that each belongs to."""
    offered = Topic.objects.filter(Q(service=None) | Q(service__is_active=True), is_active=True)
    return offered.select_related("service").order_by("position", "pk")


def topic_names(codes: Collection[str]) -> list[tuple[str, dict[str, str]]]:
    """The codes of these topics with their names by language, of those no longer on offer too."""
    return list(Topic.objects.filter(code__in=codes).values_list("code", "names"))


def topics_for(service_request: ServiceRequest) -> QuerySet[Topic]:
    """The topics that fit the service of a request, of every category of its kind of support, in their order."""
    categories = [category for category in CATEGORIES if kind_of(category) == service_request.kind]
    fitting = Q(service=None) | Q(service=service_request.service_id)
    return topics().filter(fitting, category__in=categories)
