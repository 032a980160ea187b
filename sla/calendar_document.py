"""Reading calendar documents: everything that is wrong is named, with its place."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sla.errors import CalendarInvalid, PolicyProblem, shown
from sla.local_time import MICROSECOND
from sla.opening_hours import DAYS_OF_WEEK, OpeningHours

LONGEST_CLOSURE = 365  # days; a calendar that is not open once in 366 is refused
MOST_WINDOWS, MOST_HOLIDAYS = 48, 5000
TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00", re.ASCII)
CALENDAR_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MACHINE_ZONES = ("posix/", "right/", "localtime", "Factory", "posixrules")

WallWindow = tuple[timedelta, timedelta]


@dataclass(frozen=True, slots=True)
class CalendarParts:
    """What a sound document says; windows are sorted, for seven weekdays, Monday first."""

    timezone: str
    windows: tuple[tuple[WallWindow, ...], ...]
    holidays: frozenset[date]


def read(document: object) -> CalendarParts:
    """Return what a calendar document says, or raise CalendarInvalid with all that is wrong."""
    if not isinstance(document, dict):
        raise CalendarInvalid([PolicyProblem("", "not_an_object")])
    problems = [
        PolicyProblem(shown(key), "unknown_key") for key in document if key not in ("timezone", "windows", "holidays")
    ]
    problems += [PolicyProblem(key, "missing") for key in ("timezone", "windows") if key not in document]
    timezone = _timezone(document.get("timezone"), problems) if "timezone" in document else ""
    windows = _windows(document.get("windows"), problems) if "windows" in document else ()
    holidays = _holidays(document.get("holidays", []), problems)
    if not problems:
        problems += _closure_problems(windows, holidays)
    if problems:
        raise CalendarInvalid(problems)
    return CalendarParts(timezone=timezone, windows=windows, holidays=holidays)


def _timezone(value: object, problems: list[PolicyProblem]) -> str:
    if isinstance(value, str) and not value.startswith(MACHINE_ZONES):
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
        else:
            return value
    problems.append(PolicyProblem("timezone", "unknown_timezone", {"value": shown(value)}))
    return ""


def _windows(value: object, problems: list[PolicyProblem]) -> tuple[tuple[WallWindow, ...], ...]:
    if not isinstance(value, dict):
        problems.append(PolicyProblem("windows", "not_an_object"))
        return ()
    weekdays = [str(weekday) for weekday in range(DAYS_OF_WEEK)]
    problems += [PolicyProblem(f"windows.{shown(key)}", "unknown_weekday") for key in value if key not in weekdays]
    return tuple(tuple(_windows_of_day(value.get(day, []), f"windows.{day}", problems)) for day in weekdays)


def _windows_of_day(value: object, path: str, problems: list[PolicyProblem]) -> list[WallWindow]:
    if not isinstance(value, list) or len(value) > MOST_WINDOWS:
        problems.append(PolicyProblem(path, "windows_not_a_list", {"most": MOST_WINDOWS}))
        return []
    windows = sorted(_read_windows(value, path, problems))
    for earlier, later in pairwise(windows):
        if later[0] < earlier[1]:
            problems.append(PolicyProblem(path, "windows_overlap", {"first": _span(earlier), "second": _span(later)}))
    return windows


def _read_windows(value: Sequence[object], path: str, problems: list[PolicyProblem]) -> Iterator[WallWindow]:
    for index, window in enumerate(value):
        here = f"{path}.{index}"
        if not (isinstance(window, list) and len(window) == 2 and all(map(_is_time, window))):
            problems.append(PolicyProblem(here, "window_unreadable", {"value": shown(window)}))
        elif _time(window[0]) >= _time(window[1]):
            problems.append(PolicyProblem(here, "window_ends_before_start", {"value": "–".join(window)}))
        else:
            yield _time(window[0]), _time(window[1])


def _is_time(value: object) -> bool:
    return isinstance(value, str) and TIME_OF_DAY.fullmatch(value) is not None


def _time(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


def _span(window: WallWindow) -> str:
    return "–".join(f"{at // timedelta(hours=1):02}:{at // timedelta(minutes=1) % 60:02}" for at in window)


def _holidays(value: object, problems: list[PolicyProblem]) -> frozenset[date]:
    if not isinstance(value, list) or len(value) > MOST_HOLIDAYS:
        problems.append(PolicyProblem("holidays", "holidays_not_a_list", {"most": MOST_HOLIDAYS}))
        return frozenset()
    holidays = set()
    for index, holiday in enumerate(value):
        try:
            if not isinstance(holiday, str) or not CALENDAR_DATE.fullmatch(holiday):
                raise ValueError(holiday)
            holidays.add(date.fromisoformat(holiday))
        except ValueError:
            problems.append(PolicyProblem(f"holidays.{index}", "date_unreadable", {"value": shown(holiday)}))
    return frozenset(holidays)


def _closure_problems(windows: tuple[tuple[WallWindow, ...], ...], holidays: frozenset[date]) -> list[PolicyProblem]:
    plain = [[(opens // MICROSECOND, closes // MICROSECOND) for opens, closes in day] for day in windows]
    closure = OpeningHours(windows=plain, holidays=holidays).longest_closure()
    if closure is None:
        return [PolicyProblem("windows", "never_open")]
    if closure > LONGEST_CLOSURE:
        return [PolicyProblem("holidays", "closed_too_long", {"days": closure})]
    return []
