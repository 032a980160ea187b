"""Promises: targets as they are written, due instants, how a promise stands, what a change of severity does."""

from datetime import timedelta

import pytest

from sla import commitments
from sla.commitments import (
    Availability,
    Cell,
    Commitment,
    CommitmentState,
    Promised,
    Supersession,
    Target,
    promise,
    promise_after_raising,
)
from sla.errors import AvailabilityInvalid, CalendarUnknown, InstantOutOfRange, TargetInvalid
from tests.sla.builders import ALL_DAY, at, calendar

MICROSECOND = timedelta(microseconds=1)
TAIPEI = calendar("Asia/Taipei")
RECEIVED_AT = at("2026-11-20T09:30")  # Friday 17:30 in Taipei


def cell(availability, target):
    return Cell.parse(availability=availability, target=target)


@pytest.mark.parametrize(
    ("text", "within"),
    [
        ("PT1H", timedelta(hours=1)),
        ("PT40S", timedelta(seconds=40)),
        ("PT90S", timedelta(seconds=90)),
        ("PT36H", timedelta(hours=36)),
        ("PT1H30M5S", timedelta(hours=1, minutes=30, seconds=5)),
        ("P1D", timedelta(hours=24)),
        ("P1DT12H", timedelta(hours=36)),
        ("P2W", timedelta(days=14)),
        ("P366D", timedelta(days=366)),
        ("PT0S", timedelta(0)),
    ],
)
def test_a_duration_is_read_down_to_seconds(text, within):
    target = Target.parse(text)

    assert (target.within, target.days) == (within, None)
    assert str(target) == text


@pytest.mark.parametrize(("text", "days"), [("next_day", 1), ("day+1", 1), ("day+3", 3), ("day+366", 366)])
def test_a_day_target_is_read(text, days):
    target = Target.parse(text)

    assert (target.within, target.days) == (None, days)
    assert str(target) == text


def test_the_next_day_is_day_one():
    assert Target.parse("next_day") == Target.parse("day+1")


def test_none_is_a_target_of_its_own():
    """SLA-6"""
    assert Target.parse("none").is_none
    assert not Target.parse("PT1H").is_none


@pytest.mark.parametrize(
    "text",
    [
        *("", "P", "PT", "P1DT", "1H", "pt1h", "PT1H ", "PT1.5H", "P1Y", "P1M", "-PT1H", "PT-1H", "P1W2D", "PT1S1H"),
        *("day+0", "day+", "day-1", "day+1.5", "day+367", "P367D", "PT99999999H", "P999999999999D", "PT١H", "day+٣"),
        *("tomorrow", "NONE", None, 1, ["PT1H"], "PT1H\n"),
    ],
)
def test_what_is_no_target_is_refused(text):
    with pytest.raises(TargetInvalid):
        Target.parse(text)


@pytest.mark.parametrize("text", ["", "Always", "calendar", "calendar:", "calendar:a b", "calendar:a:b", None, 24, "x"])
def test_what_is_no_availability_is_refused(text):
    with pytest.raises(AvailabilityInvalid):
        Availability.parse(text)


@pytest.mark.parametrize(
    ("availability", "target", "due_at"),
    [
        ("always", "PT1H", "2026-11-20T10:30"),
        ("always", "PT40S", "2026-11-20T09:30:40"),
        ("always", "P1D", "2026-11-21T09:30"),
        ("always", "next_day", "2026-11-21T16:00"),  # the end of Saturday in Taipei
        ("always", "day+3", "2026-11-23T16:00"),
        ("business_hours", "PT30M", "2026-11-20T10:00"),  # exactly at closing time
        ("business_hours", "PT31M", "2026-11-23T01:01"),
        ("business_hours", "P1D", "2026-11-25T06:30"),  # 24 h of business time
        ("business_hours", "next_day", "2026-11-23T10:00"),
        ("business_hours", "day+2", "2026-11-24T10:00"),
        ("calendar:berlin", "PT1H", "2026-11-20T10:30"),
        ("calendar:berlin", "next_day", "2026-11-23T17:00"),
    ],
)
def test_a_promise_is_due_when_its_availability_and_target_say(availability, target, due_at):
    """DESIGN, Commitments"""
    promised = promise(
        cell=cell(availability, target),
        received_at=RECEIVED_AT,
        calendar=TAIPEI,
        named_calendars={"berlin": calendar("Europe/Berlin")},
    )

    assert promised.due_at == at(due_at)
    assert promised.received_at == RECEIVED_AT
    assert promised.due_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize("availability", ["always", "business_hours"])
