"""The escalation ladder and the other reminders, as data and instants; `tickets` keeps them as timer rows.

A "business day" in a reminder is an open day of the organisation's calendar, in the reading of
`BusinessCalendar.after_open_days`: the count starts with the next opening, and its end is always business time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sla.business_time import BusinessCalendar
from sla.local_time import to_utc
from sla.vocabulary import is_above

BREACH_PERCENT = 100
UNTAKEN_WINDOW = timedelta(minutes=10)
UPDATE_WINDOW_OF_A = timedelta(hours=2)  # RO-3
UPDATE_DAYS = {"B": 1, "C": 3}  # RO-3, business days
ATTENTION_DAYS = {"B": 1, "C": 3}  # business days, where nothing is promised (SLA-6)
WAITING_REMINDER_DAYS = (2, 5)  # business days; an installation's own stand in its settings
WAITING_CLOSE_DAYS = 10  # business days; likewise
LATEST_ANNOUNCEMENT = timedelta(days=1)  # by how much a reminder may be late without putting off the closing


class Recipient(StrEnum):
    """Who is told at a step; `assignee_or_team` is the team while nobody has the request (RO-3)."""

    ASSIGNEE_OR_TEAM = "assignee_or_team"
    TEAM = "team"
    SENIOR_ENGINEER = "senior_engineer"
    TEAM_LEAD = "team_lead"
    DUTY_MANAGER = "duty_manager"
    ACCOUNT_MANAGER = "account_manager"


@dataclass(frozen=True, slots=True)
class LadderStep:
    """One step of a ladder: after which part of the time, in per cent, who is told (an account manager if any)."""

    percent: int
    recipients: tuple[Recipient, ...]


DEFAULT_LADDER = (
    LadderStep(50, (Recipient.ASSIGNEE_OR_TEAM,)),
    LadderStep(75, (Recipient.TEAM_LEAD,)),
    LadderStep(100, (Recipient.DUTY_MANAGER,)),
    LadderStep(200, (Recipient.ACCOUNT_MANAGER, Recipient.DUTY_MANAGER)),
)


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step of a promise: when, who is told, and whether the breach is recorded with it.

    An `overtaken` one is kept on record as cancelled; a higher step speaks for it.
    """

    percent: int
    at: datetime
    recipients: tuple[Recipient, ...]
    records_breach: bool
    overtaken: bool = False


def plan_response_steps(
    *,
    received_at: datetime,
    due_at: datetime | None,
    now: datetime,
    steps: Sequence[LadderStep] = DEFAULT_LADDER,
) -> tuple[PlannedStep, ...]:
    """Return the steps of a promise that takes effect at `now`, lowest first; none where nothing is promised (SLA-6).

    Percentages are of elapsed time from receipt to due, also for business hours, and round up to the microsecond, so
    that no step is early. The breach is recorded at 100 % even if a policy's ladder tells nobody then.

    A step whose instant lies before `now`, as after a change of severity, is due at `now`. Of several such steps only
    the highest fires; the others are `overtaken`, and a breach among them is recorded with the highest.
    """
    if due_at is None:
        return ()
    planned = _planned(received_at=to_utc(received_at), due_at=to_utc(due_at), steps=steps)
    past = [step for step in planned if step.at < now]
    if not past:
        return tuple(planned)
    records_breach = any(step.records_breach for step in past)
    overtaken = [replace(step, records_breach=False, overtaken=True) for step in past[:-1]]
    highest = replace(past[-1], at=to_utc(now), records_breach=records_breach)
    return (*overtaken, highest, *planned[len(past) :])


