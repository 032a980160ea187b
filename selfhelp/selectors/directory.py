"""Where to call, and in which languages (CH-3, LA-1)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_

from babel import Locale, UnknownLocaleError
from babel.dates import get_timezone_location
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import to_locale

from selfhelp.hours import Hours
from selfhelp.models import PhoneNumber, SupportLanguage
from selfhelp.texts import TRADITIONAL_CHINESE, content_language, in_language

REGIONS: dict[str, Promise] = {
    "amer": _("Americas"),
    "emea": _("Europe, Middle East and Africa"),
    "apac": _("Asia Pacific"),
}


@dataclass(frozen=True, slots=True)
class Language:
    """A language by its BCP 47 tag and by name."""

    tag: str
    name: str


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
    languages: tuple[Language, ...]

    @property
    def dial(self) -> str:
        """The number as a `tel:` link wants it."""
        return "".join(character for character in self.number if character in "+0123456789")


@dataclass(frozen=True, slots=True)
class SpokenLanguage:
    """The hours in which engineers of one region speak a language (LA-1); `city` tells whose local time it is."""

    language: str
    name: str
    region: str
    city: str
    hours: Hours

    @property
    def region_name(self) -> str:
        """The region in the active language."""
        return str(REGIONS.get(self.region, self.region))


def phone_numbers(*, country: str | None = None) -> QuerySet[PhoneNumber]:
    """The rows of the directory, or those of one country or region, by its ISO code."""
    numbers = PhoneNumber.objects.order_by("country")
    return numbers if country is None else numbers.filter(country=country.upper())


def phone_directory(*, language: str) -> list[PhoneEntry]:
    """Every country or region with a support phone number, by name in `language` (CH-3)."""
    entries = [_entry(row, language) for row in PhoneNumber.objects.all()]
    return sorted(entries, key=lambda entry: _alphabetical(entry.name, language))


def phone_entry(country: str, *, language: str) -> PhoneEntry | None:
    """The phone number of one country or region, given by its ISO code; None where there is none of its own."""
    row = phone_numbers(country=country).first()
    return _entry(row, language) if row else None


def spoken_languages(*, language: str) -> list[SpokenLanguage]:
    """Every language and region that engineers serve, with hours, by the language's name in `language` (LA-1)."""
    rows = SupportLanguage.objects.order_by("language", "position")
    spoken = [_spoken(row, language) for row in rows]
    return sorted(spoken, key=lambda entry: _alphabetical(entry.name, language))


def spoken_languages_of(*tags: str, language: str) -> list[SpokenLanguage]:
    """The regions that serve the languages of these tags, with hours, in one query (LA-1); names are in `language`."""
    wanted = reduce(or_, (Q(language__iexact=tag) for tag in tags))
    rows = SupportLanguage.objects.filter(wanted).order_by("language", "position")
    return [_spoken(row, language) for row in rows]


@lru_cache(maxsize=512)
def language_name(tag: str, language: str) -> str:
    """What the language of a tag is called in `language`: zh-Hant is Traditional Chinese, 繁體中文."""
    reader = Locale.parse(to_locale(content_language(language)))
    try:
        spoken = Locale.parse(to_locale(tag))
    except (UnknownLocaleError, ValueError):
        return tag
    return reader.languages.get(str(spoken)) or spoken.get_display_name(reader) or tag


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
        languages=tuple(Language(tag, language_name(tag, language)) for tag in row.languages),
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


@lru_cache(maxsize=512)
def _city(timezone: str, language: str) -> str:
    """The city that a time zone is named for."""
    location = get_timezone_location(timezone, locale=to_locale(content_language(language)), return_city=True)
    return location.rpartition("/")[2]


def _alphabetical(name: str, language: str) -> bytes:
    """A sort key: Latin names by letters, Chinese ones by strokes, which is how Big5 numbers its characters."""
    encoding = "big5" if content_language(language) == TRADITIONAL_CHINESE else "utf-8"
    return name.casefold().encode(encoding, "replace")
