"""Who calls the API: a bearer token, or the session of our own pages."""

from __future__ import annotations

from typing import Any

from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from accounts import circumstances
from accounts.errors import SecondFactorRequired
from accounts.models import ApiToken, Person
from accounts.services import tokens
from accounts.signing_in import proofs
from support_portal.api.refusals import CsrfRefused

SCHEME = "bearer"
LONGEST_SECRET = 128


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer sp_…`, and nowhere else."""

    def authenticate(self, request: Request) -> tuple[Person, ApiToken] | None:
        """Return the person and the token; None without a bearer token, AuthenticationFailed for a bad one."""
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME:
            return None
        secret = secret.strip()
        token = tokens.use_token(secret) if _well_formed(secret) else None
        if token is None:
            raise AuthenticationFailed
        circumstances.came_by_token(token.pk)
        return token.person, token

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401."""
        return 'Bearer realm="support portal"'


class SessionAuthentication(authentication.SessionAuthentication):
    """The session of our pages; a call that changes something needs their CSRF token."""

    def authenticate(self, request: Request) -> tuple[Person, None] | None:
        """Return the person, who has shown the second factor that they must have; raises SecondFactorRequired."""
        found = super().authenticate(request)
        if found and proofs.lacks_second_factor(request._request):
            raise SecondFactorRequired
        return found

    def enforce_csrf(self, request: Any) -> None:
        """Raise CsrfRefused for a call from elsewhere."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied:
            raise CsrfRefused from None


def _well_formed(secret: str) -> bool:
    return secret.isascii() and secret.startswith(tokens.PREFIX) and len(secret) <= LONGEST_SECRET
