"""Arithmetic of the rota: spans, what they leave uncovered, and weekly patterns as instants, exact over DST."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

WEEK = timedelta(days=7)
DAY = timedelta(days=1)


class Span(NamedTuple):
    """Instants from `start_at` until before `end_at`, in aware UTC."""

    start_at: datetime
    end_at: datetime


def uncovered(spans: Iterable[Span], *, within: Span) -> list[Span]:
    """What of `within` none of the spans covers, in order."""
    gaps, reached = [], within.start_at
    for start_at, end_at in sorted(spans):
        if start_at >= within.end_at:
            break
        if start_at > reached:
            gaps.append(Span(reached, start_at))
        reached = max(reached, end_at)
    if reached < within.end_at:
        gaps.append(Span(reached, within.end_at))
    return gaps


def instant_of(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The instant at which the clocks of a zone show a time.

    The first one where they show it twice; a time that they skip counts as far behind the jump as it lies in it. Two
    patterns that meet on the clock so meet to the microsecond.
    """
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def duty_days(
    *, weekdays: Collection[int], every_weeks: int, first_day: date, since: date, until: date
) -> Iterator[date]:
    """The local days on which a pattern begins, from `since` to `until`, weeks counted from that of `first_day`."""
    first_monday = first_day - DAY * first_day.weekday()
    day = max(since, first_day)
    while day <= until:
        if day.weekday() in weekdays and (day - first_monday) // WEEK % every_weeks == 0:
            yield day
        day += DAY


def duty_span(day: date, *, starts: time, ends: time, zone: ZoneInfo) -> Span:
    """The duty that begins on a local day; it ends on the next where `ends` is not after `starts`."""
    last = day if ends > starts else day + DAY
    return Span(instant_of(day, starts, zone), instant_of(last, ends, zone))
