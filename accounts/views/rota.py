"""The duty rota: who is on duty now and this week, and what leads change of it (RO-3)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts import clock, permissions, rota
from accounts.calendars import short_date, weekday_name
from accounts.edges import problem_for
from accounts.errors import DutyPatternNotFound, InvalidShift, PersonNotFound, ShiftNotFound, ShiftOverlaps
from accounts.forms.rota import DUTY_ROLES, LOCAL_TIME, PatternForm, ShiftForm, TakeOverForm, team_label
from accounts.models import DutyShift
from accounts.rota.duty_time import DAY
from accounts.rota.week import DAYS, seated, warning, week_of
from accounts.services import duty_patterns
from accounts.services import rota as services
from accounts.timezones import zone_or_utc
from accounts.views.base import ActView


class RotaPage(ActView):
    """Any page of the rota: staff read, leads change."""

    act = "read_rota"

    @property
    def zone(self) -> ZoneInfo:
        """The reader's time zone."""
        return zone_or_utc(self.actor.timezone)

    @property
    def may_change(self) -> bool:
        """Whether the reader changes the rota."""
        return permissions.may(self.actor, "manage_rota")


class RotaView(RotaPage):
    """One week by seat, who is on duty now, the next handover, and where nobody is."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw the week."""
        now = clock.now()
        first = self._monday(now)
        teams = list(rota.teams())
        team = next((each for each in teams if each.code == request.GET.get("team")), None)
        roster = rota.roster_at(now)
        context = {
            "now": now,
            "on_now": [seated(shift) for shift in roster.in_order()],
            "handover_at": rota.handover_after(roster),
            "gaps": [warning(gap) for gap in rota.gaps(now=now)],
            "rows": week_of(first, self.zone, team, now=now),
            "day_names": [short_date(first + DAY * index) for index in range(DAYS)],
            "previous": (first - DAY * DAYS).isoformat(),
            "next": (first + DAY * DAYS).isoformat(),
            "week": first.isoformat(),
            "teams": [(each.code, team_label(each)) for each in teams],
            "team": team.code if team else "",
            "zone": self.actor.timezone,
            "may_change": self.may_change,
        }
        return self.render("accounts/rota/week.html", context)

    def _monday(self, now: datetime) -> date:
        """The Monday of the week asked for, else of this one."""
        try:
            day = date.fromisoformat(self.request.GET.get("week", "")[:10])
        except ValueError:
            day = now.astimezone(self.zone).date()
        day = min(max(day, date(2000, 1, 10)), date(2100, 1, 1))
        return day - DAY * day.weekday()


