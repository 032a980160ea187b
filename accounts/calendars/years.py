"""A year of business hours day by day: what counts, what does not, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any

WEEK = 7
SHORT_SHARE = Fraction(2, 3)  # a weekday open for less than this share of the longest one is a short day


class DayState(StrEnum):
    """How a day counts."""

    OPEN = "open"
    SHORT = "short"
    CLOSED = "closed"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class Day:
    """One day: `name` of its holiday if it has one, `changed` where another version counts it otherwise."""

    date: date
    state: DayState
    name: str = ""
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Month:
    """Weeks from Monday on, None outside of the month, and the days to be named below."""

    first: date
    weeks: list[list[Day | None]]
    named: list[Day]


class Counting:
    """How each day counts under a calendar document, on the wall clock: changes of the clock are left aside."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Read a sound document."""
        windows = document["windows"]
        self._lengths = [sum(map(_minutes, windows.get(str(day), []))) for day in range(WEEK)]
        self._spans = [sorted(tuple(span) for span in windows.get(str(day), [])) for day in range(WEEK)]
        self.holidays = frozenset(date.fromisoformat(text) for text in document.get("holidays", []))

    def minutes_on(self, day: date) -> int:
        """How long the day is open."""
        return 0 if day in self.holidays else self._lengths[day.weekday()]

    def state_of(self, day: date) -> DayState:
        """How the day counts; a holiday is one only where its weekday would be open."""
        length = self._lengths[day.weekday()]
        if not length:
            return DayState.CLOSED
        if day in self.holidays:
            return DayState.HOLIDAY
        return DayState.SHORT if length < SHORT_SHARE * max(self._lengths) else DayState.OPEN

    def counts_alike(self, other: Counting, day: date) -> bool:
        """Tell whether the day is open at the same times under another document."""
        mine = [] if day in self.holidays else self._spans[day.weekday()]
        return mine == ([] if day in other.holidays else other._spans[day.weekday()])

    def minutes_in(self, year: int) -> int:
        """How long the whole year is open."""
        return sum(self.minutes_on(day) for day in days_of(year))


def days_of(year: int) -> Iterator[date]:
    """Every day of a year."""
    first = date(year, 1, 1)
    for offset in range((date(year + 1, 1, 1) - first).days):
        yield first + timedelta(days=offset)


def year_view(
    document: Mapping[str, Any], *, year: int, names: Mapping[date, str], before: Mapping[str, Any] | None = None
) -> list[Month]:
    """The twelve months of a year; with `before` the days that it counts otherwise are marked."""
    counting, other = Counting(document), Counting(before) if before is not None else None
    months: dict[int, list[Day]] = {}
    for day in days_of(year):
        changed = other is not None and not counting.counts_alike(other, day)
        found = Day(day, counting.state_of(day), names.get(day, "") if day in counting.holidays else "", changed)
        months.setdefault(day.month, []).append(found)
    return [_month(days, counting.holidays) for days in months.values()]


def _month(days: list[Day], holidays: frozenset[date]) -> Month:
    padded: list[Day | None] = [None] * days[0].date.weekday() + [*days]
    padded += [None] * (-len(padded) % WEEK)
    weeks = [padded[start : start + WEEK] for start in range(0, len(padded), WEEK)]
    return Month(first=days[0].date, weeks=weeks, named=[day for day in days if day.date in holidays])


def _minutes(span: list[str]) -> int:
    opens, closes = (int(text[:2]) * 60 + int(text[3:]) for text in span)
    return closes - opens
