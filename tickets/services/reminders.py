"""What reminders do when they come due: look at what nobody answered, update, hear from the customer, or close (RO-3).

A closing is announced by every reminder before it. A customer who writes before it has happened is heard, even where
its instant has just passed: it promises nothing to anybody else, so the doubtful second is theirs.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from accounts.models import Event
from sla import ladder
from tickets.events import EventKind
from tickets.models import Timer, TimerKind, TimerState
from tickets.selectors.terms import calendar_of, running_commitment
from tickets.services import closing, notices, timers
from tickets.services.base import record


class NotAnnounced(Exception):
    """A request would be closed without a reply though its customer has not been told so."""


def call_attention(timer: Timer, now: datetime) -> None:
    """Nobody has answered a request for which nothing is promised (SLA-6)."""
    _tell_desk(timer, "attention_due", now=now)


def ask_for_update(timer: Timer, now: datetime) -> None:
    """The customer has not heard from us for too long; after the lead was told, that goes on once a period (RO-3)."""
    _tell_desk(timer, "update_due", now=now, due_at=_first_due_at(timer).isoformat())
    step = int(timer.step)
    if step < len(ladder.REMINDED):
        return
    following = ladder.next_update_step(
        step=step + 1,
        severity=timer.request.severity,
        last_at=timer.due_at,
        now=now,
        calendar=calendar_of(running_commitment(timer.request).calendar_version),
    )
    timers.plan_next_update(timer, following, now=now)


def remind_customer(timer: Timer, now: datetime) -> None:
    """The customer was asked something and is silent; say when the request will be closed."""
    event = _record(timer, EventKind.REMINDED)
    close_at = _announced_close(timer, now=now)
    context = {"step": timer.step, "due_at": close_at.isoformat()}
    notices.tell_customer(event, timer.request, notice="waiting_reminder", context=context)


def close_unanswered(timer: Timer, now: datetime) -> None:
    """The customer kept silent to the end; the closing is dated at the instant that the reminders named.

    Raises NotAnnounced while the last reminder has not gone out: the timer is tried again, and in the end is failed.
    """
    if _of_same_wait(timer, TimerKind.WAITING_REMINDER)[-1].state != TimerState.FIRED:
        raise NotAnnounced
    closing.close_without_reply(timer.request, at=timer.due_at, ref=f"timer:{timer.pk}", now=now)


def _announced_close(reminder: Timer, *, now: datetime) -> datetime:
    """The closing as it stands; the last reminder puts it off if it goes out so late that it would be no warning."""
    close = _of_same_wait(reminder, TimerKind.WAITING_CLOSE)[-1]
    last = _of_same_wait(reminder, TimerKind.WAITING_REMINDER)[-1]
    if reminder.pk != last.pk:
        return close.due_at
    close_at = ladder.close_after_announcement(
        close_at=close.due_at,
        announced_for=reminder.due_at,
        announced_at=now,
        calendar=calendar_of(running_commitment(reminder.request).calendar_version),
        days=max(1, settings.WAITING_CLOSE_DAYS - settings.WAITING_REMINDER_DAYS[-1]),
    )
    if close_at != close.due_at:
        timers.put_off_close(close, at=close_at, now=now)
    return close_at


def _of_same_wait(timer: Timer, kind: TimerKind) -> list[Timer]:
    """The timers of one kind that were planned together, in order of time."""
    rows = Timer.objects.filter(request=timer.request, generation=timer.generation, kind=kind)
    return list(rows.order_by("due_at", "id"))


def _first_due_at(timer: Timer) -> datetime:
    """When the update was due that this reminder speaks of."""
    return _of_same_wait(timer, TimerKind.UPDATE_DUE)[0].due_at


def _tell_desk(timer: Timer, notice: str, *, now: datetime, **context: Any) -> None:
    event = _record(timer, EventKind.ESCALATED, internal=True, to=timer.recipients)
    facts = {"step": timer.step, "severity": timer.request.severity, **context}
    notices.tell_ladder(event, timer.request, recipients=timer.recipients, notice=notice, context=facts, now=now)


def _record(timer: Timer, kind: EventKind, *, internal: bool = False, **data: Any) -> Event:
    """The event of a step, dated at its instant."""
    data = {"timer": timer.kind, "step": timer.step, **data}
    return record(timer.request, kind, at=timer.due_at, ref=f"timer:{timer.pk}", internal=internal, data=data)