class AddShiftView(RotaPage):
    """Put somebody on duty once."""

    act = "manage_rota"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Offer the form, for the day asked for."""
        begins = clock.now().astimezone(self.zone).replace(minute=0) + timedelta(hours=1)
        ends = begins + timedelta(hours=8)
        initial = {"starts_at": begins.strftime(LOCAL_TIME), "ends_at": ends.strftime(LOCAL_TIME)}
        return self._draw(ShiftForm(zone=self.actor.timezone, initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store it."""
        form = ShiftForm(request.POST, zone=self.actor.timezone)
        if not form.is_valid() or not _done(form, lambda: self._add(form)):
            return self._draw(form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        messages.success(request, _("The shift is in the rota."))
        return HttpResponseRedirect(_week_of(form.span.start_at, self.zone))

    def _add(self, form: ShiftForm) -> None:
        data = form.cleaned_data
        services.add_shift(
            role=data["role"], team=data["team"], person_id=data["person"], span=form.span, actor=self.actor
        )

    def _draw(self, form: ShiftForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
        return self.render(
            "accounts/rota/add.html", {"form": form, "breadcrumbs": _trail(_("Add a shift"))}, status=status
        )


class ShiftView(RotaPage):
    """One shift, and who takes it over."""

    def get(self, request: HttpRequest, shift_id: int) -> HttpResponse:
        """Draw it."""
        shift, now = _found(shift_id), clock.now()
        form = None
        if shift.ends_at > now:
            form = TakeOverForm.of(shift, reader_id=self.actor.person_id, zone=self.actor.timezone, now=now)
        return self._draw(shift, form, now=now)

    def post(self, request: HttpRequest, shift_id: int) -> HttpResponse:
        """Let somebody take it over."""
        permissions.require(self.actor, "manage_rota")
        shift = _found(shift_id)
        form = TakeOverForm(request.POST, role=shift.role, zone=self.actor.timezone)
        if not form.is_valid() or not _done(form, lambda: self._take_over(shift, form)):
            return self._draw(shift, form, now=clock.now(), status=HTTPStatus.UNPROCESSABLE_ENTITY)
        messages.success(request, _("The shift has changed hands."))
        return HttpResponseRedirect(_week_of(shift.starts_at, self.zone))

    def _take_over(self, shift: DutyShift, form: TakeOverForm) -> None:
        services.take_over(shift_id=shift.pk, person_id=form.cleaned_data["person"], span=form.span, actor=self.actor)

    def _draw(
        self, shift: DutyShift, form: TakeOverForm | None, *, now: datetime, status: int = HTTPStatus.OK
    ) -> HttpResponse:
        context = {**seated(shift), "form": form, "may_change": self.may_change and shift.ends_at > now, "now": now}
        return self.render("accounts/rota/shift.html", {**context, "breadcrumbs": _trail(_("Shift"))}, status=status)


class RemoveShiftView(RotaPage):
    """Take a shift away, or end the one that runs."""

    act = "manage_rota"

    def post(self, request: HttpRequest, shift_id: int) -> HttpResponse:
        """Do it."""
        shift = _found(shift_id)
        try:
            services.remove_shift(shift_id=shift_id, actor=self.actor)
        except InvalidShift as refusal:
            messages.error(request, problem_for(refusal).detail)
        else:
            messages.success(request, _("The shift is out of the rota. Look whether somebody else is on duty then."))
        return HttpResponseRedirect(_week_of(shift.starts_at, self.zone))


class PatternsView(RotaPage):
    """The weekly duties that shifts are made from."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them."""
        now = clock.now()
        initial = {"timezone": self.actor.timezone, "first_day": now.astimezone(self.zone).date(), "every_weeks": 1}
        return self._draw(PatternForm(now=now, initial=initial), now=now)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store one more."""
        permissions.require(self.actor, "manage_rota")
        now = clock.now()
        form = PatternForm(request.POST, now=now)
        if not form.is_valid() or not _done(form, lambda: self._add(form)):
            return self._draw(form, now=now, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        messages.success(request, _("The weekly duty is in the rota, with its shifts of the coming weeks."))
        return HttpResponseRedirect(reverse("accounts:rota_patterns"))

    def _add(self, form: PatternForm) -> None:
        data = dict(form.cleaned_data)
        duty_patterns.add_pattern(person_id=data.pop("person"), actor=self.actor, **data)

    def _draw(self, form: PatternForm, *, now: datetime, status: int = HTTPStatus.OK) -> HttpResponse:
        today = now.astimezone(self.zone).date()
        rows = [
            {"row": row, "role": DUTY_ROLES[row.role], "team": team_label(row.team), "days": _days(row.weekdays)}
            for row in rota.patterns(now=now)
        ]
        context = {"rows": rows, "form": form, "may_change": self.may_change, "today": today}
        return self.render(
            "accounts/rota/patterns.html", {**context, "breadcrumbs": _trail(_("Weekly duties"))}, status=status
        )


class EndPatternView(RotaPage):
    """End a weekly duty with today."""

    act = "manage_rota"

    def post(self, request: HttpRequest, pattern_id: int) -> HttpResponse:
        """End it; its coming shifts go."""
        pattern = rota.pattern_of(pattern_id)
        if pattern is None:
            raise DutyPatternNotFound
        today = clock.now().astimezone(zone_or_utc(pattern.timezone)).date()  # on its own clocks
        duty_patterns.end_pattern(pattern_id=pattern_id, last_day=today, actor=self.actor)
        messages.success(request, _("The weekly duty ends today. Its coming shifts are out of the rota."))
        return HttpResponseRedirect(reverse("accounts:rota_patterns"))


def _done(form: forms.Form, work: Any) -> bool:
    """Do it, or say beside the field why not."""
    try:
        work()
    except InvalidShift as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, problem_for(refusal).detail)
    except PersonNotFound:
        form.add_error("person", _("Choose somebody who holds this role."))
    except ShiftOverlaps as refusal:
        form.add_error("starts_at", problem_for(refusal).detail)
    return form.is_valid()


def _found(shift_id: int) -> DutyShift:
    shift = rota.shift_of(shift_id)
    if shift is None:
        raise ShiftNotFound
    return shift


def _days(weekdays: list[int]) -> str:
    names = [weekday_name(day, width="abbreviated") for day in weekdays]
    return pgettext("between items of a list", ", ").join(names)


def _week_of(at: datetime, zone: ZoneInfo) -> str:
    return f"{reverse('accounts:rota')}?week={at.astimezone(zone).date().isoformat()}"


def _trail(here: str) -> list[dict[str, str]]:
    return [{"label": _("Duty rota"), "url": reverse("accounts:rota")}, {"label": here}]
