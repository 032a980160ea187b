"""The calendar editor as it stands: what a version holds, or what somebody has typed so far, and loses none of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.calendars import weekday_name
from accounts.calendars.choices import YEARS_AHEAD, Choices, OwnDay
from accounts.forms.calendars import CalendarForm, OwnDayForm, WindowForm, rows_of, windows_of
from accounts.services import calendars

MOST_ROWS, MOST_OWN_DAYS = 30, 100
WINDOW, OWN_DAY = "window", "day"


class Editor:
    """The forms of one calendar: the base, rows of hours, and own days."""

    def __init__(self, base: CalendarForm, windows: list[WindowForm], own_days: list[OwnDayForm]) -> None:
        self.base, self.windows, self.own_days = base, windows, own_days
        self.faults: list[str] = []

    @classmethod
    def of(cls, choices: Choices, *, now: datetime) -> Editor:
        """The editor as it opens on stored choices."""
        worked = sorted(choices.worked_days)
        initial: dict[str, Any] = {
            "timezone": choices.timezone,
            "country": choices.country,
            "subdivision": choices.subdivision,
            "renews": choices.renews,
        }
        initial |= {f"worked_{year}": [str(day) for day in worked if day.year == year] for year in _years(now)}
        rows = [{"opens": row.opens, "closes": row.closes, "days": row.days} for row in rows_of(choices.windows)]
        return cls(_base(initial, now=now), _windows(rows), _own_days([_shown(own) for own in choices.own_days]))

    @classmethod
    def changed(cls, data: QueryDict, act: str, *, now: datetime) -> Editor:
        """The editor with what was typed, after one of its own buttons: a row more or less, or other regions."""
        typed = _raw(_base({}, now=now, data=data), data)
        rows = [_raw(form, data) for form in _typed_windows(data)]
        days = [_raw(form, data) for form in _typed_days(data)]
        name, _sign, index = act.rpartition("-")
        if act == "add_window":
            rows = [*rows, {}][:MOST_ROWS]
        elif act == "add_day":
            days = [*days, {}][:MOST_OWN_DAYS]
        elif name in ("remove_window", "remove_day") and index.isascii() and index.isdigit():
            kept = rows if name == "remove_window" else days
            del kept[int(index[:4]) : int(index[:4]) + 1]
        return cls(_base(typed, now=now), _windows(rows), _own_days(days))

    @classmethod
    def typed(cls, data: QueryDict, *, now: datetime) -> Editor:
        """The editor with what was typed, to be checked."""
        return cls(_base({}, now=now, data=data), _typed_windows(data), _typed_days(data))

    def check(self, kept: Choices, *, now: datetime) -> Choices | None:
        """The choices made, or None with every fault beside its field; worked days out of sight stay as `kept`."""
        sound = [form.is_valid() for form in (self.base, *self.windows, *self.own_days)]
        if not all(sound):
            return None
        choices = self._choices(kept)
        for place, _code, sentence in calendars.problems_of(choices, now=now):
            if place in self.base.fields:
                self.base.add_error(place, sentence.partition(": ")[2] or sentence)
            else:
                self.faults.append(_with_weekday(place, sentence))
        return None if self.faults or self.base.errors else choices

    def _choices(self, kept: Choices) -> Choices:
        data = self.base.cleaned_data
        ticked = {date.fromisoformat(day) for field in self.base.worked_fields for day in data[field.name]}
        same_country = (kept.country, kept.subdivision) == (data["country"], data["subdivision"])
        shown = {int(field.name.rpartition("_")[2]) for field in self.base.worked_fields}
        unseen = {day for day in kept.worked_days if day.year not in shown} if same_country else set()
        own = {form.own_day().day: form.own_day() for form in self.own_days}
        return Choices(
            timezone=data["timezone"],
            windows=windows_of(form.row() for form in self.windows),
            country=data["country"],
            subdivision=data["subdivision"] if data["country"] else "",
            own_days=tuple(own[day] for day in sorted(own)),
            worked_days=frozenset(ticked | unseen),
            renews=data["renews"],
        )

    @property
    def note(self) -> str:
        """Why it is changed."""
        return str(self.base.cleaned_data["note"])

    @property
    def errors(self) -> list[tuple[str, str, str]]:
        """Every fault: id of its field (or nothing), its label, and the sentence."""
        found = [("", "", fault) for fault in self.faults]
        for form in (self.base, *self.windows, *self.own_days) if self.base.is_bound else ():
            for field in form:
                first = f"{field.auto_id}_0" if field.name == "days" else str(field.auto_id)
                found += [(first, str(field.label), str(error)) for error in field.errors]
        return found


def seal_of(choices: Choices) -> str:
    """A short text that differs for every two choices, so that only what was previewed is saved."""
    return hashlib.sha256(json.dumps(asdict(choices), default=_plain, sort_keys=True).encode()).hexdigest()[:24]


def _plain(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, frozenset) else str(value)


def _years(now: datetime) -> range:
    return range(now.year, now.year + YEARS_AHEAD + 1)


def _base(initial: dict[str, Any], *, now: datetime, data: QueryDict | None = None) -> CalendarForm:
    source: Any = data if data is not None else initial
    country, subdivision = str(source.get("country") or ""), str(source.get("subdivision") or "")
    return CalendarForm(data, initial=initial, country=country, subdivision=subdivision, years=_years(now), now=now)


def _windows(rows: list[dict[str, Any]]) -> list[WindowForm]:
    return [WindowForm(initial=row, prefix=f"{WINDOW}-{index}") for index, row in enumerate(rows)]


def _own_days(days: list[dict[str, Any]]) -> list[OwnDayForm]:
    return [OwnDayForm(initial=day, prefix=f"{OWN_DAY}-{index}") for index, day in enumerate(days)]


def _typed_windows(data: QueryDict) -> list[WindowForm]:
    return [WindowForm(data, prefix=f"{WINDOW}-{index}") for index in range(_count(data, "windows", MOST_ROWS))]


def _typed_days(data: QueryDict) -> list[OwnDayForm]:
    return [OwnDayForm(data, prefix=f"{OWN_DAY}-{index}") for index in range(_count(data, "days", MOST_OWN_DAYS))]


def _count(data: QueryDict, name: str, most: int) -> int:
    text = data.get(name, "")
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _raw(form: forms.Form, data: QueryDict) -> dict[str, Any]:
    """What stands in the fields of a form, whether or not it makes sense."""
    read: Callable[[str, forms.Field], Any] = lambda name, field: field.widget.value_from_datadict(  # noqa: E731
        data, {}, form.add_prefix(name)
    )
    return {name: read(name, field) for name, field in form.fields.items()}


def _shown(own: OwnDay) -> dict[str, Any]:
    return {"day": own.day, "name": own.name, "yearly": own.yearly}


def _with_weekday(place: str, sentence: str) -> str:
    """A fault of the windows with the name of its day in place of its path."""
    parts = place.split(".")
    if parts[0] != "windows" or len(parts) < 2 or not parts[1].isdigit():
        return sentence.partition(": ")[2] or sentence
    day, problem = weekday_name(int(parts[1])), sentence.partition(": ")[2]
    return _("{day}: {problem}").format(day=day, problem=problem)
