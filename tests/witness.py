"""Sees to it, whatever is being tested, that operations refuse with no other codes than those that they tell of."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

OF_ALL = {  # what any operation may answer: docs/api.md
    *("sign-in-required", "invalid-token", "second-factor-required", "csrf-failed", "proof-required"),
    *("not-permitted", "scope-missing", "delegation-over", "drawn-for-another", "organisation-closed"),
    *("malformed-request", "malformed-json", "invalid-input", "invalid-query", "invalid-cursor"),
    *("invalid-if-match", "if-match-required", "version-mismatch"),
    *("invalid-idempotency-key", "idempotency-key-in-use", "idempotency-key-reused"),
    *("not-found", "method-not-allowed", "not-acceptable", "length-required", "body-too-large", "address-too-long"),
    *("headers-too-large", "unsupported-media-type", "unsupported-charset", "too-many-requests", "unavailable", "busy"),
    "internal-error",
}


class Witness:
    """Middleware of the test run alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        problem, view = getattr(answer, "problem", None), _view_of(request)
        if problem and view and problem.code not in OF_ALL:
            from support_portal.api.raising import problems_of

            method = "GET" if request.method == "HEAD" else str(request.method)
            told = {row.code for row in problems_of(view, method)}
            assert problem.code in told, f"{view.__name__} {method} refuses with {problem.code}, told are {told}"
            by_address = bool(request.resolver_match and request.resolver_match.kwargs)
            is_described = by_address or 404 in getattr(getattr(view, method.lower()), "refuses", ())
            assert problem.status != 404 or is_described, f"{view.__name__} {method} does not describe 404"
        return answer


def _view_of(request: HttpRequest) -> type | None:
    from accounts.api.base import ApiView
    from support_portal.api.views import UnknownAddressView

    view = getattr(getattr(request.resolver_match, "func", None), "view_class", None)
    is_ours = view is not None and issubclass(view, ApiView) and not view.__module__.startswith("tests.")
    return view if is_ours and view is not UnknownAddressView else None