def _planned(*, received_at: datetime, due_at: datetime, steps: Sequence[LadderStep]) -> list[PlannedStep]:
    told = {step.percent: step.recipients for step in steps}
    span = due_at - received_at
    return [
        PlannedStep(
            percent=percent,
            at=received_at - (-span * percent // 100),
            recipients=told.get(percent, ()),
            records_breach=percent == BREACH_PERCENT,
        )
        for percent in sorted({BREACH_PERCENT, *told})
    ]


def untaken_at(became_a_at: datetime) -> datetime:
    """Return when the duty manager is told of an A that still has no assignee."""
    return to_utc(became_a_at) + UNTAKEN_WINDOW


@dataclass(frozen=True, slots=True)
class Reminder:
    """One step of a row of reminders: which one, when, and who is told inside the desk.

    An `overtaken` one is kept on record as cancelled; a higher step speaks for it.
    """

    step: int
    at: datetime
    recipients: tuple[Recipient, ...]
    overtaken: bool = False


# Who is told of a missed update, or of a request without a promise that lies unanswered: first whoever works on it, one
# span later their lead.
REMINDED = ((Recipient.ASSIGNEE_OR_TEAM,), (Recipient.TEAM_LEAD,))


def attention_at(*, severity: str, received_at: datetime, calendar: BusinessCalendar) -> datetime:
    """Return when a request without a commitment calls for attention inside the desk; never shown as a promise (SLA-6).

    SPEC.md names B and C. Our reading of an A without a commitment: as soon as an untaken A is reported.
    """
    return _attention_after(1, severity=severity, received_at=received_at, calendar=calendar)


def attention_steps(
    *, severity: str, received_at: datetime, now: datetime, calendar: BusinessCalendar
) -> tuple[Reminder, ...]:
    """Return the attention ladder of a request without a commitment: whoever has it at the span, the lead at twice it.

    For steps whose instant lies before `now` the rule of `plan_response_steps` holds.
    """
    steps = [
        Reminder(step, _attention_after(step, severity=severity, received_at=received_at, calendar=calendar), told)
        for step, told in enumerate(REMINDED, start=1)
    ]
    return _highest_of_past(steps, now=now)


def _attention_after(spans: int, *, severity: str, received_at: datetime, calendar: BusinessCalendar) -> datetime:
    if severity not in ATTENTION_DAYS:
        return to_utc(received_at) + UNTAKEN_WINDOW * spans
    return calendar.after_open_days(received_at, ATTENTION_DAYS[severity] * spans)


def update_due_at(*, severity: str, updated_at: datetime, calendar: BusinessCalendar) -> datetime:
    """Return by when a request in progress gets its next public update (RO-3): 2 h of elapsed time for A."""
    if severity not in UPDATE_DAYS:
        return to_utc(updated_at) + UPDATE_WINDOW_OF_A
    return calendar.after_open_days(updated_at, UPDATE_DAYS[severity])


def update_due_after_change(
    *, before: str, after: str, updated_at: datetime, changed_at: datetime, calendar: BusinessCalendar
) -> datetime:
    """Return by when the next public update is due once the severity of a request in progress changed (RO-3).

    As with promises: raised, it is due at the earlier of what was due and the new period from the change; lowered, as
    if the severity had been so since the last update.
    """
    if not is_above(after, before):
        return update_due_at(severity=after, updated_at=updated_at, calendar=calendar)
    return min(
        update_due_at(severity=before, updated_at=updated_at, calendar=calendar),
        update_due_at(severity=after, updated_at=changed_at, calendar=calendar),
    )


def update_steps(*, severity: str, due_at: datetime, now: datetime, calendar: BusinessCalendar) -> tuple[Reminder, ...]:
    """Return the reminders of an update that is due then: whoever has the request, and one period later the lead.

    For steps whose instant lies before `now` the rule of `plan_response_steps` holds.
    """
    missed_at = update_due_at(severity=severity, updated_at=due_at, calendar=calendar)
    instants = (to_utc(due_at), missed_at)
    steps = [Reminder(step, at, told) for step, (at, told) in enumerate(zip(instants, REMINDED, strict=True), start=1)]
    return _highest_of_past(steps, now=now)


def next_update_step(
    *, step: int, severity: str, last_at: datetime, now: datetime, calendar: BusinessCalendar
) -> Reminder:
    """Return the reminder after the lead's: the lead again, a period later, until the customer hears from us.

    Periods that passed while nobody looked are not made up for: what is already over counts from `now`.
    """
    at = update_due_at(severity=severity, updated_at=last_at, calendar=calendar)
    if at <= now:
        at = update_due_at(severity=severity, updated_at=now, calendar=calendar)
    return Reminder(step, at, REMINDED[-1])


def _highest_of_past(steps: Sequence[Reminder], *, now: datetime) -> tuple[Reminder, ...]:
    past = [step for step in steps if step.at < now]
    if not past:
        return tuple(steps)
    overtaken = [replace(step, overtaken=True) for step in past[:-1]]
    return (*overtaken, replace(past[-1], at=to_utc(now)), *steps[len(past) :])


def customer_reminders(
    *, asked_at: datetime, calendar: BusinessCalendar, days: Sequence[int] = WAITING_REMINDER_DAYS
) -> tuple[datetime, ...]:
    """Return when a customer who was asked something is reminded of it; days are business days."""
    return tuple(calendar.after_open_days(asked_at, count) for count in days)


def no_reply_close_at(*, asked_at: datetime, calendar: BusinessCalendar, days: int = WAITING_CLOSE_DAYS) -> datetime:
    """Return when a request whose customer stays silent is closed as `no_reply`, which the reminders announce."""
    return calendar.after_open_days(asked_at, days)


def close_after_announcement(
    *, close_at: datetime, announced_for: datetime, announced_at: datetime, calendar: BusinessCalendar, days: int
) -> datetime:
    """Return when it is closed, its last reminder having gone out at `announced_at` instead of `announced_for`.

    Up to a day late changes nothing. After that the customer gets the `days` business days that lie between the two
    anew, so that nobody is closed without having been told in time.
    """
    if announced_at - announced_for <= LATEST_ANNOUNCEMENT:
        return close_at
    return max(close_at, calendar.after_open_days(announced_at, days))
