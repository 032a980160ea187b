"""What the edge of the API refuses before any service is asked."""

from __future__ import annotations

from typing import Any

from accounts.errors import AccountsError


class ApiError(AccountsError):
    """Base of all refusals of the API's edge."""


class ScopeMissing(ApiError):
    """The token lacks the scope of this operation."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__(scope)


class ProofRequired(ApiError):
    """What opens lasting doors wants a session whose person has just shown that it is they (403)."""


class IfMatchRequired(ApiError):
    """A change must name the version it was made for (428)."""


class InvalidIfMatch(ApiError):
    """If-Match is not one ETag with its quotation marks, which is what we compare with."""


class InvalidQuery(ApiError):
    """Query parameters that the list does not take; `detail` is as in a ValidationError."""

    def __init__(self, detail: dict[str, Any]) -> None:
        self.detail = detail
        super().__init__(", ".join(detail))


class UnknownAddress(ApiError):
    """The API has no such address; `suggestion` is one that it has, or nothing."""

    def __init__(self, suggestion: str = "") -> None:
        self.suggestion = suggestion
        super().__init__(suggestion)
