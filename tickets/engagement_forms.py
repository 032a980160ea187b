"""Forms of engagements: the wish, what is written, the plan (EL-1)."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.forms import LineField
from tickets.engagements import EngagementKind
from tickets.forms import TextField
from tickets.selectors.engagements import leads_to_be
from tickets.services.engagements import BODY_LIMIT, LINE_LIMIT, Plan, Wish
from tickets.wording import ENGAGEMENT_FAULTS, ENGAGEMENT_KINDS

TAGS = {"en": "en", "zh-hant": "zh-Hant"}


class DayField(forms.DateField):
    """A day, chosen in the browser's own calendar."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, input_formats=["%Y-%m-%d"], **options)


class SpanForm(forms.Form):
    """A form with two days, the second not before the first."""

    first, last = "", ""

    def clean(self) -> dict[str, Any]:
        """Keep the days in order."""
        cleaned = cast(dict[str, Any], super().clean())
        first, last = cleaned.get(self.first), cleaned.get(self.last)
        if isinstance(first, date) and isinstance(last, date) and last < first:
            self.add_error(self.last, ValidationError(ENGAGEMENT_FAULTS["out_of_order"], code="out_of_order"))
        return cleaned


class WishForm(SpanForm):
    """What a customer wishes for."""

    first, last = "wished_from", "wished_until"

    kind = forms.ChoiceField(
        label=_("What would you like?"),
        choices=[(kind.value, ENGAGEMENT_KINDS[kind.value]) for kind in EngagementKind],
        widget=forms.RadioSelect,
    )
    subject = LineField(label=_("In one line"), max_length=LINE_LIMIT)
    wish = TextField(
        label=_("What is it about?"),
        max_length=BODY_LIMIT,
        help_text=_("Your aim, who takes part, what there is already. Markdown is understood."),
    )
    wished_from = DayField(label=_("From"))
    wished_until = DayField(label=_("Until"))
    place = LineField(
        label=_("Place"), max_length=LINE_LIMIT, required=False, help_text=_("For a workshop: where it takes place.")
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("language", (get_language() or "en").lower())

    def clean(self) -> dict[str, Any]:
        """Ask for the place of a workshop."""
        cleaned = super().clean()
        if cleaned.get("kind") == EngagementKind.WORKSHOP and not cleaned.get("place"):
            self.add_error("place", ValidationError(ENGAGEMENT_FAULTS["empty"], code="required"))
        return cleaned

    def wish_given(self) -> Wish:
        """What was typed, as the service takes it."""
        data = self.cleaned_data
        return Wish(**{**data, "language": TAGS[data["language"]]})


class PlanForm(SpanForm):
    """Who leads it, and when."""

    prefix = "plan"
    first, last = "starts_on", "ends_on"

    lead = forms.TypedChoiceField(label=_("Senior engineer"), coerce=int)
    starts_on = DayField(label=_("From"))
    ends_on = DayField(label=_("Until"))
    message = TextField(label=_("Message"), rows=3, max_length=BODY_LIMIT, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(person.pk, person.name) for person in leads_to_be()]
        cast(forms.ChoiceField, self.fields["lead"]).choices = [("", "—"), *people]

    def plan_given(self) -> Plan:
        """The plan as the service takes it."""
        return Plan(**self.cleaned_data)


class EntryForm(forms.Form):
    """Something to write."""

    body = TextField(label=_("Message"), rows=4, max_length=BODY_LIMIT)


class BeginForm(forms.Form):
    """Words with the beginning, if any."""

    prefix = "begin"

    message = TextField(label=_("Message"), rows=3, max_length=BODY_LIMIT, required=False)


class CompleteForm(forms.Form):
    """What came of it."""

    prefix = "complete"

    message = TextField(label=_("What came of it?"), rows=4, max_length=BODY_LIMIT)


class CallOffForm(forms.Form):
    """Why it is called off."""

    prefix = "call-off"

    message = TextField(label=_("Why?"), rows=3, max_length=BODY_LIMIT)


class LinkForm(forms.Form):
    """A service request that belongs to it."""

    prefix = "link"

    request_number = LineField(
        label=_("Number of the request"), max_length=12, widget=forms.TextInput(attrs={"placeholder": "SR-000000000"})
    )
