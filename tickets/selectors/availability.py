"""When somebody answers: the phone line of a country, and engineers who speak a language (CH-3, LA-1, SLA-4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from selfhelp import selectors as selfhelp
from selfhelp.hours import Hours
from selfhelp.selectors import PhoneEntry
from sla.business_time import BusinessCalendar


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether something is open now, and if not, from when; None where it never opens."""

    is_open: bool
    next_open_at: datetime | None


@dataclass(frozen=True, slots=True)
class PhoneLine:
    """A country's support number, with whether technical and other support answer now."""

    entry: PhoneEntry
    technical: Opening
    business: Opening


def phone_line(country: str, *, language: str, now: datetime) -> PhoneLine | None:
    """The support phone number of a country or region, None where it has none of its own (CH-3)."""
    entry = selfhelp.phone_entry(country, language=language)
    if entry is None:
        return None
    technical, business = opening([entry.technical], now=now), opening([entry.business], now=now)
    return PhoneLine(entry=entry, technical=technical, business=business)


def language_opening(language: str, *, now: datetime) -> Opening:
    """When an engineer who speaks `language` is available: now, or next (LA-1)."""
    return opening(selfhelp.hours_of_language(language), now=now)


def opening(hours: Iterable[Hours], *, now: datetime) -> Opening:
    """The earliest opening among several hours."""
    starts = [
        now if each.always else _calendar(each).next_open_at(now) for each in hours if each.always or each.windows
    ]
    earliest = min(starts, default=None)
    return Opening(is_open=earliest == now, next_open_at=earliest)


def _calendar(hours: Hours) -> BusinessCalendar:
    windows = tuple((day, tuple(tuple(span) for span in spans)) for day, spans in sorted(hours.windows.items()))
    return _parsed(hours.timezone, windows)


@lru_cache(maxsize=256)
def _parsed(timezone: str, windows: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]) -> BusinessCalendar:
    document = {"timezone": timezone, "windows": {day: [list(span) for span in spans] for day, spans in windows}}
    return BusinessCalendar.from_document({**document, "holidays": []})
