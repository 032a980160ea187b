"""The catalogue as it is on offer: services and topics (TE-3)."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet
from django.utils.translation import get_language

from accounts.labels import in_active_language
from selfhelp.selectors import language_name, spoken_languages
from tickets.catalogue import CATEGORIES, kind_of
from tickets.models import Service, ServiceRequest, Topic
from tickets.wording import LANGUAGE_NAMES


def services() -> QuerySet[Service]:
    """The services that a request can be about, in their order."""
    return Service.objects.filter(is_active=True).order_by("position", "pk")


def all_services() -> list[str]:
    """The codes of all that a request can be about, or could once, in their order."""
    return list(Service.objects.order_by("position", "pk").values_list("code", flat=True))


def service_names() -> list[tuple[str, str]]:
    """Codes and names of the services on offer, in their order and the active language (settings.SKILLS)."""
    return [(service.code, in_active_language(service.names)) for service in services()]


def languages() -> list[tuple[str, str]]:
    """Tags and names of the languages that requests are filed or engineers served in, by name (settings.SKILLS)."""
    reading = get_language() or "en"
    tags = {entry.language for entry in spoken_languages(language=reading)} | set(LANGUAGE_NAMES)
    return sorted(((tag, language_name(tag, reading)) for tag in tags), key=lambda pair: pair[1].casefold())


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
