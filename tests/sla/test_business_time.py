"""Business time at its boundaries: opening and closing, gaps, folds, skipped days."""

import time
from datetime import date, timedelta

import pytest

from sla.errors import InstantOutOfRange
from tests.sla.builders import ALL_DAY, NIGHTS, OFFICE, SPLIT, at, calendar

MICROSECOND = timedelta(microseconds=1)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("instant", "is_open"),
    [
        ("2026-11-24T08:59:59.999999", False),
        ("2026-11-24T09:00:00", True),
        ("2026-11-24T17:59:59.999999", True),
        ("2026-11-24T18:00:00", False),
        ("2026-11-28T12:00:00", False),
        ("2026-11-25T12:00:00", False),
    ],
)
def test_a_window_is_open_from_its_start_to_before_its_end(instant, is_open):
    """SLA-4"""
    office = calendar(holidays=["2026-11-25"])

    assert office.is_open(at(instant)) is is_open


@pytest.mark.parametrize(
    ("instant", "opening"),
    [
        ("2026-11-24T09:00:00", "2026-11-24T09:00:00"),
        ("2026-11-24T12:34:56.789", "2026-11-24T12:34:56.789"),
        ("2026-11-24T18:00:00", "2026-11-25T09:00:00"),
        ("2026-11-27T18:00:00", "2026-12-01T09:00:00"),
    ],
)
def test_the_next_opening_is_now_or_the_start_of_the_next_window(instant, opening):
    """SLA-4"""
    office = calendar(holidays=["2026-11-30"])

    assert office.next_open_at(at(instant)) == at(opening)


def test_time_that_is_up_at_closing_time_counts_as_that_day():
    """DESIGN, Commitments"""
    office = calendar()

    assert office.add(at("2026-11-24T16:00"), 2 * HOUR) == at("2026-11-24T18:00")
    assert office.add(at("2026-11-24T16:00"), 2 * HOUR + MICROSECOND) == at("2026-11-25T09:00") + MICROSECOND


def test_a_receipt_at_closing_time_waits_for_the_next_opening():
    office = calendar()

    assert office.add(at("2026-11-27T18:00"), HOUR) == at("2026-11-30T10:00")


def test_no_time_at_all_has_passed_at_receipt():
    office = calendar()

    assert office.add(at("2026-11-28T12:00"), timedelta(0)) == at("2026-11-28T12:00")


def test_two_windows_that_touch_are_one():
    touching = calendar(windows={"0": [["09:00", "12:00"], ["12:00", "18:00"]]})

    assert touching.is_open(at("2026-11-23T12:00"))
    assert [tuple(span) for span in touching.open_spans_on(date(2026, 11, 23))] == [
        (at("2026-11-23T09:00"), at("2026-11-23T18:00"))
    ]


def test_what_is_added_across_a_gap_passes_in_fewer_hours_of_the_clock():
    """Europe/Berlin skips 02:00–03:00 on 2026-03-29; the window 00:00–06:00 lasts 5 h."""
    nights = calendar("Europe/Berlin", NIGHTS)

    assert nights.open_between(at("2026-03-28T23:00"), at("2026-03-29T04:00")) == 5 * HOUR
    assert nights.add(at("2026-03-28T23:00"), 5 * HOUR) == at("2026-03-29T04:00")  # 06:00 in summer


def test_an_hour_that_the_clock_shows_twice_counts_twice():
    """Europe/Berlin shows 02:00–03:00 twice on 2026-10-25; the window 00:00–06:00 lasts 7 h."""
    nights = calendar("Europe/Berlin", NIGHTS)

    assert nights.open_between(at("2026-10-24T22:00"), at("2026-10-25T05:00")) == 7 * HOUR
    assert nights.add(at("2026-10-24T22:00"), 7 * HOUR) == at("2026-10-25T05:00")


