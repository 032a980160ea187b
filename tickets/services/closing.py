"""The end of a request, and its return: closing, reopening, archiving (CH-4, CH-5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.actors import PORTAL, Actor
from accounts.permissions import require
from accounts.transactions import service
from tickets import lifecycle, wording
from tickets.catalogue import REFERRALS
from tickets.errors import InvalidResolution, RequestNotFound
from tickets.events import EventKind
from tickets.lifecycle import BY_CUSTOMER, BY_ENGINEER, Action, Resolution, State
from tickets.models import MessageKind, ServiceRequest, TimerKind
from tickets.selectors.visibility import request_of
from tickets.services import disputes_ending, notices, pacing, promises, timers, translators
from tickets.services.base import lock_request, record, save, state_of
from tickets.services.conversation import store_message
from tickets.services.corrections import adopt_referral

# What every close plans, whoever closes: each is called with the locked request, whose `closed_at` is set already.
ON_CLOSE: tuple[Callable[[ServiceRequest], None], ...] = (
    timers.plan_archive,
    timers.plan_survey,
    translators.end_with_request,
    disputes_ending.end_with_request,
)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a request is closed: the resolution, its public message, and what the resolution needs.

    `referral` is one of `catalogue.REFERRALS` (out_of_scope); `duplicate_of` the number of the original (duplicate).
    """

    resolution: str
    message: str = ""
    referral: str = ""
    duplicate_of: str = ""


@service
def close_request(
    *, number: str, actor: Actor, ending: Ending, version: int | None = None, now: datetime | None = None
) -> ServiceRequest:
    """Close a request. An engineer's close carries a message and counts as the response; the admin's own does not.

    Out of scope, its scope is from then on that of the referral (SC-6).
    Raises RequestNotFound, NotPermitted, IllegalTransition, InvalidResolution, InvalidText.
    """
    assert now
    service_request = lock_request(number, actor, version=version)
    require(actor, "close_request" if actor.is_staff else "withdraw_request", on=service_request)
    closed = lifecycle.advance(state_of(service_request, now=now), Action.CLOSE)
    original = _checked(ending, service_request, actor)
    said: dict[str, Any] = {}
    if actor.is_staff:
        said = _say(service_request, MessageKind.REPLY, actor, ending.message, field="message", now=now)
        promises.record_first_response(service_request, actor=actor, now=now)
    else:
        if ending.message.strip():
            said = _say(service_request, MessageKind.CUSTOMER, actor, ending.message, field="message", now=now)
        promises.end_unanswered(service_request, now=now)
    if ending.referral:
        adopt_referral(service_request, actor, referral=ending.referral, now=now)
    service_request.state, service_request.closed_at = closed, now
    _shut(service_request, ending, original, now=now)
    data = {"resolution": ending.resolution, **said}
    event = record(service_request, EventKind.CLOSED, actor=actor, at=now, data=data)
    context = {"resolution": ending.resolution, "until": lifecycle.reopen_until(now).isoformat()}
    if actor.is_staff:
        notices.tell_customer(event, service_request, notice="request_closed", context=context)
    else:
        notices.tell_assignee(event, service_request, notice="request_closed", actor=actor, context=context)
    return service_request


@service
def reopen_request(
    *, number: str, actor: Actor, reason: str = "", version: int | None = None, now: datetime | None = None
) -> ServiceRequest:
    """Put a closed request back to work, up to and including 14 × 24 h after it was closed (CH-4).

    A new cycle begins with its own commitment under the policy in force now; the first one's outcome stays.
    Raises RequestNotFound, NotPermitted, IllegalTransition, ReopenWindowClosed, InvalidText.
    """
    assert now
    service_request = lock_request(number, actor, version=version)
    require(actor, "reopen_request", on=service_request)
    if service_request.closed_at:
        lifecycle.check_reopen_window(closed_at=service_request.closed_at, now=now)
    service_request.state = lifecycle.advance(service_request.state, Action.REOPEN)
    said: dict[str, Any] = {}
    if reason.strip():
        kind = MessageKind.REPLY if actor.is_staff else MessageKind.CUSTOMER
        said = _say(service_request, kind, actor, reason, field="reason", now=now)
    service_request.closed_at = service_request.responded_at = service_request.duplicate_of = None
    service_request.escalated_at = service_request.senior_wanted_at = None
    service_request.resolution = service_request.referral = ""
    service_request.cycle += 1
    timers.cancel(service_request, TimerKind.ARCHIVE, TimerKind.SURVEY, cause="reopened", now=now)
    promises.start_again(service_request, now=now)
    columns = (
        "state",
        "closed_at",
        "responded_at",
        "resolution",
        "referral",
        "duplicate_of",
        "cycle",
        "tier",
        "escalated_at",
        "senior_wanted_at",
        "severity",
        "due_at",
    )
    save(service_request, *columns, "queue_at", now=now)
    data = {"cycle": service_request.cycle, **said}
    event = record(service_request, EventKind.REOPENED, actor=actor, at=now, data=data)
    notices.tell_assignee(event, service_request, notice="request_reopened", actor=actor)
    if actor.is_staff:
        notices.tell_customer(event, service_request, notice="request_reopened")
    return service_request


