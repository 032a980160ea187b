"""Forms of incidents: what the desk declares, says and puts right, and the requests that belong to one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts import timezones
from accounts.forms import LineField
from tickets.filing_form import WallClockField, instant_typed
from tickets.forms import TextField
from tickets.incidents import OPEN, TRANSITIONS, IncidentImpact, IncidentState
from tickets.lifecycle import Resolution
from tickets.models import Incident
from tickets.selectors.catalogue import service_names
from tickets.services.incidents import BODY_LIMIT, TITLE_LIMIT, Declaration, IncidentChanges
from tickets.wording import INCIDENT_FAULTS, INCIDENT_IMPACTS, INCIDENT_STATES, RESOLUTIONS

COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
NUMBER = re.compile(r"SR-[0-9]{9}", re.ASCII)
MOST_AT_ONCE = 100
ENDINGS = (Resolution.SOLVED, Resolution.WORKAROUND)
PUBLIC = _("Every customer whom it concerns reads this: name nobody, and promise nothing to anybody alone.")


def state_choices(states: Iterable[IncidentState]) -> list[tuple[str, Any]]:
    """States in words, in their order."""
    wanted = set(states)
    return [(state.value, INCIDENT_STATES[state.value]) for state in IncidentState if state in wanted]


class ParticularsForm(forms.Form):
    """What an incident is, and since when, on the clock of the one who writes."""

    title = LineField(label=_("What is the matter, in one line"), max_length=TITLE_LIMIT, help_text=PUBLIC)
    impact = forms.ChoiceField(
        label=_("Impact"),
        choices=[(each.value, INCIDENT_IMPACTS[each.value]) for each in IncidentImpact],
        widget=forms.RadioSelect,
    )
    services = forms.MultipleChoiceField(label=_("Affected services"), widget=forms.CheckboxSelectMultiple)
    countries = LineField(
        label=_("Countries and regions"),
        max_length=1_000,
        required=False,
        help_text=_("Their two letters, such as TW JP. Empty means everywhere."),
    )
    started_at = WallClockField(label=_("Since when"), required=False)

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = timezones.zone_or_utc(zone)
        cast(forms.MultipleChoiceField, self.fields["services"]).choices = service_names()
        self.fields["started_at"].help_text = _("On your clock: %(zone)s. Empty means just now.") % {"zone": zone}

    def clean_countries(self) -> list[str]:
        """The codes, however they are set apart."""
        codes = [code for code in re.split(r"[\s,;、，]+", self.cleaned_data["countries"].upper()) if code]
        if not all(COUNTRY.fullmatch(code) for code in codes):
            raise ValidationError(INCIDENT_FAULTS["country"], code="country")
        return codes

    def clean_started_at(self) -> datetime | None:
        """The instant at which the clock of the writer's zone shows the time."""
        typed = self.cleaned_data["started_at"]
        return instant_typed(typed, self.zone) if typed else None


class DeclareForm(ParticularsForm):
    """An incident that the desk knows of from now on."""

    key = forms.CharField(widget=forms.HiddenInput, required=False)
    state = forms.ChoiceField(label=_("How far are we?"), choices=state_choices(OPEN))
    body = TextField(
        label=_("What we say first"),
        max_length=BODY_LIMIT,
        help_text=_(
            "What customers notice, what they can do meanwhile, and when they hear more. Markdown is understood."
        ),
    )

    def declaration(self) -> Declaration:
        """What was typed, as the service takes it."""
        return Declaration(**{name: value for name, value in self.cleaned_data.items() if name != "key"})


class ChangeForm(ParticularsForm):
    """Particulars to put right."""

    prefix = "change"

    def changes(self) -> IncidentChanges:
        """What was typed otherwise than it was shown, as the service takes it; an empty beginning stays as it is.

        The beginning is shown to the minute, and an hour that clocks show twice as the first of the two.
        """
        data = {name: self.cleaned_data[name] for name in self.changed_data}
        if data.get("started_at", self) is None:
            del data["started_at"]
        return cast(IncidentChanges, data)


