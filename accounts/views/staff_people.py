"""The support staff: the list of them, the page of one, and what those who may change of it (RO-3)."""

from __future__ import annotations

from functools import cached_property
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import clock, keyset, permissions
from accounts.calendars import weekday_name, windows_in_words
from accounts.edges import problem_for
from accounts.errors import InvalidParticulars, LastOfRole, OwnAccount
from accounts.forms.staff import SkillsForm, StaffRoleForm, TeamChoiceForm, team_choices
from accounts.labels import in_active_language, role_label
from accounts.models import Person
from accounts.permissions import STAFF_ROLES
from accounts.selectors import directory, staff
from accounts.services import second_factors, skills
from accounts.services import staff as services
from accounts.views.base import ActView
from accounts.views.people import invitation_line
from accounts.views.recent import RecentView
from accounts.working_hours import WEEK

LONGEST_SEARCH = 100
MOST_INVITATIONS = 50


class StaffView(ActView):
    """Everybody who works for support, to look one up."""

    act = "read_staff"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw one page of them, by name."""
        sought = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
        team, gone = request.GET.get("team", "").replace("\x00", "")[:40], request.GET.get("gone") == "1"
        found = self._page(sought, team, gone)
        now, languages = clock.now(), dict(staff.skills("languages"))
        context: dict[str, Any] = {
            "rows": [
                {
                    "person": person,
                    "roles": [role_label(role) for role in person.role_names],
                    "team": in_active_language(person.team.names) if person.team else "",
                    "speaks": staff.named(person.languages, languages),
                    "works_now": staff.works_now(person, now=now),
                }
                for person in found.rows
            ],
            "query": sought,
            "team": team,
            "gone": "1" if gone else "",
            "teams": team_choices(),
            "standings": [("1", _("Accounts that are closed"))],
            "may_manage": permissions.may(self.actor, "manage_staff"),
            "invitations": self._invitations(now=now),
            "next": found.next,
            "previous": found.previous,
        }
        return self.render("accounts/staff/people.html", context)

    def _invitations(self, *, now: Any) -> list[dict[str, Any]]:
        """Who is invited, for whoever may invite."""
        if not permissions.may(self.actor, "manage_staff"):
            return []
        return [invitation_line(row, now=now) for row in directory.invitations_to(None)[:MOST_INVITATIONS]]

    def _page(self, sought: str, team: str, gone: bool) -> keyset.Page[Person]:
        rows = staff.people(sought, team=team, gone=gone)
        return keyset.page_or_first(rows, order=staff.ORDER, cursor=self.request.GET.get("cursor"))


class MemberPage(ActView):
    """A page about one of the staff."""

    act = "read_staff"

    @cached_property
    def member(self) -> Person:
        """Who the address names, or PersonNotFound."""
        return staff.member(self.kwargs["person_id"])

    def page(self, *, skills_form: SkillsForm | None = None) -> HttpResponse:
        """Draw the page with whichever form needs another look."""
        member, now = self.member, clock.now()
        own = member.pk == self.actor.person_id
        held = set(member.role_names)
        may_skills = own or permissions.may(self.actor, "manage_skills")
        context: dict[str, Any] = {
            "member": member,
            "own": own,
            "team": in_active_language(member.team.names) if member.team else "",
            "roles": [(role, role_label(role)) for role in STAFF_ROLES if role in held],
            "others": [(role, role_label(role)) for role in self._to_give() if role not in held],
            "takeable": [(role, role_label(role)) for role in self._to_give() if role in held],
            "may_manage": permissions.may(self.actor, "manage_staff") and not own,
            "may_close": self._may_close(held),
            "may_erase": not (own or member.is_active) and permissions.may(self.actor, "erase_person"),
            "may_reset": second_factors.may_reset(self.actor, member),
            "team_form": TeamChoiceForm(initial={"team": member.team.code if member.team else ""}),
            "skills_form": skills_form or (SkillsForm.of(member) if may_skills else None),
            "speaks": staff.named(member.languages, dict(staff.skills("languages"))),
            "knows": staff.named(member.services, dict(staff.skills("services"))),
            "week": [(weekday_name(day), windows_in_words(member.working_hours.get(str(day), []))) for day in WEEK],
            "works_now": staff.works_now(member, now=now),
            "breadcrumbs": [{"label": _("Staff"), "url": reverse("accounts:staff")}, {"label": member.name}],
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if skills_form else HTTPStatus.OK
        return self.render("accounts/staff/member.html", context, status=status)

    def back(self) -> HttpResponse:
        """Lead to the page."""
        return HttpResponseRedirect(reverse("accounts:staff_member", kwargs={"person_id": self.member.pk}))

    def say(self, words: str, work: Any) -> HttpResponse:
        """Do it and say so, or say why not."""
        try:
            work()
        except (LastOfRole, OwnAccount) as refusal:
            messages.error(self.request, problem_for(refusal).detail)
        else:
            messages.success(self.request, words)
        return self.back()

    def _to_give(self) -> list[str]:
        appoints = permissions.may(self.actor, "appoint_operators")
        return [role for role in STAFF_ROLES if appoints or role != services.OPERATOR]

    def _may_close(self, held: set[str]) -> bool:
        return services.OPERATOR not in held or permissions.may(self.actor, "appoint_operators")


class MemberView(MemberPage):
    """One of the staff."""

    def get(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Draw the page."""
        return self.page()


