"""Who works on a request."""

from __future__ import annotations

from datetime import datetime

from accounts.actors import Actor
from accounts.models import Person
from accounts.permissions import REACH
from accounts.transactions import service
from tickets.errors import AlreadyTaken, AssigneeNotFound
from tickets.events import EventKind
from tickets.models import ServiceRequest
from tickets.models.requests import OPEN_STATES
from tickets.selectors.escalations import may_take_over
from tickets.services import escalation, notices, timers
from tickets.services.base import lock_open_request, record, save


@service
def take_request(
    *, number: str, actor: Actor, version: int | None = None, now: datetime | None = None
) -> ServiceRequest:
    """Make the engineer its assignee; of two who take it at once, one gets AlreadyTaken.

    Raises RequestNotFound, NotPermitted, IllegalTransition, AlreadyTaken.
    """
    assert now
    service_request = lock_open_request(number, actor, "take_request", version=version, now=now)
    if service_request.assignee_id == actor.person_id:
        return service_request
    if service_request.assignee_id is not None and not may_take_over(actor, service_request):
        raise AlreadyTaken
    return _hand_to(service_request, actor.person_id, EventKind.TAKEN, actor=actor, now=now)


@service
def assign_request(
    *, number: str, actor: Actor, assignee_id: int, version: int | None = None, now: datetime | None = None
) -> ServiceRequest:
    """Give the request to an engineer whose roles cover it, and tell them; whoever has it already has it still.

    Raises RequestNotFound, NotPermitted, IllegalTransition, AssigneeNotFound.
    """
    assert now
    service_request = lock_open_request(number, actor, "assign_request", version=version, now=now)
    assignee = _engineer(assignee_id, service_request)
    if assignee.pk == service_request.assignee_id and service_request.senior_wanted_at is None:
        return service_request
    _hand_to(service_request, assignee.pk, EventKind.ASSIGNED, actor=actor, now=now)
    return service_request


@service
def release_request(
    *, number: str, actor: Actor, version: int | None = None, now: datetime | None = None
) -> ServiceRequest:
    """Put the request back for anybody to take."""
    assert now
    service_request = lock_open_request(number, actor, "release_request", version=version, now=now)
    if service_request.assignee_id is None:
        return service_request
    return _hand_to(service_request, None, EventKind.RELEASED, actor=actor, now=now)


def hand_back(*, person_id: int, actor: Actor, now: datetime) -> int:
    """Put all that somebody has open back for anybody to take, since they work here no more; return how many.

    Part of the transaction that closes their account (settings.STAFF_LEFT).
    """
    mine = ServiceRequest.objects.filter(assignee=person_id, state__in=OPEN_STATES).select_related("service")
    requests = list(mine.select_for_update(of=("self",), no_key=True).order_by("pk"))
    for service_request in requests:
        _hand_to(service_request, None, EventKind.RELEASED, actor=actor, now=now)
    return len(requests)


def _hand_to(
    service_request: ServiceRequest, person_id: int | None, kind: EventKind, *, actor: Actor, now: datetime
) -> ServiceRequest:
    former, service_request.assignee_id = service_request.assignee_id, person_id
    timers.watch_untaken(service_request, cause="taken", now=now)
    escalation.settle_senior(service_request)
    save(service_request, "assignee", "senior_wanted_at", now=now)
    event = record(service_request, kind, actor=actor, at=now, internal=True, data=handing(former, person_id))
    if kind == EventKind.ASSIGNED:
        notices.tell_assignee(event, service_request, notice="request_assigned", actor=actor)
    if person_id:
        notices.tell_former_assignee(event, service_request, former=former, actor=actor)
    return service_request


def handing(former: int | None, person_id: int | None) -> dict[str, int | None]:
    """What an event says of whose a request was, and whose it is."""
    return {"assignee": person_id, "from": former, "to": person_id}


def _engineer(person_id: int, service_request: ServiceRequest) -> Person:
    person = Person.objects.with_roles().filter(pk=person_id, is_staff=True, is_active=True).first()
    reach = [REACH[role] for role in person.role_names if role in REACH and role != "account_manager"] if person else []
    if not person or not any(r.covers(kind=service_request.kind, service=service_request.service_code) for r in reach):
        raise AssigneeNotFound
    return person
