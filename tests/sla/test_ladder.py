"""The escalation ladder and the other reminders."""

from datetime import timedelta

import pytest

from sla.ladder import (
    DEFAULT_LADDER,
    LadderStep,
    Recipient,
    attention_at,
    customer_reminders,
    no_reply_close_at,
    plan_response_steps,
    untaken_at,
    update_due_at,
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
