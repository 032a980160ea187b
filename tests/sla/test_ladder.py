"""The escalation ladder and the other reminders."""

from datetime import timedelta

import pytest

from sla.ladder import (
    DEFAULT_LADDER,
    LadderStep,
    Recipient,
    Reminder,
    attention_at,
    attention_steps,
    close_after_announcement,
    customer_reminders,
    next_update_step,
    no_reply_close_at,
    plan_response_steps,
    untaken_at,
    update_due_after_change,
    update_due_at,
    update_steps,
)
from tests.sla.builders import at, calendar

RECEIVED_AT = at("2026-11-24T10:00")
DUE_AT = at("2026-11-24T11:00")
OFFICE = calendar()
MICROSECOND = timedelta(microseconds=1)


def plan(now=RECEIVED_AT, due_at=DUE_AT, steps=DEFAULT_LADDER):
    return plan_response_steps(received_at=RECEIVED_AT, due_at=due_at, now=now, steps=steps)


def test_the_default_ladder_rises_at_50_75_100_and_200_per_cent():
    """DESIGN, Timers and escalation; RO-3"""
    assert [(step.percent, step.at, step.recipients) for step in plan()] == [
        (50, at("2026-11-24T10:30"), (Recipient.ASSIGNEE_OR_TEAM,)),
        (75, at("2026-11-24T10:45"), (Recipient.TEAM_LEAD,)),
        (100, at("2026-11-24T11:00"), (Recipient.DUTY_MANAGER,)),
        (200, at("2026-11-24T12:00"), (Recipient.ACCOUNT_MANAGER, Recipient.DUTY_MANAGER)),
    ]


def test_the_breach_is_recorded_at_100_per_cent():
    assert [step.percent for step in plan() if step.records_breach] == [100]


def test_percentages_are_of_elapsed_time_also_over_a_weekend():
    """Settled point 3"""
    planned = plan_response_steps(
        received_at=at("2026-11-27T17:00"), due_at=at("2026-11-30T09:00"), now=at("2026-11-27T17:00")
    )

    assert planned[0].at == at("2026-11-29T01:00")


def test_no_step_is_a_fraction_of_a_microsecond_early():
    """P-3"""
    planned = plan(due_at=RECEIVED_AT + timedelta(microseconds=3))

    assert [step.at - RECEIVED_AT for step in planned] == [timedelta(microseconds=micros) for micros in (2, 3, 3, 6)]


def test_without_a_due_instant_there_is_no_ladder():
    """SLA-6"""
    assert plan(due_at=None) == ()


def test_a_ladder_without_100_per_cent_records_the_breach_all_the_same():
    planned = plan(steps=[LadderStep(150, (Recipient.TEAM_LEAD,))])

    assert [(step.percent, step.recipients, step.records_breach) for step in planned] == [
        (100, (), True),
        (150, (Recipient.TEAM_LEAD,), False),
    ]


def test_of_several_past_steps_only_the_highest_fires_at_the_replanning():
    """Settled point 3"""
    now = at("2026-11-24T10:50")

    planned = plan(now=now)

    assert [(step.percent, step.at, step.overtaken) for step in planned] == [
        (50, at("2026-11-24T10:30"), True),
        (75, now, False),
        (100, DUE_AT, False),
        (200, at("2026-11-24T12:00"), False),
    ]


@pytest.mark.parametrize("late", [timedelta(0), MICROSECOND])
def test_a_step_is_past_one_microsecond_after_its_instant(late):
    """Settled point 3: the step of 75 % at its own instant overtakes nothing, later it does."""
    now = at("2026-11-24T10:45") + late

    planned = plan(now=now)

    assert [step.overtaken for step in planned] == [late > timedelta(0), False, False, False]
    assert [step.at for step in planned[:2]] == [at("2026-11-24T10:30") if late else now, now]


def test_a_breach_that_a_higher_step_overtakes_is_recorded_with_it():
    """P-3: nothing is lost in a replanning."""
    now = at("2026-11-24T13:00")

    planned = plan(now=now)

    assert [(step.percent, step.overtaken, step.records_breach) for step in planned] == [
        (50, True, False),
        (75, True, False),
        (100, True, False),
        (200, False, True),
    ]
    assert planned[-1].at == now


def test_an_untaken_a_is_reported_after_ten_minutes():
    """Settled point 3"""
    assert untaken_at(RECEIVED_AT) == at("2026-11-24T10:10")


@pytest.mark.parametrize(
    ("severity", "attention"),
    [("A", "2026-11-24T10:10"), ("B", "2026-11-25T10:00"), ("C", "2026-11-27T10:00")],
)
def test_what_has_no_commitment_calls_for_attention_inside_the_desk(severity, attention):
    """SLA-6, DESIGN: B after 1 business day, C after 3"""
    assert attention_at(severity=severity, received_at=RECEIVED_AT, calendar=OFFICE) == at(attention)


