"""The partners that act for an organisation: appointing them, answering what they ask, seeing what they did (PA-1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import clock, permissions, selectors
from accounts.edges import event_words, problem_for
from accounts.errors import (
    AskSettled,
    DelegationAskNotFound,
    DelegationExists,
    DelegationNotFound,
    InvalidDelegation,
    Lack,
    NotPermitted,
    PartnerNotFound,
)
from accounts.forms.partners import DeclineAskForm, DelegationForm, GrantAskForm
from accounts.keyset import Page, page_or_first
from accounts.labels import role_label
from accounts.models import Delegation, DelegationAsk, Event, Organisation
from accounts.services import delegation_asks, delegations
from accounts.views.base import PersonView
from accounts.views.organisation import OrganisationPage

EARLIER_SHOWN = 10


class PartnersView(OrganisationPage):
    """Who acts for the organisation, and who asks to; no business of a partner's people who do."""

    def find(self) -> Organisation:
        """The organisation, for its own people."""
        if self.actor.on_behalf_of_id is not None:
            raise NotPermitted("read_organisation", lack=Lack.BEING_OWN)
        return super().find()

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw the page."""
        return self.draw(self.find())

    def draw(
        self,
        organisation: Organisation,
        form: DelegationForm | None = None,
        *,
        answering: GrantAskForm | DeclineAskForm | None = None,
    ) -> HttpResponse:
        """The page, with a form that needs another look if there is one."""
        now = timezone.now()
        may_manage = permissions.may(self.actor, "manage_delegations")
        asks = selectors.open_asks(selectors.asks_received(self.actor), now=now).order_by("-id")
        over = selectors.over(selectors.visible_delegations(self.actor).filter(customer=organisation.pk), now=now)
        context: dict[str, Any] = {
            "organisation": organisation,
            "asks": [_with_forms(ask, organisation, answering, now=now) for ask in asks],
            "delegations": [
                with_duties(row, now=now) for row in selectors.delegations_granted_by(organisation.pk, now=now)
            ],
            "earlier": _page(over, self.request, size=EARLIER_SHOWN),
            "may_manage_delegations": may_manage,
        }
        if may_manage:
            context["delegation_form"] = form or DelegationForm(now=now, zone=organisation.timezone)
        return self.render("accounts/organisation/partners.html", context)


class DelegationView(PartnersView):
    """One delegation, over or not, and what was done under it."""

    def get(self, request: HttpRequest, delegation_id: int = 0) -> HttpResponse:
        """Draw the page, of the customer's side."""
        organisation, now = self.find(), timezone.now()
        delegation = selectors.granted_delegation(self.actor, delegation_id)
        may_manage = permissions.may(self.actor, "manage_delegations")
        done = selectors.events_under(delegation) if may_manage else Event.objects.none()
        events = _page(done, request, size=50)
        context = {
            "organisation": organisation,
            "item": with_duties(delegation, now=now),
            "is_over": selectors.is_over(delegation, now=now),
            "ask": selectors.asks_received(self.actor).filter(delegation=delegation.pk).first(),
            "events": [_shown(event) for event in events.rows],
            "next": events.next,
            "previous": events.previous,
            "may_manage_delegations": may_manage,
        }
        return self.render("accounts/organisation/delegation.html", context)


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


class _AnswerAskView(PartnersView):
    """Answer what a partner asks for; an ask that is no longer open says so on the page."""

    def get(self, request: HttpRequest, ask_id: int = 0) -> HttpResponse:
        """Lead back to the partners: this address takes forms only."""
        return HttpResponseRedirect(reverse("accounts:partners"))

    def post(self, request: HttpRequest, ask_id: int) -> HttpResponse:
        """Answer, or show the form again with what was typed."""
        organisation = self.find()
        permissions.require(self.actor, "manage_delegations")
        ask = selectors.asks_received(self.actor).filter(pk=ask_id).first()
        if ask is None:
            raise DelegationAskNotFound
        try:
            form = self.answer(ask, organisation)
        except AskSettled as refusal:
            messages.error(request, problem_for(refusal).detail)
            return HttpResponseRedirect(reverse("accounts:partners"))
        if not form.is_valid():
            return self.draw(organisation, answering=form)
        return HttpResponseRedirect(reverse("accounts:partners"))

    def answer(self, ask: DelegationAsk, organisation: Organisation) -> GrantAskForm | DeclineAskForm:
        """Read the form and do what it says; with errors in it where that could not be."""
        raise NotImplementedError


class GrantAskView(_AnswerAskView):
    """Grant what a partner asks for, or less of it."""

    def answer(self, ask: DelegationAsk, organisation: Organisation) -> GrantAskForm:
        """Grant it."""
        form = GrantAskForm(self.request.POST, ask=ask, now=clock.now(), zone=organisation.timezone)
        if not form.is_valid():
            return form
        try:
            delegation_asks.grant_ask(
                ask_id=ask.pk, duties=form.cleaned_data["duties"], expires_at=form.expires_at(), actor=self.actor
            )
        except InvalidDelegation as refusal:
            form.add_error("last_day", problem_for(refusal).detail)
        else:
            messages.success(self.request, _("The delegation is granted. It counts from now on."))
        return form


class DeclineAskView(_AnswerAskView):
    """Decline what a partner asks for."""

    def answer(self, ask: DelegationAsk, organisation: Organisation) -> DeclineAskForm:
        """Decline it."""
        form = DeclineAskForm(self.request.POST, ask=ask)
        if form.is_valid():
            delegation_asks.decline_ask(ask_id=ask.pk, reason=form.cleaned_data["reason"], actor=self.actor)
            messages.success(self.request, _("The ask is declined. The partner reads your reason."))
        return form


def with_duties(delegation: Delegation, *, now: datetime) -> dict[str, Any]:
    """A delegation as pages show it."""
    ends_soon = delegation.expires_at - now <= selectors.WARNED_FROM
    return {"row": delegation, "duties": [role_label(role) for role in delegation.duties], "ends_soon": ends_soon}


def _with_forms(
    ask: DelegationAsk, organisation: Organisation, answering: GrantAskForm | DeclineAskForm | None, *, now: datetime
) -> dict[str, Any]:
    forms = {
        form.prefix: form
        for form in (GrantAskForm(ask=ask, now=now, zone=organisation.timezone), DeclineAskForm(ask=ask))
    }
    if answering is not None and answering.prefix in forms:
        forms[answering.prefix] = answering
    grant, decline = forms.values()
    return {"row": ask, "duties": [role_label(role) for role in ask.duties], "grant": grant, "decline": decline}


def _page(rows: Any, request: HttpRequest, *, size: int) -> Page[Any]:
    """A page of a list, newest first; from its beginning for a cursor that it did not give out."""
    return page_or_first(rows, order=("-id",), cursor=request.GET.get("cursor"), size=size)


def _shown(event: Event) -> dict[str, Any]:
    return {"row": event, "words": event_words(event.kind)}
