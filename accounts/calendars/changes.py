"""What a change of business hours changes: hours of the week, days, and the hours of a year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.calendars.years import WEEK, Counting, DayState


@dataclass(frozen=True, slots=True)
class WeekdayChange:
    """A day of the week (Monday 0) with its windows before and after."""

    weekday: int
    before: list[list[str]]
    after: list[list[str]]


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day with the name of its holiday, if that is known."""

    date: date
    name: str


@dataclass(frozen=True, slots=True)
class YearChange:
    """How many minutes of a year are open."""

    year: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything that differs between two documents from a day on; `closes` and `opens` are days of single dates."""

    timezone: tuple[str, str] | None
    week: list[WeekdayChange]
    closes: list[NamedDay]
    opens: list[NamedDay]
    years: list[YearChange]

    def __bool__(self) -> bool:
        """Tell whether anything differs at all."""
        return bool(self.timezone or self.week or self.closes or self.opens)


def changes_between(
    before: Mapping[str, Any], after: Mapping[str, Any], *, since: date, years: range, names: Mapping[date, str]
) -> Changes:
    """Compare two sound documents: days from `since` on, and the open hours of `years`; `names` of holidays."""
    old, new = Counting(before), Counting(after)
    zones = before["timezone"], after["timezone"]
    return Changes(
        timezone=None if zones[0] == zones[1] else zones,
        week=_week(before["windows"], after["windows"]),
        closes=_days(new, old, since=since, names=names),
        opens=_days(old, new, since=since, names=names),
        years=[YearChange(year, old.minutes_in(year), new.minutes_in(year)) for year in years],
    )


def _week(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[WeekdayChange]:
    days = [
        WeekdayChange(day, sorted(before.get(str(day), [])), sorted(after.get(str(day), []))) for day in range(WEEK)
    ]
    return [day for day in days if day.before != day.after]


def _days(one: Counting, other: Counting, *, since: date, names: Mapping[date, str]) -> list[NamedDay]:
    """The days that are a holiday under one calendar only, where that makes a difference."""
    days = sorted(day for day in one.holidays - other.holidays if day >= since)
    return [NamedDay(day, names.get(day, "")) for day in days if one.state_of(day) is DayState.HOLIDAY]
