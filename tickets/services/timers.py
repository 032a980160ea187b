"""Timers: planned and cancelled in the transaction of their cause (P-3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sla.ladder import BREACH_PERCENT, LadderStep, PlannedStep, Recipient, Reminder, plan_response_steps, untaken_at
from tickets import lifecycle
from tickets.lifecycle import State
from tickets.models import UNSETTLED, Commitment, ServiceRequest, Timer, TimerKind, TimerState

UNTAKEN_RECIPIENTS = (Recipient.DUTY_MANAGER,)  # settled point 3
DISPUTE_RECIPIENTS = (Recipient.TEAM_LEAD, Recipient.DUTY_MANAGER)
SURVEY_AFTER = timedelta(hours=24)  # RO-4
OURS_TO_DO = (State.AWAITING_RESPONSE, State.IN_PROGRESS)


def plan_response(
    service_request: ServiceRequest,
    commitment: Commitment,
    *,
    steps: Sequence[LadderStep],
    attention: Sequence[Reminder],
    now: datetime,
) -> None:
    """Plan the escalation ladder of a promise, or the attention ladder where nothing is promised (SLA-6)."""
    planned = plan_response_steps(received_at=commitment.received_at, due_at=commitment.due_at, now=now, steps=steps)
    timers = [_step(service_request, commitment, step, now=now) for step in planned]
    if commitment.due_at is None:
        timers += [_reminder(service_request, TimerKind.ATTENTION, each, now=now) for each in attention]
    if _untaken_matters(service_request) and not _is_watched_untaken(service_request):
        timers.append(_timer(service_request, TimerKind.UNTAKEN, at=untaken_at(now), recipients=UNTAKEN_RECIPIENTS))
    Timer.objects.bulk_create(timers)


def _step(service_request: ServiceRequest, commitment: Commitment, step: PlannedStep, *, now: datetime) -> Timer:
    timer = _timer(service_request, TimerKind.RESPONSE, at=step.at, commitment=commitment, recipients=step.recipients)
    timer.step = str(step.percent)
    return _overtaken(timer, now=now) if step.overtaken else timer


def _reminder(service_request: ServiceRequest, kind: TimerKind, reminder: Reminder, *, now: datetime) -> Timer:
    timer = _timer(service_request, kind, at=reminder.at, recipients=reminder.recipients)
    timer.step = str(reminder.step)
    return _overtaken(timer, now=now) if reminder.overtaken else timer


def _overtaken(timer: Timer, *, now: datetime) -> Timer:
    timer.state, timer.settled_at, timer.cause = TimerState.CANCELLED, now, "overtaken"
    return timer


def plan_updates(service_request: ServiceRequest, reminders: Iterable[Reminder], *, now: datetime) -> None:
    """Plan the reminders of the next public update of a request in progress (RO-3)."""
    _plan_reminders(service_request, TimerKind.UPDATE_DUE, reminders, now=now)


def plan_attention(service_request: ServiceRequest, reminders: Iterable[Reminder], *, now: datetime) -> None:
    """Plan an attention ladder apart from its promise: for what was opened before there was one (SLA-6)."""
    _plan_reminders(service_request, TimerKind.ATTENTION, reminders, now=now)


def _plan_reminders(
    service_request: ServiceRequest, kind: TimerKind, reminders: Iterable[Reminder], *, now: datetime
) -> None:
    service_request.generation += 1
    Timer.objects.bulk_create(_reminder(service_request, kind, each, now=now) for each in reminders)


def plan_next_update(timer: Timer, reminder: Reminder, *, now: datetime) -> None:
    """Plan the reminder after one that fired in vain, in the same generation: it belongs to the same missed update."""
    following = _reminder(timer.request, TimerKind.UPDATE_DUE, reminder, now=now)
    following.generation = timer.generation
    following.save()


def plan_waiting(service_request: ServiceRequest, *, reminders_at: Iterable[datetime], close_at: datetime) -> None:
    """Plan how a silent customer is reminded, and when the request is closed without a reply."""
    service_request.generation += 1
    timers = [_timer(service_request, TimerKind.WAITING_REMINDER, at=at) for at in reminders_at]
    for step, timer in enumerate(timers, start=1):
        timer.step = str(step)
    Timer.objects.bulk_create([*timers, _timer(service_request, TimerKind.WAITING_CLOSE, at=close_at)])


def put_off_close(close: Timer, *, at: datetime, now: datetime) -> None:
    """Let a request that waits for its customer be closed later than planned, in the same generation."""
    cancel(close.request, TimerKind.WAITING_CLOSE, cause="announced_late", now=now)
    later = _timer(close.request, TimerKind.WAITING_CLOSE, at=at)
    later.step, later.generation = "put_off", close.generation
    later.save()


def plan_breach_watch(service_request: ServiceRequest, commitment: Commitment) -> None:
    """Watch the due instant of a promise that a lesser one took the place of (settled point 1)."""
    assert commitment.due_at
    _plan(service_request, TimerKind.BREACH_WATCH, at=commitment.due_at, commitment=commitment)


def plan_archive(service_request: ServiceRequest) -> None:
    """Plan the archiving of a closed request for one microsecond after its reopen window (CH-4)."""
    assert service_request.closed_at
    _plan(service_request, TimerKind.ARCHIVE, at=lifecycle.archived_at(service_request.closed_at))


def plan_dispute(service_request: ServiceRequest, *, at: datetime) -> None:
    """Plan that those who lead hear of a dispute that nobody has settled by then (SE-5)."""
    _plan(service_request, TimerKind.DISPUTE, at=at, recipients=DISPUTE_RECIPIENTS)


def plan_survey(service_request: ServiceRequest) -> None:
    """Plan the survey after a close (RO-4). One about a test of an integration would only falsify the results.

    A day later, so that whoever finds the problem still there reopens the request first, and is not asked yet.
    """
    assert service_request.closed_at
    if not service_request.is_test:
        _plan(service_request, TimerKind.SURVEY, at=service_request.closed_at + SURVEY_AFTER)


def watch_untaken(service_request: ServiceRequest, *, cause: str, now: datetime) -> None:
    """Start or stop the 10 minutes in which somebody has to take an A, after something about it changed.

    Our reading of settled point 3: they run whenever an A that is ours to do has no assignee, also one in progress that
    was released or raised; while the customer is asked something they do not.
    """
    if not _untaken_matters(service_request):
        cancel(service_request, TimerKind.UNTAKEN, cause=cause, now=now)
    elif not _is_watched_untaken(service_request):
        _plan(service_request, TimerKind.UNTAKEN, at=untaken_at(now), recipients=UNTAKEN_RECIPIENTS)


def _untaken_matters(service_request: ServiceRequest) -> bool:
    is_ours = service_request.state in OURS_TO_DO
    return service_request.severity == "A" and service_request.assignee_id is None and is_ours


def _is_watched_untaken(service_request: ServiceRequest) -> bool:
    """Whether the minutes run already; a request in its first generation has no timers yet."""
    if service_request.generation <= 1:
        return False
    waiting = Timer.objects.filter(request=service_request, kind=TimerKind.UNTAKEN, state__in=UNSETTLED)
    return waiting.exists()


def cancel(service_request: ServiceRequest, *kinds: TimerKind, cause: str, now: datetime) -> int:
    """Cancel what waits of these kinds; rows stay, with the cause. Return how many were cancelled."""
    waiting = Timer.objects.filter(request=service_request, kind__in=kinds, state__in=UNSETTLED)
    return waiting.update(state=TimerState.CANCELLED, settled_at=now, cause=cause)


def cancel_ladder(service_request: ServiceRequest, *kinds: TimerKind, cause: str, now: datetime) -> None:
    """Cancel what waits of the ladder; a breach step that was due before stays, and still tells its people."""
    waiting = Timer.objects.filter(request=service_request, kind__in=kinds, state__in=UNSETTLED)
    passed_breach = waiting.filter(kind=TimerKind.RESPONSE, step=str(BREACH_PERCENT), due_at__lt=now)
    keep = list(passed_breach.values_list("pk", flat=True))
    waiting.exclude(pk__in=keep).update(state=TimerState.CANCELLED, settled_at=now, cause=cause)


def _plan(
    service_request: ServiceRequest,
    kind: TimerKind,
    *,
    at: datetime,
    commitment: Commitment | None = None,
    recipients: Iterable[str] = (),
) -> None:
    service_request.generation += 1
    _timer(service_request, kind, at=at, commitment=commitment, recipients=recipients).save()


def _timer(
    service_request: ServiceRequest,
    kind: TimerKind,
    *,
    at: datetime,
    commitment: Commitment | None = None,
    recipients: Iterable[str] = (),
) -> Timer:
    return Timer(
        organisation_id=service_request.organisation_id,
        request=service_request,
        commitment=commitment,
        kind=kind,
        generation=service_request.generation,
        recipients=list(recipients),
        due_at=at,
        next_attempt_at=at,
    )
