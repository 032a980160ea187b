"""Where to call, and in which languages (CH-3, LA-1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from babel import Locale, UnknownLocaleError
from babel.dates import get_timezone_location
from django.utils.translation import to_locale

from selfhelp.hours import Hours
from selfhelp.models import PhoneNumber, SupportLanguage
from selfhelp.texts import TRADITIONAL_CHINESE, content_language, in_language


@dataclass(frozen=True, slots=True)
class PhoneEntry:
    """The support phone number of one country or region; all kinds of support share it (CH-1).

    `technical` are the hours of technical and advisory support, `business` those of pre-sales and billing (PS-1, BI-1).
    """

    country: str
    name: str
    number: str
    toll_free: bool
    example: bool
    timezone: str
    city: str
    technical: Hours
    business: Hours
    languages: tuple[str, ...]

    @property
    def dial(self) -> str:
        """The number as a `tel:` link wants it."""
        return "".join(character for character in self.number if character in "+0123456789")


@dataclass(frozen=True, slots=True)
class SpokenLanguage:
    """The hours in which engineers of one region speak a language (LA-1)."""

    language: str
    name: str
    region: str
    city: str
    hours: Hours


def phone_directory(*, language: str) -> list[PhoneEntry]:
    """Every country or region with a support phone number, by name in `language` (CH-3)."""
    entries = [_entry(row, language) for row in PhoneNumber.objects.all()]
    return sorted(entries, key=lambda entry: _alphabetical(entry.name, language))


def phone_entry(country: str, *, language: str) -> PhoneEntry | None:
    """The phone number of one country or region, given by its ISO code; None where there is none of its own."""
    row = PhoneNumber.objects.filter(country=country.upper()[:2]).first() if country.isascii() else None
    return _entry(row, language) if row else None


def spoken_languages(*, language: str) -> list[SpokenLanguage]:
    """Every language and region that engineers serve, with hours, by the language's name in `language` (LA-1)."""
    rows = SupportLanguage.objects.order_by("language", "position")
    spoken = [_spoken(row, language) for row in rows]
    return sorted(spoken, key=lambda entry: _alphabetical(entry.name, language))


def by_language(spoken: Iterable[SpokenLanguage]) -> list[tuple[str, list[SpokenLanguage]]]:
    """The same, one row for each language: its name, and its regions."""
    return [(name, list(entries)) for name, entries in groupby(spoken, key=lambda entry: entry.name)]


def hours_of_language(tag: str) -> list[Hours]:
    """The hours in which some region's engineers speak the language of a tag (LA-1); empty where none does."""
    rows = SupportLanguage.objects.filter(language__iexact=tag).order_by("position")
    return [_hours(row) for row in rows]


def language_name(tag: str, language: str) -> str:
    """What the language of a tag is called in `language`."""
    try:
        return Locale.parse(to_locale(tag)).get_display_name(to_locale(content_language(language))) or tag
    except (UnknownLocaleError, ValueError):
        return tag


def _entry(row: PhoneNumber, language: str) -> PhoneEntry:
    return PhoneEntry(
        country=row.country,
        name=in_language(row.names, language),
        number=row.number,
        toll_free=row.toll_free,
        example=row.example,
        timezone=row.timezone,
        city=_city(row.timezone, language),
        technical=Hours.of(row.hours["technical"], timezone=row.timezone),
        business=Hours.of(row.hours["business"], timezone=row.timezone),
        languages=tuple(row.languages),
    )


def _spoken(row: SupportLanguage, language: str) -> SpokenLanguage:
    return SpokenLanguage(
        language=row.language,
        name=in_language(row.names, language),
        region=row.region,
        city=_city(row.timezone, language),
        hours=_hours(row),
    )


def _hours(row: SupportLanguage) -> Hours:
    return Hours(timezone=row.timezone, always=row.always, windows=row.windows)


def _city(timezone: str, language: str) -> str:
    """The city that a time zone is named for."""
    location = get_timezone_location(timezone, locale=to_locale(content_language(language)), return_city=True)
    return location.rpartition("/")[2]


def _alphabetical(name: str, language: str) -> bytes:
    """A sort key: Latin names by letters, Chinese ones by strokes, which is how Big5 numbers its characters."""
    encoding = "big5" if content_language(language) == TRADITIONAL_CHINESE else "utf-8"
    return name.casefold().encode(encoding, "replace")
