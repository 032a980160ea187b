"""Scopes: what a token may be used for, beyond what its person may do."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.api.errors import ScopeMissing
from accounts.models import ApiToken
from accounts.scopes import ANY_SCOPE


class HasScope(BasePermission):
    """Lets a token do what `view.required_scopes` names for the method; a session has every scope.

    Where `view.staff_scopes` names another for the method, support staff need that one instead.

    An operation that names no scope is closed to tokens, so that a forgotten line opens nothing.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return True, or raise ScopeMissing with the scope that would do."""
        if not isinstance(request.auth, ApiToken) or request.method == "OPTIONS":
            return True
        method = "GET" if request.method == "HEAD" else request.method
        scopes = getattr(view, "required_scopes", {})
        if request.auth.person.is_staff:
            scopes = {**scopes, **getattr(view, "staff_scopes", {})}
        if method in scopes:
            scope = scopes[method]
            if scope == ANY_SCOPE or scope in request.auth.scopes:
                return True
            raise ScopeMissing(scope)
        if hasattr(view, str(method).lower()):
            raise ScopeMissing("")
        return True  # no such method here; the answer is 405
