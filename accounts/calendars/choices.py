"""What people decide about business hours, and the calendar document that follows from it (settled point 8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.calendars.public_holidays import public_holidays
from accounts.models import CalendarVersion, Organisation

YEARS_BACK, YEARS_AHEAD = 1, 2  # a new version names the holidays of last year up to the year after next
FOREVER = 9999  # a calendar without anything that differs from year to year

Windows = Mapping[str, list[list[str]]]


@dataclass(frozen=True, slots=True)
class OwnDay:
    """A day on which the organisation is closed of its own accord; a yearly one comes back at each date it has."""

    day: date
    name: str = ""
    yearly: bool = False

    def within(self, years: range) -> Iterator[date]:
        """The dates of these years that it stands for; one of 29 February comes in leap years only."""
        if not self.yearly:
            yield from [self.day] if self.day.year in years else []
            return
        for year in years:
            try:
                yield self.day.replace(year=year)
            except ValueError:
                continue


@dataclass(frozen=True, slots=True)
class Choices:
    """Hours of the week, whose public holidays, own days, and public holidays that are worked all the same."""

    timezone: str
    windows: Windows
    country: str = ""
    subdivision: str = ""
    own_days: tuple[OwnDay, ...] = ()
    worked_days: frozenset[date] = frozenset()
    renews: bool = True

    def public(self, years: range, *, language: str = "en") -> Mapping[date, str]:
        """The public holidays of these years, those that are worked included."""
        return public_holidays(self.country, self.subdivision, years=years, language=language)

    def closed_days(self, years: range, *, language: str = "en") -> dict[date, str]:
        """Every day of these years that is closed although its weekday may be open, with its name."""
        public = self.public(years, language=language)
        closed = {day: name for day, name in public.items() if day not in self.worked_days and day.year in years}
        for own in self.own_days:
            closed |= dict.fromkeys(own.within(years), own.name)
        return dict(sorted(closed.items()))

    def document(self, years: range) -> dict[str, Any]:
        """The calendar document for these years, and for own days outside of them."""
        days = {*self.closed_days(years), *(own.day for own in self.own_days)}
        return {
            "timezone": self.timezone,
            "windows": {day: sorted(spans) for day, spans in sorted(self.windows.items()) if spans},
            "holidays": [day.isoformat() for day in sorted(days)],
        }

    @property
    def differs_by_year(self) -> bool:
        """Tell whether a coming year has days that an earlier one does not tell."""
        return bool(self.country) or any(own.yearly for own in self.own_days)


def years_covered(today: date) -> range:
    """The years whose holidays a version made today names."""
    return range(today.year - YEARS_BACK, today.year + YEARS_AHEAD + 1)


def choices_of(version: CalendarVersion, organisation: Organisation) -> Choices:
    """What a stored version was made from."""
    if version.covers_until is None:
        return _read_back(version.document, organisation, renews=version.renews)
    return Choices(
        timezone=version.document["timezone"],
        windows=version.document["windows"],
        country=version.country,
        subdivision=version.subdivision,
        own_days=tuple(_own_day(entry) for entry in version.own_days),
        worked_days=frozenset(version.worked_days),
        renews=version.renews,
    )


def closed_days_of(version: CalendarVersion, organisation: Organisation, *, language: str) -> dict[date, str]:
    """The holidays that a version's document names, each with a name where one is known."""
    days = sorted(date.fromisoformat(text) for text in version.document.get("holidays", []))
    if not days:
        return {}
    choices = choices_of(version, organisation)
    names = choices.closed_days(range(days[0].year, days[-1].year + 1), language=language)
    return {day: names.get(day, "") for day in days}


def _own_day(entry: Mapping[str, Any]) -> OwnDay:
    return OwnDay(date.fromisoformat(entry["date"]), entry.get("name", ""), bool(entry.get("yearly")))


def _read_back(document: Mapping[str, Any], organisation: Organisation, *, renews: bool) -> Choices:
    """The choices behind a document of before: the organisation's public holidays, and where it departs from them."""
    days = {date.fromisoformat(text) for text in document.get("holidays", [])}
    years = range(min(days).year, max(days).year + 1) if days else range(0)
    public = public_holidays(organisation.country, organisation.subdivision, years=years)
    keeps = bool(days & set(public))
    return Choices(
        timezone=document["timezone"],
        windows=document["windows"],
        country=organisation.country if keeps else "",
        subdivision=organisation.subdivision if keeps else "",
        own_days=tuple(OwnDay(day) for day in sorted(days - (set(public) if keeps else set()))),
        worked_days=frozenset(set(public) - days) if keeps else frozenset(),
        renews=renews,
    )
