"""What somebody reads who has guessed too often."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from accounts.errors import TooMany

log = structlog.get_logger(__name__)


class LimitedMixin:
    """A form behind which a password or a code is guessed: past the limit, a page that says when to try again."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the form, or 429."""
        try:
            return super().post(request, *args, **kwargs)  # type: ignore[misc, no-any-return]
        except TooMany as refusal:
            log.warning("sign_in.limited", retry_after=refusal.retry_after)
            return too_many(request, refusal)


def too_many(request: HttpRequest, refusal: TooMany) -> HttpResponse:
    """The page for somebody who failed too often, with the time to wait."""
    minutes = -(-refusal.retry_after // 60)
    response = render(request, "account/too_many.html", {"minutes": minutes}, status=HTTPStatus.TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = str(refusal.retry_after)
    return response