def test_a_window_inside_the_repeated_hour_opens_twice():
    """A window 02:15–02:45 is open at two separate half hours on the day of a fold."""
    short = calendar("Europe/Berlin", {"6": [["02:15", "02:45"]]})

    spans = short.open_spans_on(date(2026, 10, 25))

    assert [span.start_at for span in spans] == [at("2026-10-25T00:15"), at("2026-10-25T01:15")]
    assert short.add(at("2026-10-25T00:40"), timedelta(minutes=6)) == at("2026-10-25T01:16")
    assert short.end_of_open_day(at("2026-10-24T12:00"), 1) == at("2026-10-25T01:45")


def test_a_window_inside_the_skipped_hour_does_not_open_that_day():
    """A day without business time is no open day."""
    short = calendar("Europe/Berlin", {"6": [["02:15", "02:45"]]})

    assert short.open_spans_on(date(2026, 3, 29)) == []
    assert short.end_of_open_day(at("2026-03-28T12:00"), 1) == at("2026-04-05T00:45")
    assert short.next_open_at(at("2026-03-28T12:00")) == at("2026-04-05T00:15")


def test_a_window_that_a_gap_cuts_ends_when_the_clock_jumps():
    """The window 01:00–02:30 ends at the jump from 02:00 to 03:00."""
    cut = calendar("Europe/Berlin", {"6": [["01:00", "02:30"]]})

    assert cut.end_of_open_day(at("2026-03-28T12:00"), 1) == at("2026-03-29T01:00")


@pytest.mark.parametrize(
    ("timezone", "received_at", "start"),
    [
        ("Europe/Berlin", "2026-11-23T22:59:59.999999", "2026-11-24T23:00"),
        ("Europe/Berlin", "2026-11-23T23:00", "2026-11-25T23:00"),
        ("Asia/Kathmandu", "2026-11-23T12:00", "2026-11-24T18:15"),
        ("Pacific/Chatham", "2026-06-24T11:14:59", "2026-06-25T11:15"),
        ("Pacific/Chatham", "2026-06-24T11:15:00", "2026-06-26T11:15"),
        # midnight does not exist: the day begins at 01:00
        ("Africa/Cairo", "2026-04-22T12:00", "2026-04-23T22:00"),
        ("Asia/Beirut", "2026-03-27T12:00", "2026-03-28T22:00"),
        ("America/Santiago", "2026-09-04T12:00", "2026-09-06T04:00"),
        ("America/Havana", "2025-03-07T12:00", "2025-03-09T05:00"),
        # midnight comes twice: the first one counts
        ("America/Havana", "2025-10-31T12:00", "2025-11-02T04:00"),
        # the hour before midnight comes twice: the day is an hour longer
        ("Africa/Cairo", "2026-10-28T12:00", "2026-10-29T22:00"),
        ("Asia/Beirut", "2026-10-23T12:00", "2026-10-24T22:00"),
    ],
)
def test_a_day_begins_with_its_first_instant(timezone, received_at, start):
    """DESIGN, Commitments: always with day+1 is due when the second day after receipt begins."""
    assert calendar(timezone).start_of_day_after(at(received_at), 2) == at(start)


def test_a_day_that_the_calendar_skips_begins_and_ends_with_its_neighbours():
    """Samoa had no 30 December 2011: it jumped from the 29th to the 31st at 10:00 UTC on the 30th."""
    samoa = calendar("Pacific/Apia", ALL_DAY)

    assert samoa.start_of_day_after(at("2011-12-28T20:00"), 2) == at("2011-12-30T10:00")
    assert samoa.open_spans_on(date(2011, 12, 30)) == []
    assert samoa.open_day_after(at("2011-12-29T20:00"), 1) == date(2011, 12, 31)
    assert samoa.open_between(at("2011-12-30T08:00"), at("2011-12-30T12:00")) == 4 * HOUR


@pytest.mark.parametrize(
    ("received_at", "days", "end"),
    [
        ("2026-11-24T08:00", 1, "2026-11-25T17:30"),
        ("2026-11-24T23:00", 1, "2026-11-25T17:30"),
        ("2026-11-27T10:00", 1, "2026-12-01T17:30"),
        ("2026-11-28T10:00", 1, "2026-12-01T17:30"),
        ("2026-11-30T10:00", 1, "2026-12-01T17:30"),
        ("2026-11-27T10:00", 3, "2026-12-03T17:30"),
    ],
)
def test_open_days_are_counted_after_the_day_of_receipt(received_at, days, end):
    """Whether the day of receipt was open does not matter; weekends and the holiday on the 30th do not count."""
    split = calendar(windows=SPLIT, holidays=["2026-11-30"])

    assert split.end_of_open_day(at(received_at), days) == at(end)


