"""The weekly working hours of somebody of the staff: written as people write them, kept as windows by weekday."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise

from accounts.timezones import zone_or_utc

Windows = Mapping[str, list[list[str]]]

WEEK = range(7)  # Monday first
MIDNIGHT, DAY_END = "00:00", "24:00"
MOST_WINDOWS = 6  # of a day
_SPAN = re.compile(r"(\d{1,2})(?::(\d\d))?\s*[-–—~〜至]\s*(\d{1,2})(?::(\d\d))?", re.ASCII)  # as typed


class HoursFault(ValueError):
    """What somebody typed is no hours of a day."""


def windows_of(typed: Mapping[int, str]) -> dict[str, list[list[str]]]:
    """The windows of a week from what was typed for each day; what ends on the next day is split at midnight.

    `9-12, 13:00–17:30` is two windows, nothing is a day off. Raises HoursFault.
    """
    week: dict[str, list[list[str]]] = {}
    for day in WEEK:
        for opens, closes in _spans(typed.get(day, "")):
            if opens < closes:
                _add(week, day, opens, closes)
                continue
            _add(week, day, opens, DAY_END)
            if closes > MIDNIGHT:
                _add(week, (day + 1) % 7, MIDNIGHT, closes)
    return {day: _apart(windows) for day, windows in sorted(week.items())}


def text_of(windows: Windows, day: int) -> str:
    """The hours of a day as they can be typed again."""
    return ", ".join(f"{opens}–{closes}" for opens, closes in windows.get(str(day), []))


def works_at(windows: Windows, timezone: str, at: datetime) -> bool:
    """Tell whether an instant lies within the hours, on the clocks of the zone."""
    local = at.astimezone(zone_or_utc(timezone))
    clock = f"{local:%H:%M}"
    return any(opens <= clock < closes for opens, closes in windows.get(str(local.weekday()), []))


def _spans(text: str) -> list[tuple[str, str]]:
    parts = [part.strip() for part in re.split(r"[,;，、；]", text) if part.strip()]
    if len(parts) > MOST_WINDOWS:
        raise HoursFault
    return [_span(part) for part in parts]


def _span(part: str) -> tuple[str, str]:
    match = _SPAN.fullmatch(part)
    if not match:
        raise HoursFault
    opens, closes = _clock(match[1], match[2]), _clock(match[3], match[4])
    if opens in (closes, DAY_END):
        raise HoursFault
    return opens, closes


def _clock(hour: str, minute: str | None) -> str:
    clock = f"{int(hour):02}:{minute or '00'}"
    if clock > DAY_END or clock[3:] > "59":
        raise HoursFault
    return clock


def _add(week: dict[str, list[list[str]]], day: int, opens: str, closes: str) -> None:
    week.setdefault(str(day), []).append([opens, closes])


def _apart(windows: list[list[str]]) -> list[list[str]]:
    """The windows in their order, or HoursFault where two overlap."""
    ordered = sorted(windows)
    if any(later[0] < earlier[1] for earlier, later in pairwise(ordered)):
        raise HoursFault
    return ordered
