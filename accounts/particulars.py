"""What support staff write down of an organisation, and what can be wrong with it."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

from accounts import timezones
from accounts.calendars import public_holidays
from accounts.errors import InvalidParticulars
from accounts.labels import COUNTRY, NO_COUNTRIES, country_name
from accounts.text import NAME_LIMIT, PHONE_LIMIT, clean_line

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
RESERVED = frozenset({"new"})  # addresses of ours
SLUG_LIMIT = 60
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Particulars:
    """What an organisation is called, where it is, and which language it prefers; `subdivision` is ISO 3166-2."""

    name: str
    country: str
    timezone: str
    subdivision: str = ""
    language: str = "en"
    phone: str = ""
    is_partner: bool = False

    def as_columns(self) -> dict[str, object]:
        """The same by column."""
        return asdict(self)


def checked_slug(slug: str) -> str:
    """A short name as addresses hold it, or InvalidParticulars."""
    if not SLUG.fullmatch(slug) or len(slug) > SLUG_LIMIT or slug in RESERVED:
        raise InvalidParticulars("slug", "slug")
    return slug


def check(particulars: Particulars) -> None:
    """Raise InvalidParticulars for the first thing that cannot be."""
    checked_name(particulars.name)
    checked_name(particulars.phone, field="phone", limit=PHONE_LIMIT, empty=True)
    if not COUNTRY.fullmatch(particulars.country) or particulars.country in NO_COUNTRIES:
        raise InvalidParticulars("country", "country")
    if not timezones.is_known(particulars.timezone):
        raise InvalidParticulars("timezone", "unknown_timezone")
    if not LANGUAGE.fullmatch(particulars.language):
        raise InvalidParticulars("language", "language")
    if particulars.subdivision and not subdivision_is_known(particulars.country, particulars.subdivision):
        raise InvalidParticulars("subdivision", "subdivision")


def place_name(country: str, subdivision: str) -> str:
    """A country or region in the active language, with the name of the part of it if there is one."""
    part = dict(public_holidays.subdivisions(country)).get(subdivision, subdivision)
    return f"{country_name(country)} ({part})" if part else country_name(country)


def subdivision_is_known(country: str, subdivision: str) -> bool:
    """Tell whether a country has a part of this code whose holidays are known."""
    return subdivision in {code for code, _ in public_holidays.subdivisions(country)}


def checked_name(text: str, *, field: str = "name", limit: int = NAME_LIMIT, empty: bool = False) -> str:
    """One line as it may be stored, or InvalidParticulars."""
    try:
        line = clean_line(text)
    except ValueError as fault:
        raise InvalidParticulars(field, str(fault)) from None
    if len(line) > limit or (not line and not empty):
        raise InvalidParticulars(field, "too_long" if line else "empty")
    return line
