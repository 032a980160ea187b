"""Who hears of an incident's updates: followers, and the contacts of the requests that belong to it (P-2, P-6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from accounts import selectors as accounts
from accounts.audit import About, Notice, send_notices
from accounts.errors import OrganisationNotFound
from accounts.models import Event, Person
from accounts.permissions import may
from tickets.models import Incident, IncidentFollow, IncidentUpdate
from tickets.selectors.incidents import requests_going_on
from tickets.services.notices import CARETAKERS

Reader = tuple[int, int]  # organisation, person


def tell_followers(event: Event, incident: Incident, update: IncidentUpdate, *, now: datetime) -> None:
    """Write one notice to each of them, however many of their requests belong to it."""
    context = {"incident": incident.number, "update": update.pk}
    told: set[int] = set()
    notices = []
    for organisation, people in sorted(_readers(incident, now=now).items()):
        fresh = [person for person in people if person.pk not in told]
        told |= {person.pk for person in fresh}
        notices.append((About(organisation_id=organisation), Notice("incident_news", fresh, context)))
    send_notices(event, notices)


def _readers(incident: Incident, *, now: datetime) -> dict[int, list[Person]]:
    """By organisation: who chose to follow, and contacts unless they chose not to; who may still read it (P-6).

    For a contact who may not, the admins who look after all requests of the organisation are told.
    """
    rows = IncidentFollow.objects.filter(incident=incident)
    chosen: dict[Reader, bool] = {
        (organisation, person): following
        for organisation, person, following in rows.values_list("organisation", "person", "following")
    }
    contacts = _contacts(incident, now=now)
    followers = {reader for reader, following in chosen.items() if following}
    people = _people(person for _, person in contacts | followers)
    found: dict[int, dict[int, Person]] = defaultdict(dict)
    for organisation, person_id in sorted(contacts | followers):
        person = people.get(person_id)
        if person and _may_read(person, organisation, now=now):
            readers = [person]
        else:
            readers = _caretakers(organisation) if (organisation, person_id) in contacts else []
        found[organisation] |= {each.pk: each for each in readers if chosen.get((organisation, each.pk), True)}
    return {organisation: list(readers.values()) for organisation, readers in found.items()}


def _contacts(incident: Incident, *, now: datetime) -> set[Reader]:
    """The primary contacts of the requests that belong to it and are not archived."""
    rows = requests_going_on(incident, now=now)
    return set(rows.values_list("organisation_id", "primary_contact_id").distinct())


def _people(ids: Iterable[int]) -> dict[int, Person]:
    rows = Person.objects.with_roles().filter(pk__in=set(ids), is_active=True, is_service=False)
    return {person.pk: person for person in rows}


def _may_read(person: Person, organisation: int, *, now: datetime) -> bool:
    try:
        actor = accounts.actor_for(person, now=now, customer_id=organisation)
    except OrganisationNotFound:
        return False
    return actor.organisation_id == organisation and may(actor, "read_incidents")


def _caretakers(organisation: int) -> list[Person]:
    return [admin for admin in accounts.admins_of(organisation) if CARETAKERS & set(admin.role_names)]
