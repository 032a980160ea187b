"""How django-allauth behaves here: people are invited, attempts counted, every sign-in and password on record."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from accounts.selectors import sign_on
from accounts.services import passwords, sign_in
from accounts.signing_in import attempts, browsers, ciphers
from accounts.signing_in.backends import PersonBackend


def client_address(request: HttpRequest) -> str:
    """The address of the client; behind a listed proxy the middleware has put the true one there."""
    return str(request.META.get("REMOTE_ADDR", ""))


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """One answer for known, unknown and closed accounts; no sign-up; nothing waits for a mail server."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The mail address or the password is not right."),
        "enter_current_password": _("This is not your present password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: accounts are made by invitation."""
        return False

    def is_ajax(self, request: HttpRequest) -> bool:
        """Return False: forms are answered with pages, whatever a header asks for."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Tell whether we may send somebody there: to this very site only."""
        request = context.request
        return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that our own middleware found."""
        return client_address(request)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Person | None:
        """Return the person with this address and password, or None; raise TooMany after too many failures.

        The attempt is counted before the password is looked at. A closed account is no other answer than a wrong
        password, so allauth's way of remembering its owner is undone.
        """
        email, address = str(credentials.get("email", "")), client_address(request)
        attempt = sign_in.begin_attempt(email=email, address=address)
        person = authenticate(request, **credentials)
        PersonBackend.unstash_authenticated_user()
        if person is None or sign_on.takes_no_password(person):
            sign_in.record_failure(email=email, address=address)
            return None
        attempts.give_back(attempt)
        return person

    def login(self, request: HttpRequest, user: Person) -> None:
        """Open a new session for a person, and keep that they signed in, and from which browser."""
        is_first = user.last_login is None  # Django is about to write it
        super().login(request, user)
        sign_in.record_sign_in(person=user, browser=browsers.browser_of(request), is_first=is_first)

    def logout(self, request: HttpRequest) -> None:
        """End the session, and keep that its owner signed out."""
        sign_in.record_sign_out(person=cast(Person, request.user))
        super().logout(request)

    def set_password(self, user: Person, password: str) -> None:
        """Store a new password (reset and change alike); all other sessions end, and so does a change of address."""
        request = context.request
        passwords.change_password(
            person=user,
            password=password,
            session_key=request.session.session_key,
            browser=browsers.browser_of(request),
        )

    def respond_user_inactive(self, request: HttpRequest, user: Person) -> HttpResponse:
        """Send somebody whose account was closed this very moment back to the sign-in page."""
        return HttpResponseRedirect(reverse("account_login"))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return to where the password was changed from."""
        return reverse("accounts:security")

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """Return to the sign-in page."""
        return reverse("account_login")


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """What authenticator apps show, and how their secrets lie in the database."""

    def get_totp_issuer(self) -> str:
        """Return the host that people know us by."""
        return str(urlsplit(settings.PUBLIC_URL).hostname)

    def encrypt(self, text: str) -> str:
        """Return the text as it may be stored."""
        return ciphers.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return the text that was stored."""
        return ciphers.decrypt(encrypted_text)
