"""The browser that somebody signs in from: its cookie, and what it says about itself. The cookie opens nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.signing_in.sessions import AGENT_LIMIT, address_or_none
from accounts.unguessable import digest_of, new_secret

SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Browser:
    """What tells one browser from another, and what its owner recognises it by."""

    secret: str
    address: str | None = None
    user_agent: str = ""

    def digest(self, person_id: int) -> str:
        """What is kept of the secret: another value for each person."""
        return digest_of(f"{person_id}:{self.secret}")


def browser_of(request: HttpRequest) -> Browser:
    """The browser by its cookie, or by a new secret, which `remember` gives to it with the answer."""
    kept = request.COOKIES.get(settings.BROWSER_COOKIE_NAME, "")
    browser = Browser(
        secret=kept if SECRET.fullmatch(kept) else new_secret(),
        address=address_or_none(str(request.META.get("REMOTE_ADDR", ""))),
        user_agent=request.headers.get("User-Agent", "")[:AGENT_LIMIT].replace("\x00", ""),
    )
    request.signed_in_from = browser  # type: ignore[attr-defined]  # for `remember`
    return browser


def remember(request: HttpRequest, response: HttpResponseBase) -> None:
    """Give the cookie to a browser from which somebody has just signed in; its time begins anew."""
    browser: Browser | None = getattr(request, "signed_in_from", None)
    if browser:
        response.set_cookie(
            settings.BROWSER_COOKIE_NAME,
            browser.secret,
            max_age=settings.BROWSER_COOKIE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
