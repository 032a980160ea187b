"""Forms of the duty rota: they check form, services decide."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import rota
from accounts.calendars import weekday_name
from accounts.calendars.years import WEEK
from accounts.forms import TimeZoneField
from accounts.labels import in_active_language
from accounts.models import DutyRole, DutyShift
from accounts.rota.duty_time import Span
from accounts.timezones import zone_or_utc

LOCAL_TIME = "%Y-%m-%dT%H:%M"
DUTY_ROLES: dict[str, Promise] = {DutyRole.DUTY_MANAGER.value: _("Duty manager"), DutyRole.ON_CALL.value: _("On call")}


class LocalInstantField(forms.CharField):
    """Date and time on the clocks of a zone, as browsers offer it; gives the instant in UTC."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL_TIME)
    zone: ZoneInfo = ZoneInfo("UTC")

    def to_python(self, value: Any) -> Any:
        """Return the instant, or refuse what is none."""
        typed = str(super().to_python(value) or "").strip()[:16]
        if not typed:
            return None
        try:
            return datetime.strptime(typed, LOCAL_TIME).replace(tzinfo=self.zone).astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValidationError(_("Write date and time, such as 2026-11-24 09:00."), code="invalid") from None


class SpanForm(forms.Form):
    """From when until when, in the reader's time zone."""

    starts_at = LocalInstantField(label=_("From"))
    ends_at = LocalInstantField(label=_("Until"))

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("starts_at", "ends_at"):
            field = cast(LocalInstantField, self.fields[name])
            field.zone = zone_or_utc(zone)
            field.help_text = _("Time zone: %(zone)s") % {"zone": zone}

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the beginning."""
        data = cast(dict[str, Any], super().clean())
        if data.get("starts_at") and data.get("ends_at") and data["ends_at"] <= data["starts_at"]:
            self.add_error("ends_at", _("Let it end after it starts."))
        return data

    @property
    def span(self) -> Span:
        """What was chosen."""
        return Span(self.cleaned_data["starts_at"], self.cleaned_data["ends_at"])


class ShiftForm(SpanForm):
    """One shift of one person."""

    role = forms.ChoiceField(label=_("As"), choices=list(DUTY_ROLES.items()))
    team = forms.ChoiceField(label=_("For"), required=False)
    person = forms.TypedChoiceField(label=_("Who"), coerce=int)
    field_order = ("role", "team", "person", "starts_at", "ends_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self)


class TakeOverForm(SpanForm):
    """Who does a shift, or a part of it, in place of the one who has it."""

    person = forms.TypedChoiceField(label=_("Who takes over?"), coerce=int)
    field_order = ("person", "starts_at", "ends_at")

    def __init__(self, *args: Any, role: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["person"]).choices = [("", _("Choose somebody")), *_people(role)]

    @classmethod
    def of(cls, shift: DutyShift, *, reader_id: int | None, zone: str, now: datetime) -> TakeOverForm:
        """The form for all that is left of a shift, by the reader unless it is theirs."""
        local = zone_or_utc(zone)
        begins = max(shift.starts_at, now).astimezone(local).strftime(LOCAL_TIME)
        initial = {
            "person": reader_id if reader_id != shift.person_id else None,
            "starts_at": begins,
            "ends_at": shift.ends_at.astimezone(local).strftime(LOCAL_TIME),
        }
        return cls(role=shift.role, zone=zone, initial=initial)


class PatternForm(forms.Form):
    """A weekly duty of one person."""

    role = forms.ChoiceField(label=_("As"), choices=list(DUTY_ROLES.items()))
    team = forms.ChoiceField(label=_("For"), required=False)
    person = forms.TypedChoiceField(label=_("Who"), coerce=int)
    weekdays = forms.TypedMultipleChoiceField(label=_("On"), coerce=int, widget=forms.CheckboxSelectMultiple)
    starts = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(
        label=_("Until"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("On the next day where it is not after the beginning."),
    )
    timezone = TimeZoneField(label=_("Time zone"), help_text=_("The duty keeps its hours on the clocks there."))
    every_weeks = forms.IntegerField(
        label=_("Every how many weeks?"), min_value=1, max_value=12, initial=1, help_text=_("1 is every week.")
    )
    first_day = forms.DateField(
        label=_("First day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        help_text=_("Weeks are counted from the week of this day."),
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self)
        days = [(day, weekday_name(day, width="abbreviated")) for day in range(WEEK)]
        cast(forms.ChoiceField, self.fields["weekdays"]).choices = days
        cast(TimeZoneField, self.fields["timezone"]).offer(now=now)

    def clean_first_day(self) -> Any:
        """Keep it within reach."""
        day = self.cleaned_data["first_day"]
        if not 2000 <= day.year <= 2100:
            raise ValidationError(_("Choose a day between 2000 and 2100."), code="out_of_range")
        return day


def team_label(team: Any) -> Any:
    """What a seat is for."""
    return in_active_language(team.names) if team else _("All teams")


def _offer(form: forms.Form) -> None:
    """Fill in teams and people."""
    teams = [("", team_label(None)), *((team.code, team_label(team)) for team in rota.teams())]
    cast(forms.ChoiceField, form.fields["team"]).choices = teams
    managers = dict(_people(DutyRole.DUTY_MANAGER.value))
    on_call = [(pk, name) for pk, name in _people(DutyRole.ON_CALL.value) if pk not in managers]
    groups = [(DUTY_ROLES["duty_manager"], list(managers.items())), (DUTY_ROLES["on_call"], on_call)]
    cast(forms.ChoiceField, form.fields["person"]).choices = [("", _("Choose somebody")), *groups]


def _people(role: str) -> list[tuple[int, str]]:
    return [(person.pk, person.name) for person in rota.candidates(role)]
