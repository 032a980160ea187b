"""Business hours of an organisation: what counts, by the year; earlier versions; and the editor (settled point 8)."""

from __future__ import annotations

from datetime import date, datetime
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import clock, keyset, permissions, selectors
from accounts.calendars import (
    business_hours,
    date_in_words,
    hours_in_words,
    month_name,
    weekday_name,
    windows_in_words,
)
from accounts.calendars.changes import Changes
from accounts.calendars.choices import YEARS_AHEAD, YEARS_BACK, choices_of, closed_days_of
from accounts.calendars.editor import Editor, seal_of
from accounts.calendars.years import WEEK, year_view
from accounts.edges import problem_for
from accounts.errors import CalendarChanged
from accounts.models import CalendarVersion, Organisation
from accounts.particulars import place_name
from accounts.services import calendars
from accounts.services.calendars import Preview
from accounts.views.base import PersonView

VERSIONS_SHOWN = 10
MORE = ("add_window", "add_day", "regions")


class CalendarView(PersonView):
    """The business hours of the organisation acted for."""

    page, editor = "accounts:calendar", "accounts:edit_calendar"

    def find(self) -> Organisation:
        """The organisation."""
        permissions.require(self.actor, "read_organisation")
        return selectors.organisation_of(self.actor)

    def get(self, request: HttpRequest, **address: str) -> HttpResponse:
        """Draw a year of one version, and the list of them."""
        organisation, now = self.find(), clock.now()
        current = selectors.calendar_of(organisation.pk)
        version = self._version(organisation, current)
        context = {
            **self.common(organisation),
            **_year(version.document, _named(version, organisation), self._year(now)),
            "years": [{"url": self._query(year=year), "label": year} for year in _years(now)],
            "version": version,
            "current": current,
            "hours": business_hours(version.document, today=calendars.today_in(version.document["timezone"], now=now)),
            "choices": choices_of(version, organisation),
            "versions": self._versions(organisation),
        }
        context["years"] = [dict(item, current=item["label"] == context["year"]) for item in context["years"]]
        context["kept"] = _kept(context["choices"])
        return self.render("accounts/calendar/page.html", context)

    def common(self, organisation: Organisation) -> dict[str, Any]:
        """What every page about this calendar shows."""
        return {
            "organisation": organisation,
            "page_url": reverse(self.page, kwargs=self.kwargs),
            "edit_url": reverse(self.editor, kwargs=self.kwargs),
            "may_edit": permissions.may(self.actor, "manage_calendar"),
            "breadcrumbs": self.trail(organisation),
        }

    def trail(self, organisation: Organisation) -> list[dict[str, str]]:
        """The way here."""
        return [{"label": organisation.name, "url": reverse("accounts:organisation")}, {"label": _("Business hours")}]

    def _query(self, **changes: object) -> str:
        query = self.request.GET.copy()
        for name, value in changes.items():
            query[name] = str(value)
        return f"?{query.urlencode()}"

    def _version(self, organisation: Organisation, current: CalendarVersion) -> CalendarVersion:
        wanted = self.request.GET.get("version", "")
        if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 9):
            return current
        return selectors.calendar_version_of(organisation.pk, int(wanted))

    def _year(self, now: datetime) -> int:
        wanted = self.request.GET.get("year", "")
        return int(wanted) if wanted in map(str, _years(now)) else now.year

    def _versions(self, organisation: Organisation) -> keyset.Page[CalendarVersion]:
        rows = selectors.calendars_of(organisation.pk)
        return keyset.page_or_first(
            rows, order=["-version"], cursor=self.request.GET.get("before"), size=VERSIONS_SHOWN
        )


