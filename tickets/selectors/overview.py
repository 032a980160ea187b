"""One request with all that one answer about it tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.actors import Actor
from tickets import lifecycle
from tickets.lifecycle import State
from tickets.models import Commitment, Message, ServiceRequest, SeverityDecision
from tickets.selectors.detail import StandingCommitment, allowed_acts, stand
from tickets.selectors.terms import cap_of, running_commitment, was_and_is_elevated
from tickets.selectors.timers import waiting_close_of
from tickets.selectors.visibility import request_of, visible_number


@dataclass(frozen=True, slots=True)
class Parts:
    """What hangs on a request and is told with it: its description, the engine's assessment, the newest promise."""

    description: str
    assessment: Mapping[str, Any]
    commitment: Commitment
    cap: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    """One request at an instant: the state that counts, what hangs on it, and what its reader may do.

    `duplicate_of` and `follow_up_of` are numbers, empty where the reader may not see the other request (P-5).
    """

    row: ServiceRequest
    state: State
    reopen_until: datetime | None
    closes_at: datetime | None
    description: str
    assessment: Mapping[str, Any]
    commitment: StandingCommitment
    acts: list[str]
    duplicate_of: str
    follow_up_of: str


def overview_of(actor: Actor, number: str, *, now: datetime) -> Overview:
    """One request as this actor may see it, in four queries, and one while it waits for its customer.

    Raises RequestNotFound.
    """
    row = request_of(actor, number)
    newest = running_commitment(row)
    parts = Parts(_description(row), _assessment(row), newest, cap_of(newest))
    return overview_with(actor, row, parts, now=now)


def overview_with(actor: Actor, row: ServiceRequest, parts: Parts, *, now: datetime) -> Overview:
    """The same of what is at hand already; `row` comes from the gate, or the actor has just made it."""
    return Overview(
        row=row,
        state=lifecycle.state_at(row.state, closed_at=row.closed_at, now=now),
        reopen_until=lifecycle.reopen_until(row.closed_at) if row.closed_at else None,
        closes_at=waiting_close_of(row),
        description=parts.description,
        assessment=parts.assessment,
        commitment=stand(parts.commitment, cap=parts.cap, now=now),
        acts=sorted(allowed_acts(actor, row, elevated=was_and_is_elevated(row, now=now), now=now)),
        duplicate_of=visible_number(actor, row.duplicate_of),
        follow_up_of=visible_number(actor, row.follow_up_of),
    )


def _description(row: ServiceRequest) -> str:
    """The first message of the conversation."""
    return Message.objects.filter(request=row).order_by("id").values_list("body", flat=True)[0]


def _assessment(row: ServiceRequest) -> dict[str, Any]:
    """What the engine said when the request was filed (SE-5)."""
    engine = SeverityDecision.objects.filter(request=row, source=SeverityDecision.Source.ENGINE)
    return dict(engine.order_by("id").values_list("assessment", flat=True)[0] or {})
