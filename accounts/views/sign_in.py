"""Signing in and out, and passwords: django-allauth's views with our forms, our limits and our words."""

from __future__ import annotations

from typing import Any

import structlog
from allauth.account import views as allauth
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.mfa.stages import AuthenticateStage
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View

from accounts.errors import TooMany, WrongCode
from accounts.forms.security import credential_of
from accounts.selectors import sign_on
from accounts.services import second_factors
from accounts.signing_in import factors, proofs, webauthn
from accounts.signing_in.adapters import client_address
from accounts.signing_in.backends import PersonBackend
from accounts.views.base import back
from accounts.views.limited import LimitedMixin, count_start, too_many
from accounts.views.recent import ask_first, key_question, show_factor, wrong_code
from accounts.views.sign_on_offer import offer_for

log = structlog.get_logger(__name__)


class SignInView(LimitedMixin, allauth.LoginView):  # type: ignore[misc]  # allauth has no types
    """Sign in with mail address and password; who got them wrong is shown the way of their domain, if it has one."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Look at the domain of what was typed, never at an account."""
        context = super().get_context_data(**kwargs)
        typed = self.request.POST.get("login", "")
        found = sign_on.offered_to(typed) if typed else None
        return {**context, "offer": offer_for(self.request, found, typed) if found else None}


@method_decorator(login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login"), name="dispatch")
class SecondFactorView(View):
    """The second step of signing in: a code of the app, a recovery code, or a key."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for it."""
        return self._page(request)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Open the session, or ask again."""
        stage: Any = request._login_stage  # type: ignore[attr-defined]  # by login_stage_required
        try:
            show_factor(request, stage.login.user)
        except WrongCode:
            return self._page(request, wrong=wrong_code())
        except TooMany as refusal:
            log.warning("second_factor.limited", retry_after=refusal.retry_after)
            return too_many(request, refusal)
        proofs.pass_for(request, stage.login.user)
        return stage.exit()  # type: ignore[no-any-return]

    def _page(self, request: HttpRequest, *, wrong: str = "") -> HttpResponse:
        person = request._login_stage.login.user  # type: ignore[attr-defined]
        context = {
            "standing": factors.standing_of(person),
            "key_question": key_question(request, person),
            "wrong": wrong,
        }
        return render(request, "account/second_factor.html", context)


class PasskeyOptionsView(View):
    """What the browser asks a passkey that shall sign in by itself; asked for by the button, so a POST."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Give the question, and keep it in the visitor's session."""
        try:
            count_start(request, "passkey")
        except TooMany as refusal:
            return too_many(request, refusal)
        ceremony = webauthn.begin_authentication([], alone=True)
        proofs.ask_key(request, ceremony.state)
        return HttpResponse(ceremony.question, content_type="application/json")


class PasskeyView(View):
    """Sign in with a passkey alone: it has asked its owner for a finger or a PIN, so it is both factors."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Lead to the sign-in page: this address takes forms only."""
        return HttpResponseRedirect(reverse("account_login"))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Open a session, or say that the passkey was not taken; a closed account is no other answer."""
        answer = credential_of(request.POST.get("credential", ""))
        try:
            person_id = second_factors.prove_passkey(
                answer=answer, state=proofs.take_asked(request), address=client_address(request)
            )
        except TooMany as refusal:
            return too_many(request, refusal)
        except WrongCode:
            return self._refused(request)
        person = PersonBackend().get_user(person_id)
        if person is None or request.user.is_authenticated:
            return self._refused(request)
        proofs.pass_for(request, person)
        record_authentication(request, person, "mfa", type="webauthn", passwordless=True)
        login = Login(user=person, redirect_url=back(request))
        return perform_login(request, login)  # type: ignore[no-any-return]

    def _refused(self, request: HttpRequest) -> HttpResponse:
        messages.error(request, _("This passkey is not known here. Sign in with your password, or try another one."))
        return HttpResponseRedirect(reverse("account_login"))


@method_decorator(login_required, name="dispatch")
class PasswordChangeView(LimitedMixin, allauth.PasswordChangeView):  # type: ignore[misc]
    """Change the password; every other session of the person ends."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send people who have no password yet to choose one by mail, and ask whether it is still they."""
        if not request.user.has_usable_password():  # type: ignore[union-attr]
            return HttpResponseRedirect(reverse("account_reset_password"))
        return ask_first(request, carries=False) or super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Tell the form who guesses."""
        return {**super().get_form_kwargs(), "address": client_address(self.request)}


class NewPasswordView(allauth.PasswordResetFromKeyView):  # type: ignore[misc]
    """Choose a new password with a link from a mail; the link's address is told to nobody."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep the secret out of the Referer of whatever is opened next.

        The form has moved to an address without it (allauth keeps it in the session), so the usual policy is right
        there: under `no-referrer` browsers send `Origin: null`, and the CSRF check refuses the form.
        """
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        if kwargs.get("key") != self.reset_url_key:
            response.headers["Referrer-Policy"] = "no-referrer"
        return response
