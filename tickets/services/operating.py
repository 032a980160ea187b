"""What operators do about failures: try a timer or a notice again, or give a notice up; each leaves an event (P-10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts import audit
from accounts.actors import Actor
from accounts.audit import About, record_event
from accounts.models import Delivery, DeliveryState
from accounts.permissions import require
from accounts.transactions import check_waiting, service
from sla.ladder import BREACH_PERCENT
from tickets import lifecycle
from tickets.errors import FailureNotFound, NotFailed
from tickets.events import EventKind
from tickets.lifecycle import State
from tickets.models import Timer, TimerKind, TimerState
from tickets.services.base import record
from tickets.services.timers import OURS_TO_DO

ACT = "retry_failed"
MOST = 1000  # notices of one go


@service
def retry_timer(*, timer_id: int, actor: Actor, now: datetime | None = None) -> bool:
    """Let a failed timer wait again, with all its tries; one whose cause has passed is cancelled instead, and False.

    Raises NotPermitted, NotFailed, FailureNotFound, Busy.
    """
    assert now
    require(actor, ACT)
    failed = Timer.objects.select_related("request", "commitment").filter(pk=timer_id, state=TimerState.FAILED)
    timer = failed.select_for_update(of=("self", "request"), no_key=True).first()
    check_waiting()
    if timer is None:
        raise _no_failure(Timer.objects.filter(pk=timer_id))
    wanted = still_wanted(timer)
    if wanted:
        timer.state, timer.settled_at, timer.cause, timer.attempts = TimerState.WAITING, None, "", 0
        timer.next_attempt_at = max(now, timer.due_at)
    else:
        timer.state, timer.settled_at, timer.cause = TimerState.CANCELLED, now, "passed"
    timer.save(update_fields=["state", "settled_at", "cause", "attempts", "next_attempt_at"])
    data = {"id": timer.pk, "timer": timer.kind, "step": timer.step, "waits_again": wanted}
    record(timer.request, EventKind.TIMER_RETRIED, actor=actor, at=now, internal=True, data=data)
    return wanted


def still_wanted(timer: Timer) -> bool:
    """Whether nothing has happened meanwhile that would have cancelled this timer, had it been waiting."""
    later = Timer.objects.filter(request=timer.request_id, kind=timer.kind, generation__gt=timer.generation)
    if timer.kind not in (TimerKind.RESPONSE, TimerKind.BREACH_WATCH) and later.exists():
        return False
    return _WANTED[TimerKind(timer.kind)](timer)


def _promise_ran(timer: Timer) -> bool:
    """The promise goes on, or it was broken before it ended and this records it."""
    promise = timer.commitment
    records = timer.kind == TimerKind.BREACH_WATCH or timer.step == str(BREACH_PERCENT)
    return promise is not None and (promise.ended_at is None or (records and timer.due_at < promise.ended_at))


def _was_lowered(timer: Timer) -> bool:
    promise = timer.commitment
    return promise is not None and promise.breached_at is None


def _untaken(timer: Timer) -> bool:
    return timer.request.assignee_id is None and timer.request.severity == "A" and _is(*OURS_TO_DO)(timer)


def _ended(timer: Timer) -> bool:
    request = timer.request
    closed = request.state == State.CLOSED and request.closed_at is not None
    return closed and lifecycle.archived_at(request.closed_at) == timer.due_at  # type: ignore[arg-type]


def _is(*states: State) -> Callable[[Timer], bool]:
    return lambda timer: timer.request.state in states


_WANTED: dict[TimerKind, Callable[[Timer], bool]] = {
    TimerKind.RESPONSE: _promise_ran,
    TimerKind.BREACH_WATCH: _was_lowered,
    TimerKind.UNTAKEN: _untaken,
    TimerKind.ATTENTION: _is(State.AWAITING_RESPONSE),
    TimerKind.UPDATE_DUE: _is(State.IN_PROGRESS),
    TimerKind.WAITING_REMINDER: _is(State.AWAITING_CUSTOMER),
    TimerKind.WAITING_CLOSE: _is(State.AWAITING_CUSTOMER),
    TimerKind.ARCHIVE: _ended,
    TimerKind.SURVEY: _is(State.CLOSED, State.ARCHIVED),
    TimerKind.DISPUTE: lambda timer: timer.request.dispute_due_at == timer.due_at,
}


@service
def retry_delivery(*, delivery_id: int, actor: Actor, now: datetime | None = None) -> None:
    """Let a failed notice go out again. Raises NotPermitted, NotFailed, FailureNotFound."""
    assert now
    _settle(delivery_id, actor, "delivery_retried", now=now, state=DeliveryState.PENDING, **_afresh(now))


@service
def give_up_delivery(*, delivery_id: int, actor: Actor, now: datetime | None = None) -> None:
    """Stop counting a failed notice that nobody will send. Raises NotPermitted, NotFailed, FailureNotFound."""
    assert now
    _settle(delivery_id, actor, "delivery_given_up", now=now, state=DeliveryState.CANCELLED)


@service
def retry_deliveries(*, actor: Actor, now: datetime | None = None) -> int:
    """Let all failed notices go out again, 1,000 in one go: after the mail server had refused them by mistake."""
    assert now
    require(actor, ACT)
    failed = _failed().order_by("id")
    claimed = [row.pk for row in failed.select_for_update(skip_locked=True, no_key=True)[:MOST]]
    count = Delivery.objects.filter(pk__in=claimed).update(state=DeliveryState.PENDING, **_afresh(now))
    if count:
        record_event("deliveries_retried", about=About(), at=now, actor=actor, data={"deliveries": count})
        transaction.on_commit(audit.nudge_relay, robust=True)
    return count


def _afresh(now: datetime) -> dict[str, Any]:
    return {"attempts": 0, "next_attempt_at": now, "lease_until": None}


def _failed() -> QuerySet[Delivery]:
    return _notices().filter(state=DeliveryState.FAILED)


def _notices() -> QuerySet[Delivery]:
    """Webhooks are not among them: they are sent again by whoever looks after the endpoint."""
    return Delivery.objects.exclude(channel=Delivery.Channel.WEBHOOK)


def _no_failure(rows: QuerySet[Any]) -> NotFailed:
    """Why nothing can be tried again: somebody has seen to it, or it was never there."""
    return NotFailed() if rows.exists() else FailureNotFound()


def _settle(delivery_id: int, actor: Actor, kind: str, *, now: datetime, **changes: Any) -> None:
    """Change one failed notice, or raise NotFailed where somebody was quicker, FailureNotFound where there is none."""
    require(actor, ACT)
    failed = _failed().filter(pk=delivery_id)
    delivery = failed.select_for_update(no_key=True).first()
    if delivery is None:
        raise _no_failure(_notices().filter(pk=delivery_id))
    failed.update(**changes)
    about = About(organisation_id=delivery.organisation_id, number=delivery.number)
    record_event(kind, about=about, actor=actor, at=now, internal=True, data={"delivery": delivery.pk})
    transaction.on_commit(audit.nudge_relay, robust=True)