def test_no_commitment_has_no_due_instant_and_is_never_breached(availability):
    """SLA-6"""
    promised = promise(cell=cell(availability, "none"), received_at=RECEIVED_AT, calendar=TAIPEI)

    assert promised.due_at is None
    assert promised.state_at(at("2999-01-01T00:00")) is CommitmentState.NONE
    assert promised.breached_at(at("2999-01-01T00:00")) is None


def test_the_day_of_receipt_is_that_of_the_calendar_that_counts():
    """At 17:30 UTC it is Saturday in Taipei and still Friday in Berlin."""
    received_at = at("2026-11-20T17:30")
    named = {"berlin": calendar("Europe/Berlin", ALL_DAY)}

    in_taipei = promise(cell=cell("always", "next_day"), received_at=received_at, calendar=TAIPEI)
    in_berlin = promise(
        cell=cell("calendar:berlin", "next_day"), received_at=received_at, calendar=TAIPEI, named_calendars=named
    )

    assert in_taipei.due_at == at("2026-11-22T16:00")
    assert in_berlin.due_at == at("2026-11-21T23:00")


def test_a_calendar_that_the_policy_does_not_bring_is_named():
    with pytest.raises(CalendarUnknown, match="berlin"):
        promise(cell=cell("calendar:berlin", "PT1H"), received_at=RECEIVED_AT, calendar=TAIPEI)


def test_a_due_instant_beyond_all_years_is_refused():
    """P-8"""
    with pytest.raises(InstantOutOfRange):
        promise(cell=cell("always", "P366D"), received_at=at("9999-12-31T00:00"), calendar=TAIPEI)


# How a promise stands (settled point 1) ------------------------------------------------------------------------------

DUE_AT = at("2026-11-20T10:30")
AFTER = DUE_AT + MICROSECOND
LATER = DUE_AT + timedelta(days=3)


def commitment(**changes):
    return Commitment(availability=Availability("always"), received_at=RECEIVED_AT, due_at=DUE_AT, **changes)


@pytest.mark.parametrize(
    ("now", "responded_at", "state"),
    [
        (DUE_AT, None, "running"),
        (AFTER, None, "breached"),
        (LATER, DUE_AT, "kept"),
        (LATER, AFTER, "breached"),
        (RECEIVED_AT, RECEIVED_AT, "kept"),
    ],
)
def test_a_response_at_the_due_instant_keeps_the_promise_and_one_microsecond_later_does_not(now, responded_at, state):
    """SLA-1, P-4"""
    assert commitment(ended_at=responded_at).state_at(now, responded_at=responded_at) == state


def test_a_breach_is_dated_at_the_deadline_however_late_it_is_noticed():
    """P-4"""
    assert commitment().breached_at(LATER) == DUE_AT
    assert commitment().breached_at(DUE_AT) is None


@pytest.mark.parametrize(("closed_at", "state"), [(DUE_AT, "ended"), (AFTER, "breached")])
def test_a_close_without_a_response_ends_the_promise_without_a_verdict_if_it_is_in_time(closed_at, state):
    """Settled point 1"""
    assert commitment(ended_at=closed_at).state_at(LATER) == state


def test_what_happens_after_now_has_not_happened():
    assert commitment(ended_at=DUE_AT).state_at(RECEIVED_AT, responded_at=DUE_AT) == "running"


@pytest.mark.parametrize(("changed_at", "state"), [(DUE_AT, "superseded"), (AFTER, "breached")])
def test_a_raised_severity_supersedes_the_promise_but_not_its_breach(changed_at, state):
    """Settled points 1 and 2: a breach once recorded stays."""
    raised = commitment(ended_at=changed_at, superseded_by=Supersession.RAISED)

    assert raised.state_at(LATER) == state