class EditCalendarView(CalendarView):
    """The editor: rows come and go without a script and lose nothing; a preview comes before saving."""

    def get(self, request: HttpRequest, **address: str) -> HttpResponse:
        """Open it on the hours in force."""
        organisation, now = self._editable(), clock.now()
        current = selectors.calendar_of(organisation.pk)
        return self._draw(organisation, current, Editor.of(choices_of(current, organisation), now=now))

    def post(self, request: HttpRequest, **address: str) -> HttpResponse:
        """Do what the button says."""
        organisation, now = self._editable(), clock.now()
        current = selectors.calendar_of(organisation.pk)
        act = request.POST.get("do", "preview")
        if act in MORE or act.startswith("remove_"):
            return self._draw(organisation, current, Editor.changed(request.POST, act, now=now))
        editor = Editor.typed(request.POST, now=now)
        choices = editor.check(choices_of(current, organisation), now=now)
        if choices is None:
            return self._draw(organisation, current, editor, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        if act == "save" and request.POST.get("seal") == seal_of(choices):
            try:
                return self._save(organisation, choices, editor.note)
            except CalendarChanged as refusal:
                messages.error(request, problem_for(refusal).detail)
        preview = calendars.preview_calendar(
            organisation=organisation, choices=choices, language=get_language() or "en", now=now
        )
        year = act.removeprefix("preview-")
        shown = int(year) if year in map(str, _years(now)) else now.year
        names = choices.closed_days(range(shown, shown + 1), language=get_language() or "en")
        more = {
            **_year(preview.document, names, shown, before=preview.current.document),
            "years": [{"value": f"preview-{each}", "label": each, "current": each == shown} for each in _years(now)],
            "changes": _told(preview),
            "seal": seal_of(choices),
        }
        return self._draw(organisation, current, editor, more=more)

    def _editable(self) -> Organisation:
        permissions.require(self.actor, "manage_calendar")
        return self.find()

    def _save(self, organisation: Organisation, choices: Any, note: str) -> HttpResponse:
        given = self.request.POST.get("version", "")
        version = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 0
        calendars.change_calendar(slug=organisation.slug, choices=choices, actor=self.actor, version=version, note=note)
        messages.success(
            self.request, _("The business hours are saved. They count for promises made from now on; none has moved.")
        )
        return HttpResponseRedirect(reverse(self.page, kwargs=self.kwargs))

    def _draw(
        self,
        organisation: Organisation,
        current: CalendarVersion,
        editor: Editor,
        *,
        more: dict[str, Any] | None = None,
        status: int = HTTPStatus.OK,
    ) -> HttpResponse:
        context = {**self.common(organisation), "current": current, "editor": editor, **(more or {})}
        return self.render("accounts/calendar/edit.html", context, status=status)


class _OfDesk:
    """The same for support staff, about any organisation that they serve."""

    page, editor = "accounts:desk_calendar", "accounts:edit_desk_calendar"
    actor: Any
    kwargs: dict[str, str]

    def find(self) -> Organisation:
        """The organisation of the address."""
        permissions.require(self.actor, "read_organisations")
        return selectors.visible_organisation(self.actor, self.kwargs["slug"], now=clock.now())

    def trail(self, organisation: Organisation) -> list[dict[str, str]]:
        """The way here."""
        return [
            {"label": _("Organisations"), "url": reverse("accounts:organisations")},
            {
                "label": organisation.name,
                "url": reverse("accounts:desk_organisation", kwargs={"slug": organisation.slug}),
            },
            {"label": _("Business hours")},
        ]


class DeskCalendarView(_OfDesk, CalendarView):
    """The business hours of a customer."""


class EditDeskCalendarView(_OfDesk, EditCalendarView):
    """The editor for the business hours of a customer."""


def _years(now: datetime) -> range:
    return range(now.year - YEARS_BACK, now.year + YEARS_AHEAD + 1)


def _named(version: CalendarVersion, organisation: Organisation) -> dict[date, str]:
    return closed_days_of(version, organisation, language=get_language() or "en")


def _year(document: Any, names: Any, year: int, before: Any = None) -> dict[str, Any]:
    months = year_view(document, year=year, names=names, before=before)
    return {
        "year": year,
        "months": [(month_name(month.first), month) for month in months],
        "weekdays": [(weekday_name(day), weekday_name(day, width="narrow")) for day in range(WEEK)],
    }


def _kept(choices: Any) -> str:
    """Whose public holidays are kept."""
    if not choices.country:
        return _("None")
    return place_name(choices.country, choices.subdivision)


def _told(preview: Preview) -> dict[str, Any]:
    """The changes in words."""
    changes: Changes = preview.changes
    week = [
        {
            "day": weekday_name(day.weekday),
            "before": windows_in_words(day.before),
            "after": windows_in_words(day.after),
        }
        for day in changes.week
    ]
    years = [
        {
            "year": each.year,
            "before": hours_in_words(each.before),
            "after": hours_in_words(each.after),
            "same": each.before == each.after,
        }
        for each in changes.years
    ]
    return {
        "any": bool(changes),
        "timezone": changes.timezone,
        "week": week,
        "closes": [(date_in_words(day.date), day.name) for day in changes.closes],
        "opens": [(date_in_words(day.date), day.name) for day in changes.opens],
        "years": years,
    }
