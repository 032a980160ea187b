"""The partners that act for an organisation (PA-1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import clock, permissions, selectors
from accounts.edges import problem_for
from accounts.errors import DelegationExists, DelegationNotFound, InvalidDelegation, NotPermitted, PartnerNotFound
from accounts.forms import DelegationForm
from accounts.labels import role_label
from accounts.models import Delegation, Organisation
from accounts.services import delegations
from accounts.views.base import PersonView
from accounts.views.organisation import OrganisationPage


class PartnersView(OrganisationPage):
    """Who acts for the organisation; no business of a partner's people who do."""

    def find(self) -> Organisation:
        """The organisation, for its own people."""
        if self.actor.on_behalf_of_id is not None:
            raise NotPermitted("read_organisation")
        return super().find()

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw the page."""
        return self.draw(self.find())

    def draw(self, organisation: Organisation, form: DelegationForm | None = None) -> HttpResponse:
        """The page, with a form that needs another look if there is one."""
        now = timezone.now()
        granted = selectors.delegations_granted_by(organisation.pk, now=now)
        context: dict[str, Any] = {
            "organisation": organisation,
            "delegations": [_with_duties(row, now=now) for row in granted],
            "may_manage_delegations": permissions.may(self.actor, "manage_delegations"),
        }
        if context["may_manage_delegations"]:
            context["delegation_form"] = form or DelegationForm(now=now, zone=organisation.timezone)
        return self.render("accounts/organisation/partners.html", context)


class GrantDelegationView(PartnersView):
    """Appoint a partner (PA-1)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Lead back to the partners: this address takes forms only."""
        return HttpResponseRedirect(reverse("accounts:partners"))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Grant the delegation, or show the form again with what was typed."""
        organisation = self.find()
        form = DelegationForm(request.POST, now=clock.now(), zone=organisation.timezone)
        if not form.is_valid() or not self._grant(form):
            return self.draw(organisation, form)
        messages.success(request, _("The delegation is granted. It counts from now on."))
        return HttpResponseRedirect(reverse("accounts:partners"))

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
        return HttpResponseRedirect(reverse("accounts:partners"))


def _with_duties(delegation: Delegation, *, now: datetime) -> dict[str, Any]:
    ends_soon = delegation.expires_at - now <= selectors.WARNED_FROM
    return {"row": delegation, "duties": [role_label(role) for role in delegation.duties], "ends_soon": ends_soon}
