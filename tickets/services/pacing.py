"""The pace of a conversation: by when the customer hears from us next, and how long we wait for them (RO-3)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from accounts.actors import Actor
from sla import ladder
from sla.business_time import BusinessCalendar
from tickets.lifecycle import State
from tickets.models import ServiceRequest, TimerKind
from tickets.selectors.terms import calendar_of, running_commitment
from tickets.selectors.timers import last_update_at
from tickets.services import timers

KINDS = (TimerKind.UPDATE_DUE, TimerKind.WAITING_REMINDER, TimerKind.WAITING_CLOSE)


def keep_pace(service_request: ServiceRequest, *, cause: str, now: datetime) -> None:
    """Plan what follows after somebody spoke: our next update, or the wait for a customer who was asked something.

    The caller has set the state, and saves the request.
    """
    timers.cancel(service_request, *KINDS, cause=cause, now=now)
    calendar = _calendar_of(service_request)
    if service_request.state == State.AWAITING_CUSTOMER:
        _wait(service_request, calendar, asked_at=now)
        return
    due_at = ladder.update_due_at(severity=service_request.severity, updated_at=now, calendar=calendar)
    _owe_update(service_request, calendar, due_at=due_at, now=now)
    if service_request.severity == "A" and service_request.assignee_id is None:
        timers.watch_untaken(service_request, cause=cause, now=now)


def customer_acted(service_request: ServiceRequest, *, actor: Actor, now: datetime) -> None:
    """Let a wait begin anew when the customer's side acts without a message: whoever acts is not silent.

    The state stays, which only a message moves. The caller saves the request, with `queue_at`.
    """
    if not actor.is_staff and service_request.state == State.AWAITING_CUSTOMER:
        keep_pace(service_request, cause="customer_acted", now=now)


def change_pace(service_request: ServiceRequest, *, previous: str, now: datetime) -> None:
    """Plan the next update anew after the severity of a request in progress changed; waiting knows no severity."""
    if service_request.state != State.IN_PROGRESS:
        return
    timers.cancel(service_request, TimerKind.UPDATE_DUE, cause="superseded", now=now)
    calendar = _calendar_of(service_request)
    due_at = ladder.update_due_after_change(
        before=previous,
        after=service_request.severity,
        updated_at=last_update_at(service_request),
        changed_at=now,
        calendar=calendar,
    )
    _owe_update(service_request, calendar, due_at=due_at, now=now)
    timers.watch_untaken(service_request, cause="superseded", now=now)


def take_up(service_request: ServiceRequest, *, now: datetime) -> None:
    """Plan what a request lacks that was opened before there were reminders; the caller saves it."""
    calendar = _calendar_of(service_request)
    if service_request.state == State.AWAITING_CUSTOMER:
        _wait(service_request, calendar, asked_at=now)
        return
    severity, updated_at = service_request.severity, last_update_at(service_request)
    due_at = ladder.update_due_at(severity=severity, updated_at=updated_at, calendar=calendar)
    _owe_update(service_request, calendar, due_at=due_at, now=now)


def stop(service_request: ServiceRequest, *, cause: str, now: datetime) -> None:
    """Nobody owes anybody a word any more."""
    timers.cancel(service_request, *KINDS, TimerKind.UNTAKEN, cause=cause, now=now)


def _owe_update(
    service_request: ServiceRequest, calendar: BusinessCalendar, *, due_at: datetime, now: datetime
) -> None:
    steps = ladder.update_steps(severity=service_request.severity, due_at=due_at, now=now, calendar=calendar)
    service_request.queue_at = due_at
    timers.plan_updates(service_request, steps, now=now)


def _wait(service_request: ServiceRequest, calendar: BusinessCalendar, *, asked_at: datetime) -> None:
    reminders_at = ladder.customer_reminders(asked_at=asked_at, calendar=calendar, days=settings.WAITING_REMINDER_DAYS)
    close_at = ladder.no_reply_close_at(asked_at=asked_at, calendar=calendar, days=settings.WAITING_CLOSE_DAYS)
    service_request.queue_at = reminders_at[0]
    timers.plan_waiting(service_request, reminders_at=reminders_at, close_at=close_at)


def _calendar_of(service_request: ServiceRequest) -> BusinessCalendar:
    return calendar_of(running_commitment(service_request).calendar_version)
