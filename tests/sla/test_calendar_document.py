"""Calendar documents: what is accepted, and every refusal by its place and name."""

from datetime import date, timedelta

import pytest

from sla.business_time import BusinessCalendar
from sla.errors import CalendarInvalid

SOUND = {"timezone": "Europe/Berlin", "windows": {"0": [["09:00", "18:00"]]}, "holidays": ["2026-12-25"]}


def problems_of(document):
    with pytest.raises(CalendarInvalid) as refusal:
        BusinessCalendar.from_document(document)
    return [(problem.path, problem.code) for problem in refusal.value.problems]


def test_a_sound_document_is_read():
    calendar = BusinessCalendar.from_document(SOUND)

    assert calendar.timezone == "Europe/Berlin"
    assert calendar.windows[0] == ((timedelta(hours=9), timedelta(hours=18)),)
    assert calendar.windows[1:] == ((),) * 6
    assert calendar.holidays == {date(2026, 12, 25)}


def test_windows_may_come_in_any_order_and_touch():
    document = {**SOUND, "windows": {"0": [["13:00", "24:00"], ["00:00", "12:00"], ["12:00", "13:00"]]}}

    windows = BusinessCalendar.from_document(document).windows[0]

    assert [window.opens for window in windows] == [timedelta(), timedelta(hours=12), timedelta(hours=13)]


def test_holidays_may_be_left_out():
    assert BusinessCalendar.from_document({k: SOUND[k] for k in ("timezone", "windows")}).holidays == frozenset()


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"timezone": "Europe/Nowhere"}, "timezone", "unknown_timezone"),
        ({"timezone": "Europe"}, "timezone", "unknown_timezone"),
        ({"timezone": "../Europe/Berlin"}, "timezone", "unknown_timezone"),
        ({"timezone": "right/Europe/Berlin"}, "timezone", "unknown_timezone"),
        ({"timezone": "localtime"}, "timezone", "unknown_timezone"),
        ({"timezone": ""}, "timezone", "unknown_timezone"),
        ({"timezone": "UTC\0"}, "timezone", "unknown_timezone"),
        ({"timezone": None}, "timezone", "unknown_timezone"),
        ({"windows": []}, "windows", "not_an_object"),
        ({"windows": {}}, "windows", "never_open"),
        ({"windows": {"0": []}}, "windows", "never_open"),
        ({"windows": {"7": [["09:00", "18:00"]]}}, "windows.7", "unknown_weekday"),
        ({"windows": {"monday": [["09:00", "18:00"]]}}, "windows.monday", "unknown_weekday"),
        ({"windows": {"0": {"09:00": "18:00"}}}, "windows.0", "windows_not_a_list"),
        ({"windows": {"0": [["09:00"]]}}, "windows.0.0", "window_unreadable"),
        ({"windows": {"0": [["9:00", "18:00"]]}}, "windows.0.0", "window_unreadable"),
        ({"windows": {"0": [["09:00", "24:01"]]}}, "windows.0.0", "window_unreadable"),
        ({"windows": {"0": [["09:00", "18:00:30"]]}}, "windows.0.0", "window_unreadable"),
        ({"windows": {"0": [[9, 18]]}}, "windows.0.0", "window_unreadable"),
        ({"windows": {"0": [["٠9:00", "18:00"]]}}, "windows.0.0", "window_unreadable"),
        ({"windows": {"0": [["22:00", "06:00"]]}}, "windows.0.0", "window_ends_before_start"),
        ({"windows": {"0": [["09:00", "09:00"]]}}, "windows.0.0", "window_ends_before_start"),
        ({"windows": {"0": [["24:00", "24:00"]]}}, "windows.0.0", "window_ends_before_start"),
        ({"windows": {"0": [["09:00", "12:01"], ["12:00", "18:00"]]}}, "windows.0", "windows_overlap"),
        ({"holidays": "2026-12-25"}, "holidays", "holidays_not_a_list"),
        ({"holidays": ["2026-12-25"] * 5001}, "holidays", "holidays_not_a_list"),
        ({"holidays": ["25.12.2026"]}, "holidays.0", "date_unreadable"),
        ({"holidays": ["20261225"]}, "holidays.0", "date_unreadable"),
        ({"holidays": ["2026-02-29"]}, "holidays.0", "date_unreadable"),
        ({"holidays": [20261225]}, "holidays.0", "date_unreadable"),
        ({"colour": "red"}, "colour", "unknown_key"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(change, path, code):
    """DESIGN, Commitments; settled point 8"""
    assert problems_of({**SOUND, **change}) == [(path, code)]


@pytest.mark.parametrize("document", [None, [], "UTC", 3])
def test_only_an_object_is_a_calendar(document):
    assert problems_of(document) == [("", "not_an_object")]


def test_everything_that_is_wrong_is_named_at_once():
    document = {"windows": {"0": [["09:00", "08:00"]], "8": []}, "holidays": ["tomorrow", "2026-01-01"], "x": 1}

    assert problems_of(document) == [
        ("x", "unknown_key"),
        ("timezone", "missing"),
        ("windows.8", "unknown_weekday"),
        ("windows.0.0", "window_ends_before_start"),
        ("holidays.0", "date_unreadable"),
    ]


def days_from(first, count):
    return [(first + timedelta(days=ahead)).isoformat() for ahead in range(count)]


def test_a_calendar_that_opens_once_in_366_days_is_accepted():
    """Settled point 8; open every day but on 365 days in a row."""
    windows = {str(day): [["09:00", "18:00"]] for day in range(7)}

    closed = days_from(date(2027, 1, 1), 365)

    assert BusinessCalendar.from_document({**SOUND, "windows": windows, "holidays": closed})


@pytest.mark.parametrize(
    ("windows", "closed"),
    [
        ({str(day): [["09:00", "18:00"]] for day in range(7)}, days_from(date(2027, 1, 1), 366)),
        # open on Mondays only, and 53 of them in a row are holidays
        ({"0": [["09:00", "18:00"]]}, [(date(2027, 1, 4) + timedelta(weeks=n)).isoformat() for n in range(53)]),
    ],
)
def test_a_calendar_that_stays_closed_for_366_days_is_refused(windows, closed):
    """Settled point 8"""
    assert problems_of({**SOUND, "windows": windows, "holidays": closed}) == [("holidays", "closed_too_long")]


def test_a_long_closure_of_single_mondays_is_accepted():
    """Settled point 8; with 51 Mondays off the desk is closed for 51 × 7 + 6 = 363 days."""
    mondays = [(date(2027, 1, 4) + timedelta(weeks=n)).isoformat() for n in range(51)]

    assert BusinessCalendar.from_document({**SOUND, "holidays": mondays})
