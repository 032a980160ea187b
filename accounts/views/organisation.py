"""Pages of an organisation: what it is, what it subscribes to."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts import permissions, selectors
from accounts.calendars import business_hours
from accounts.errors import RecordChanged
from accounts.forms.desk import OwnOrganisationForm, done, languages
from accounts.labels import CONTRACT_KINDS, TIERS, in_active_language
from accounts.models import CalendarVersion, Organisation, Subscription
from accounts.particulars import place_name
from accounts.selectors import desk, domains
from accounts.selectors.desk import InTime
from accounts.services import organisations
from accounts.timezones import zone_or_utc
from accounts.views.base import PersonView
from accounts.views.versions import changed_meanwhile, version_in


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
            "country": place_name(organisation.country, organisation.subdivision),
            "contract": contract,
            "contract_kind": CONTRACT_KINDS.get(contract.kind, contract.kind) if contract else "",
            "language": dict(languages()).get(organisation.language, organisation.language),
            "domains": [row.name for row in domains.confirmed_domains(organisation.pk)],
            "may_edit": permissions.may(self.actor, "edit_organisation"),
            "hours": _hours(selectors.calendar_of(organisation.pk), now=now),
        }
        return self.render("accounts/organisation/overview.html", context)


class EditView(OrganisationPage):
    """How to reach the organisation, in which language, and on which clocks."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Offer the form."""
        organisation = self._own()
        return self._draw(organisation, OwnOrganisationForm.of(organisation, now=timezone.now()), organisation.version)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store it, or show the form again with what was typed."""
        organisation, version = self._own(), version_in(request)
        form = OwnOrganisationForm(request.POST, now=timezone.now())
        if not form.is_valid() or not done(form, lambda: self._change(form, version)):
            return self._draw(organisation, form, version, status=HTTPStatus.BAD_REQUEST)
        messages.success(request, _("The organisation’s particulars are saved."))
        return HttpResponseRedirect(reverse("accounts:organisation"))

    def _own(self) -> Organisation:
        permissions.require(self.actor, "edit_organisation")
        return self.find()

    def _change(self, form: OwnOrganisationForm, version: int) -> None:
        try:
            organisations.change_own_particulars(actor=self.actor, version=version, **form.cleaned_data)
        except RecordChanged as refusal:
            form.add_error(None, changed_meanwhile(refusal))

    def _draw(
        self, organisation: Organisation, form: OwnOrganisationForm, version: int, *, status: int = HTTPStatus.OK
    ) -> HttpResponse:
        context = {"organisation": organisation, "form": form, "version": version}
        return self.render("accounts/organisation/edit.html", context, status=status)


class SubscriptionsView(OrganisationPage):
    """What the organisation subscribes to, did and will, and what that means for response times (CH-2, SLA-1)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw the page."""
        organisation, now = self.find(), timezone.now()
        parts = desk.subscriptions(organisation.pk, now=now)
        contract = selectors.elevated_contract_of(organisation.pk, now=now)
        context = {
            "organisation": organisation,
            "subscriptions": [_subscription(row, state) for state, rows in _in_order(parts) for row in rows],
            "contract": contract,
            "tiers": self._tiers(organisation, parts.running, elevated=contract is not None),
        }
        return self.render("accounts/organisation/subscriptions.html", context)

    def _tiers(
        self, organisation: Organisation, running: list[Subscription], *, elevated: bool
    ) -> list[dict[str, Any]]:
        """What is promised in the tiers that count now: those of the plans, or elevated support's alone (SLA-5)."""
        tiers = ["elevated"] if elevated else sorted({row.plan.tier for row in running})
        terms = import_string(settings.RESPONSE_TERMS)
        return [{"label": TIERS.get(tier, tier), "rows": terms(tier, organisation.country)} for tier in tiers]


def _in_order(parts: InTime[Subscription]) -> list[tuple[str, list[Subscription]]]:
    return [("running", parts.running), ("starting", parts.coming), ("ended", parts.past)]


def _subscription(row: Subscription, state: str) -> dict[str, Any]:
    return {
        "row": row,
        "state": state,
        "plan": in_active_language(row.plan.names),
        "tier": TIERS.get(row.plan.tier, row.plan.tier),
    }


def _hours(calendar: CalendarVersion, *, now: datetime) -> Any:
    document = calendar.document
    return business_hours(document, today=now.astimezone(zone_or_utc(document["timezone"])).date())
