"""One request with all that one answer about it tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.actors import Actor
from accounts.permissions import may
from tickets import lifecycle
from tickets.lifecycle import State
from tickets.models import Message, ServiceRequest, SeverityDecision
from tickets.selectors.detail import StandingCommitment, allowed_acts, stand
from tickets.selectors.terms import running_commitment
from tickets.selectors.visibility import request_of


@dataclass(frozen=True, slots=True)
class Overview:
    """One request at an instant: the state that counts, the newest promise, the engine's assessment, what may be done.

    `duplicate_of` and `follow_up_of` are numbers, empty where the reader may not see the other request (P-5).
    """

    row: ServiceRequest
    state: State
    reopen_until: datetime | None
    description: str
    assessment: dict[str, Any]
    commitment: StandingCommitment
    acts: frozenset[str]
    duplicate_of: str
    follow_up_of: str


def overview_of(actor: Actor, number: str, *, now: datetime) -> Overview:
    """One request as this actor may see it, in four queries; raises RequestNotFound."""
    row = request_of(actor, number)
    return Overview(
        row=row,
        state=lifecycle.state_at(row.state, closed_at=row.closed_at, now=now),
        reopen_until=lifecycle.reopen_until(row.closed_at) if row.closed_at else None,
        description=_description(row),
        assessment=_assessment(row),
        commitment=stand(running_commitment(row), None, now=now),
        acts=allowed_acts(actor, row, elevated=row.tier == "elevated", now=now),
        duplicate_of=_number(actor, row.duplicate_of),
        follow_up_of=_number(actor, row.follow_up_of),
    )


def _description(row: ServiceRequest) -> str:
    """The first message of the conversation."""
    return Message.objects.filter(request=row).order_by("id").values_list("body", flat=True)[0]


def _assessment(row: ServiceRequest) -> dict[str, Any]:
    """What the engine said when the request was filed (SE-5)."""
    engine = SeverityDecision.objects.filter(request=row, source=SeverityDecision.Source.ENGINE)
    return dict(engine.order_by("id").values_list("assessment", flat=True)[0] or {})


def _number(actor: Actor, other: ServiceRequest | None) -> str:
    return other.number if other and may(actor, "read_request", on=other) else ""