class StaffRoleView(MemberPage):
    """Give a role, or take it: subclasses say which."""

    act = "manage_staff"
    service: Any
    words: Any

    def post(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Do it."""
        form = StaffRoleForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Choose a role."))
            return self.back()
        role = form.cleaned_data["role"]
        words = str(self.words).format(name=self.member.name, role=role_label(role))
        return self.say(words, lambda: type(self).service(person_id=person_id, role=role, actor=self.actor))


class GiveStaffRoleView(RecentView, StaffRoleView):
    """Let somebody hold a role."""

    service = staticmethod(services.give_staff_role)

    @property
    def words(self) -> str:
        """What is said afterwards."""
        return _("{name} now holds the role {role}.")


class TakeStaffRoleView(StaffRoleView):
    """Take a role from somebody."""

    service = staticmethod(services.take_staff_role)

    @property
    def words(self) -> str:
        """What is said afterwards."""
        return _("{name} no longer holds the role {role}.")


class StaffTeamView(MemberPage):
    """Let somebody belong to a team."""

    act = "manage_staff"

    def post(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Store it."""
        form = TeamChoiceForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Choose one of the teams."))
            return self.back()
        team = form.cleaned_data["team"]
        return self.say(
            _("The team is changed."), lambda: services.set_team(person_id=person_id, team=team, actor=self.actor)
        )


class DeactivateStaffView(MemberPage):
    """Close the account of somebody who leaves."""

    act = "manage_staff"

    def post(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Close it."""
        words = _("The account is closed. What they had open is back in the queue.")
        return self.say(words, lambda: services.deactivate_staff(person_id=person_id, actor=self.actor))


class ReactivateStaffView(MemberPage):
    """Open a closed account again."""

    act = "manage_staff"

    def post(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Open it."""
        words = _("The account is open again.")
        return self.say(words, lambda: services.reactivate_staff(person_id=person_id, actor=self.actor))


class StaffSkillsView(MemberPage):
    """Write down what somebody knows and speaks, and when they work."""

    def post(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Store it."""
        if person_id != self.actor.person_id and not permissions.may(self.actor, "manage_skills"):
            raise permissions.refused(self.actor, "manage_skills")
        form = SkillsForm(request.POST, person=self.member)
        if not form.is_valid() or not save_skills(form, self.member, actor=self.actor):
            return self.page(skills_form=form)
        messages.success(request, _("Skills and hours are saved."))
        return self.back()


def save_skills(form: SkillsForm, member: Person, *, actor: Any) -> bool:
    """Store what was typed, or say in the form why not."""
    try:
        skills.set_skills(person_id=member.pk, actor=actor, **form.as_given())
    except InvalidParticulars as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, problem_for(refusal).detail)
    return form.is_valid()
