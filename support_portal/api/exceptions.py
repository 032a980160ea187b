"""The one handler of everything that an operation of the API raises."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse
from rest_framework.permissions import SAFE_METHODS

from support_portal.problems.document import filled, problem_for
from support_portal.problems.frameworks import INTERNAL
from support_portal.problems.responses import ProblemResponse

logger = logging.getLogger("portal.api")


def problem_handler(error: Exception, context: dict[str, Any]) -> HttpResponse:
    """Answer any exception with a problem document (RFC 9457); a fault of ours shows its request id and no more."""
    request: HttpRequest = context["request"]._request
    document = problem_for(error)
    if document is None:
        logger.error("%s %s failed", request.method, request.path, exc_info=error)
        got_request_exception.send(sender=type(context["view"]), request=request)
        document = filled(INTERNAL, error)
    elif document.status >= 500:
        logger.warning("%s %s: %s", request.method, request.path, document.code, exc_info=error)
    if request.method in SAFE_METHODS:
        document = replace(document, errors=[fault.in_query() for fault in document.errors])
    return ProblemResponse(document, request)
