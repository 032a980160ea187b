"""Django's own refusals, before or beside any view: unknown addresses, broken requests, forgeries, faults of ours."""

from __future__ import annotations

import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from accounts.api.errors import UnknownAddress
from support_portal.api.refusals import CsrfRefused
from support_portal.problems.document import Document, filled, problem_for
from support_portal.problems.frameworks import BY_STATUS, FORBIDDEN, INTERNAL, UNREADABLE
from support_portal.problems.middleware import page
from support_portal.problems.responses import ProblemResponse, is_api


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that cannot be read."""
    document = problem_for(exception) or filled(UNREADABLE, exception)
    return _answer(request, document, "400.html")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a caller who may not do this."""
    return _answer(request, problem_for(exception) or filled(FORBIDDEN, exception), "403.html")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that leads nowhere."""
    document = problem_for(UnknownAddress() if is_api(request) else exception)
    assert document
    return _answer(request, document, "404.html")


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a fault: 503 when the database is away, else 500 with the request id and nothing more."""
    error = sys.exc_info()[1]
    document = problem_for(error) if error else None
    if document is None or document.status != HTTPStatus.SERVICE_UNAVAILABLE:
        return _answer(request, filled(INTERNAL, error), "500.html")
    return _answer(request, document, "503.html")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that did not come from one of our pages, or from one that was open for too long."""
    document = problem_for(CsrfRefused())
    assert document
    return _answer(request, document, "403.html")


def refuse(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    """Answer with the bare status: a document for the API, a line of text for others."""
    if is_api(request):
        return ProblemResponse(filled(BY_STATUS[status], None), request)
    line = f"{status.value} {status.phrase}\n"
    return HttpResponse(line, status=status, content_type="text/plain; charset=utf-8")


def _answer(request: HttpRequest, document: Document, template: str) -> HttpResponse:
    return ProblemResponse(document, request) if is_api(request) else page(document, request, template=template)
