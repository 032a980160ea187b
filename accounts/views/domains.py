"""The mail domains of an organisation: its global admins add, prove and remove them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import clock, selectors
from accounts.edges import problem_for
from accounts.errors import (
    DomainConfirmed,
    DomainLinkOver,
    DomainStands,
    InvalidDomain,
    PublicDomain,
    TooMany,
    TooManyDomains,
)
from accounts.forms.sign_on import DomainForm, ProofForm
from accounts.selectors import domains
from accounts.services import domains as services
from accounts.signing_in.domain_names import shown
from accounts.views.base import PersonView
from accounts.views.recent import RecentView
from accounts.views.sign_on import SignOnPage, sign_on_page

LINK = "domain_link"  # session key: the secret of the mail that is being looked at


class AddDomainView(SignOnPage):
    """Put a domain down."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Add it, or show the form again with what was typed."""
        form = DomainForm(request.POST)
        if not form.is_valid() or not self._add(form):
            return sign_on_page(self, domain_form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        messages.success(request, _("The domain stands in the list. Prove next that it is yours."))
        return self.back("domains")

    def _add(self, form: DomainForm) -> bool:
        try:
            services.add_domain(name=form.cleaned_data["name"], actor=self.actor)
        except (InvalidDomain, PublicDomain, DomainStands, TooManyDomains) as refusal:
            form.add_error("name", problem_for(refusal).detail)
            return False
        return True


class ProveDomainView(SignOnPage):
    """Ask for the mail with the link."""

    def post(self, request: HttpRequest, domain_id: int) -> HttpResponse:
        """Send it, and say where it went."""
        domain = domains.domain_of(self.actor, domain_id)
        form = ProofForm(request.POST, domain=shown(domain.name))
        if not form.is_valid():
            messages.error(request, _("Choose one of the mailboxes."))
            return self.back("domains")
        mailbox = form.cleaned_data["mailbox"]
        try:
            services.ask_for_proof(domain_id=domain_id, mailbox=mailbox, actor=self.actor)
        except (DomainConfirmed, TooMany) as refusal:
            messages.error(request, problem_for(refusal).detail)
        else:
            said = _("A mail is on its way to {address}. Open its link while you are signed in here.")
            messages.success(request, said.format(address=f"{mailbox}@{shown(domain.name)}"))
        return self.back("domains")


class RemoveDomainView(SignOnPage):
    """Give a domain up."""

    def post(self, request: HttpRequest, domain_id: int) -> HttpResponse:
        """Remove it."""
        domain = services.remove_domain(domain_id=domain_id, actor=self.actor)
        messages.success(request, _("{domain} is no longer a domain of yours.").format(domain=shown(domain.name)))
        return self.back("domains")


class DomainLinkView(PersonView):
    """The address in the mail: takes the secret out of the address bar, and changes nothing."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep the secret out of the Referer, on the way to the sign-in page too."""
        response = super().dispatch(request, *args, **kwargs)
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """Keep the secret in the session, and lead to the page that asks."""
        request.session[LINK] = key
        return HttpResponseRedirect(reverse("accounts:confirm_domain"))


class ConfirmDomainView(RecentView, SignOnPage):
    """Ask whether the domain of the link is theirs; only the button confirms it, for mail scanners follow links."""

    asked_on = ("POST",)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Name the domain, or say that the link confirms nothing."""
        try:
            domain = domains.linked_domain(self.actor, self._key, now=clock.now())
        except DomainLinkOver as refusal:
            return self._over(refusal)
        context = {"organisation": selectors.organisation_of(self.actor), "domain": shown(domain.name)}
        return self.render("accounts/sign_on/confirm_domain.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Confirm it."""
        try:
            domain = services.confirm_domain(key=self._key, actor=self.actor)
        except DomainLinkOver as refusal:
            return self._over(refusal)
        request.session.pop(LINK, None)
        messages.success(request, _("{domain} is confirmed.").format(domain=shown(domain.name)))
        return self.back("domains")

    @property
    def _key(self) -> str:
        return str(self.request.session.get(LINK, ""))

    def _over(self, refusal: DomainLinkOver) -> HttpResponse:
        self.request.session.pop(LINK, None)
        context = {"organisation": selectors.organisation_of(self.actor), "problem": problem_for(refusal)}
        return self.render("accounts/sign_on/confirm_domain.html", context, status=HTTPStatus.GONE)
