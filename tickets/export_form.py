"""What somebody asks to have as a file, on a page; days are the reader's own, from midnight to midnight."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.forms import LineField
from tickets import wording
from tickets.services.exports import Wish
from tickets.span_form import SpanForm

FOLDERS = (
    ("", _("All requests")),
    ("open", _("Open")),
    ("recently_closed", _("Recently closed")),
    ("archived", _("Archived")),
)
NARROWED: dict[str, dict[str, Any]] = {
    "open": {"open": True},
    "recently_closed": {"recently_closed": True},
    "archived": {"state": ["archived"]},
}
FORMATS = (("csv", _("CSV, for spreadsheets")), ("ndjson", _("NDJSON, for programs")))
ANY = pgettext_lazy("no severity, or no kind, in particular", "Any")


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


class ExportForm(SpanForm):
    """For customers: what of theirs, and as what."""

    kind = forms.ChoiceField(label=_("What"), choices=lambda: list(wording.EXPORT_KINDS.items()))
    folder = forms.ChoiceField(label=_("Which requests"), choices=FOLDERS, required=False)
    severity = forms.ChoiceField(
        label=_("Severity"), choices=lambda: [("", ANY), *wording.SEVERITIES.items()], required=False
    )
    category = forms.ChoiceField(
        label=_("Kind"), choices=lambda: [("", ANY), *wording.CATEGORIES.items()], required=False
    )
    since = _day(_("Filed from"))
    until = _day(_("Filed until and including"))
    q = LineField(label=_("Words of subject and description"), required=False)
    incident = LineField(
        label=_("Incident"),
        required=False,
        max_length=14,
        widget=forms.TextInput(attrs={"placeholder": "INC-2026-00000"}),
    )
    file_format = forms.ChoiceField(label=_("Format"), choices=FORMATS)
    byte_order_mark = forms.BooleanField(label=_("Mark the CSV file as UTF-8, as Excel wants it"), required=False)

    def wish(self, *, language: str) -> Wish:
        """What is asked for."""
        data = self.cleaned_data
        return Wish(
            kind=data["kind"],
            file_format=data["file_format"],
            language=language,
            byte_order_mark=data["byte_order_mark"],
            filters=self._filters(data),
        )

    def _filters(self, data: dict[str, Any]) -> dict[str, Any]:
        filters = dict(NARROWED.get(data["folder"], {}))
        if data["severity"]:
            filters["severity"] = [data["severity"]]
        if data["since"]:  # the list's own filter leaves out its end
            filters["created_after"] = self.midnight(data["since"]) - timedelta(microseconds=1)
        if data["until"]:
            filters["created_before"] = self.midnight(data["until"] + timedelta(days=1))
        data["incident"] = data["incident"].upper()
        plain = {name: data.get(name) for name in ("category", "q", "organisation", "incident")}
        return filters | {name: value for name, value in plain.items() if value}


class StaffExportForm(ExportForm):
    """For support staff: whose, too."""

    organisation = forms.SlugField(
        label=_("Organisation"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": _("Its short name")}),
    )
