"""Forms of delegations: appointing a partner, asking a customer, answering that, naming who acts (PA-1)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import timezones, wording
from accounts.forms import role_choices
from accounts.models import Delegation, DelegationAsk, Person
from accounts.permissions import DELEGABLE_ROLES
from accounts.services.delegation_asks import REASON_LIMIT
from accounts.services.delegations import latest_end
from accounts.text import clean_text

ADDRESS_LIMIT = 255
MICROSECOND = timedelta(microseconds=1)


class ReasonField(forms.CharField):
    """A few lines of text, made safe to store."""

    def __init__(self, *, rows: int = 3, **options: Any) -> None:
        super().__init__(max_length=REASON_LIMIT, widget=forms.Textarea(attrs={"rows": rows}), **options)

    def to_python(self, value: Any) -> str:
        """Return the text as it may be stored, or refuse what deceives or breaks."""
        try:
            return clean_text(super().to_python(value) or "")
        except ValueError as fault:
            raise ValidationError(wording.text_fault(str(fault)), code=str(fault)) from None


class TermsForm(forms.Form):
    """Duties and a last day, which ends at midnight in the organisation's time zone, or with what bounds it."""

    duties = forms.MultipleChoiceField(label=_("Duties"), widget=forms.CheckboxSelectMultiple)
    last_day = forms.DateField(
        label=_("Last day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )

    def __init__(
        self, *args: Any, now: datetime, zone: str, offered: Iterable[str] = DELEGABLE_ROLES, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.zone = timezones.zone_or_utc(zone)
        cast(forms.MultipleChoiceField, self.fields["duties"]).choices = role_choices(offered)
        self.fields["last_day"].help_text = _("At most two years from now. The delegation ends at midnight after it.")
        self.bound_days(now.astimezone(self.zone).date(), _last_whole_day(latest_end(now), self.zone))

    def bound_days(self, earliest: date, latest: date) -> None:
        """Say which days there are."""
        self.earliest, self.latest = earliest, latest
        bounds = {"min": earliest.isoformat(), "max": latest.isoformat()}
        self.fields["last_day"].widget.attrs.update(bounds)

    def clean_last_day(self) -> date:
        """Keep the day within its bounds (PA-1)."""
        day = cast(date, self.cleaned_data["last_day"])
        if not self.earliest <= day <= self.latest:
            raise ValidationError(self.out_of_range(), code="out_of_range")
        return day

    def out_of_range(self) -> str:
        """What is wrong with a day beyond the bounds."""
        return str(_("Choose a day from today on, at most two years ahead."))

    def expires_at(self) -> datetime:
        """The end of the last day, in the organisation's time zone."""
        return midnight_after(self.cleaned_data["last_day"], self.zone)


class DelegationForm(TermsForm):
    """A partner, the duties they take on, and their last day."""

    partner = forms.SlugField(
        label=_("Partner"),
        max_length=60,
        error_messages={"invalid": wording.SHORT_NAME_FAULT},
        help_text=_("The short name that the partner told you, for example north-star."),
    )
    field_order = ("partner", "duties", "last_day")


class AskForm(TermsForm):
    """A customer, what a partner wishes to do for it, until when, and why."""

    customer = forms.CharField(
        label=_("Customer"),
        max_length=ADDRESS_LIMIT,
        help_text=_("Its short name, or the domain of its mail addresses, for example lotus-foods.example."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}),
    )
    reason = ReasonField(label=_("Reason"), help_text=_("The customer reads it: what you would do for them, and why."))
    field_order = ("customer", "duties", "last_day", "reason")

    @classmethod
    def to_extend(cls, delegation: Delegation, *, now: datetime, zone: str) -> AskForm:
        """The form with what a partner holds already, for the longest there is."""
        form = cls(now=now, zone=zone)
        form.initial = {
            "customer": delegation.customer.slug,
            "duties": delegation.duties,
            "last_day": form.latest,
        }
        return form


class GrantAskForm(TermsForm):
    """What of an ask is granted: some of its duties, until its end or earlier."""

    def __init__(self, data: Any = None, *, ask: DelegationAsk, now: datetime, zone: str) -> None:
        super().__init__(data, now=now, zone=zone, offered=ask.duties, prefix=f"grant-{ask.pk}")
        self.wished_until = ask.wished_until
        self.bound_days(self.earliest, (ask.wished_until - MICROSECOND).astimezone(self.zone).date())
        self.initial = {"duties": ask.duties, "last_day": self.latest}
        self.fields["last_day"].help_text = _("As the partner wishes, or earlier.")

    def out_of_range(self) -> str:
        """What is wrong with a day beyond the bounds."""
        return str(_("Choose a day from today on, no later than the partner asks for."))

    def expires_at(self) -> datetime:
        """The end of the last day, but never later than was asked for."""
        return min(super().expires_at(), self.wished_until)


class DeclineAskForm(forms.Form):
    """Why a customer grants nothing."""

    reason = ReasonField(label=_("Reason"), help_text=_("The partner reads it."))

    def __init__(self, data: Any = None, *, ask: DelegationAsk) -> None:
        super().__init__(data, prefix=f"decline-{ask.pk}")


class DelegatesForm(forms.Form):
    """Who of a partner acts for one customer: everybody, or the people chosen, each in duties of their own."""

    who = forms.ChoiceField(
        label=_("Who acts for this customer?"),
        choices=[("everybody", _("Everybody with a role here, in all the duties")), ("named", _("Only these people"))],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, delegation: Delegation, people: Iterable[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = {row.person_id: row.duties for row in delegation.assignments.all()}
        self.initial["who"] = "everybody" if delegation.for_everybody else "named"
        self.people = {f"person-{person.pk}": person.pk for person in people}
        for person in people:
            self.fields[f"person-{person.pk}"] = forms.MultipleChoiceField(
                label=person.name,
                choices=role_choices(delegation.duties),
                initial=held.get(person.pk, []),
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )

    @property
    def person_fields(self) -> list[forms.BoundField]:
        """The fields of the people, in order."""
        return [self[name] for name in self.people]

    @property
    def is_for_everybody(self) -> bool:
        """Whether nobody is named."""
        return bool(self.cleaned_data["who"] == "everybody")

    def chosen(self) -> dict[int, list[str]]:
        """The people with at least one duty, and their duties."""
        return {pk: self.cleaned_data[name] for name, pk in self.people.items() if self.cleaned_data[name]}


def midnight_after(day: date, zone: ZoneInfo) -> datetime:
    """The end of a day on the clocks of a zone, as an instant in UTC."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone).astimezone(UTC)


def _last_whole_day(end: datetime, zone: ZoneInfo) -> date:
    """The last local day that is over by `end`."""
    return end.astimezone(zone).date() - timedelta(days=1)