def test_a_day_that_is_open_to_midnight_ends_there():
    """Where 23:00–24:00 comes twice, with the second one; where 24:00 is skipped, with the jump."""
    cairo = calendar("Africa/Cairo", ALL_DAY)

    assert cairo.end_of_open_day(at("2026-10-28T12:00"), 1) == at("2026-10-29T22:00")
    assert cairo.end_of_open_day(at("2026-04-22T12:00"), 1) == at("2026-04-23T22:00")


@pytest.mark.parametrize(
    ("start_at", "days", "end_at"),
    [
        ("2026-11-24T11:30", 1, "2026-11-25T11:30"),
        ("2026-11-24T20:00", 1, "2026-11-26T09:00"),
        ("2026-11-24T18:00", 1, "2026-11-26T09:00"),
        ("2026-11-27T17:00", 1, "2026-12-01T17:00"),
        ("2026-11-28T12:00", 2, "2026-12-03T09:00"),
        ("2026-11-24T11:30", 10, "2026-12-09T11:30"),
    ],
)
def test_a_business_day_of_a_reminder_lasts_to_the_same_time_of_the_next_open_day(start_at, days, end_at):
    """RO-3, settled point 8; the 30th is a holiday, and what starts outside hours starts with the next opening."""
    assert calendar(holidays=["2026-11-30"]).after_open_days(at(start_at), days) == at(end_at)


def test_a_reminder_that_would_fall_into_closed_hours_waits_for_the_next_opening():
    """A short Wednesday: the same time does not exist in its hours."""
    short_wednesday = calendar(windows={**OFFICE, "2": [["09:00", "12:00"]]})

    assert short_wednesday.after_open_days(at("2026-11-24T15:00"), 1) == at("2026-11-26T09:00")


def test_instants_may_be_written_in_any_zone():
    office = calendar("Europe/Berlin")

    assert office.add(at("2026-11-24T17:00:00+08:00"), HOUR) == at("2026-11-24T10:00Z")
    assert office.add(at("2026-11-24T17:00:00+08:00"), HOUR).utcoffset() == timedelta(0)


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        calendar().is_open(at("2026-11-24T17:00").replace(tzinfo=None))


def test_a_span_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="before"):
        calendar().open_between(at("2026-11-24T17:00"), at("2026-11-24T16:00"))


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00+14:00", "1899-12-31T23:59:59Z", "9999-12-31T23:59:59Z"])
def test_what_lies_beyond_the_years_of_local_time_is_refused(instant):
    """P-8"""
    with pytest.raises(InstantOutOfRange):
        calendar("Asia/Taipei").next_open_at(at(instant))


def test_a_target_that_would_end_beyond_the_years_of_local_time_is_refused():
    """P-8"""
    with pytest.raises(InstantOutOfRange):
        calendar(windows={"0": [["00:00", "00:01"]]}).add(at("8999-01-01T00:00"), timedelta(days=1))


def test_a_year_costs_no_more_than_an_hour():
    """The aim is 200 µs; the best of several rounds, since the machine is shared."""
    office = calendar("Europe/Berlin", SPLIT, holidays=["2026-12-25", "2027-01-01"])
    received_at = at("2026-01-03T10:00")
    due_at = office.add(received_at, timedelta(hours=2080))

    def cost(work):
        started = time.perf_counter()
        for _ in range(50):
            work()
        return (time.perf_counter() - started) / 50

    assert due_at - received_at > timedelta(days=350)
    assert min(cost(lambda: office.add(received_at, timedelta(hours=2080))) for _ in range(7)) < 200e-6
    assert min(cost(lambda: office.open_between(received_at, due_at)) for _ in range(7)) < 200e-6
