"""Of which days somebody wants the report on commitments, and by what; days are the reader's own."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.edges import problem_for
from accounts.timezones import zone_or_utc
from tickets.errors import InvalidReportRange
from tickets.selectors.sla_report import Range, range_of

PERIODS = (
    ("this_month", _("This month")),
    ("last_month", _("Last month")),
    ("last_90_days", _("Last 90 days")),
    ("days", _("From … to …")),
)
GROUPS = {
    "severity": _("Severity"),
    "tier": _("Plan"),
    "category": _("Kind"),
    "service": _("Service"),
    "month": _("Month of filing"),
}
USUAL = {"period": "last_90_days", "group_by": "severity"}


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class ReportForm(forms.Form):
    """The form stands in the address, so that a report can be kept and passed on; what is left out is usual."""

    period = forms.ChoiceField(label=_("Period"), choices=PERIODS)
    since = _day(pgettext_lazy("a day", "From"))
    until = _day(_("To and including"))
    group_by = forms.ChoiceField(
        label=pgettext_lazy("of what a report has lines", "By"), choices=lambda: list(GROUPS.items())
    )

    def __init__(self, given: Any, *, zone: str, now: datetime) -> None:
        data = given.copy()
        if data.get("since") or data.get("until"):
            data.setdefault("period", "days")
        for name, value in USUAL.items():
            data.setdefault(name, value)
        super().__init__(data)
        self._zone, self._now = zone, now
        self.span: Range | None = None

    def clean(self) -> None:
        """Make days of what was chosen; a period by name leaves the two days as they were typed, and out of account."""
        chosen = self.cleaned_data.get("period")
        if not chosen or "since" in self.errors or "until" in self.errors:
            return
        first, last = self._days(chosen)
        if chosen == "days" and not first:
            self.add_error("since", _("Choose the first day."))
            return
        try:
            self.span = range_of(first, last, zone=self._zone, now=self._now)
        except InvalidReportRange as error:
            self.add_error("until" if chosen == "days" else None, problem_for(error).detail)

    def _days(self, period: str) -> tuple[date | None, date | None]:
        today = self._now.astimezone(zone_or_utc(self._zone)).date()
        begins = today.replace(day=1)
        if period == "this_month":
            return begins, today
        if period == "last_month":
            ends = begins - timedelta(days=1)
            return ends.replace(day=1), ends
        if period == "days":
            return self.cleaned_data.get("since"), self.cleaned_data.get("until")
        return None, None


class StaffReportForm(ReportForm):
    """For support staff: of all organisations that they serve, or of one."""

    organisation = forms.SlugField(
        label=_("Organisation"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": _("Its short name")}),
    )
