"""Subscriptions and elevated contracts of one organisation, as support staff keep them."""

from __future__ import annotations

from functools import cached_property
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from accounts.errors import ContractNotFound, RecordChanged, SubscriptionNotFound
from accounts.forms.desk import ContractForm, NewContractForm, NewSubscriptionForm, PurchaseForm, SubscriptionForm, done
from accounts.labels import CONTRACT_KINDS, in_active_language
from accounts.models import ElevatedContract, Organisation, Subscription
from accounts.selectors import desk
from accounts.services import contracts, subscriptions
from accounts.views.desk_organisation import DeskView, page_of
from accounts.views.versions import changed_meanwhile, version_in


class ContractsView(DeskView):
    """A page on which subscriptions or contracts change."""

    act = "manage_contracts"

    def saved(self, words: str) -> HttpResponse:
        """Say what was done, and lead back to the organisation."""
        messages.success(self.request, words)
        return HttpResponseRedirect(page_of(self.organisation))

    def done(self, form: forms.Form, work: Any) -> bool:
        """Do it, or say in the form why not."""
        try:
            return done(form, work)
        except RecordChanged as refusal:
            form.add_error(None, changed_meanwhile(refusal))
            return False

    def draw_form(self, template: str, form: forms.Form, *, here: str, **context: Any) -> HttpResponse:
        """Draw a page around a form."""
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        context = {"form": form, "organisation": self.organisation, "back_url": page_of(self.organisation), **context}
        return self.draw(f"accounts/desk/{template}.html", context, here=here, status=status)


