"""Problem documents as answers."""

from __future__ import annotations

import json

import structlog
from django.http import HttpRequest, HttpResponse

from support_portal.problems.document import Document

API = "/api/"


def is_api(request: HttpRequest) -> bool:
    """Tell whether the caller expects JSON rather than a page."""
    return request.path_info.startswith(API)


def request_id_of(request: HttpRequest | None) -> str:
    """The id that logs know the request by."""
    known = getattr(request, "request_id", "") or structlog.contextvars.get_contextvars().get("request_id", "")
    return str(known)


class ProblemResponse(HttpResponse):
    """`application/problem+json`, whatever the caller wished to accept."""

    def __init__(self, document: Document, request: HttpRequest | None) -> None:
        """Write the document with the id of the request."""
        members = document.as_json(request_id=request_id_of(request))
        super().__init__(
            json.dumps(members, ensure_ascii=False),
            status=document.status,
            headers=document.headers,
            content_type="application/problem+json",
        )
        self.problem = document