def change_form(incident: Incident, zone: str, data: QueryDict | None = None) -> ChangeForm:
    """The form with the particulars as they are, or with what was sent of it."""
    started_at = incident.started_at.astimezone(timezones.zone_or_utc(zone)).replace(
        tzinfo=None, second=0, microsecond=0
    )
    known = {name: getattr(incident, name) for name in ("title", "impact", "services")}
    initial = {**known, "countries": " ".join(incident.countries), "started_at": started_at}
    return ChangeForm(data, zone=zone, initial=initial)


class UpdateForm(forms.Form):
    """News in public."""

    prefix = "update"

    body = TextField(label=_("Public update"), rows=4, max_length=BODY_LIMIT, help_text=PUBLIC)
    state = forms.ChoiceField(label=_("State"))
    resolved_at = WallClockField(label=_("If resolved: since when"), required=False)

    def __init__(self, *args: Any, state: str, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = timezones.zone_or_utc(zone)
        lawful = TRANSITIONS[IncidentState(state)] | {IncidentState(state)}
        cast(forms.ChoiceField, self.fields["state"]).choices = state_choices(lawful)
        self.initial.setdefault("state", state)
        self.fields["resolved_at"].help_text = _("On your clock: %(zone)s. Empty means just now.") % {"zone": zone}

    def clean_resolved_at(self) -> datetime | None:
        """The instant at which the clock of the writer's zone shows the time."""
        typed = self.cleaned_data["resolved_at"]
        return instant_typed(typed, self.zone) if typed else None


class IncidentNoteForm(forms.Form):
    """A note for the desk."""

    prefix = "note"

    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    body = TextField(label=_("Note for the desk"), rows=3, max_length=BODY_LIMIT)


class ChosenForm(forms.Form):
    """Requests chosen in a list, and others by their numbers."""

    others = LineField(
        label=_("Others, by number"),
        max_length=MOST_AT_ONCE * 13,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "SR-000000000 SR-000000000"}),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for one at least, and no more than are done at once."""
        cleaned = cast(dict[str, Any], super().clean())
        typed = re.split(r"[\s,;、，]+", cleaned.get("others", "").upper())
        chosen = cast(Any, self.data).getlist("number") if hasattr(self.data, "getlist") else []
        numbers = list(dict.fromkeys(number for number in [*chosen, *typed] if number))
        if not numbers or not all(NUMBER.fullmatch(number) for number in numbers):
            raise ValidationError(
                _("Choose requests of the list, or give numbers such as SR-000000000."), code="number"
            )
        if len(numbers) > MOST_AT_ONCE:
            raise ValidationError(_("Choose a hundred at most; do the others afterwards."), code="too_many")
        return {**cleaned, "numbers": numbers}


class LinkForm(ChosenForm):
    """Requests that belong to an incident."""

    prefix = "link"


class UnlinkForm(ChosenForm):
    """Requests that do not belong to it after all, or that are closed."""

    prefix = "linked"


class CloseLinkedForm(ChosenForm):
    """Requests that are closed with the same words."""

    prefix = "linked"

    resolution = forms.ChoiceField(
        label=_("Resolution"), choices=[(each.value, RESOLUTIONS[each.value]) for each in ENDINGS]
    )
    message = TextField(label=_("Message to each of these customers"), rows=3, max_length=BODY_LIMIT)


class BelongsForm(forms.Form):
    """The incident that one request belongs to."""

    prefix = "incident"

    incident = forms.ChoiceField(label=_("Incident"), required=False)

    def __init__(self, *args: Any, incidents: Iterable[Incident], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(row.number, f"{row.number} · {row.title}") for row in incidents]
        cast(forms.ChoiceField, self.fields["incident"]).choices = [("", _("None")), *known]
