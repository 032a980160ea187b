"""The teams that requests are routed to, and what leads change of them (RO-3)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import clock, permissions
from accounts.forms.desk import done
from accounts.forms.staff import KIND_LABELS, REGION_LABELS, NewTeamForm, TeamForm
from accounts.labels import in_active_language
from accounts.models import Team
from accounts.selectors import staff
from accounts.services import teams
from accounts.views.base import ActView


class TeamsView(ActView):
    """All teams."""

    act = "read_staff"

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them."""
        names = {kind: dict(staff.skills(kind)) for kind in ("services", "languages")}
        crews = staff.crews(now=clock.now())
        rows: list[dict[str, Any]] = [
            {
                "row": team,
                "name": in_active_language(team.names),
                "kinds": [KIND_LABELS.get(kind, kind) for kind in team.support_kinds],
                "services": staff.named(team.services, names["services"]),
                "region": REGION_LABELS.get(team.region, ""),
                "languages": staff.named(team.languages, names["languages"]),
                "crew": crews.get(team.pk, staff.NOBODY),
            }
            for team in staff.teams()
        ]
        context = {"rows": rows, "may_manage": permissions.may(self.actor, "manage_teams"), "breadcrumbs": _trail()}
        return self.render("accounts/staff/teams.html", context)


class TeamFormView(ActView):
    """A page with the form of a team."""

    act = "manage_teams"

    def draw(self, form: TeamForm, team: Team | None = None) -> HttpResponse:
        """Draw it."""
        here = in_active_language(team.names) if team else _("New team")
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        context = {"form": form, "team": team, "here": here, "breadcrumbs": _trail(here)}
        return self.render("accounts/staff/team.html", context, status=status)

    def saved(self, words: str) -> HttpResponse:
        """Say so, and lead to the list."""
        messages.success(self.request, words)
        return HttpResponseRedirect(reverse("accounts:teams"))


class NewTeamView(TeamFormView):
    """Make a team."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Offer the form."""
        return self.draw(NewTeamForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store it."""
        form = NewTeamForm(request.POST)
        if form.is_valid() and done(form, lambda: self._add(form)):
            return self.saved(_("The team takes requests from now on."))
        return self.draw(form)

    def _add(self, form: NewTeamForm) -> None:
        teams.add_team(code=form.cleaned_data["slug"], terms=form.terms(), actor=self.actor)


class TeamView(TeamFormView):
    """Change what a team takes."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        """Offer the form."""
        team = staff.team_called(code)
        return self.draw(TeamForm.of(team), team)

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        """Store the change."""
        team = staff.team_called(code)
        form = TeamForm(request.POST, team=team)
        if form.is_valid() and done(form, lambda: self._change(form, code)):
            return self.saved(_("The team is changed. It counts for requests to come; those it has stay with it."))
        return self.draw(form, team)

    def _change(self, form: TeamForm, code: str) -> None:
        teams.change_team(code=code, terms=form.terms(), actor=self.actor)


class RetireTeamView(TeamFormView):
    """Send new requests to a team no longer."""

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        """Retire it."""
        teams.retire_team(code=code, actor=self.actor)
        return self.saved(_("The team gets no new requests any more."))


class BringTeamBackView(TeamFormView):
    """Send new requests to a retired team again."""

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        """Bring it back."""
        teams.bring_team_back(code=code, actor=self.actor)
        return self.saved(_("The team takes requests again."))


def _trail(here: str = "") -> list[dict[str, str]]:
    staff_page = {"label": _("Staff"), "url": reverse("accounts:staff")}
    if not here:
        return [staff_page, {"label": _("Teams")}]
    return [staff_page, {"label": _("Teams"), "url": reverse("accounts:teams")}, {"label": here}]
