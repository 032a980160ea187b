"""Correcting how a request was sorted: its scope, its category, its topic (SE-1, SC-6)."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from accounts.actors import Actor
from accounts.transactions import service
from tickets.catalogue import CATEGORIES, SCOPES, kind_of
from tickets.errors import KindIsFixed, NothingToCorrect, UnknownChoice
from tickets.events import EventKind
from tickets.models import Correction, ServiceRequest, Topic
from tickets.selectors import catalogue
from tickets.services.base import checked_text, lock_open_request, record, save

NOTE_LIMIT = 2_000
EVENTS = {
    "scope": EventKind.SCOPE_CORRECTED,
    "category": EventKind.CATEGORY_CORRECTED,
    "topic": EventKind.TOPIC_CORRECTED,
}


class Particulars(TypedDict, total=False):
    """What to correct, by codes; what is not named stays. An empty topic is none."""

    scope: str
    category: str
    topic: str


@service
def correct_request(
    *,
    number: str,
    actor: Actor,
    particulars: Particulars,
    note: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> ServiceRequest:
    """Correct scope, category or topic of an open request, each change on record with who, when and why (SE-1, SC-6).

    Severity, promise, team and readers stay as they are. So a category of another kind of support is refused: its
    promise is another, and so are those who see it. A topic that the new category does not have goes with the old one.
    Raises RequestNotFound, NotPermitted, IllegalTransition, VersionMismatch, UnknownChoice, KindIsFixed,
    NothingToCorrect, InvalidText.
    """
    assert now
    service_request = lock_open_request(number, actor, "correct_request", version=version, now=now)
    topic = _check(service_request, particulars)
    before = _sorted(service_request)
    service_request.scope = particulars.get("scope", service_request.scope)
    service_request.category = particulars.get("category", service_request.category)
    service_request.topic = topic
    after = _sorted(service_request)
    if before == after:
        raise NothingToCorrect
    words = checked_text("note", note, limit=NOTE_LIMIT) if note.strip() else ""
    _keep(service_request, actor, before, after, note=words, now=now)
    save(service_request, "scope", "category", "topic", "corrected_at", now=now)
    return service_request


def adopt_referral(service_request: ServiceRequest, actor: Actor, *, referral: str, now: datetime) -> None:
    """Let the scope of a locked request be that of its referral, on record: who refers it has judged it (SC-6).

    The caller saves the request.
    """
    if referral == service_request.scope:
        return
    before = _sorted(service_request)
    service_request.scope = referral
    _keep(service_request, actor, before, _sorted(service_request), note="", now=now)


def _sorted(service_request: ServiceRequest) -> dict[str, str]:
    topic = service_request.topic
    return {
        "scope": service_request.scope,
        "category": service_request.category,
        "topic": topic.code if topic else "",
    }


def _check(service_request: ServiceRequest, particulars: Particulars) -> Topic | None:
    """Refuse what is no choice for this request; return the topic that it has afterwards."""
    scope, category = particulars.get("scope"), particulars.get("category", service_request.category)
    if scope is not None and scope not in SCOPES:
        raise UnknownChoice("scope", scope)
    if category not in CATEGORIES:
        raise UnknownChoice("category", category)
    if kind_of(category) != service_request.kind:
        raise KindIsFixed(service_request.kind)
    stands = service_request.topic
    if "topic" not in particulars:
        return stands if stands and stands.category == category else None
    if not particulars["topic"]:
        return None
    if stands and (stands.code, stands.category) == (particulars["topic"], category):
        return stands
    offered = catalogue.topics_for(service_request).filter(category=category, code=particulars["topic"])
    if (topic := offered.first()) is None:
        raise UnknownChoice("topic", particulars["topic"])
    return topic


def _keep(
    service_request: ServiceRequest,
    actor: Actor,
    before: dict[str, str],
    after: dict[str, str],
    *,
    note: str,
    now: datetime,
) -> None:
    """Keep a row and an event for each particular that differs. Customers do not see the scope, nor that it changed."""
    service_request.corrected_at = now
    changed = [what for what in Correction.What if before[what] != after[what]]
    Correction.objects.bulk_create(
        Correction(
            organisation_id=service_request.organisation_id,
            request=service_request,
            what=what,
            previous=before[what],
            corrected=after[what],
            note=note,
            actor_id=actor.person_id,  # type: ignore[misc]  # the portal itself corrects nothing
            at=now,
        )
        for what in changed
    )
    for what in changed:
        data = {"from": before[what], "to": after[what]}
        record(service_request, EVENTS[what], actor=actor, at=now, internal=what == Correction.What.SCOPE, data=data)
