"""The catalogue as it is on offer: services and topics (TE-3)."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from tickets.models import Service, Topic


def services() -> QuerySet[Service]:
    """The services that a request can be about, in their order."""
    return Service.objects.filter(is_active=True).order_by("position", "pk")


def topics() -> QuerySet[Topic]:
    """The topics of every category, in their order, with the service that each belongs to."""
    offered = Topic.objects.filter(Q(service=None) | Q(service__is_active=True), is_active=True)
    return offered.select_related("service").order_by("position", "pk")
