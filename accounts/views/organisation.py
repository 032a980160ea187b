"""The page of an organisation, and what its global admins decide there: roles and partners."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import clock, permissions, selectors
from accounts.calendars import business_hours
from accounts.edges import problem_for
from accounts.errors import (
    DelegationExists,
    DelegationNotFound,
    InvalidDelegation,
    LastGlobalAdmin,
    PartnerNotFound,
    PersonNotFound,
)
from accounts.forms import DelegationForm, RoleForm
from accounts.labels import (
    CONTRACT_KINDS,
    ROLE_MEANINGS,
    TIERS,
    country_name,
    in_active_language,
    role_label,
)
from accounts.models import Delegation, Organisation, Person
from accounts.permissions import CUSTOMER_ROLES
from accounts.services import delegations, people
from accounts.timezones import zone_or_utc
from accounts.views.base import PersonView


class OrganisationView(PersonView):
    """Show the organisation acted for."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw the page."""
        return organisation_page(self)


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


class GrantDelegationView(PersonView):
    """Appoint a partner (PA-1)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Lead back to the organisation: this address takes forms only."""
        return HttpResponseRedirect(_partners())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Grant the delegation, or show the form again with what was typed."""
        organisation = _readable_organisation(self)
        form = DelegationForm(request.POST, now=clock.now(), zone=organisation.timezone)
        if not form.is_valid() or not self._grant(form):
            return organisation_page(self, delegation_form=form)
        messages.success(request, _("The delegation is granted. It counts from now on."))
        return HttpResponseRedirect(_partners())

    def _grant(self, form: DelegationForm) -> bool:
        try:
            delegations.grant_delegation(
                partner_slug=form.cleaned_data["partner"],
                duties=form.cleaned_data["duties"],
                expires_at=form.expires_at(),
                actor=self.actor,
            )
        except (PartnerNotFound, DelegationExists) as refusal:
            form.add_error("partner", problem_for(refusal).detail)
        except InvalidDelegation as refusal:
            form.add_error("last_day", problem_for(refusal).detail)
        return form.is_valid()


class EndDelegationView(PersonView):
    """End a delegation, from the partner's next request on (P-6)."""

    def post(self, request: HttpRequest, delegation_id: int) -> HttpResponse:
        """End it."""
        try:
            delegations.end_delegation(delegation_id=delegation_id, actor=self.actor)
        except DelegationNotFound as refusal:
            messages.error(request, problem_for(refusal).detail)
        else:
            messages.success(request, _("The delegation is ended. The partner can no longer act for you."))
        return HttpResponseRedirect(_partners())


def organisation_page(view: PersonView, *, delegation_form: DelegationForm | None = None) -> HttpResponse:
    """Draw the organisation as the actor may see it."""
    organisation, now = _readable_organisation(view), timezone.now()
    actor = view.actor
    contract = selectors.elevated_contract_of(organisation.pk, now=now)
    calendar = selectors.calendar_of(organisation.pk)
    context: dict[str, Any] = {
        "organisation": organisation,
        "country": country_name(organisation.country),
        "subscriptions": [
            {"row": row, "plan": in_active_language(row.plan.names), "tier": TIERS.get(row.plan.tier, row.plan.tier)}
            for row in selectors.subscriptions_of(actor, now=now)
        ],
        "contract": contract,
        "contract_kind": CONTRACT_KINDS.get(contract.kind, contract.kind) if contract else "",
        "hours": business_hours(
            calendar.document, today=now.astimezone(zone_or_utc(calendar.document["timezone"])).date()
        ),
        "may_manage_people": permissions.may(actor, "manage_people"),
        "people": [_with_role_labels(person) for person in _people_shown(view, organisation)],
        "role_meanings": [(role_label(role), meaning) for role, meaning in ROLE_MEANINGS.items()],
        "may_manage_delegations": permissions.may(actor, "manage_delegations"),
        "acts_for_itself": actor.on_behalf_of_id is None,
        "now": now,
    }
    if context["acts_for_itself"]:
        context["delegations"] = [
            _with_duties(row, now=now) for row in selectors.delegations_granted_by(organisation.pk, now=now)
        ]
    if context["may_manage_delegations"]:
        context["delegation_form"] = delegation_form or DelegationForm(now=now, zone=organisation.timezone)
    return view.render("accounts/organisation.html", context)


def _readable_organisation(view: PersonView) -> Organisation:
    permissions.require(view.actor, "read_organisation")
    return selectors.organisation_of(view.actor)


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


def _with_duties(delegation: Delegation, *, now: datetime) -> dict[str, Any]:
    ends_soon = delegation.expires_at - now <= selectors.WARNED_FROM
    return {"row": delegation, "duties": [role_label(role) for role in delegation.duties], "ends_soon": ends_soon}


def _change_role(view: PersonView, service: Any, done: str) -> HttpResponse:
    """Call the service for the person and role of the form, and say what became of it."""
    permissions.require(view.actor, "manage_people")
    form = RoleForm(view.request.POST, roles=CUSTOMER_ROLES)
    if not form.is_valid():
        messages.error(view.request, _("Choose a person and a role."))
        return HttpResponseRedirect(_people())
    role = form.cleaned_data["role"]
    try:
        person = service(person_id=form.cleaned_data["person"], role=role, actor=view.actor)
    except (LastGlobalAdmin, PersonNotFound) as refusal:
        messages.error(view.request, problem_for(refusal).detail)
    else:
        messages.success(view.request, done.format(name=person.name, role=role_label(role)))
    return HttpResponseRedirect(_people())


def _people() -> str:
    return reverse("accounts:organisation") + "#people"


def _partners() -> str:
    return reverse("accounts:organisation") + "#partners"
