"""Public holidays by country and subdivision, with their names, from the package `holidays`.

It computes rules and tables as they are known today: a government that moves a holiday later, or a sighting of the
moon, can differ. The portal's calendars hold explicit dates, which people can correct.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

import holidays

NAMES_IN = {"en": ("en_US", "en_GB", "en"), "zh": ("zh_TW", "zh_HK", "en_US")}  # ours → theirs, the best first


def countries() -> Sequence[str]:
    """The codes of the countries and regions whose holidays are known."""
    return sorted(_supported())


def subdivisions(country: str) -> Sequence[tuple[str, str]]:
    """Codes and names of the parts of a country that have holidays of their own."""
    codes = _supported().get(country)
    if not codes:
        return []
    names: dict[str, str] = {}
    for name, code in _aliases(country).items():
        if not name.isupper():  # another code of the same part
            names.setdefault(code, name)
    return sorted(((code, names.get(code, code)) for code in codes), key=lambda pair: pair[1])


def is_known(country: str, subdivision: str = "") -> bool:
    """Tell whether the holidays of this country, and of this part of it, are known."""
    return country in _supported() and (not subdivision or subdivision in _supported()[country])


def public_holidays(country: str, subdivision: str, *, years: range, language: str = "en") -> Mapping[date, str]:
    """The public holidays of these years with their names, in `language` where there are such names.

    Empty for no country and for one that is not known.
    """
    if not is_known(country, subdivision):
        return {}
    return _holidays(country, subdivision, years, language.partition("-")[0].lower())


@lru_cache(maxsize=512)
def _holidays(country: str, subdivision: str, years: range, language: str) -> Mapping[date, str]:
    spoken = holidays.country_holidays(country).supported_languages
    wanted = next((name for name in NAMES_IN.get(language, NAMES_IN["en"]) if name in spoken), None)
    found = holidays.country_holidays(country, subdiv=subdivision or None, years=years, language=wanted)
    return dict(sorted(found.items()))


@lru_cache(maxsize=1)
def _supported() -> dict[str, list[str]]:
    supported: dict[str, list[str]] = holidays.list_supported_countries(include_aliases=False)
    return supported


@lru_cache(maxsize=64)
def _aliases(country: str) -> dict[str, str]:
    return dict(getattr(holidays.country_holidays(country), "subdivisions_aliases", {}) or {})
