"""Business hours in words: the calendar document of an organisation as people read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from django.utils.translation import get_language, pgettext, to_locale
from django.utils.translation import gettext as _

HOLIDAYS_SHOWN = 6
WEEK = range(7)  # Monday first, as in the documents


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of some neighbouring weekdays."""

    days: str
    windows: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """A week in words, its time zone, and the next holidays."""

    timezone: str
    week: list[Hours]
    holidays: list[str]
    more_holidays: int


def business_hours(document: Mapping[str, Any], *, today: date) -> BusinessHours:
    """Describe a calendar document in the active language; holidays from `today` on."""
    locale = _active()
    coming = sorted(day for text in document.get("holidays", []) if (day := date.fromisoformat(text)) >= today)
    return BusinessHours(
        timezone=document["timezone"],
        week=_week(document["windows"], locale),
        holidays=[_day_in_words(day, locale) for day in coming[:HOLIDAYS_SHOWN]],
        more_holidays=max(0, len(coming) - HOLIDAYS_SHOWN),
    )


def _week(windows: Mapping[str, list[list[str]]], locale: Locale) -> list[Hours]:
    """Neighbouring days with the same hours share a line."""
    lines = []
    for spans, days in groupby(WEEK, key=lambda day: windows.get(str(day), [])):
        lines.append(Hours(_days_in_words(list(days), locale), windows_in_words(spans), is_open=bool(spans)))
    return lines


def windows_in_words(spans: Iterable[list[str]]) -> str:
    """The windows of a day, or that it is closed."""
    windows = [_("{start}–{end}").format(start=start, end=end) for start, end in sorted(spans)]
    return pgettext("between items of a list", ", ").join(windows) or pgettext("business hours", "Closed")


def weekday_name(day: int, *, width: str = "wide") -> str:
    """The name of a day of the week, Monday 0, in the active language."""
    return str(_active().days["stand-alone"][width][day])


def month_name(first: date) -> str:
    """Month and year, in the active language."""
    locale = _active()
    return format_date(first, "y年M月" if locale.language == "zh" else "LLLL y", locale=locale)


def date_in_words(day: date) -> str:
    """A date with its weekday, in the active language."""
    return _day_in_words(day, _active())


def short_date(day: date) -> str:
    """Weekday, day and month, in the active language."""
    locale = _active()
    return format_date(day, "M月d日 EEE" if locale.language == "zh" else "EEE d MMM", locale=locale)


def hours_in_words(minutes: int) -> str:
    """A number of hours, in the active language."""
    hours = format_decimal(round(minutes / 60, 1), locale=_active())
    return _("{hours} h").format(hours=hours)


def _active() -> Locale:
    return Locale.parse(to_locale(get_language() or "en"))


def _days_in_words(days: list[int], locale: Locale) -> str:
    names = locale.days["format"]["wide"]
    if len(days) == 1:
        return str(names[days[0]])
    return _("{first} to {last}").format(first=names[days[0]], last=names[days[-1]])


def _day_in_words(day: date, locale: Locale) -> str:
    return format_date(day, "y年M月d日 EEEE" if locale.language == "zh" else "EEEE, d MMMM y", locale=locale)
