"""Refusals that no view caught, as a calm page or, below /api/, as a document."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template import loader
from rest_framework.permissions import SAFE_METHODS

from accounts.context import portal
from accounts.errors import SignInRequired
from support_portal.problems.document import Document, problem_for
from support_portal.problems.responses import ProblemResponse, is_api, request_id_of

PAGES: dict[int, str] = {
    HTTPStatus.NOT_FOUND: "404.html",
    HTTPStatus.TOO_MANY_REQUESTS: "429.html",
    HTTPStatus.SERVICE_UNAVAILABLE: "503.html",
}
GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ProblemMiddleware:
    """Give refusals their status and their words; faults of ours pass through to the 500 page."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Change nothing."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Answer what a view refused."""
        document = problem_for(exception)
        if document is None:
            return None
        if is_api(request):
            return ProblemResponse(document, request)
        if isinstance(exception, SignInRequired):
            return redirect_to_login(request.get_full_path())
        return page(document, request)


def page(document: Document, request: HttpRequest, *, template: str = "") -> HttpResponse:
    """A refusal as a page of its own; it asks neither session nor database, which may be the trouble."""
    context: dict[str, Any] = {
        **portal(request),
        "problem": document,
        "sent": request.method not in SAFE_METHODS,
        "request_id": request_id_of(request),
        "retry_after": int(document.headers.get("Retry-After", 0)),
    }
    html = loader.render_to_string(template or PAGES.get(document.status, "errors/problem.html"), context)
    headers = {name: value for name, value in document.headers.items() if name == "Retry-After"}
    return HttpResponse(html, status=document.status, headers=headers)
