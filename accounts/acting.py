"""For whom a page was drawn, carried by its forms, so that nothing is done for a customer chosen meanwhile (PA-1).

The customer acted for is a choice of the session, which all tabs of a browser share. So every form that is drawn for
a partner's person carries whom it was drawn for (the tag `csrf_token` adds it), and htmx sends it as a header. A form
that was drawn for somebody else than is chosen now is refused, with what was typed, and can be sent for the right one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

from django.http import HttpRequest

from accounts import clock, selectors
from accounts.edges import ACTING_FOR, actor_of
from accounts.errors import OrganisationNotFound
from accounts.models import Organisation, Person
from accounts.services import delegations

FIELD, HEADER, AGAIN = "acting_for", "X-Acting-For", "act_for_again"
CARRIED_ALONG = frozenset({"csrfmiddlewaretoken", FIELD, AGAIN})
SECRETS = re.compile("password|secret|code", re.IGNORECASE)


def carried_by_forms(request: HttpRequest | None) -> int | None:
    """The organisation that a form drawn now is for; None for whoever acts for nobody but their own."""
    person = _partners_person(request)
    return _chosen(request, person) if request is not None and person else None


def is_meant_for_another(request: HttpRequest) -> bool:
    """Whether the page that sends this was drawn for another organisation than is acted for now.

    Our forms and parts of pages always say for whom they are; what does not is refused while a customer is chosen.
    """
    named = named_by(request)
    if named is None:
        unsafe = request.method not in ("GET", "HEAD", "OPTIONS")
        return unsafe and ACTING_FOR in request.session and _partners_person(request) is not None
    return names_another(request, named)


def names_another(request: HttpRequest, named: str) -> bool:
    """Whether that is another organisation than the one acted for in this session."""
    person = _partners_person(request)
    return person is not None and named != str(_chosen(request, person))


def named_by(request: HttpRequest) -> str | None:
    """For whom the sender says that its page was drawn."""
    field = request.POST.get(FIELD)
    return str(field) if field is not None else request.headers.get(HEADER)


def return_to(request: HttpRequest) -> bool:
    """Act again for whom the form was drawn for, as its sender asks; tell whether they may."""
    person, named = _partners_person(request), named_by(request) or ""
    if person is None or request.POST.get(AGAIN) != named or _openable(person, named) is None:
        return False
    begin_or_stop(request, person, int(named))
    return True


def begin_or_stop(request: HttpRequest, person: Person, organisation_id: int) -> None:
    """Choose the customer to act for, or one's own organisation, and keep that on record."""
    before = request.session.pop(ACTING_FOR, None)
    if organisation_id == person.organisation_id:
        if before is not None:
            delegations.stop_acting_for(person=person, customer_id=before)
    else:
        request.session[ACTING_FOR] = organisation_id
        if before != organisation_id:
            actor = selectors.actor_for(person, now=clock.now(), customer_id=organisation_id)
            delegations.start_acting_for(actor=actor)
    request.__dict__.pop("_actor", None)


@dataclass(frozen=True, slots=True)
class Mistaken:
    """A form that was drawn for another organisation: who that was, if it can be acted for, and what was typed."""

    drawn_for: Organisation | None
    acting_for: Organisation
    fields: list[tuple[str, str]]
    files: list[str]

    @property
    def typed(self) -> list[str]:
        """What is worth reading again: texts, rather than choices and keys."""
        return [value for _name, value in self.fields if " " in value or not value.isascii() or "\n" in value]


def mistaken(request: HttpRequest) -> Mistaken:
    """What the page that refuses such a form shows."""
    person = cast(Person, request.user)
    fields = [
        (name, str(value))
        for name, values in request.POST.lists()
        for value in values
        if name not in CARRIED_ALONG and not SECRETS.search(name)
    ]
    return Mistaken(
        drawn_for=_openable(person, named_by(request) or ""),
        acting_for=selectors.organisation_of(actor_of(request)),
        fields=fields,
        files=[str(file.name) for _name, files in request.FILES.lists() for file in files],
    )


def _openable(person: Person, named: str) -> Organisation | None:
    """The organisation of that id, if the person may act for it now."""
    if not (named.isascii() and named.isdigit() and len(named) < 19):
        return None
    try:
        actor = selectors.actor_for(person, now=clock.now(), customer_id=int(named))
    except OrganisationNotFound:
        return None
    return selectors.organisation_of(actor)


def _partners_person(request: HttpRequest | None) -> Person | None:
    """Whoever has more than one organisation to act for: people of partners."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or user.organisation_id is None:
        return None
    return cast(Person, user) if user.organisation.is_partner else None


def _chosen(request: HttpRequest | None, person: Person) -> int | None:
    session = getattr(request, "session", {})
    return cast(int | None, session.get(ACTING_FOR, person.organisation_id))
