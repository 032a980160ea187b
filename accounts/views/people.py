"""People of an organisation and their roles (RO-1)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import permissions, selectors
from accounts.edges import problem_for
from accounts.errors import LastGlobalAdmin, PersonNotFound
from accounts.forms import RoleForm
from accounts.labels import ROLE_MEANINGS, role_label
from accounts.models import Organisation, Person
from accounts.permissions import CUSTOMER_ROLES
from accounts.services import people
from accounts.views.base import PersonView
from accounts.views.organisation import OrganisationPage


class PeopleView(OrganisationPage):
    """Who holds which role."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw the page."""
        organisation = self.find()
        context = {
            "organisation": organisation,
            "may_manage_people": permissions.may(self.actor, "manage_people"),
            "people": [_with_role_labels(person) for person in _people_shown(self, organisation)],
            "role_meanings": [(role_label(role), meaning) for role, meaning in ROLE_MEANINGS.items()],
        }
        return self.render("accounts/organisation/people.html", context)


class GiveRoleView(PersonView):
    """Let a person hold a role."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Give it."""
        return _change_role(self, people.give_role, _("{name} now holds the role {role}."))


class TakeRoleView(PersonView):
    """Take a role from a person."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take it."""
        return _change_role(self, people.take_role, _("{name} no longer holds the role {role}."))


def _people_shown(view: PersonView, organisation: Organisation) -> Any:
    """Who has roles; for who gives roles, everybody."""
    if permissions.may(view.actor, "manage_people"):
        return selectors.people_of(view.actor).filter(is_active=True)
    return selectors.admins_of(organisation.pk)


def _with_role_labels(person: Person) -> dict[str, Any]:
    held = set(person.role_names)
    return {
        "person": person,
        "roles": [(role, role_label(role)) for role in CUSTOMER_ROLES if role in held],
        "others": [(role, role_label(role)) for role in CUSTOMER_ROLES if role not in held],
    }


def _change_role(view: PersonView, service: Any, done: str) -> HttpResponse:
    """Call the service for the person and role of the form, and say what became of it."""
    permissions.require(view.actor, "manage_people")
    form = RoleForm(view.request.POST, roles=CUSTOMER_ROLES)
    if not form.is_valid():
        messages.error(view.request, _("Choose a person and a role."))
        return HttpResponseRedirect(reverse("accounts:people"))
    role = form.cleaned_data["role"]
    try:
        person = service(person_id=form.cleaned_data["person"], role=role, actor=view.actor)
    except (LastGlobalAdmin, PersonNotFound) as refusal:
        messages.error(view.request, problem_for(refusal).detail)
    else:
        messages.success(view.request, done.format(name=person.name, role=role_label(role)))
    return HttpResponseRedirect(reverse("accounts:people"))
