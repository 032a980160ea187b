"""The API's rate limits, counted in PostgreSQL in one statement and announced on every answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.errors import TooMany
from accounts.limits import Limit, Standing, count_all
from accounts.models import ApiToken

MINUTE = timedelta(minutes=1)
PER_TOKEN = 600
PER_ORGANISATION = 3000


class ApiThrottle(BaseThrottle):
    """600 calls a minute for a token or a session's person, 3,000 for an organisation (RELIABILITY.md, section 3)."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count the call; raises TooMany when it is one too many."""
        standings = count_all(limits_of(request))
        http: Any = request._request
        http.api_headers = announcement(standings)
        over = [standing for standing in standings if standing.exceeded]
        if over:
            worst = max(over, key=lambda standing: standing.resets_in)
            raise TooMany(worst.limit.bucket, limit=worst.limit.allowed, retry_after=worst.resets_in)
        return True


def limits_of(request: Request) -> list[Limit]:
    """The limits that a call counts against."""
    auth: Any = request.auth
    if isinstance(auth, ApiToken):
        limits, organisation_id = [Limit("token", f"api:token:{auth.pk}", PER_TOKEN, MINUTE)], auth.organisation_id
    else:
        person: Any = request.user
        limits = [Limit("person", f"api:person:{person.pk}", PER_TOKEN, MINUTE)]
        organisation_id = person.organisation_id
    if organisation_id is not None:
        limits.append(Limit("organisation", f"api:organisation:{organisation_id}", PER_ORGANISATION, MINUTE))
    return limits


def announcement(standings: list[Standing]) -> dict[str, str]:
    """The headers of draft-ietf-httpapi-ratelimit-headers: the policies, and how the call stands with each."""
    policies = [f'"{one.limit.name}";q={one.limit.allowed};w={one.limit.per.seconds}' for one in standings]
    state = [f'"{one.limit.name}";r={max(0, one.left)};t={one.resets_in}' for one in standings]
    return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(state)}
