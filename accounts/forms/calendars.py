"""Forms of the calendar editor: rows of hours and days, and how rows become the windows of a document and back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.calendars import date_in_words, public_holidays, weekday_name
from accounts.calendars.choices import OwnDay
from accounts.calendars.years import WEEK
from accounts.forms import LineField, TimeZoneField
from accounts.labels import country_name
from accounts.services.calendars import NOTE_LIMIT
from accounts.text import NAME_LIMIT

CLOCK = re.compile(r"(?:[01]?\d|2[0-3]):[0-5]\d|24:00", re.ASCII)
MIDNIGHT, END_OF_DAY = "00:00", "24:00"


class Row(NamedTuple):
    """Opening and closing on some weekdays; one that closes at or before its opening does so on the next day."""

    opens: str
    closes: str
    days: tuple[int, ...]


class ClockField(forms.CharField):
    """A time of day as `HH:MM`."""

    widget = forms.TextInput(attrs={"type": "time"})

    def to_python(self, value: Any) -> str:
        """Return five characters, or refuse what is no time."""
        typed = str(super().to_python(value) or "").strip()
        if typed and not CLOCK.fullmatch(typed):
            raise ValidationError(_("Write a time such as 09:00."), code="invalid")
        return typed.zfill(5) if typed else typed


class WindowForm(forms.Form):
    """One row of hours."""

    days = forms.TypedMultipleChoiceField(label=_("On"), coerce=int, widget=forms.CheckboxSelectMultiple)
    opens = ClockField(label=_("From"))
    closes = ClockField(label=_("To"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = [(day, weekday_name(day, width="abbreviated")) for day in range(WEEK)]
        cast(forms.TypedMultipleChoiceField, self.fields["days"]).choices = days

    def clean(self) -> dict[str, Any]:
        """Refuse hours that begin and end at once."""
        data = cast(dict[str, Any], super().clean())
        opens, closes = data.get("opens"), data.get("closes")
        if opens == END_OF_DAY:
            self.add_error("opens", _("Write 00:00 on the day that begins then."))
        elif opens and opens == closes and opens != MIDNIGHT:
            self.add_error("closes", _("Choose another time than that of the opening."))
        return data

    def row(self) -> Row:
        """What was chosen."""
        data = self.cleaned_data
        return Row(data["opens"], data["closes"], tuple(sorted(data["days"])))


class OwnDayForm(forms.Form):
    """One day on which the organisation is closed of its own accord."""

    day = forms.DateField(
        label=_("Date"),
        widget=forms.DateInput(attrs={"type": "date", "min": "2000-01-01", "max": "2100-12-31"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )
    name = LineField(label=_("What is it?"), required=False, max_length=NAME_LIMIT)
    yearly = forms.BooleanField(label=_("Every year"), required=False)

    def clean_day(self) -> Any:
        """Keep it within reach."""
        day = self.cleaned_data["day"]
        if not 2000 <= day.year <= 2100:
            raise ValidationError(_("Choose a day between 2000 and 2100."), code="out_of_range")
        return day

    def own_day(self) -> OwnDay:
        """What was chosen."""
        data = self.cleaned_data
        return OwnDay(data["day"], data["name"], data["yearly"])


class _Part(forms.ChoiceField):
    """A part of a country; one of the country chosen before is let go."""

    def to_python(self, value: Any) -> str:
        """Keep what is on offer."""
        chosen = str(super().to_python(value))
        return chosen if self.valid_value(chosen) else ""


class _Ticks(forms.MultipleChoiceField):
    """Boxes of which those that no longer exist are let go."""

    def to_python(self, value: Any) -> list[str]:
        """Keep what is on offer."""
        return [one for one in super().to_python(value) if self.valid_value(one)]


class CalendarForm(forms.Form):
    """Time zone, public holidays and note; the public holidays of `years` can be worked all the same."""

    timezone = TimeZoneField(label=_("Time zone"), help_text=_("Opening hours are times on the clocks there."))
    country = forms.ChoiceField(label=_("Public holidays of"), required=False)
    subdivision = _Part(label=_("Part of the country"), required=False)
    renews = forms.BooleanField(
        label=_("Each year, add the holidays to come"),
        required=False,
        help_text=_("The portal makes a new version at the turn of the year. You can change it as any other."),
    )
    note = LineField(
        label=_("Why this change?"),
        required=False,
        max_length=NOTE_LIMIT,
        help_text=_("For your colleagues, in the list of versions."),
    )

    def __init__(self, *args: Any, now: datetime, country: str, subdivision: str, years: range, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(TimeZoneField, self.fields["timezone"]).offer(now=now)
        cast(forms.ChoiceField, self.fields["country"]).choices = _countries()
        parts = [("", _("All of it, without regional holidays")), *public_holidays.subdivisions(country)]
        cast(forms.ChoiceField, self.fields["subdivision"]).choices = parts
        if len(parts) == 1:
            self.fields["subdivision"].widget = forms.HiddenInput()
        for year in years:
            self._offer_worked(year, country, subdivision if subdivision in dict(parts) else "")

    def _offer_worked(self, year: int, country: str, subdivision: str) -> None:
        """Let public holidays of a year be ticked; what was ticked of another country's is forgotten."""
        named = public_holidays.public_holidays(
            country, subdivision, years=range(year, year + 1), language=get_language() or "en"
        )
        choices = [
            (str(day), _("{day}: {name}").format(day=date_in_words(day), name=name))
            for day, name in named.items()
            if day.year == year
        ]
        if choices:
            self.fields[f"worked_{year}"] = _Ticks(
                label=str(year), choices=choices, required=False, widget=forms.CheckboxSelectMultiple
            )

    @property
    def worked_fields(self) -> list[forms.BoundField]:
        """The public holidays to tick, by year."""
        return [self[name] for name in self.fields if name.startswith("worked_")]

    @property
    def worked_count(self) -> int:
        """How many are ticked."""
        return sum(len(field.value() or []) for field in self.worked_fields)


