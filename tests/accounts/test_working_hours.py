"""Weekly working hours, as people type them (RO-3)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts.working_hours import HoursFault, text_of, windows_of, works_at


@pytest.mark.parametrize(
    ("typed", "windows"),
    [
        ("9-17", [["09:00", "17:00"]]),
        ("9:00–12:30, 13:30–18:00", [["09:00", "12:30"], ["13:30", "18:00"]]),
        ("13–18、9–12", [["09:00", "12:00"], ["13:00", "18:00"]]),
        ("0-24", [["00:00", "24:00"]]),
        (" ", []),
        ("", []),
    ],
)
def test_hours_are_read_as_people_write_them(typed, windows):
    assert windows_of({0: typed}).get("0", []) == windows


def test_a_night_is_split_at_midnight():
    """Settled point 8"""
    assert windows_of({6: "22:00-06:00"}) == {"0": [["00:00", "06:00"]], "6": [["22:00", "24:00"]]}
    assert windows_of({0: "20-0"}) == {"0": [["20:00", "24:00"]]}


@pytest.mark.parametrize(
    "typed", ["soon", "9", "9-9", "25-26", "9:61-10", "9-12, 11-13", "24-3", "9-24:01", "1-2," * 7, "٩-١٧", "9-17x"]
)
def test_what_is_no_hours_is_refused(typed):
    """P-8"""
    with pytest.raises(HoursFault):
        windows_of({0: typed})


def test_a_night_that_runs_into_the_next_days_hours_is_refused():
    with pytest.raises(HoursFault):
        windows_of({0: "22-6", 1: "5-9"})
    windows_of({0: "22-6", 1: "6-9"})


def test_hours_can_be_typed_again():
    windows = windows_of({0: "9-12,13-17:30"})

    assert windows_of({0: text_of(windows, 0)}) == windows


@pytest.mark.parametrize(
    ("hour", "minute", "works"), [(0, 59, False), (1, 0, True), (8, 59, True), (9, 0, False), (12, 0, False)]
)
def test_somebody_works_from_the_first_minute_until_before_the_last(hour, minute, works):
    """Monday 9 to 17 in Taipei"""
    windows = windows_of({0: "9-17"})

    assert works_at(windows, "Asia/Taipei", datetime(2026, 11, 23, hour, minute, tzinfo=UTC)) is works
