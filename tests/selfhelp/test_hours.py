"""Hours are written as people write them (CH-3, LA-1)."""

import pytest
from django.utils import translation

from selfhelp.hours import Hours, HoursLine

DAY = [["09:00", "18:00"]]
SPLIT = [["08:00", "12:00"], ["13:00", "17:30"]]


def lines(windows):
    return Hours.of({"windows": windows}, timezone="UTC").lines


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        ({str(day): DAY for day in range(5)}, [HoursLine(0, 4, ("09:00–18:00",))]),
        ({str(day): DAY for day in range(7)}, [HoursLine(0, 6, ("09:00–18:00",))]),
        ({str(day): DAY for day in (6, 0, 1, 2, 3)}, [HoursLine(6, 3, ("09:00–18:00",))]),
        ({"0": SPLIT, "1": SPLIT}, [HoursLine(0, 1, ("08:00–12:00", "13:00–17:30"))]),
        ({"0": DAY, "2": DAY}, [HoursLine(0, 0, ("09:00–18:00",)), HoursLine(2, 2, ("09:00–18:00",))]),
        ({"0": DAY, "1": SPLIT}, [HoursLine(0, 0, ("09:00–18:00",)), HoursLine(1, 1, ("08:00–12:00", "13:00–17:30"))]),
        ({"0": DAY, "1": []}, [HoursLine(0, 0, ("09:00–18:00",))]),
        ({}, []),
    ],
)
def test_equal_days_are_read_together(windows, expected):
    """CH-3"""
    assert lines(windows) == expected


def test_around_the_clock_has_no_windows():
    """LA-1"""
    hours = Hours.of({"always": True}, timezone="Asia/Taipei")

    assert hours.always
    assert hours.lines == []


def test_days_are_named_in_the_language_of_the_page():
    """CH-3"""
    line = HoursLine(0, 4, ())

    with translation.override("en"):
        assert (line.first_day, line.last_day) == ("Monday", "Friday")
    with translation.override("zh-hant"):
        assert (line.first_day, line.last_day) == ("星期一", "星期五")


def test_a_line_of_seven_days_says_so():
    """CH-3"""
    assert HoursLine(0, 6, ()).every_day
    assert not HoursLine(6, 3, ()).every_day
