"""What somebody reads who has guessed too often, or begins to sign in again and again."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from accounts.errors import TooMany
from accounts.pseudonyms import pseudonym
from accounts.services.sign_in import network_of
from accounts.signing_in import attempts
from accounts.signing_in.adapters import client_address
from accounts.signing_in.attempts import Limit

STARTS_WITHIN = timedelta(minutes=15)
STARTS_PER_ADDRESS = 300  # a whole office may lie behind one address

BEGUN = "_begun:from:"  # counted apart from what fails

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


def count_start(request: HttpRequest, way: str) -> None:
    """Count the beginning of a sign-in, which is kept in a session. Raises TooMany for a network that ends none."""
    origin = pseudonym(network_of(client_address(request)))
    attempts.begin([Limit(f"{way}{BEGUN}{origin}", STARTS_PER_ADDRESS, STARTS_WITHIN)])


def too_many(request: HttpRequest, refusal: TooMany) -> HttpResponse:
    """The page for somebody who failed too often, or began too often without an end, with the time to wait."""
    minutes = -(-refusal.retry_after // 60)
    context = {"minutes": minutes, "begun": BEGUN in refusal.bucket}
    response = render(request, "account/too_many.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = str(refusal.retry_after)
    return response
