"""What every service begins and ends with: the lock, and the row's next version."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import DateTimeField, F, Value
from django.db.models.functions import Greatest

from accounts import audit, clock
from accounts.actors import PORTAL, Actor
from accounts.audit import About
from accounts.models import Event
from accounts.permissions import require
from accounts.text import clean_text
from accounts.transactions import at_the_end, check_waiting
from tickets import lifecycle
from tickets.errors import IllegalTransition, InvalidText, RequestNotFound, VersionMismatch
from tickets.events import EventKind
from tickets.models import ServiceRequest
from tickets.selectors.visibility import visible_requests
from tickets.services.announcing import announce

MESSAGE_LIMIT = 50_000
LEAST = timedelta(microseconds=1)  # between two changes of a request


def lock_request(number: str, actor: Actor, *, version: int | None = None) -> ServiceRequest:
    """Lock one request for the rest of the transaction; the lock on its row covers all that hangs on it.

    Raises RequestNotFound (P-5), VersionMismatch when the caller read another `version`, and Busy when the lock took
    so long that `now` is no longer the truth.
    """
    rows = visible_requests(actor).select_related("service").select_for_update(of=("self",), no_key=True)
    try:
        service_request = rows.get(number=number)
    except ServiceRequest.DoesNotExist:
        raise RequestNotFound(number) from None
    check_waiting()
    service_request.state_before = service_request.state
    if version is not None and version != service_request.version:
        raise VersionMismatch(service_request.version)
    return service_request


def lock_open_request(
    number: str, actor: Actor, act: str, *, version: int | None = None, now: datetime
) -> ServiceRequest:
    """Lock one request that is open, for an act that the actor may do on it.

    Raises what `lock_request` does, NotPermitted, IllegalTransition.
    """
    service_request = lock_request(number, actor, version=version)
    require(actor, act, on=service_request)
    check_open(service_request, act, now=now)
    return service_request


def check_open(service_request: ServiceRequest, act: str, *, now: datetime) -> None:
    """Raise IllegalTransition where the request is closed or archived at `now`."""
    state = state_of(service_request, now=now)
    if state not in lifecycle.OPEN:
        raise IllegalTransition(state, act)


def save(service_request: ServiceRequest, *fields: str, now: datetime) -> None:
    """Store the named columns as the row's next version, with the generation of its timers."""
    service_request.version += 1
    _date(service_request, now=now)
    service_request.save(update_fields=[*fields, "generation", "version", "changed_at"])


def touch(service_request: ServiceRequest) -> None:
    """Let `changed_at` move for what is not in a column of the row, unless it has moved with one.

    The version stays: nobody who changes the request has to read again what a reminder or a survey adds to it.
    """
    if service_request.is_dated:
        return
    now = clock.now()
    ServiceRequest.objects.filter(pk=service_request.pk).update(changed_at=moved(now))
    _date(service_request, now=now)


def moved(now: datetime) -> Greatest:
    """What `changed_at` moves to with a change that goes on record at `now`: forwards, whoever came first."""
    return Greatest(F("changed_at") + Value(LEAST), Value(now, output_field=DateTimeField()))


def _date(service_request: ServiceRequest, *, now: datetime) -> None:
    if not service_request.is_dated:
        service_request.changed_at = max(service_request.changed_at + LEAST, now)
        service_request.is_dated = True


def state_of(service_request: ServiceRequest, *, now: datetime) -> lifecycle.State:
    """The state that counts at `now`, whatever the column says (P-4)."""
    return lifecycle.state_at(service_request.state, closed_at=service_request.closed_at, now=now)


def record(
    service_request: ServiceRequest,
    kind: EventKind,
    *,
    actor: Actor = PORTAL,
    at: datetime,
    ref: str = "",
    internal: bool = False,
    data: dict[str, Any] | None = None,
) -> Event:
    """Write one event of this request, and the webhooks that tell of it (P-10, P-2).

    The first one after a change of its state says from which to which. What customers may see moves `changed_at`.
    """
    before = service_request.state_before
    if before and before != service_request.state and not internal:
        service_request.state_before = service_request.state
        data = {**(data or {}), "state": {"from": before, "to": service_request.state}}
    event = audit.record_event(
        kind.value, about=about(service_request), actor=actor, at=at, ref=ref, internal=internal, data=data
    )
    announce(event, service_request, actor=actor)
    if not internal:
        at_the_end(partial(touch, service_request))
    return event


def about(service_request: ServiceRequest) -> About:
    """How events and notices name this request."""
    return About(organisation_id=service_request.organisation_id, number=service_request.number)


def checked_text(
    field: str, value: str, *, limit: int = MESSAGE_LIMIT, clean: Callable[[str], str] = clean_text
) -> str:
    """Text as it may be stored, or InvalidText naming the field and the fault; `clean` says how many lines it has."""
    try:
        cleaned = clean(value)
    except ValueError as error:
        raise InvalidText(field, str(error)) from error
    if not cleaned:
        raise InvalidText(field, "empty")
    if len(cleaned) > limit:
        raise InvalidText(field, "too_long")
    return cleaned