def windows_of(rows: Iterable[Row]) -> dict[str, list[list[str]]]:
    """The windows of a document; what passes midnight is split at 24:00 (settled point 8)."""
    windows: dict[str, list[list[str]]] = {}
    for opens, closes, days in rows:
        for day in days:
            windows.setdefault(str(day), []).append([opens, closes if opens < closes else END_OF_DAY])
            if MIDNIGHT < closes <= opens:
                windows.setdefault(str((day + 1) % WEEK), []).append([MIDNIGHT, closes])
    return {day: sorted(spans) for day, spans in sorted(windows.items())}


def rows_of(windows: Mapping[str, list[list[str]]]) -> list[Row]:
    """The fewest rows that mean these windows; a night that was split is one row again."""
    spans = {day: sorted(map(tuple, windows.get(str(day), []))) for day in range(WEEK)}
    days_of: dict[tuple[str, str], list[int]] = {}
    mornings = _mornings_after(spans)
    for day in range(WEEK):
        for opens, closes in spans[day]:
            if (day, closes) in mornings.values() and opens == MIDNIGHT:
                continue
            morning = mornings.get((day, opens)) if closes == END_OF_DAY else None
            end = morning[1] if morning else closes
            days_of.setdefault((opens, MIDNIGHT if end == END_OF_DAY else end), []).append(day)
    rows = [Row(opens, closes, tuple(days)) for (opens, closes), days in days_of.items()]
    return sorted(rows, key=lambda row: (row.days, row.opens))


def _mornings_after(spans: Mapping[int, list[tuple[str, ...]]]) -> dict[tuple[int, str], tuple[int, str]]:
    """By (weekday, opening) of an evening that lasts to 24:00: weekday and closing of the morning that continues it."""
    mornings = {}
    for day, windows in spans.items():
        after = (day + 1) % WEEK
        evening = next((opens for opens, closes in windows if closes == END_OF_DAY and opens > MIDNIGHT), None)
        morning = next((closes for opens, closes in spans[after] if opens == MIDNIGHT), None)
        if evening and morning and morning <= evening and morning != END_OF_DAY:
            mornings[day, evening] = (after, morning)
    return mornings


def _countries() -> list[tuple[str, Any]]:
    named = sorted(((code, country_name(code)) for code in public_holidays.countries()), key=lambda pair: pair[1])
    return [("", _("No public holidays")), *named]
