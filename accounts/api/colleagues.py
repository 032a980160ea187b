"""Operations on the support staff and its teams (RO-3).

Who lets somebody in (roles that are given, invitations) does so on pages alone, with a fresh proof of who they are.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock, rota
from accounts.api import colleague_examples as examples
from accounts.api.base import ApiView, answer, idempotent
from accounts.api.colleague_serializers import (
    ColleagueFilters,
    ColleagueOutput,
    NewTeamInput,
    SkillsInput,
    SkillsOutput,
    StaffRoleInput,
    TeamChoiceInput,
    TeamInput,
    TeamOutput,
)
from accounts.api.people_serializers import NothingInput
from accounts.api.schema import lists
from accounts.idempotency import Answer
from accounts.models import Person, Team
from accounts.scopes import READ_DESK, WRITE_DESK
from accounts.selectors import staff
from accounts.services import skills, teams
from accounts.services import staff as services

READERS, TEAMS, STAFF = ("read_staff",), ("manage_teams",), ("manage_staff",)


class _TeamsView(ApiView):
    """An operation on teams."""

    def told(self, team: Team, *, status: int = 200) -> Response:
        """The team as it stands."""
        location = reverse("api-team", args=[team.code]) if status == 201 else ""
        crews = staff.crews(now=clock.now())
        return answer(
            TeamOutput(team, context={"crews": crews}).data,
            status=status,
            version=teams.team_version(team),
            location=location,
        )

    def terms(self, form: type[TeamInput]) -> tuple[str, teams.TeamTerms]:
        """The code, of a new one, and the terms that were sent."""
        given = self.read(form)
        code = given.pop("code", "")
        return code, teams.TeamTerms(**{**given, "region": given.get("region") or ""})

    def check_replay(self, stored: Answer) -> None:
        """Look the team of the address up again."""
        if "code" in self.kwargs:
            staff.team_called(self.kwargs["code"])


class TeamsView(_TeamsView):
    """Teams."""

    required_scopes = {"GET": READ_DESK, "POST": WRITE_DESK}
    acts = {"GET": READERS, "POST": TEAMS}

    @lists(TeamOutput)
    def get(self, request: Request) -> Response:
        """List every team, retired ones too, by code (support staff)."""
        self.read_query()
        crews = staff.crews(now=clock.now())
        return self.answer_page(Team.objects.order_by("code"), TeamOutput, crews=crews)

    @extend_schema(request=NewTeamInput, responses={201: TeamOutput}, examples=examples.NEW_TEAM)
    @idempotent
    def post(self, request: Request) -> Response:
        """Make a team, which gets new requests from now on (leads, duty managers, operators)."""
        code, terms = self.terms(NewTeamInput)
        return self.told(teams.add_team(code=code, terms=terms, actor=self.actor), status=201)


class TeamView(_TeamsView):
    """One team."""

    required_scopes = {"GET": READ_DESK, "PUT": WRITE_DESK}
    acts = {"GET": READERS, "PUT": TEAMS}

    @extend_schema(responses=TeamOutput)
    def get(self, request: Request, code: str) -> Response:
        """Tell what it is called and what it takes."""
        self.read_query()
        return self.told(staff.team_called(code))

    @extend_schema(request=TeamInput, responses=TeamOutput, examples=examples.CHANGE_TEAM)
    def put(self, request: Request, code: str) -> Response:
        """Change what it is called and takes, whole. It counts for requests to come; those it has stay with it."""
        version, (_, terms) = self.version_required(), self.terms(TeamInput)
        return self.told(teams.change_team(code=code, terms=terms, actor=self.actor, version=version))


class _ActOnTeamView(_TeamsView):
    """An act on one team."""

    versioned = False
    required_scopes = {"POST": WRITE_DESK}
    acts = {"POST": TEAMS}


class RetireTeamView(_ActOnTeamView):
    """A team that goes."""

    @extend_schema(request=NothingInput, responses=TeamOutput)
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        """Send new requests to it no longer; its people and what it has stay."""
        self.read(NothingInput)
        return self.told(teams.retire_team(code=code, actor=self.actor))


class BringTeamBackView(_ActOnTeamView):
    """A team that comes back."""

    @extend_schema(request=NothingInput, responses=TeamOutput)
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        """Send new requests to a retired team again."""
        self.read(NothingInput)
        return self.told(teams.bring_team_back(code=code, actor=self.actor))


def _standing() -> dict[str, Any]:
    """What tells who is at work now."""
    now = clock.now()
    return {"now": now, "roster": rota.roster_at(now)}


class _ColleaguesView(ApiView):
    """An operation on the staff."""

    def told(self, person_id: int) -> Response:
        """Who it is, as things stand."""
        return answer(ColleagueOutput(staff.member(person_id), context=_standing()).data)

    def check_replay(self, stored: Answer) -> None:
        """Look the colleague of the address up again."""
        staff.member(self.kwargs["person_id"])


class ColleaguesView(ApiView):
    """The staff."""

    required_scopes = {"GET": READ_DESK}
    acts = {"GET": READERS}

    @lists(ColleagueOutput, filters=ColleagueFilters)
    def get(self, request: Request) -> Response:
        """List the support staff by name (support staff)."""
        given = self.read_query(ColleagueFilters)
        found = staff.people(given.get("q", ""), team=given.get("team", ""), gone=not given.get("active", True))
        return self.answer_page(found.order_by(*staff.ORDER), ColleagueOutput, **_standing())


class ColleagueView(_ColleaguesView):
    """One of the staff."""

    required_scopes = {"GET": READ_DESK}
    acts = {"GET": READERS}

    @extend_schema(responses=ColleagueOutput)
    def get(self, request: Request, person_id: int) -> Response:
        """Tell who it is, their roles and their team (support staff)."""
        self.read_query()
        return self.told(person_id)


class _ActOnColleagueView(_ColleaguesView):
    """An act on one of the staff."""

    versioned = False
    required_scopes = {"POST": WRITE_DESK}
    acts = {"POST": STAFF}


class CloseColleagueView(_ActOnColleagueView):
    """A colleague who leaves."""

    @extend_schema(request=NothingInput, responses=ColleagueOutput)
    @idempotent
    def post(self, request: Request, person_id: int) -> Response:
        """Close the account: sessions and tokens end for good, and what they had open is back in the queue.

        Nobody closes their own (`own-account`), and the last team lead or operator stays (`last-of-role`).
        """
        self.read(NothingInput)
        services.deactivate_staff(person_id=person_id, actor=self.actor)
        return self.told(person_id)


class OpenColleagueView(_ActOnColleagueView):
    """A colleague who comes back."""

    @extend_schema(request=NothingInput, responses=ColleagueOutput)
    @idempotent
    def post(self, request: Request, person_id: int) -> Response:
        """Open a closed account again, as it was; a mail tells its owner how to choose a new password."""
        self.read(NothingInput)
        services.reactivate_staff(person_id=person_id, actor=self.actor)
        return self.told(person_id)


class TakeStaffRoleView(_ActOnColleagueView):
    """A role less."""

    @extend_schema(request=StaffRoleInput, responses=ColleagueOutput, examples=examples.ROLE)
    @idempotent
    def post(self, request: Request, person_id: int) -> Response:
        """Take a role away, from the next request on. Roles are given on the pages alone, with a fresh proof.

        Nobody changes their own (`own-account`), and the last team lead or operator stays (`last-of-role`).
        """
        services.take_staff_role(person_id=person_id, actor=self.actor, **self.read(StaffRoleInput))
        return self.told(person_id)


class ColleagueTeamView(_ActOnColleagueView):
    """The team of a colleague."""

    @extend_schema(request=TeamChoiceInput, responses=ColleagueOutput, examples=examples.TEAM)
    @idempotent
    def post(self, request: Request, person_id: int) -> Response:
        """Let somebody belong to a team, or to none."""
        team = self.read(TeamChoiceInput)["team"] or ""
        services.set_team(person_id=person_id, team=team, actor=self.actor)
        return self.told(person_id)


class SkillsView(ApiView):
    """What one of the staff knows and speaks, and when they work."""

    required_scopes = {"GET": READ_DESK, "PUT": WRITE_DESK}
    acts = {"GET": READERS, "PUT": READERS}

    @extend_schema(responses=SkillsOutput)
    def get(self, request: Request, person_id: int) -> Response:
        """Tell what they know and speak, and when they work (support staff)."""
        self.read_query()
        return self._told(staff.member(person_id))

    @extend_schema(request=SkillsInput, responses=SkillsOutput, examples=examples.SKILLS)
    def put(self, request: Request, person_id: int) -> Response:
        """Write it down, whole: everybody their own; leads, duty managers and operators everybody's (LA-1)."""
        version, given = self.version_required(), self.read(SkillsInput)
        return self._told(skills.set_skills(person_id=person_id, actor=self.actor, version=version, **given))

    def _told(self, person: Person) -> Response:
        return answer(SkillsOutput(person).data, version=skills.skills_version(person))
