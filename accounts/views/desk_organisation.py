"""The page of one organisation for support staff, and what they change of it."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import clock, permissions, selectors
from accounts.edges import problem_for
from accounts.errors import PartnerHasCustomers, RecordChanged
from accounts.forms.desk import NewOrganisationForm, OrganisationForm, done
from accounts.labels import CONTRACT_KINDS, TIERS, in_active_language, role_label
from accounts.models import ElevatedContract, Organisation, Person, Subscription
from accounts.particulars import place_name
from accounts.selectors import desk, directory
from accounts.services import organisations
from accounts.views.base import ActView
from accounts.views.people import invitation_line
from accounts.views.versions import changed_meanwhile, version_in


class DeskView(ActView):
    """A page about one organisation within reach of a member of the support staff (P-5)."""

    act = "read_organisations"

    @cached_property
    def now(self) -> datetime:
        """The instant that the page is drawn for."""
        return clock.now()

    @cached_property
    def organisation(self) -> Organisation:
        """The organisation of the address, or OrganisationNotFound."""
        return selectors.visible_organisation(self.actor, self.kwargs["slug"], now=self.now)

    def may(self, act: str) -> bool:
        """Whether the reader may do `act`."""
        return permissions.may(self.actor, act)

    def draw(
        self, template: str, context: dict[str, Any], *, here: str = "", status: int = HTTPStatus.OK
    ) -> HttpResponse:
        """Draw a page with the way to it."""
        return self.render(template, {"breadcrumbs": self.trail(here), "now": self.now, **context}, status=status)

    def trail(self, here: str) -> list[dict[str, str]]:
        """The way here."""
        start = {"label": _("Organisations"), "url": reverse("accounts:organisations")}
        if "slug" not in self.kwargs:
            return [start, {"label": here}]
        way = [start, {"label": self.organisation.name, "url": page_of(self.organisation)}]
        return [*way, {"label": here}] if here else [start, {"label": self.organisation.name}]


class OrganisationView(DeskView):
    """What the desk knows of an organisation."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Draw the page."""
        organisation, now = self.organisation, self.now
        contracts = desk.contracts(organisation.pk, now=now)
        people = desk.people_with_roles(organisation.pk)
        context: dict[str, Any] = {
            "organisation": organisation,
            "country": place_name(organisation.country, organisation.subdivision),
            "contract": next((_contract(row) for row in contracts.running), None),
            "contracts_coming": [_contract(row) for row in contracts.coming],
            "contracts_past": [_contract(row) for row in contracts.past],
            "subscriptions": self._subscriptions(),
            "people": [_member(person) for person in people[: desk.MOST_PEOPLE]],
            "more_people": len(people) > desk.MOST_PEOPLE,
            **self._delegations(),
            "may_manage": self.may("manage_organisations"),
            "invitations": self._invitations(),
            "may_contract": self.may("manage_contracts"),
            "may_read_requests": self.may("read_request"),
            "may_read_queue": self.may("read_queue"),
        }
        return self.draw("accounts/desk/organisation.html", context)

    def _delegations(self) -> dict[str, Any]:
        """Who acts for it and for whom it acts, and which of these the reader may open."""
        organisation, now = self.organisation, self.now
        partners = list(desk.partners_of(organisation.pk, now=now))
        customers = list(desk.customers_of_partner(organisation.pk, now=now)) if organisation.is_partner else []
        others = [*(row.partner_id for row in partners), *(row.customer_id for row in customers)]
        reach = selectors.visible_organisations(self.actor, now=now).filter(pk__in=others)
        return {
            "partners": partners,
            "customers": customers,
            "within_reach": set(reach.values_list("pk", flat=True)),
        }

    def _invitations(self) -> list[dict[str, Any]]:
        """Who is invited, for whoever may invite."""
        if not self.may("manage_organisations"):
            return []
        waiting = directory.invitations_to(self.organisation.pk)[: desk.MOST_PEOPLE]
        return [invitation_line(row, now=self.now) for row in waiting]

    def _subscriptions(self) -> list[dict[str, Any]]:
        parts = desk.subscriptions(self.organisation.pk, now=self.now)
        labelled = (
            (parts.running, _("Running"), True),
            (parts.coming, _("To come"), True),
            (parts.past, _("Past"), False),
        )
        return [
            {"label": label, "rows": [_subscription(row) for row in rows], "changeable": changeable}
            for rows, label, changeable in labelled
            if rows
        ]


