"""The engineers who may have a request."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import get_language, pgettext

from accounts.models import Person
from accounts.permissions import ACTS, REACH
from selfhelp.selectors import language_name
from tickets.models import ServiceRequest
from tickets.wording import LANGUAGE_NAMES


def engineers_for(service_request: ServiceRequest) -> list[tuple[int, str]]:
    """Ids and names of the staff whose roles cover the request, those who speak its language first."""
    roles = [
        role
        for role in ACTS["take_request"]
        if REACH[role].covers(kind=service_request.kind, service=service_request.service_code)
    ]
    covering = Q(role_grants__role__in=roles, is_staff=True, is_active=True)
    people = Person.objects.filter(covering).distinct().only("pk", "name", "languages")
    language = service_request.language
    ordered = sorted(people, key=lambda person: (language not in person.languages, person.name.casefold()))
    return [(person.pk, f"{person.name} ({_spoken(person)})") for person in ordered]


def _spoken(person: Person) -> str:
    """The languages that somebody speaks, by their own names; those in which nobody writes to us by the reader's."""
    reading = get_language() or "en"
    names = [LANGUAGE_NAMES.get(code) or language_name(code, reading) for code in person.languages]
    return pgettext("between items of a list", ", ").join(names)
