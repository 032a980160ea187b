"""Forms of disputes of a severity (SE-5)."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets import wording
from tickets.forms import REASON_LIMIT, TextField
from tickets.services.disputes import STATEMENT_LIMIT


class DisputeForm(forms.Form):
    """Which severity an admin thinks right instead of what `stands`, and what the problem does to the business."""

    severity = forms.ChoiceField(label=_("Severity that you think right"))
    statement = TextField(
        label=_("Impact on your business"),
        max_length=STATEMENT_LIMIT,
        rows=4,
        help_text=_("Who cannot work, what stands still, which dates are at risk?"),
    )

    def __init__(self, *args: Any, stands: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        severity = cast(forms.ChoiceField, self.fields["severity"])
        severity.choices = [("", _("Choose…")), *others_than(stands)]


class AgreeForm(forms.Form):
    """The severity that counts from now on, and why."""

    severity = forms.ChoiceField(label=_("Severity"))
    reason = TextField(label=_("Reason, which the customer reads"), max_length=REASON_LIMIT, rows=3)

    def __init__(self, *args: Any, stands: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["severity"]).choices = others_than(stands)


class DeclineForm(forms.Form):
    """Why the severity stays as it is."""

    reason = TextField(label=_("Reason, which the customer reads"), max_length=REASON_LIMIT, rows=3)


def others_than(stands: str) -> list[tuple[str, Any]]:
    """The severities that a dispute can lead to."""
    return [(code, label) for code, label in wording.SEVERITIES.items() if code != stands]
