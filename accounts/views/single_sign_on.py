"""Signing in through an organisation's own issuer: from the mail address to the answer (OpenID Connect, code flow).

The way to the issuer is a link: browsers hold redirects after a form to the page's `form-action`, which stays 'self'.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views import View

from accounts import permissions
from accounts.edges import actor_of, problem_for
from accounts.errors import NotPermitted, OutgoingFailed, SignOnChanged, SignOnFailed, SignOnNotSet, TooMany
from accounts.forms.sign_on import AddressForm
from accounts.labels import role_label
from accounts.models import SingleSignOn
from accounts.selectors import sign_on
from accounts.services import sign_on as services
from accounts.services.sign_on_settings import record_test
from accounts.signing_in import claims, issuers, proofs, sign_on_sessions
from accounts.signing_in.claims import Claims
from accounts.signing_in.sign_on_sessions import Flow
from accounts.views.limited import count_start, too_many
from accounts.views.sign_on import SignOnPage
from accounts.views.sign_on_offer import offer_for, safe_next

log = structlog.get_logger(__name__)


class ChooseIssuerView(View):
    """Ask for the mail address, and lead to the issuer of its domain; whether there is an account is not looked at."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask."""
        return self._page(AddressForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Show the way on, or say that the domain has none."""
        try:
            count_start(request, "sign_on")
        except TooMany as refusal:
            return too_many(request, refusal)
        form = AddressForm(request.POST)
        if not form.is_valid():
            return self._page(form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        address = form.cleaned_data["login"]
        found = sign_on.offered_to(address)
        return self._page(form, offer=offer_for(request, found, address) if found else None, looked=True)

    def _page(self, form: AddressForm, *, status: int = HTTPStatus.OK, **context: Any) -> HttpResponse:
        context |= {"form": form, "next": safe_next(self.request)}
        return render(self.request, "account/single_sign_on.html", context, status=status)


class StartView(View):
    """Send the browser to the issuer, with what binds its answer to this browser."""

    def get(self, request: HttpRequest, callback_key: str) -> HttpResponseBase:
        """Begin a sign-in; nothing is stored but the session's secrets."""
        if request.user.is_authenticated:
            return HttpResponseRedirect(safe_next(request) or settings.LOGIN_REDIRECT_URL)
        try:
            count_start(request, "sign_on")
            stands = sign_on.called(callback_key)
            if stands.enabled_at is None:
                raise SignOnFailed("off")
            return _begin(request, stands, after=safe_next(request))
        except TooMany as refusal:
            return too_many(request, refusal)
        except (SignOnFailed, OutgoingFailed) as refusal:
            return _failed(request, refusal)


class StartTestView(SignOnPage):
    """Begin a sign-in that only tests the connection, for a global admin; it signs nobody in."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Send the admin to the issuer."""
        try:
            return _begin(request, sign_on.settings_of(self.actor), tester=self.person.pk)
        except (SignOnFailed, OutgoingFailed) as refusal:
            return _failed(request, refusal, testing=True)


class CallbackView(View):
    """The issuer's answer, at the organisation's own address for it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep the code out of the Referer of whatever is opened next."""
        response = super().dispatch(request, *args, **kwargs)
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    def get(self, request: HttpRequest, callback_key: str) -> HttpResponseBase:
        """Open a session, or tell how the test went; say what to do when neither came about."""
        testing = False
        try:
            stands = sign_on.called(callback_key)
            flow = sign_on_sessions.take(request, request.GET.get("state", ""), sign_on_id=stands.pk)
            testing = flow.tester is not None
            _check_unchanged(stands, flow)
            found = _claims(request, stands, flow)
            return _tested(request, stands, flow, found) if testing else _signed_in(request, stands, flow, found)
        except (SignOnFailed, OutgoingFailed) as refusal:
            sign_on_sessions.keep_failure(request, refusal, testing=testing)
            return HttpResponseRedirect(reverse("sign_on_failed"))  # away from an address with a code in it


class FailedView(View):
    """Why the last sign-in of this browser did not come about."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Say it."""
        failure = sign_on_sessions.failure_of(request)
        if failure is None:
            return HttpResponseRedirect(reverse("account_login"))
        refusal, testing = failure
        return _failed(request, refusal, testing=testing)


class TestedView(SignOnPage):
    """What the last test of this session found."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show the admin what the issuer says about them, and what would come of it."""
        stands, found = self.sign_on(), sign_on_sessions.tested_claims(request)
        if stands is None or found is None:
            return self.back()
        mapping = [(each.value, each.role) for each in sign_on.mappings_of(stands)]
        context = {
            "organisation": stands.organisation,
            "claims": found,
            "in_domain": sign_on.is_of(found.address, stands),
            "roles": [role_label(role) for role in sorted(claims.roles_from(found.values or (), mapping))],
            "values": sorted(found.values or ())[:50],
            "sign_on": stands,
        }
        return self.render("accounts/sign_on/tested.html", context)


def _begin(request: HttpRequest, stands: SingleSignOn, *, after: str = "", tester: int | None = None) -> HttpResponse:
    asked = issuers.Secrets.fresh()
    url = issuers.authorization_url(sign_on.client_of(stands), asked, roles_claim=stands.roles_claim)
    enabled_at = stands.enabled_at.isoformat() if stands.enabled_at else ""
    sign_on_sessions.begin(
        request, asked, sign_on=stands.pk, version=stands.version, enabled_at=enabled_at, next=after, tester=tester
    )
    return HttpResponse(status=HTTPStatus.FOUND, headers={"Location": url, "Referrer-Policy": "no-referrer"})


def _check_unchanged(stands: SingleSignOn, flow: Flow) -> None:
    """What was begun under other settings counts for nothing."""
    enabled_at = stands.enabled_at.isoformat() if stands.enabled_at else ""
    same = stands.version == flow.version if flow.tester is not None else enabled_at and enabled_at == flow.enabled_at
    if not same:
        raise SignOnFailed("changed")


def _claims(request: HttpRequest, stands: SingleSignOn, flow: Flow) -> Claims:
    """Exchange the code for what the issuer says; the network is asked outside of any transaction."""
    client = sign_on.client_of(stands)
    issuers.check_answer(client, request.GET.dict())
    code = request.GET.get("code", "")
    if not code:
        log.info("sign_on.denied", error=request.GET.get("error", "")[:40])
        raise SignOnFailed("denied")
    asked = issuers.Secrets(state="", nonce=flow.nonce, verifier=flow.verifier)
    payload = issuers.claims_for(client, code=code, asked=asked, wanted=stands.address_claim)
    try:
        return claims.read(payload, sign_on.reading_of(stands))
    except ValueError:
        raise SignOnFailed("token") from None


def _signed_in(request: HttpRequest, stands: SingleSignOn, flow: Flow, found: Claims) -> HttpResponseBase:
    """Open a new session; what an earlier one held is gone.

    Who has a second factor here is asked for it as ever, unless their organisation trusts its issuer with that and the
    issuer says that it has asked for one itself, this time.
    """
    assert stands.enabled_at
    arrival = services.arrive(sign_on_id=stands.pk, enabled_at=stands.enabled_at, claims=found)
    if request.user.is_authenticated:
        logout(request)
    sign_on_sessions.mark(request, arrival.person, enabled_at=arrival.enabled_at)
    after = flow.next or settings.LOGIN_REDIRECT_URL
    if stands.trusts_second_factor and found.has_second_factor:
        proofs.pass_for(request, arrival.person)
        get_adapter().login(request, arrival.person)
        return HttpResponseRedirect(after)
    return perform_login(request, Login(user=arrival.person, redirect_url=after))  # type: ignore[no-any-return]


def _tested(request: HttpRequest, stands: SingleSignOn, flow: Flow, found: Claims) -> HttpResponse:
    """Keep that the connection works, and what the issuer said, for the page after this one."""
    try:
        if request.user.pk != flow.tester:
            raise SignOnFailed("state")
        record_test(sign_on_id=stands.pk, version=flow.version, actor=actor_of(request))
    except (NotPermitted, SignOnChanged, SignOnNotSet):
        raise SignOnFailed("changed") from None
    sign_on_sessions.keep_tested(request, found)
    return HttpResponseRedirect(reverse("accounts:sign_on_tested"))


def _failed(request: HttpRequest, refusal: SignOnFailed | OutgoingFailed, *, testing: bool = False) -> HttpResponse:
    """A page that says what to do; what the issuer wrote is never repeated."""
    log.warning("sign_on.failed", fault=refusal.fault, error=type(refusal).__name__)
    problem = problem_for(refusal)
    may_test = testing and request.user.is_authenticated and permissions.may(actor_of(request), "manage_sign_in")
    context = {"problem": problem, "testing": may_test, "away": isinstance(refusal, OutgoingFailed)}
    return render(request, "account/single_sign_on_failed.html", context, status=problem.status)