@pytest.mark.parametrize(
    ("now", "responded_at", "closed_at", "state"),
    [
        (DUE_AT, None, None, "superseded"),
        (AFTER, None, None, "breached"),
        (LATER, DUE_AT, None, "superseded"),
        (LATER, AFTER, None, "breached"),
        (LATER, None, DUE_AT, "superseded"),
    ],
)
def test_a_lowered_promise_is_still_watched_until_its_own_due_instant(now, responded_at, closed_at, state):
    """Settled point 1"""
    lowered = commitment(ended_at=RECEIVED_AT + timedelta(minutes=5), superseded_by=Supersession.LOWERED)

    assert lowered.state_at(now, responded_at=responded_at, closed_at=closed_at) == state


def test_no_commitment_can_be_superseded():
    superseded = Commitment(
        availability=Availability("always"),
        received_at=RECEIVED_AT,
        due_at=None,
        ended_at=DUE_AT,
        superseded_by=Supersession.RAISED,
    )

    assert superseded.state_at(RECEIVED_AT) is CommitmentState.NONE
    assert superseded.state_at(LATER) is CommitmentState.SUPERSEDED


# Changes of severity (settled point 2) -------------------------------------------------------------------------------

CHANGED_AT = at("2026-11-20T10:00")


def raised_to_a(*earlier):
    return promise_after_raising(
        cell=cell("always", "PT1H"),
        severity="A",
        changed_at=CHANGED_AT,
        received_at=RECEIVED_AT,
        earlier=earlier,
        calendar=TAIPEI,
    )


def test_raising_counts_the_new_target_from_the_change():
    raised = raised_to_a(Promised("C", at("2026-11-20T13:30")))

    assert raised.due_at == at("2026-11-20T11:00")
    assert raised.received_at == RECEIVED_AT


@pytest.mark.parametrize(
    ("earlier_due_at", "due_at"),
    [("2026-11-20T10:59:59.999999", "2026-11-20T10:59:59.999999"), ("2026-11-20T11:00:00.000001", "2026-11-20T11:00")],
)
def test_raising_never_puts_off_what_was_promised(earlier_due_at, due_at):
    assert raised_to_a(Promised("B", at(earlier_due_at))).due_at == at(due_at)


def test_raising_what_had_no_commitment_makes_one():
    """SLA-6"""
    assert raised_to_a(Promised("B", None)).due_at == at("2026-11-20T11:00")


def test_raising_to_a_severity_without_a_target_keeps_the_earliest_promise():
    raised = promise_after_raising(
        cell=cell("always", "none"),
        severity="B",
        changed_at=CHANGED_AT,
        received_at=RECEIVED_AT,
        earlier=[Promised("C", at("2026-11-20T13:30"))],
        calendar=TAIPEI,
    )

    assert raised.due_at == at("2026-11-20T13:30")


def test_what_was_promised_at_a_higher_severity_than_the_new_one_does_not_count():
    """A, lowered to C, raised to B: the due instant of A stays on its own row."""
    raised = promise_after_raising(
        cell=cell("always", "PT2H"),
        severity="B",
        changed_at=CHANGED_AT,
        received_at=RECEIVED_AT,
        earlier=[Promised("A", at("2026-11-20T10:30")), Promised("C", at("2026-11-20T13:30"))],
        calendar=TAIPEI,
    )

    assert raised.due_at == at("2026-11-20T12:00")


def test_what_was_promised_at_the_new_severity_before_counts():
    """A, lowered to C, raised to A again: the first promise comes back."""
    raised = raised_to_a(Promised("A", at("2026-11-20T10:30")), Promised("C", at("2026-11-20T13:30")))

    assert raised.due_at == at("2026-11-20T10:30")


@pytest.mark.parametrize(
    ("before", "after", "change"), [("C", "A", "raised"), ("B", "A", "raised"), ("A", "C", "lowered"), ("B", "B", None)]
)
def test_a_change_is_a_raise_towards_a(before, after, change):
    """SE-2"""
    assert commitments.change_of(before=before, after=after) == change
