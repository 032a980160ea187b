"""Pages of an organisation: what it is, what it subscribes to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import permissions, selectors
from accounts.calendars import business_hours
from accounts.labels import CONTRACT_KINDS, TIERS, country_name, in_active_language
from accounts.models import CalendarVersion, Organisation
from accounts.timezones import zone_or_utc
from accounts.views.base import PersonView


class OrganisationPage(PersonView):
    """A page of the organisation acted for."""

    def find(self) -> Organisation:
        """The organisation, for whoever may read it. Raises NotPermitted, OrganisationNotFound."""
        permissions.require(self.actor, "read_organisation")
        return selectors.organisation_of(self.actor)


class OrganisationView(OrganisationPage):
    """What the organisation is, when it works, and what it agreed on with the vendor."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw the page."""
        organisation, now = self.find(), timezone.now()
        contract = selectors.elevated_contract_of(organisation.pk, now=now)
        context: dict[str, Any] = {
            "organisation": organisation,
            "country": country_name(organisation.country),
            "contract": contract,
            "contract_kind": CONTRACT_KINDS.get(contract.kind, contract.kind) if contract else "",
            "hours": _hours(selectors.calendar_of(organisation.pk), now=now),
        }
        return self.render("accounts/organisation/overview.html", context)


class SubscriptionsView(OrganisationPage):
    """What the organisation subscribes to (CH-2)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw the page."""
        organisation, now = self.find(), timezone.now()
        subscriptions = [
            {"row": row, "plan": in_active_language(row.plan.names), "tier": TIERS.get(row.plan.tier, row.plan.tier)}
            for row in selectors.subscriptions_of(self.actor, now=now)
        ]
        context = {"organisation": organisation, "subscriptions": subscriptions}
        return self.render("accounts/organisation/subscriptions.html", context)


def _hours(calendar: CalendarVersion, *, now: datetime) -> Any:
    document = calendar.document
    return business_hours(document, today=now.astimezone(zone_or_utc(document["timezone"])).date())
