"""The engineers who may have a request, with what helps to choose among them."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from accounts.labels import in_active_language
from accounts.models import Person
from accounts.permissions import ACTS, REACH
from accounts.selectors.staff import works_now
from selfhelp.selectors import language_name
from tickets.models import ServiceRequest
from tickets.models.requests import OPEN_STATES
from tickets.wording import LANGUAGE_NAMES

_MINE = ServiceRequest.objects.filter(assignee=OuterRef("pk"), state__in=OPEN_STATES).order_by().values("assignee")
_LOAD = Coalesce(Subquery(_MINE.annotate(count=Count("pk")).values("count")), 0)  # open requests of a person


def engineers_for(service_request: ServiceRequest, *, now: datetime) -> list[tuple[int, str]]:
    """Ids and descriptions of the staff whose roles cover the request, those who fit it best first, in one query.

    First who speaks its language, then who works now, then who knows its service, then who has the fewest open.
    """
    roles = [
        role
        for role in ACTS["take_request"]
        if REACH[role].covers(kind=service_request.kind, service=service_request.service_code)
    ]
    covering = Q(role_grants__role__in=roles, is_staff=True, is_active=True)
    fields = ("pk", "name", "languages", "services", "working_hours", "timezone")
    people = Person.objects.filter(covering).distinct().only(*fields).annotate(load=_LOAD)
    load = {person.pk: int(vars(person)["load"]) for person in people}

    def fitness(person: Person) -> tuple[bool, bool, bool, int, str]:
        speaks, knows = service_request.language in person.languages, service_request.service_code in person.services
        return not speaks, not works_now(person, now=now), not knows, load[person.pk], person.name.casefold()

    ordered = sorted(people, key=fitness)
    return [(each.pk, _described(each, load[each.pk], service_request, now=now)) for each in ordered]


def _described(person: Person, load: int, service_request: ServiceRequest, *, now: datetime) -> str:
    """`Ada King: works now, speaks English, knows Exchange Online, 3 open`."""
    there, service = works_now(person, now=now), service_request.service
    knows = service is not None and service.code in person.services
    facts = [
        "" if there is None else _("works now") if there else _("off now"),
        _("speaks {languages}").format(languages=_spoken(person)) if person.languages else "",
        _("knows {service}").format(service=in_active_language(service.names)) if service and knows else "",
        ngettext("{count} open", "{count} open", load).format(count=load),
    ]
    separator = pgettext("between items of a list", ", ")
    return _("{name}: {facts}").format(name=person.name, facts=separator.join(filter(None, facts)))


def _spoken(person: Person) -> str:
    """The languages that somebody speaks, by their own names; those in which nobody writes to us by the reader's."""
    reading = get_language() or "en"
    names = [LANGUAGE_NAMES.get(code) or language_name(code, reading) for code in person.languages]
    return " / ".join(names)
