"""A partner's own side of delegations: what it asked for, and which of its people act for whom (PA-1)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import clock, permissions, selectors
from accounts.edges import problem_for
from accounts.errors import (
    AskedAlready,
    AskSettled,
    DelegationNotFound,
    InvalidAddress,
    InvalidDelegation,
    PersonNotFound,
    TooMany,
)
from accounts.forms.partners import AskForm, DelegatesForm
from accounts.keyset import page_or_first
from accounts.labels import role_label
from accounts.models import Delegation, Organisation
from accounts.services import delegates, delegation_asks
from accounts.views.base import PersonView


class _PartnersPage(PersonView):
    """A page for the global admins of a partner, as themselves."""

    act = "ask_for_delegation"

    def find(self) -> Organisation:
        """The partner. Raises NotPermitted."""
        permissions.require(self.actor, self.act)
        organisation = selectors.organisation_of(self.actor)
        if not organisation.is_partner or self.actor.on_behalf_of_id is not None:
            raise permissions.refused(self.actor, self.act)
        return organisation


class AsksView(_PartnersPage):
    """What the partner asked customers for, and a form to ask for more."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw the page; `extend` names a delegation to ask for anew."""
        partner, extended = self.find(), self._extended()
        if extended:
            return self.draw(partner, AskForm.to_extend(extended, now=timezone.now(), zone=partner.timezone))
        return self.draw(partner)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Ask, or show the form again with what was typed."""
        partner = self.find()
        form = AskForm(request.POST, now=clock.now(), zone=partner.timezone)
        if not form.is_valid() or not self._ask(form):
            return self.draw(partner, form)
        said = _("If there is such a customer, its global admins have been asked. Whether they answer is up to them.")
        messages.success(request, said)
        return HttpResponseRedirect(reverse("accounts:delegation_asks"))

    def draw(self, partner: Organisation, form: AskForm | None = None) -> HttpResponse:
        """The page, with a form that needs another look if there is one."""
        now, asks = timezone.now(), selectors.asks_made(self.actor)
        found = page_or_first(asks, order=("-id",), cursor=self.request.GET.get("cursor"))
        context: dict[str, Any] = {
            "partner": partner,
            "asks": [
                {
                    "row": ask,
                    "state": selectors.state_of_ask(ask, now=now),
                    "duties": [role_label(role) for role in ask.duties],
                }
                for ask in found.rows
            ],
            "next": found.next,
            "previous": found.previous,
            "is_open": form is not None or not found.rows,
            "form": form or AskForm(now=now, zone=partner.timezone),
        }
        return self.render("accounts/delegation_asks.html", context)

    def _extended(self) -> Delegation | None:
        wanted = self.request.GET.get("extend", "")
        if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 19):
            return None
        held = selectors.live_delegations(now=timezone.now()).filter(partner=self.actor.organisation_id)
        return held.filter(pk=int(wanted)).first()

    def _ask(self, form: AskForm) -> bool:
        try:
            delegation_asks.ask_for_delegation(
                customer=form.cleaned_data["customer"],
                duties=form.cleaned_data["duties"],
                reason=form.cleaned_data["reason"],
                wished_until=form.expires_at(),
                actor=self.actor,
            )
        except (InvalidAddress, AskedAlready) as refusal:
            form.add_error("customer", problem_for(refusal).detail)
        except TooMany as refusal:
            form.add_error(None, problem_for(refusal).detail)
        except InvalidDelegation as refusal:
            form.add_error("last_day", problem_for(refusal).detail)
        return form.is_valid()


class WithdrawAskView(_PartnersPage):
    """Take an ask back."""

    def post(self, request: HttpRequest, ask_id: int) -> HttpResponse:
        """Withdraw it."""
        self.find()
        try:
            delegation_asks.withdraw_ask(ask_id=ask_id, actor=self.actor)
        except AskSettled as refusal:
            messages.error(request, problem_for(refusal).detail)
        else:
            messages.success(request, _("The ask is withdrawn."))
        return HttpResponseRedirect(reverse("accounts:delegation_asks"))


class DelegatesView(_PartnersPage):
    """Which of the partner's people act for one customer."""

    act = "assign_delegates"

    def get(self, request: HttpRequest, delegation_id: int) -> HttpResponse:
        """Draw the page."""
        self.find()
        delegation = self._delegation(delegation_id)
        return self.draw(delegation, self._form(delegation))

    def post(self, request: HttpRequest, delegation_id: int) -> HttpResponse:
        """Keep who acts, from their next request on (P-6)."""
        self.find()
        delegation = self._delegation(delegation_id)
        form = self._form(delegation, request.POST)
        if not form.is_valid() or not self._assign(delegation, form):
            return self.draw(delegation, form)
        messages.success(request, _("Who acts for this customer is kept. It counts from their next click."))
        return HttpResponseRedirect(reverse("accounts:acting_for"))

    def draw(self, delegation: Delegation, form: DelegatesForm) -> HttpResponse:
        """The page with this form."""
        return self.render("accounts/delegates.html", {"delegation": delegation, "form": form})

    def _delegation(self, delegation_id: int) -> Delegation:
        held = selectors.live_delegations(now=clock.now()).filter(partner=self.actor.organisation_id)
        found = held.filter(pk=delegation_id).first()
        if found is None:
            raise DelegationNotFound
        return found

    def _form(self, delegation: Delegation, data: Any = None) -> DelegatesForm:
        return DelegatesForm(data, delegation=delegation, people=list(selectors.delegates_to_be(self.actor)))

    def _assign(self, delegation: Delegation, form: DelegatesForm) -> bool:
        try:
            if form.is_for_everybody:
                delegates.let_everybody_act(delegation_id=delegation.pk, actor=self.actor)
            else:
                delegates.assign_delegates(delegation_id=delegation.pk, people=form.chosen(), actor=self.actor)
        except (PersonNotFound, InvalidDelegation) as refusal:
            form.add_error(None, problem_for(refusal).detail)
        return form.is_valid()
