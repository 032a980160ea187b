"""Firing what is due: each timer once, dated at its deadline, waiting for nobody (P-3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import QuerySet

from accounts import audit, clock
from sla.ladder import BREACH_PERCENT
from tickets.events import EventKind
from tickets.models import ServiceRequest, Timer, TimerKind, TimerState
from tickets.selectors.timers import due_timers
from tickets.services import closing, disputes, holding, notices, promises, reminders, surveys
from tickets.services.base import record
from tickets.services.remembering import looked_up_once

MOST_ATTEMPTS = 8
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)
log = structlog.get_logger(__name__)


@transaction.atomic
def fire_due_timers(*, now: datetime | None = None, batch: int = 100) -> int:
    """Do the work of up to `batch` due timers whose request nobody holds; return how many were claimed (P-3).

    Timer and request are locked in one statement that waits for nobody, so sweeps may run side by side. The relay is
    hurried once for all of them.
    """
    holding.heed_restore()
    now = now or clock.now()
    return fire_timers(due_timers(now=now)[:batch], now=now)


def fire_timers(due: QuerySet[Timer], *, now: datetime) -> int:
    """Do the work of these timers, in a transaction; return how many were claimed."""
    due = due.select_related("request__organisation", "commitment")
    claimed = list(due.select_for_update(of=("self", "request"), skip_locked=True, no_key=True))
    with audit.without_nudges(), looked_up_once(), clock.reading(now):
        _settle(list(_fired(claimed, now=now)), now=now)
    if claimed:
        transaction.on_commit(audit.nudge_relay, robust=True)
    return len(claimed)


def _fired(claimed: list[Timer], *, now: datetime) -> Iterator[Timer]:
    """Fire one after the other, all of a request with one object of it, and pass on those that did their work.

    An earlier timer may have cancelled a later one of its request; nobody else can. Behind one that failed, the others
    of its request wait for the next batch.
    """
    held: dict[int, ServiceRequest] = {}
    failed: set[int] = set()
    for timer in claimed:
        is_first = timer.request_id not in held
        timer.request = held.setdefault(timer.request_id, timer.request)
        if timer.request_id in failed or not (is_first or _still_waits(timer)):
            continue
        if fire(timer, now=now):
            yield timer
        else:
            failed.add(timer.request_id)


def _still_waits(timer: Timer) -> bool:
    return Timer.objects.filter(pk=timer.pk, state=TimerState.WAITING).exists()


def fire(timer: Timer, *, now: datetime) -> bool:
    """Do one timer's work in a savepoint; one that fails is put off and never stops those behind it."""
    try:
        with transaction.atomic():
            WORK[TimerKind(timer.kind)](timer, now)
    except Exception as error:
        log.exception("timer.failed", timer=timer.pk, kind=timer.kind)
        _put_off(timer, error, now=now)
        return False
    return True


def _escalate(timer: Timer, now: datetime) -> None:
    """One step of the response ladder; from 100 % on the promise is broken."""
    assert timer.commitment
    timer.commitment.request = timer.request
    broken = int(timer.step) >= BREACH_PERCENT
    if broken:
        promises.record_breach(timer.commitment, now=now)
    _tell(timer, notice="commitment_breached" if broken else "response_due", now=now)


def _watch_breach(timer: Timer, now: datetime) -> None:
    """A promise that was lowered away came due unanswered."""
    assert timer.commitment
    timer.commitment.request = timer.request
    promises.record_breach(timer.commitment, now=now)


def _call_duty(timer: Timer, now: datetime) -> None:
    """Nobody took an A within 10 minutes."""
    _tell(timer, notice="critical_untaken", now=now)


def _archive(timer: Timer, now: datetime) -> None:
    """The reopen window is over (CH-4)."""
    closing.archive(timer.request, ref=f"timer:{timer.pk}", now=now)


WORK = {
    TimerKind.RESPONSE: _escalate,
    TimerKind.BREACH_WATCH: _watch_breach,
    TimerKind.UNTAKEN: _call_duty,
    TimerKind.ATTENTION: reminders.call_attention,
    TimerKind.UPDATE_DUE: reminders.ask_for_update,
    TimerKind.WAITING_REMINDER: reminders.remind_customer,
    TimerKind.WAITING_CLOSE: reminders.close_unanswered,
    TimerKind.ARCHIVE: _archive,
    TimerKind.SURVEY: surveys.ask,
    TimerKind.DISPUTE: disputes.call_leads,
}


def _tell(timer: Timer, *, notice: str, now: datetime) -> None:
    """Record the step, dated at its instant, and tell whom the ladder names."""
    due_at = timer.commitment.due_at if timer.commitment else None
    context = {"step": timer.step, "due_at": due_at and due_at.isoformat(), "severity": timer.request.severity}
    event = record(
        timer.request,
        EventKind.ESCALATED,
        at=timer.due_at,
        ref=f"timer:{timer.pk}",
        internal=True,
        data={"timer": timer.kind, "step": timer.step, "to": timer.recipients},
    )
    notices.tell_ladder(event, timer.request, recipients=timer.recipients, notice=notice, context=context, now=now)


def _settle(fired: list[Timer], *, now: datetime) -> None:
    Timer.objects.filter(pk__in=[timer.pk for timer in fired]).update(state=TimerState.FIRED, settled_at=now, cause="")


def _put_off(timer: Timer, error: Exception, *, now: datetime) -> None:
    """Try again later, 5 s × 2ⁿ up to an hour; after 8 tries the timer is failed, for people to see."""
    timer.attempts += 1
    cause = type(error).__name__[:30]
    if timer.attempts >= MOST_ATTEMPTS:
        timer.state, timer.settled_at, timer.cause = TimerState.FAILED, now, cause
        timer.save(update_fields=["state", "settled_at", "cause", "attempts"])
        return
    timer.next_attempt_at = now + min(LONGEST_PAUSE, FIRST_PAUSE * 2**timer.attempts)
    timer.cause = cause
    timer.save(update_fields=["attempts", "next_attempt_at", "cause"])
