"""What every edge of the portal asks, pages and API alike: who acts, and what a refusal is called."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Protocol, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.module_loading import import_string
from rest_framework.request import Request

from accounts import clock, selectors
from accounts.actors import Actor
from accounts.errors import DelegationOver, OrganisationNotFound, SignInRequired
from accounts.models import ApiToken, Person

FORGOTTEN = ("csrfmiddlewaretoken",)
ACTING_FOR = "acting_for"  # session key: the customer that a partner's person chose (PA-1)


class Fault(Protocol):
    """One thing that is wrong in the input."""

    place: str
    detail: str

    def as_json(self) -> dict[str, str]:
        """The member of `errors`."""


class Words(Protocol):
    """A refusal in words for people; the whole document is `support_portal.problems.Document`."""

    status: int
    code: str
    title: str
    detail: str
    errors: Sequence[Fault]


def problem_for(error: Exception) -> Words:
    """What to tell a person about a refusal, in their language; raises `error` when it is none."""
    words = import_string(settings.PROBLEM_WORDS)(error)
    if words is None:
        raise error
    return cast(Words, words)


def event_words(kind: str) -> str:
    """What an event is called in the active language."""
    return str(import_string(settings.EVENT_WORDS)(kind))


def fingerprint_of(request: HttpRequest) -> str:
    """What makes two sendings of a form the same: its address, its fields and its files, for `idempotency.once`."""
    fields = [(name, values) for name, values in sorted(request.POST.lists()) if name not in FORGOTTEN]
    files = [(name, [[f.name, f.size] for f in found]) for name, found in sorted(request.FILES.lists())]
    return json.dumps([request.get_full_path(), fields, files])


def actor_of(request: HttpRequest | Request) -> Actor:
    """The acting person of this HTTP request, built once for each (P-6).

    A partner's person acts for the customer of their token, or the one chosen in their session; either is held
    against the live delegations each time (PA-1). Raises SignInRequired, and DelegationOver when they may no longer.
    """
    http: Any = request._request if isinstance(request, Request) else request
    user, auth = http.user, getattr(http, "auth", None)
    if not user.is_authenticated:
        raise SignInRequired
    known = getattr(http, "_actor", None)
    if known and known[0] is user and known[1] is auth:
        return cast(Actor, known[2])
    actor = _actor(_with_roles(user), customer_id=_customer_of(http, auth), http=http)
    http._actor = (user, auth, actor)
    return actor


def _with_roles(user: Any) -> Person:
    """The person with `role_names`; sign-in backend and token authentication have read them already."""
    if hasattr(user, "role_names"):
        return cast(Person, user)
    return Person.objects.with_roles().get(pk=user.pk)


def _customer_of(http: HttpRequest, auth: object) -> int | None:
    if isinstance(auth, ApiToken):
        return auth.organisation_id
    session = getattr(http, "session", None)
    return session.get(ACTING_FOR) if session is not None else None


def _actor(person: Person, *, customer_id: int | None, http: HttpRequest) -> Actor:
    delegated = customer_id is not None and customer_id != person.organisation_id
    now = clock.now() if delegated else timezone.now()  # only a delegation depends on it
    try:
        return selectors.actor_for(person, now=now, customer_id=customer_id)
    except OrganisationNotFound:
        if getattr(http, "session", None) is not None:
            http.session.pop(ACTING_FOR, None)  # refuse this one; the next page is their own organisation's
        raise DelegationOver from None