def close_without_reply(service_request: ServiceRequest, *, at: datetime, ref: str, now: datetime) -> None:
    """Close a locked request whose customer kept silent, dated at the instant that was announced, and say so.

    It can be reopened for 14 days like any other (CH-4). Raises IllegalTransition.
    """
    service_request.state_before = service_request.state
    service_request.state = lifecycle.advance(state_of(service_request, now=now), Action.LAPSE)
    service_request.closed_at = at
    words = wording.closed_without_reply(service_request, until=lifecycle.reopen_until(at))
    message = store_message(service_request, kind=MessageKind.SYSTEM, actor=PORTAL, body=words, now=at)
    _shut(service_request, Ending(Resolution.NO_REPLY), None, now=now)
    data = {"resolution": Resolution.NO_REPLY.value, "message": message.pk}
    event = record(service_request, EventKind.CLOSED, at=at, ref=ref, data=data)
    context = {"resolution": Resolution.NO_REPLY.value, "until": lifecycle.reopen_until(at).isoformat()}
    notices.tell_customer(event, service_request, notice="closed_without_reply", context=context)
    notices.tell_assignee(event, service_request, notice="closed_without_reply", actor=PORTAL, context=context)


def archive(service_request: ServiceRequest, *, ref: str, now: datetime) -> None:
    """Mark a locked request archived, dated one microsecond after its reopen window (CH-4)."""
    assert service_request.closed_at
    service_request.state_before = service_request.state
    service_request.state = lifecycle.advance(State(service_request.state), Action.ARCHIVE)
    save(service_request, "state", now=now)
    record(service_request, EventKind.ARCHIVED, at=lifecycle.archived_at(service_request.closed_at), ref=ref)


def _say(
    service_request: ServiceRequest, kind: MessageKind, actor: Actor, body: str, *, field: str, now: datetime
) -> dict[str, Any]:
    """Store a message that goes with the act; return what the act's event holds of it."""
    return {"message": store_message(service_request, kind=kind, actor=actor, body=body, now=now, field=field).pk}


def _checked(ending: Ending, service_request: ServiceRequest, actor: Actor) -> ServiceRequest | None:
    """Refuse a resolution that is not this actor's or lacks what it needs; return the original of a duplicate."""
    allowed = BY_ENGINEER if actor.is_staff else BY_CUSTOMER
    if ending.resolution not in allowed:
        raise InvalidResolution("unknown")
    if (ending.resolution == Resolution.OUT_OF_SCOPE) != bool(ending.referral):
        raise InvalidResolution("referral")
    if ending.referral and ending.referral not in REFERRALS:
        raise InvalidResolution("referral")
    if (ending.resolution == Resolution.DUPLICATE) != bool(ending.duplicate_of):
        raise InvalidResolution("original")
    if not ending.duplicate_of:
        return None
    return _original(ending.duplicate_of, service_request, actor)


def _original(number: str, service_request: ServiceRequest, actor: Actor) -> ServiceRequest:
    """The request that this one repeats: another one of the same organisation."""
    try:
        original = request_of(actor, number)
    except RequestNotFound:
        raise InvalidResolution("original") from None
    if original.pk == service_request.pk or original.organisation_id != service_request.organisation_id:
        raise InvalidResolution("original")
    return original


def _shut(service_request: ServiceRequest, ending: Ending, original: ServiceRequest | None, *, now: datetime) -> None:
    pacing.stop(service_request, cause="closed", now=now)
    for plan in ON_CLOSE:
        plan(service_request)
    service_request.resolution, service_request.referral = ending.resolution, ending.referral
    service_request.duplicate_of, service_request.callback_at = original, None
    columns = ("state", "closed_at", "resolution", "referral", "duplicate_of", "due_at", "responded_at", "callback_at")
    save(service_request, *columns, "scope", "corrected_at", now=now)
