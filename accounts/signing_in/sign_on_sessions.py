"""What a browser's session knows of single sign-on: sign-ins that were begun, and the one that opened it."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from accounts.errors import OutgoingFailed, SignOnFailed
from accounts.models import Person
from accounts.signing_in.claims import Claims
from accounts.signing_in.issuers import Secrets

BEGUN, OPENED_BY, FAILED, TESTED = "sign_on_begun", "sign_on", "sign_on_failed", "sign_on_tested"  # session keys
MOST_BEGUN = 5  # several tabs
BEGUN_WITHIN = 600  # seconds at the issuer


@dataclass(frozen=True, slots=True)
class Flow:
    """One sign-in that was begun: for which settings as they stood, and where it leads in the end.

    `tester` is the global admin whose session tests the connection; nobody is signed in by that.
    """

    sign_on: int
    version: int
    enabled_at: str
    nonce: str
    verifier: str
    next: str = ""
    tester: int | None = None
    at: int = 0


def begin(request: HttpRequest, asked: Secrets, **flow: Any) -> None:
    """Keep a sign-in until its answer comes, and forget the oldest when there are too many."""
    begun = {state: each for state, each in _begun(request).items() if _is_fresh(each)}
    started = Flow(nonce=asked.nonce, verifier=asked.verifier, at=int(time.time()), **flow)
    latest = sorted(begun.items(), key=lambda item: int(item[1]["at"]))[-(MOST_BEGUN - 1) :]
    request.session[BEGUN] = {**dict(latest), asked.state: asdict(started)}


def take(request: HttpRequest, state: str, *, sign_on_id: int) -> Flow:
    """The sign-in that an answer belongs to, once: begun in this very browser, at this issuer, and not long ago.

    Raises SignOnFailed otherwise: for a login that somebody else began, and for an answer that comes twice.
    """
    begun = _begun(request)
    found = begun.pop(state, None)
    if found is None:
        raise SignOnFailed("state")
    request.session[BEGUN] = begun
    request.session.save()  # whatever becomes of it, this answer does not count again
    if not _is_fresh(found) or found["sign_on"] != sign_on_id:
        raise SignOnFailed("state")
    return Flow(**found)


def mark(request: HttpRequest, person: Person, *, enabled_at: datetime) -> None:
    """Note that single sign-on opens the session of this person."""
    request.session[OPENED_BY] = [person.pk, enabled_at.isoformat()]


def is_open(request: HttpRequest) -> bool:
    """Whether the way by which this session was opened still stands, in the organisation as it is now (P-6)."""
    person: Any = request.user
    if not person.is_authenticated:
        return True
    enabled_at: datetime | None = person.sign_on_enabled_at
    opened_by = request.session.get(OPENED_BY)
    if opened_by and opened_by[0] == person.pk:
        return bool(enabled_at and opened_by[1] == enabled_at.isoformat())
    return bool(not (enabled_at and person.sign_on_is_only_way) or "global_admin" in person.role_names)


def keep_failure(request: HttpRequest, refusal: SignOnFailed | OutgoingFailed, *, testing: bool) -> None:
    """Note why a sign-in did not come about, for the page that says so."""
    request.session[FAILED] = [isinstance(refusal, OutgoingFailed), refusal.fault, testing]


def failure_of(request: HttpRequest) -> tuple[SignOnFailed | OutgoingFailed, bool] | None:
    """Why the last sign-in did not come about, and whether it was a test."""
    kept = request.session.get(FAILED)
    if kept is None:
        return None
    away, fault, testing = kept
    return (OutgoingFailed(fault) if away else SignOnFailed(fault)), bool(testing)


def keep_tested(request: HttpRequest, claims: Claims) -> None:
    """Note what a test found, for the admin's eyes only."""
    values = None if claims.values is None else sorted(claims.values)
    request.session[TESTED] = {**asdict(claims), "values": values}


def tested_claims(request: HttpRequest) -> Claims | None:
    """What the last test of this session found."""
    kept = request.session.get(TESTED)
    if kept is None:
        return None
    values = kept["values"]
    return Claims(**{**kept, "values": None if values is None else frozenset(values)})


def _begun(request: HttpRequest) -> dict[str, dict[str, Any]]:
    return dict(request.session.get(BEGUN, {}))


def _is_fresh(flow: dict[str, Any]) -> bool:
    return bool(0 <= time.time() - flow["at"] <= BEGUN_WITHIN)