class NewSubscriptionView(ContractsView):
    """Let an organisation subscribe to a plan."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Offer the form."""
        return self._draw(NewSubscriptionForm(organisation=self.organisation, now=self.now))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Store it."""
        form = NewSubscriptionForm(request.POST, organisation=self.organisation, now=self.now)
        if form.is_valid() and self.done(form, lambda: self._add(form)):
            return self.saved(_("The subscription is added. Its global admins are told."))
        return self._draw(form)

    def _add(self, form: NewSubscriptionForm) -> None:
        subscriptions.add_subscription(
            slug=self.kwargs["slug"],
            plan=form.cleaned_data["plan"],
            trial=form.cleaned_data["kind"] == "trial",
            seats=form.cleaned_data["seats"],
            starts_at=form.starts_at(),
            ends_at=form.ends_at(),
            actor=self.actor,
        )

    def _draw(self, form: NewSubscriptionForm) -> HttpResponse:
        return self.draw_form("subscription_new", form, here=_("New subscription"))


class SubscriptionPage(ContractsView):
    """A page about one subscription that is not over."""

    @cached_property
    def subscription(self) -> Subscription:
        """The subscription of the address, or SubscriptionNotFound."""
        found = desk.subscription(self.actor, self.kwargs["reference"], now=self.now)
        if found.organisation != self.organisation or (found.ends_at is not None and found.ends_at <= self.now):
            raise SubscriptionNotFound
        return found

    def draw_subscription(self, form: forms.Form, *, version: int | None = None, buying: Any = None) -> HttpResponse:
        """Draw the page with whichever form needs another look."""
        row = self.subscription
        runs = row.starts_at <= self.now
        offered = PurchaseForm(trial=row, now=self.now) if row.trial and runs else None
        context = {
            "row": row,
            "plan": in_active_language(row.plan.names),
            "version": version or row.version,
            "buying": buying or offered,
            "runs": runs,
        }
        page = self.draw_form("subscription", form, here=in_active_language(row.plan.names), **context)
        page.status_code = HTTPStatus.UNPROCESSABLE_ENTITY if buying else page.status_code
        return page


class SubscriptionView(SubscriptionPage):
    """Change seats and end."""

    def get(self, request: HttpRequest, slug: str, reference: str) -> HttpResponse:
        """Offer the form."""
        return self.draw_subscription(SubscriptionForm.of(self.subscription, now=self.now))

    def post(self, request: HttpRequest, slug: str, reference: str) -> HttpResponse:
        """Store the change."""
        form = SubscriptionForm(request.POST, organisation=self.subscription.organisation, now=self.now)
        version = version_in(request)
        if form.is_valid() and self.done(form, lambda: self._change(form, version)):
            return self.saved(_("The subscription is changed."))
        return self.draw_subscription(form, version=version)

    def _change(self, form: SubscriptionForm, version: int) -> None:
        kept = form.cleaned_data["last_day"] == form.day_before(self.subscription.ends_at)
        subscriptions.change_subscription(
            reference=self.kwargs["reference"],
            seats=form.cleaned_data["seats"],
            ends_at=self.subscription.ends_at if kept else form.ends_at(),
            version=version,
            actor=self.actor,
        )


class BuySubscriptionView(SubscriptionPage):
    """Turn a trial into a paid subscription."""

    def post(self, request: HttpRequest, slug: str, reference: str) -> HttpResponse:
        """Do it."""
        form = PurchaseForm(request.POST, trial=self.subscription, now=self.now)
        if form.is_valid() and self.done(form, lambda: self._buy(form, version_in(request))):
            return self.saved(_("The trial has ended, and the paid subscription has begun."))
        return self.draw_subscription(SubscriptionForm.of(self.subscription, now=self.now), buying=form)

    def _buy(self, form: PurchaseForm, version: int) -> None:
        subscriptions.buy_after_trial(
            reference=self.kwargs["reference"],
            plan=form.cleaned_data["plan"],
            seats=form.cleaned_data["seats"],
            ends_at=form.ends_at(),
            version=version,
            actor=self.actor,
        )


class EndSubscriptionView(SubscriptionPage):
    """End a subscription now."""

    def post(self, request: HttpRequest, slug: str, reference: str) -> HttpResponse:
        """End it."""
        subscriptions.end_subscription(reference=self.subscription.reference, actor=self.actor)
        return self.saved(_("The subscription is ended. What was filed under it goes on as it was promised."))


class NewContractView(ContractsView):
    """Give an organisation elevated support (EL-1)."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Offer the form."""
        return self._draw(NewContractForm(organisation=self.organisation, now=self.now))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Store it."""
        form = NewContractForm(request.POST, organisation=self.organisation, now=self.now)
        if form.is_valid() and self.done(form, lambda: self._add(form)):
            return self.saved(_("The contract is added. It counts for requests from its first day on."))
        return self._draw(form)

    def _add(self, form: NewContractForm) -> None:
        contracts.add_contract(
            slug=self.kwargs["slug"],
            kind=form.cleaned_data["kind"],
            account_manager_id=form.cleaned_data["account_manager"],
            starts_at=form.starts_at(),
            ends_at=form.ends_at(),
            actor=self.actor,
        )

    def _draw(self, form: NewContractForm) -> HttpResponse:
        return self.draw_form("contract_new", form, here=_("New elevated contract"))


class ContractPage(ContractsView):
    """A page about one contract that is not over."""

    @cached_property
    def contract(self) -> ElevatedContract:
        """The contract of the address, or ContractNotFound."""
        organisation: Organisation = self.organisation
        found = desk.contract(organisation.pk, self.kwargs["contract_id"])
        if found.ends_at is not None and found.ends_at <= self.now:
            raise ContractNotFound
        return found


class ContractView(ContractPage):
    """Change the account manager and the end."""

    def get(self, request: HttpRequest, slug: str, contract_id: int) -> HttpResponse:
        """Offer the form."""
        return self._draw(ContractForm.of(self.contract, now=self.now), self.contract.version)

    def post(self, request: HttpRequest, slug: str, contract_id: int) -> HttpResponse:
        """Store the change."""
        form = ContractForm(request.POST, organisation=self.contract.organisation, now=self.now)
        version = version_in(request)
        if form.is_valid() and self.done(form, lambda: self._change(form, version)):
            return self.saved(_("The contract is changed."))
        return self._draw(form, version)

    def _change(self, form: ContractForm, version: int) -> None:
        kept = form.cleaned_data["last_day"] == form.day_before(self.contract.ends_at)
        contracts.change_contract(
            slug=self.kwargs["slug"],
            contract_id=self.kwargs["contract_id"],
            account_manager_id=form.cleaned_data["account_manager"],
            ends_at=self.contract.ends_at if kept else form.ends_at(),
            version=version,
            actor=self.actor,
        )

    def _draw(self, form: ContractForm, version: int) -> HttpResponse:
        kind = str(CONTRACT_KINDS.get(self.contract.kind, self.contract.kind))
        runs = self.contract.starts_at <= self.now
        return self.draw_form("contract", form, here=kind, row=self.contract, kind=kind, version=version, runs=runs)


class EndContractView(ContractPage):
    """End elevated support now."""

    def post(self, request: HttpRequest, slug: str, contract_id: int) -> HttpResponse:
        """End it."""
        contracts.end_contract(slug=slug, contract_id=self.contract.pk, actor=self.actor)
        return self.saved(_("The contract is ended. What was promised under it stays."))
