"""Business time against its definition, walked minute by minute, and laws that hold for any calendar."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sla.business_time import BusinessCalendar
from tests.sla.builders import at

MINUTE = timedelta(minutes=1)
MICROSECOND = timedelta(microseconds=1)

# Zones with half and quarter hours, jumps at midnight, jumps of half an hour, winters without jumps, a skipped day;
# with instants near which their clocks change.
CHANGES = {
    "Africa/Cairo": ["2026-04-23T22:00", "2026-10-29T21:00"],
    "Africa/Casablanca": ["2025-02-23T02:00", "2025-04-06T02:00"],
    "America/Havana": ["2025-03-09T05:00", "2025-11-02T05:00"],
    "America/New_York": ["2026-03-08T07:00", "2026-11-01T06:00"],
    "America/Santiago": ["2026-04-05T03:00", "2026-09-06T04:00"],
    "America/Sao_Paulo": ["2018-02-18T02:00", "2018-11-04T03:00"],
    "America/St_Johns": ["2010-11-07T02:31", "2011-03-13T03:31", "2026-11-01T04:30"],
    "Asia/Beirut": ["2026-03-28T22:00", "2026-10-24T21:00"],
    "Asia/Gaza": ["2026-03-28T00:00", "2026-10-23T23:00"],
    "Asia/Kathmandu": ["2026-06-01T12:00"],
    "Asia/Pyongyang": ["2015-08-14T15:00", "2018-05-04T15:00"],
    "Asia/Taipei": ["2026-06-01T12:00"],
    "Atlantic/Azores": ["2026-03-29T01:00", "2026-10-25T01:00"],
    "Australia/Lord_Howe": ["2026-04-04T15:00", "2026-10-03T15:30"],
    "Europe/Berlin": ["2026-03-29T01:00", "2026-10-25T01:00", "2026-12-31T23:00"],
    "Europe/Dublin": ["2026-03-29T01:00", "2026-10-25T01:00"],
    "Pacific/Apia": ["2011-12-30T10:00", "2021-04-03T14:00"],
    "Pacific/Chatham": ["2026-04-04T14:00", "2026-09-26T14:00"],
    "Pacific/Kiritimati": ["2026-01-01T00:00"],
    "UTC": ["2028-02-29T00:00"],
}


@st.composite
def windows_of_a_day(draw: st.DrawFn) -> list[list[str]]:
    """Up to three windows that begin and end at quarters of an hour."""
    quarters = sorted(draw(st.sets(st.integers(0, 96), min_size=0, max_size=6)))
    times = [f"{quarter // 4:02}:{quarter % 4 * 15:02}" for quarter in quarters]
    return [list(pair) for pair in zip(times[::2], times[1::2], strict=False)]


@st.composite
def calendars_and_instants(draw: st.DrawFn) -> tuple[BusinessCalendar, datetime]:
    """A calendar of any shape, and an instant on a whole minute near a change of its clock."""
    timezone = draw(st.sampled_from(sorted(CHANGES)))
    change = at(draw(st.sampled_from(CHANGES[timezone])))
    windows = {str(day): draw(windows_of_a_day()) for day in range(7)}
    assume(any(windows.values()))
    holidays = draw(st.sets(st.integers(-3, 4), max_size=2))
    document = {
        "timezone": timezone,
        "windows": windows,
        "holidays": [(change.date() + timedelta(days=ahead)).isoformat() for ahead in holidays],
    }
    around = draw(st.integers(-2 * 1440, 2 * 1440))
    return BusinessCalendar.from_document(document), change + around * MINUTE


def is_open_by_definition(calendar: BusinessCalendar, instant: datetime) -> bool:
    """Whether the local wall clock shows a time in an open window of an open day."""
    wall = instant.astimezone(ZoneInfo(calendar.timezone)).replace(tzinfo=None)
    since_midnight = timedelta(hours=wall.hour, minutes=wall.minute, seconds=wall.second, microseconds=wall.microsecond)
    windows = () if wall.date() in calendar.holidays else calendar.windows[wall.weekday()]
    return any(opens <= since_midnight < closes for opens, closes in windows)


def open_minutes(calendar: BusinessCalendar, start_at: datetime, days: int) -> Iterator[datetime]:
    """The starts of all open minutes; windows and changes of the clock lie on whole minutes."""
    for minute in range(days * 1440):
        instant = start_at + minute * MINUTE
        if is_open_by_definition(calendar, instant):
            yield instant


def local_day(calendar: BusinessCalendar, instant: datetime) -> date:
    return instant.astimezone(ZoneInfo(calendar.timezone)).date()


@given(calendars_and_instants(), st.integers(0, 59_999_999))
def test_open_is_what_the_wall_clock_says(case, microseconds):
    calendar, instant = case
    instant += timedelta(microseconds=microseconds)

    assert calendar.is_open(instant) is is_open_by_definition(calendar, instant)


@settings(max_examples=25, deadline=None)
@given(calendars_and_instants(), st.integers(0, 3 * 1440))
def test_time_between_is_the_sum_of_open_minutes(case, length):
    calendar, start_at = case
    end_at = start_at + length * MINUTE

    counted = sum(1 for instant in open_minutes(calendar, start_at, 3) if instant < end_at)

    assert calendar.open_between(start_at, end_at) == counted * MINUTE


@settings(max_examples=25, deadline=None)
@given(calendars_and_instants(), st.integers(1, 900))
def test_time_added_is_up_after_so_many_open_minutes(case, minutes):
    calendar, received_at = case
    opened = list(open_minutes(calendar, received_at, 8))
    assume(len(opened) >= minutes)

    assert calendar.add(received_at, minutes * MINUTE) == opened[minutes - 1] + MINUTE


@settings(max_examples=25, deadline=None)
@given(calendars_and_instants())
def test_the_next_opening_is_the_first_open_minute(case):
    calendar, instant = case
    opened = next(open_minutes(calendar, instant, 8), None)
    assume(opened is not None)

    assert calendar.next_open_at(instant) == opened


@settings(max_examples=25, deadline=None)
@given(calendars_and_instants(), st.integers(1, 3))
def test_an_open_day_is_a_later_date_with_an_open_minute_and_ends_with_its_last(case, days):
    calendar, received_at = case
    receipt = local_day(calendar, received_at)
    opened = [(local_day(calendar, minute), minute) for minute in open_minutes(calendar, received_at, 12)]
    open_days = sorted({day for day, _ in opened if day > receipt})
    assume(len(open_days) > days)
    expected = open_days[days - 1]

    assert calendar.open_day_after(received_at, days) == expected
    assert calendar.end_of_open_day(received_at, days) == max(at for day, at in opened if day == expected) + MINUTE


@settings(max_examples=25, deadline=None)
@given(calendars_and_instants(), st.integers(1, 4))
def test_a_day_begins_with_the_first_minute_that_shows_its_date_or_a_later_one(case, days):
    calendar, received_at = case
    day = local_day(calendar, received_at) + timedelta(days=days)
    minutes = (received_at + minute * MINUTE for minute in range(7 * 1440))

    assert calendar.start_of_day_after(received_at, days) == next(
        at for at in minutes if local_day(calendar, at) >= day
    )


lengths = st.integers(1, 400 * 3600 * 10**6).map(lambda micros: timedelta(microseconds=micros))
steps = st.integers(0, 10 * 86400 * 10**6).map(lambda micros: timedelta(microseconds=micros))


@given(calendars_and_instants(), steps, lengths)
def test_what_was_added_is_what_is_measured_and_not_a_microsecond_earlier(case, step, within):
    calendar, received_at = case[0], case[1] + step

    due_at = calendar.add(received_at, within)

    assert calendar.open_between(received_at, due_at) == within
    assert calendar.open_between(received_at, due_at - MICROSECOND) == within - MICROSECOND


@given(calendars_and_instants(), steps, steps, lengths, steps)
def test_later_receipt_and_longer_target_are_never_due_sooner(case, first, later, within, longer):
    calendar, received_at = case[0], case[1] + first
    due_at = calendar.add(received_at, within)

    assert calendar.add(received_at + later, within) >= due_at
    assert calendar.add(received_at, within + longer) >= due_at
    assert calendar.next_open_at(received_at + later) >= calendar.next_open_at(received_at)


@given(calendars_and_instants(), steps, steps)
def test_business_time_adds_up(case, first, second):
    calendar, start_at = case
    middle_at, end_at = start_at + first, start_at + first + second

    together = calendar.open_between(start_at, middle_at) + calendar.open_between(middle_at, end_at)

    assert calendar.open_between(start_at, end_at) == together


@given(calendars_and_instants(), st.integers(1, 10))
def test_a_number_of_business_days_ends_in_business_time_on_or_after_that_open_day(case, days):
    """RO-3"""
    calendar, start_at = case
    opening = calendar.next_open_at(start_at)

    end_at = calendar.after_open_days(start_at, days)

    assert calendar.is_open(end_at)
    assert calendar.local_date(end_at) >= calendar.open_day_after(opening, days)


@pytest.mark.parametrize("timezone", sorted(CHANGES))
def test_every_hour_of_years_has_the_offset_of_the_zone(timezone):
    """An always open calendar tells each hour's date as the zone itself does."""
    calendar = BusinessCalendar.from_document(
        {"timezone": timezone, "windows": {"0": [["00:00", "24:00"]]}, "holidays": []}
    )
    zone = ZoneInfo(timezone)
    for hour in range(0, 24 * 366 * 3, 5):
        instant = datetime(2010, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
        assert calendar.local_date(instant) == instant.astimezone(zone).date()