class NewOrganisationView(DeskView):
    """Take in a customer or a partner."""

    act = "manage_organisations"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Offer the form."""
        return self._draw(NewOrganisationForm(now=self.now, initial={"language": "en"}))  # no zone: promises hang on it

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store it."""
        form = NewOrganisationForm(request.POST, now=self.now)
        if not form.is_valid() or not done(form, lambda: self._create(form)):
            return self._draw(form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        messages.success(request, _("The organisation is taken in, with the usual business hours of its country."))
        return HttpResponseRedirect(reverse("accounts:desk_organisation", kwargs={"slug": form.cleaned_data["slug"]}))

    def _create(self, form: NewOrganisationForm) -> None:
        organisations.create_organisation(
            slug=form.cleaned_data["slug"], particulars=form.particulars(), actor=self.actor
        )

    def _draw(self, form: NewOrganisationForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
        return self.draw(
            "accounts/desk/organisation_new.html", {"form": form}, here=_("New organisation"), status=status
        )


class EditOrganisationView(DeskView):
    """Write down other particulars."""

    act = "manage_organisations"

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Offer the form."""
        return self._draw(OrganisationForm.of(self.organisation, now=self.now), version=self.organisation.version)

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Store them."""
        form = OrganisationForm(request.POST, now=self.now)
        version = version_in(request)
        if not form.is_valid() or not done(form, lambda: self._change(form, version)):
            return self._draw(form, version=version, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        messages.success(request, _("The particulars are saved. Promises that were made stay as they are."))
        return HttpResponseRedirect(page_of(self.organisation))

    def _change(self, form: OrganisationForm, version: int) -> None:
        try:
            organisations.change_organisation(
                slug=self.kwargs["slug"], changes=form.particulars().as_columns(), actor=self.actor, version=version
            )
        except PartnerHasCustomers as refusal:
            form.add_error("is_partner", problem_for(refusal).detail)
        except RecordChanged as refusal:
            form.add_error(None, changed_meanwhile(refusal))

    def _draw(self, form: OrganisationForm, *, version: int, status: int = HTTPStatus.OK) -> HttpResponse:
        context = {"form": form, "organisation": self.organisation, "version": version}
        return self.draw("accounts/desk/organisation_edit.html", context, here=_("Edit"), status=status)


class CloseOrganisationView(DeskView):
    """Close an organisation, or open it again."""

    act = "manage_organisations"

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Close it."""
        organisations.close_organisation(slug=slug, actor=self.actor)
        messages.success(request, _("The organisation is closed. Nobody of it gets in, and its tokens are refused."))
        return HttpResponseRedirect(page_of(self.organisation))


class ReopenOrganisationView(DeskView):
    """Open a closed organisation again."""

    act = "manage_organisations"

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Open it."""
        organisations.reopen_organisation(slug=slug, actor=self.actor)
        messages.success(request, _("The organisation is open again. Its people can sign in as before."))
        return HttpResponseRedirect(page_of(self.organisation))


def page_of(organisation: Organisation) -> str:
    """The address of an organisation's page for staff."""
    return reverse("accounts:desk_organisation", kwargs={"slug": organisation.slug})


def _contract(row: ElevatedContract) -> dict[str, Any]:
    return {"row": row, "kind": CONTRACT_KINDS.get(row.kind, row.kind)}


def _subscription(row: Subscription) -> dict[str, Any]:
    tier = TIERS.get(row.plan.tier, row.plan.tier)
    return {"row": row, "plan": in_active_language(row.plan.names), "tier": tier}


def _member(person: Person) -> dict[str, Any]:
    return {"person": person, "roles": [role_label(role) for role in person.role_names]}
