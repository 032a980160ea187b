"""Signing in and out, and passwords: django-allauth's views with our forms, our limits and our words."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from allauth.account import views as allauth
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator

from accounts.adapters import client_address
from accounts.errors import TooMany

log = structlog.get_logger(__name__)


class LimitedMixin:
    """A form behind which a password is guessed: past the limit, a page that says when to try again."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the form, or 429."""
        try:
            return super().post(request, *args, **kwargs)  # type: ignore[misc, no-any-return]
        except TooMany as refusal:
            log.warning("sign_in.limited", retry_after=refusal.retry_after)
            return too_many(request, refusal)


class SignInView(LimitedMixin, allauth.LoginView):  # type: ignore[misc]  # allauth has no types
    """Sign in with mail address and password."""


@method_decorator(login_required, name="dispatch")
class PasswordChangeView(LimitedMixin, allauth.PasswordChangeView):  # type: ignore[misc]
    """Change the password; every other session of the person ends."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send people who have no password yet to choose one by mail."""
        if not request.user.has_usable_password():  # type: ignore[union-attr]
            return HttpResponseRedirect(reverse("account_reset_password"))
        return super().dispatch(request, *args, **kwargs)  # type: ignore[no-any-return]

    def get_form_kwargs(self) -> dict[str, Any]:
        """Tell the form who guesses."""
        return {**super().get_form_kwargs(), "address": client_address(self.request)}


class NewPasswordView(allauth.PasswordResetFromKeyView):  # type: ignore[misc]
    """Choose a new password with a link from a mail; the link's address is told to nobody."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep the secret out of the Referer of whatever is opened next."""
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        response.headers["Referrer-Policy"] = "no-referrer"
        return response


def too_many(request: HttpRequest, refusal: TooMany) -> HttpResponse:
    """The page for somebody who failed too often, with the time to wait."""
    minutes = -(-refusal.retry_after // 60)
    response = render(request, "account/too_many.html", {"minutes": minutes}, status=HTTPStatus.TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = str(refusal.retry_after)
    return response