@pytest.mark.parametrize(
    ("severity", "due_at"),
    [("A", "2026-11-27T18:00"), ("B", "2026-11-30T16:00"), ("C", "2026-12-02T16:00")],
)
def test_a_request_in_progress_gets_a_public_update_in_time(severity, due_at):
    """RO-3: 2 h of elapsed time for A, one business day for B, three for C"""
    updated_at = at("2026-11-27T16:00")

    assert update_due_at(severity=severity, updated_at=updated_at, calendar=OFFICE) == at(due_at)


def test_a_silent_customer_is_reminded_twice_before_the_request_is_closed():
    """DESIGN: after 2 and 5 business days, closed after 10"""
    assert customer_reminders(asked_at=RECEIVED_AT, calendar=OFFICE) == (at("2026-11-26T10:00"), at("2026-12-01T10:00"))
    assert no_reply_close_at(asked_at=RECEIVED_AT, calendar=OFFICE) == at("2026-12-08T10:00")


TEAM, LEAD = (Recipient.ASSIGNEE_OR_TEAM,), (Recipient.TEAM_LEAD,)


@pytest.mark.parametrize(
    ("severity", "first", "second"),
    [
        ("A", "2026-11-24T10:10", "2026-11-24T10:20"),
        ("B", "2026-11-25T10:00", "2026-11-26T10:00"),
        ("C", "2026-11-27T10:00", "2026-12-02T10:00"),
    ],
)
def test_the_attention_ladder_tells_the_team_and_at_twice_the_span_its_lead(severity, first, second):
    """SLA-6, DESIGN: so that nothing starves"""
    steps = attention_steps(severity=severity, received_at=RECEIVED_AT, now=RECEIVED_AT, calendar=OFFICE)

    assert steps == (Reminder(1, at(first), TEAM), Reminder(2, at(second), LEAD))


@pytest.mark.parametrize("late", [timedelta(0), MICROSECOND])
def test_of_past_attention_steps_only_the_highest_fires(late):
    """Settled point 3: and a step at its very instant is not past."""
    now = at("2026-11-26T10:00") + late

    first, second = attention_steps(severity="B", received_at=RECEIVED_AT, now=now, calendar=OFFICE)

    if late:
        assert (first.overtaken, second.at) == (True, now)
    else:
        assert (first.overtaken, first.at, second.at) == (False, now, now)


def test_a_missed_update_is_told_to_the_lead_one_period_later():
    """RO-3"""
    due_at = at("2026-11-27T18:00")
    periods = {"A": "2026-11-27T20:00", "B": "2026-12-01T09:00", "C": "2026-12-03T09:00"}

    for severity, missed_at in periods.items():
        steps = update_steps(severity=severity, due_at=due_at, now=due_at, calendar=OFFICE)
        assert steps == (Reminder(1, due_at, TEAM), Reminder(2, at(missed_at), LEAD))


@pytest.mark.parametrize(
    ("now", "following"),
    [
        ("2026-11-24T12:00:05", "2026-11-24T14:00"),
        ("2026-11-24T13:59:59", "2026-11-24T14:00"),
        ("2026-11-24T14:00", "2026-11-24T16:00"),
        ("2026-11-26T09:30", "2026-11-26T11:30"),
    ],
)
def test_the_lead_is_told_again_once_a_period_and_never_for_periods_that_nobody_saw(now, following):
    """RO-3, P-3: no burst after workers were away"""
    last_at = at("2026-11-24T12:00")

    step = next_update_step(step=3, severity="A", last_at=last_at, now=at(now), calendar=OFFICE)

    assert step == Reminder(3, at(following), LEAD)


@pytest.mark.parametrize(
    ("before", "after", "due_at"),
    [
        ("C", "A", "2026-11-25T13:00"),  # two hours from the change
        ("B", "A", "2026-11-25T10:00"),  # what was due is earlier
        ("A", "B", "2026-11-25T10:00"),  # as if it had been a B since the last update
        ("A", "C", "2026-11-27T10:00"),
    ],
)
def test_a_change_of_severity_moves_the_next_update_as_it_moves_a_promise(before, after, due_at):
    """RO-3, settled point 2"""
    moved = update_due_after_change(
        before=before, after=after, updated_at=RECEIVED_AT, changed_at=at("2026-11-25T11:00"), calendar=OFFICE
    )

    assert moved == at(due_at)


@pytest.mark.parametrize("late", [timedelta(0), MICROSECOND])
def test_a_closing_is_put_off_when_its_announcement_was_more_than_a_day_late(late):
    """DESIGN: always announced beforehand"""
    announced_for, close_at = at("2026-12-01T10:00"), at("2026-12-08T10:00")
    announced_at = at("2026-12-02T10:00") + late

    moved = close_after_announcement(
        close_at=close_at, announced_for=announced_for, announced_at=announced_at, calendar=OFFICE, days=5
    )

    assert moved == (at("2026-12-09T10:00") + late if late else close_at)
