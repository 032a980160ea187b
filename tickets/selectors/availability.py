"""When somebody answers: the phone line of a country, and engineers who speak a language (CH-3, LA-1, SLA-4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from selfhelp import selectors as selfhelp
from selfhelp.hours import Hours
from selfhelp.selectors import PhoneEntry, SpokenLanguage
from sla.business_time import BusinessCalendar
from tickets.selectors.terms import Terms

COMMON_LANGUAGE = "en"  # what most engineers speak beside their own language


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


@dataclass(frozen=True, slots=True)
class RegionDesk:
    """Engineers of one region who speak a language: their hours, and whether they are there now."""

    spoken: SpokenLanguage
    opening: Opening


@dataclass(frozen=True, slots=True)
class LanguageDesk:
    """Everybody who speaks one language, region by region, and when the first of them is available (LA-1)."""

    language: str
    name: str
    opening: Opening
    regions: tuple[RegionDesk, ...]


@dataclass(frozen=True, slots=True)
class Speakers:
    """When somebody speaks the wanted language, and English if that is sooner (LA-1)."""

    wanted: LanguageDesk
    instead: LanguageDesk | None


def phone_line(country: str, *, language: str, now: datetime) -> PhoneLine | None:
    """The support phone number of a country or region, None where it has none of its own (CH-3)."""
    entry = selfhelp.phone_entry(country, language=language)
    if entry is None:
        return None
    technical, business = opening([entry.technical], now=now), opening([entry.business], now=now)
    return PhoneLine(entry=entry, technical=technical, business=business)


def speakers_of(language: str, *, reading: str, now: datetime) -> Speakers:
    """When engineers who speak `language` are available, with the hours of each region; names are in `reading`.

    English is told beside it when an English-speaking engineer is there sooner. One query.
    """
    spoken = selfhelp.spoken_languages_of(language, COMMON_LANGUAGE, language=reading)
    wanted = _desk(language, spoken, reading=reading, now=now)
    common = _desk(COMMON_LANGUAGE, spoken, reading=reading, now=now)
    return Speakers(wanted, common if _is_sooner(common.opening, wanted.opening) else None)


def _desk(language: str, spoken: Iterable[SpokenLanguage], *, reading: str, now: datetime) -> LanguageDesk:
    theirs = [each for each in spoken if each.language.lower() == language.lower()]
    return LanguageDesk(
        language=language,
        name=selfhelp.language_name(language, reading),
        opening=opening([each.hours for each in theirs], now=now),
        regions=tuple(RegionDesk(each, opening([each.hours], now=now)) for each in theirs),
    )


def _is_sooner(one: Opening, other: Opening) -> bool:
    if one.next_open_at is None:
        return False
    return other.next_open_at is None or one.next_open_at < other.next_open_at


def has_regional_hours(terms: Terms, severity: str) -> bool:
    """Whether the policy gives this country or region other hours where others have around the clock (SLA-4)."""
    elsewhere = terms.policy.cell(kind=terms.kind, tier=terms.tier, severity=severity)
    return elsewhere.availability != terms.cell(severity).availability


def opening(hours: Iterable[Hours], *, now: datetime) -> Opening:
    """The earliest opening among several hours."""
    earliest = next_opening(hours, at=now)
    return Opening(is_open=earliest == now, next_open_at=earliest)


def next_opening(hours: Iterable[Hours], *, at: datetime) -> datetime | None:
    """When the first of several hours is open, from `at` on; None where none ever is."""
    starts = [at if each.always else _calendar(each).next_open_at(at) for each in hours if each.always or each.windows]
    return min(starts, default=None)


def _calendar(hours: Hours) -> BusinessCalendar:
    windows = tuple((day, tuple(tuple(span) for span in spans)) for day, spans in sorted(hours.windows.items()))
    return _parsed(hours.timezone, windows)


@lru_cache(maxsize=256)
def _parsed(timezone: str, windows: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]) -> BusinessCalendar:
    document = {"timezone": timezone, "windows": {day: [list(span) for span in spans] for day, spans in windows}}
    return BusinessCalendar.from_document({**document, "holidays": []})
