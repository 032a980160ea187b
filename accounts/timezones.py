"""The time zones of the world, as people look for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location
from django.utils.translation import to_locale

REGIONS = frozenset({"Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"})


def is_known(name: str) -> bool:
    """Tell whether this is the name of a time zone, an old one included."""
    return name in _all_names()


def named(text: str, language: str, *, now: datetime) -> str:
    """The one zone that somebody means by its name, by its description or by its city, else nothing."""
    if is_known(text):
        return text
    sought = text.casefold()
    meant = {name for name, described in choices(language, now=now) if sought in _ways_to_say(name, described)}
    return meant.pop() if len(meant) == 1 else ""


def _ways_to_say(name: str, described: str) -> set[str]:
    city = described.partition(" – ")[0]
    return {
        name.casefold(),
        described.casefold(),
        city.casefold(),
        name.rpartition("/")[2].replace("_", " ").casefold(),
    }


def zone_or_utc(name: str) -> ZoneInfo:
    """The zone by its name, UTC where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def choices(language: str, *, now: datetime) -> Sequence[tuple[str, str]]:
    """Pairs of name and description (`Taipei – Taiwan (UTC+8)`) in a language, from west to east."""
    return _choices(language, now.replace(minute=0, second=0, microsecond=0))


@lru_cache(maxsize=8)
def _choices(language: str, hour: datetime) -> Sequence[tuple[str, str]]:
    """Describe every zone; 0.1 s, so kept for as long as no offset can change."""
    locale = Locale.parse(to_locale(language))
    offsets = {name: hour.astimezone(ZoneInfo(name)).utcoffset() or timedelta(0) for name in _names()}
    described = [(offsets[name], name, _description(name, offsets[name], locale)) for name in _names()]
    return tuple((name, text) for _, name, text in sorted(described))


@lru_cache(maxsize=1)
def _all_names() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    """The zones that are not another's old name."""
    outdated = set(get_global("zone_aliases"))
    return frozenset(name for name in _all_names() - outdated if name.split("/")[0] in REGIONS) | {"UTC"}


def _description(name: str, offset: timedelta, locale: Locale) -> str:
    if name == "UTC":
        return "UTC"
    city = get_timezone_location(name, locale=locale, return_city=True).rpartition("/")[2]
    territory = locale.territories.get(get_global("zone_territories").get(name, ""), "")
    return f"{city} – {territory} ({_offset(offset)})" if territory else f"{city} ({_offset(offset)})"


def _offset(offset: timedelta) -> str:
    minutes = round(offset.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
