"""Who is told what: notices become delivery rows in the transaction of the act (P-2)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from accounts import selectors as accounts
from accounts.actors import Actor
from accounts.audit import Notice, send_notice
from accounts.errors import OrganisationNotFound
from accounts.models import Event, Person
from accounts.permissions import may
from sla.ladder import Recipient
from tickets.events import EventKind
from tickets.models import ServiceRequest
from tickets.services.base import about, record
from tickets.services.recipients import assignee_of, people_behind, somebody_on_call

CARETAKERS = {"global_admin", "service_support_admin"}


def tell_customer(
    event: Event, service_request: ServiceRequest, *, notice: str, context: dict[str, Any] | None = None
) -> None:
    """Tell the request's primary contact (RO-2), or the admins of its organisation once that person may not read it."""
    _send(event, service_request, notice, _contacts(service_request, now=event.at), context)


def tell_person(
    event: Event, service_request: ServiceRequest, person: Person, *, notice: str, context: dict[str, Any]
) -> None:
    """Tell one person of the customer's side, or whom `tell_customer` tells once that person may not read it (P-6)."""
    _send(event, service_request, notice, _readers(person.pk, service_request, now=event.at), context)


def acknowledge(event: Event, service_request: ServiceRequest, *, context: dict[str, Any]) -> None:
    """Tell the primary contact that a request arrived; no look at their access, which filing has just had."""
    _send(event, service_request, "request_filed", [service_request.primary_contact], context)


def _contacts(service_request: ServiceRequest, *, now: datetime) -> Iterable[Person]:
    """The primary contact if they may still read the request, else the admins who look after all of them (P-6)."""
    contact = service_request.primary_contact_id
    return _reader(contact, service_request, now=now) or _caretakers(service_request)


def _readers(person_id: int, service_request: ServiceRequest, *, now: datetime) -> Iterable[Person]:
    return _reader(person_id, service_request, now=now) or _contacts(service_request, now=now)


def _reader(person_id: int, service_request: ServiceRequest, *, now: datetime) -> list[Person]:
    """The person, if they may still read the request (P-6)."""
    person = Person.objects.with_roles().filter(pk=person_id, is_active=True).first()
    return [person] if person and _may_read(person, service_request, now=now) else []


def _caretakers(service_request: ServiceRequest) -> list[Person]:
    admins = accounts.admins_of(service_request.organisation_id)
    return [admin for admin in admins if CARETAKERS & set(admin.role_names)]


def _may_read(person: Person, service_request: ServiceRequest, *, now: datetime) -> bool:
    try:
        actor = accounts.actor_for(person, now=now, customer_id=service_request.organisation_id)
    except OrganisationNotFound:
        return False
    return may(actor, "read_request", on=service_request)


def ask_for_phone(service_request: ServiceRequest, *, now: datetime) -> None:
    """Ask the primary contact for a phone number, which an A needs and has not (settled point 10)."""
    asked = record(service_request, EventKind.PHONE_NEEDED, at=now)
    tell_customer(asked, service_request, notice="phone_needed")


def tell_of_virus(event: Event, service_request: ServiceRequest, *, sender: Person, internal: bool) -> None:
    """Tell who works on the request of a file with a virus, and who sent it, if that was not staff among themselves."""
    workers = people_behind(Recipient.ASSIGNEE_OR_TEAM, service_request, now=event.at)
    senders = [sender] if internal or sender.is_staff else _readers(sender.pk, service_request, now=event.at)
    _send(event, service_request, "file_infected", [*workers, *senders], None)


def tell_assignee(
    event: Event,
    service_request: ServiceRequest,
    *,
    notice: str,
    actor: Actor,
    context: dict[str, Any] | None = None,
) -> None:
    """Tell the engineer who has the request, or its team once that account is closed; nobody of their own doing."""
    if service_request.assignee_id and service_request.assignee_id != actor.person_id:
        people = people_behind(Recipient.ASSIGNEE_OR_TEAM, service_request, now=event.at)
        _send(event, service_request, notice, [each for each in people if each.pk != actor.person_id], context)


def tell_former_assignee(event: Event, service_request: ServiceRequest, *, former: int | None, actor: Actor) -> None:
    """Tell the engineer who had the request that somebody else has it now, unless it was their own doing."""
    if former and former not in (service_request.assignee_id, actor.person_id):
        _send(event, service_request, "request_taken_over", Person.objects.filter(pk=former), None)


def tell_ladder(
    event: Event,
    service_request: ServiceRequest,
    *,
    recipients: Iterable[str],
    notice: str,
    context: dict[str, Any],
    now: datetime,
) -> int:
    """Tell everybody that a step of the escalation ladder names; return how many people that were.

    Who is named by role or as assignee gets the mail whatever they chose; only a team that is told as a whole may read
    it in the portal.
    """
    people: dict[int, Person] = {}
    on_duty: set[int] = set()
    for name in recipients:
        found = {person.pk: person for person in people_behind(name, service_request, now=now)}
        people |= found
        on_duty |= set() if _is_whole_team(name, service_request, now=now) else set(found)
    _send(event, service_request, notice, people.values(), context, by_duty=on_duty)
    return len(people)


def _is_whole_team(name: str, service_request: ServiceRequest, *, now: datetime) -> bool:
    to_team = name == Recipient.TEAM or (name == Recipient.ASSIGNEE_OR_TEAM and not assignee_of(service_request))
    return to_team and not somebody_on_call(service_request, now=now)


def _send(
    event: Event,
    service_request: ServiceRequest,
    notice: str,
    people: Iterable[Person],
    context: dict[str, Any] | None,
    *,
    by_duty: Collection[int] = (),
) -> None:
    send_notice(event, Notice(notice, people, context or {}, by_duty=by_duty), about=about(service_request))
