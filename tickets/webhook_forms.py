"""Forms of webhook endpoints: they check form, services decide."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import LineField
from tickets import webhook_wording as wording
from tickets.services.endpoints import DESCRIPTION_LIMIT

URL_LIMIT = 2_000


class EndpointForm(forms.Form):
    """Where to, and what it hears of."""

    url = LineField(
        label=_("Address"),
        max_length=URL_LIMIT,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("It begins with https:// and is public. Only its server should know it if it holds a key."),
    )
    description = LineField(
        label=_("Description"),
        max_length=DESCRIPTION_LIMIT,
        required=False,
        help_text=_("What it is for, so that a colleague knows whether it is still needed."),
    )
    types = forms.MultipleChoiceField(
        label=_("What shall it hear of?"),
        choices=wording.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one type of event, of those that there are.")},
    )


class SendMissedForm(forms.Form):
    """From when on what failed goes out again."""

    hours = forms.TypedChoiceField(label=_("Since when?"), coerce=int, choices=wording.SINCE)
