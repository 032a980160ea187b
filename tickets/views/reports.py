"""The report on commitments as a page, with its picture, and as a file for spreadsheets (SLA-1, RO-4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, ClassVar

from babel.dates import format_skeleton
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language, gettext, to_locale
from django.utils.translation import gettext_lazy as _

from accounts import selectors as accounts
from accounts.csv_cells import csv_lines
from accounts.errors import OrganisationNotFound
from accounts.labels import TIERS
from accounts.models import Organisation
from accounts.permissions import require
from sla.wording import duration_text
from tickets import wording
from tickets.report_form import GROUPS, ReportForm, StaffReportForm
from tickets.report_pictures import chart_of
from tickets.selectors import catalogue
from tickets.selectors.sla_report import ACT, Line, Report, sla_report
from tickets.views.base import RequestsView, refusal

HEADINGS = {
    "requests": _("Requests"),
    "kept": _("Kept"),
    "breached": _("Missed"),
    "running": _("Running"),
    "ended": _("Ended"),
    "superseded": _("Replaced"),
    "none": _("Nothing promised"),
    "kept_share": _("Kept (share)"),
    "median": _("First response, median (s)"),
    "ninetieth": _("First response, nine in ten within (s)"),
    "closed": _("Closed"),
    "reopened": _("Reopened"),
    "reopen_rate": _("Reopened (share)"),
    "answers": _("Survey answers"),
    "rating": _("Survey average"),
}


class _ReportPage(RequestsView):
    """What the page and the file share; each is for one side only."""

    for_staff: ClassVar[bool] = False
    one: Organisation | None = None  # that the desk wants the report of
    names: ClassVar[dict[str, str]] = {"page": "tickets:sla_report", "file": "tickets:sla_report_file"}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Let in whoever may, on their own side."""
        if request.user.is_authenticated:
            require(self.actor, ACT)
            if self.actor.is_staff != self.for_staff:
                raise OrganisationNotFound
        return super().dispatch(request, *args, **kwargs)

    def asked(self) -> tuple[ReportForm, Report | None]:
        """The form as it was sent, and the report, None where something is wrong with it."""
        form = (StaffReportForm if self.for_staff else ReportForm)(self.request.GET, zone=self.zone, now=self.now)
        if not form.is_valid() or form.span is None:
            return form, None
        slug = form.cleaned_data.get("organisation")
        if slug:
            try:
                self.one = accounts.visible_organisation(self.actor, slug, now=self.now)
            except OrganisationNotFound as error:
                form.add_error("organisation", refusal(error).detail)
                return form, None
        group_by, now, organisation_id = form.cleaned_data["group_by"], self.now, self.one.pk if self.one else None
        return form, sla_report(self.actor, form.span, group_by=group_by, organisation_id=organisation_id, now=now)


class SlaReportView(_ReportPage):
    """Key figures, a picture and a table."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw it, or the form with what is wrong."""
        form, report = self.asked()
        context: dict[str, Any] = {
            "form": form,
            "report": report,
            "here": reverse(self.names["page"]),
            "layout": "base.html" if self.for_staff else "accounts/organisation/base.html",
            "for_staff": self.for_staff,
            "one": self.one,
        }
        if not self.for_staff:
            context["organisation"] = accounts.organisation_of(self.actor)
        if report:
            context |= _shown(report)
            context["file_url"] = f"{reverse(self.names['file'])}?{request.GET.urlencode()}"
        return self.render("tickets/reports/sla.html", context, status=200 if report else 400)


class SlaReportFileView(_ReportPage):
    """The same figures, a row for each group and one for all."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Send the file; to the page, which says what is wrong, where there is none."""
        _form, report = self.asked()
        if report is None:
            return HttpResponseRedirect(f"{reverse(self.names['page'])}?{request.GET.urlencode()}")
        answer = HttpResponse("".join(csv_lines(_rows(report))), content_type="text/csv; charset=utf-8")
        name = f"commitments-{report.span.first}-{report.span.last}.csv"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


STAFF = {
    "for_staff": True,
    "names": {"page": "tickets:staff_sla_report", "file": "tickets:staff_sla_report_file"},
}


def _shown(report: Report) -> dict[str, Any]:
    names = _names(report)
    rows = [_row(names.get(line.name or "", str(line.name)), line) for line in report.lines]
    drawn = [(row["name"], row["share"], row["counts"], row["line"].commitments) for row in rows if row["is_drawn"]]
    return {
        "by": GROUPS[report.group_by],
        "first_day": _written("yMMMd", report.span.first),
        "last_day": _written("yMMMd", report.span.last),
        "rows": rows,
        "total": _row(gettext("All"), report.total),
        "chart": chart_of(drawn),
        "is_drawn": bool(drawn),
    }


def _row(name: str, line: Line) -> dict[str, Any]:
    told = line.commitments
    counts = gettext("kept %(kept)d · missed %(missed)d · running %(running)d") % {
        "kept": told["kept"],
        "missed": told["breached"],
        "running": told["running"],
    }
    return {
        "name": name,
        "line": line,
        "share": _percent(line.kept_share),
        "counts": counts,
        "is_drawn": any(told[state] for state in ("kept", "breached", "running")),
        "median": _duration(line.median),
        "ninetieth": _duration(line.ninetieth),
        "reopened": _percent(line.reopen_rate),
        "rating": wording.decimal(line.rating) if line.rating is not None else "–",
    }


def _rows(report: Report) -> Iterator[list[Any]]:
    names = _names(report)
    yield [str(GROUPS[report.group_by]), *(str(heading) for heading in HEADINGS.values())]
    for line in report.lines:
        yield [names.get(line.name or "", line.name), *_cells(line)]
    yield [gettext("All"), *_cells(report.total)]


def _cells(line: Line) -> list[Any]:
    plain = {name: line.commitments[name] for name in line.commitments}
    values = [plain[name] if name in plain else getattr(line, name) for name in HEADINGS]
    return [round(value, 4) if isinstance(value, float) else value for value in values]


def _names(report: Report) -> dict[str, str]:
    """The groups in words; one query for services, none otherwise."""
    if report.group_by == "service":
        return {**dict(catalogue.service_names()), "": gettext("No service")}
    if report.group_by == "month":
        return {line.name: _month(line.name) for line in report.lines if line.name}
    words: dict[str, Mapping[str, Any]] = {
        "severity": wording.SEVERITIES,
        "tier": TIERS,
        "category": wording.CATEGORIES,
    }
    return {code: str(label) for code, label in words[report.group_by].items()}


def _month(name: str) -> str:
    year, month = map(int, name.split("-"))
    return _written("yMMMM", date(year, month, 1))


def _written(what: str, day: date) -> str:
    """A day or month as the reader writes it."""
    language = to_locale(get_language() or "en")
    return str(format_skeleton(what, day, locale="en_GB" if language == "en" else language))


def _percent(share: float | None) -> str:
    return wording.percent(round(share * 100)) if share is not None else "–"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    grain = 60 if seconds >= 60 else 1  # seconds tell nothing of hours
    return duration_text(timedelta(seconds=round(seconds / grain) * grain))
