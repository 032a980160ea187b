"""Choosing the customer that a partner's person acts for (PA-1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import clock, selectors
from accounts.acting import begin_or_stop
from accounts.edges import ACTING_FOR
from accounts.errors import Lack, NotPermitted, OrganisationNotFound
from accounts.labels import role_label
from accounts.models import Delegation
from accounts.permissions import CUSTOMER_ROLES, may
from accounts.services import delegations
from accounts.views.base import PersonView, back


class ActingForView(PersonView):
    """List the customers that appointed the partner, and begin to act for one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them."""
        if not self._is_partners():
            raise NotPermitted("act_for_customer", lack=Lack.ORGANISATION)
        now = timezone.now()
        leads = self.person.organisation_id == self.actor.organisation_id and may(self.actor, "assign_delegates")
        held = selectors.customers_held(self.person, now=now) if leads else selectors.customers_of(self.person, now=now)
        return self.render(
            "accounts/acting_for.html",
            {
                "customers": [_held(row, now=now) for row in held],
                "chosen": request.session.get(ACTING_FOR),
                "partner": self.person.organisation,
                "leads": leads,
            },
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """Begin to act for the chosen customer; a delegation that ended meanwhile is said to have ended."""
        if not self._is_partners():
            raise NotPermitted("act_for_customer", lack=Lack.ORGANISATION)
        wanted = str(request.POST.get("customer", ""))
        try:
            actor = selectors.actor_for(self.person, now=clock.now(), customer_id=_number(wanted))
        except OrganisationNotFound:
            messages.warning(request, _("You cannot act for this customer: there is no delegation in force."))
            return HttpResponseRedirect(reverse("accounts:acting_for"))
        if actor.on_behalf_of_id:
            begin_or_stop(request, self.person, actor.on_behalf_of_id)
        return HttpResponseRedirect(back(request))

    def _is_partners(self) -> bool:
        organisation = self.person.organisation
        return bool(organisation and organisation.is_partner and self.person.role_names)


class StopActingView(PersonView):
    """Go back to acting for one's own organisation."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Stop."""
        customer_id = request.session.pop(ACTING_FOR, None)
        if customer_id is not None:
            delegations.stop_acting_for(person=self.person, customer_id=customer_id)
        return HttpResponseRedirect(reverse("accounts:acting_for"))


def _held(delegation: Delegation, *, now: datetime) -> dict[str, Any]:
    """A delegation that the partner holds, as the list shows it."""
    ends_soon = delegation.expires_at - now <= selectors.WARNED_FROM
    duties = selectors.duties_under(delegation)
    return {
        "row": delegation,
        "duties": [role_label(role) for role in CUSTOMER_ROLES if role in duties],
        "acts": bool(duties),
        "ends_soon": ends_soon,
    }


def _number(text: str) -> int:
    """The id in a form; 0, which nobody has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
