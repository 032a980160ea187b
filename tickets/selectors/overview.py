"""One request with all that one answer about it tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.actors import Actor
from tickets import lifecycle
from tickets.lifecycle import State
from tickets.models import Commitment, Message, ServiceRequest, SeverityDecision, SeverityDispute
from tickets.selectors.detail import StandingCommitment, allowed_acts, decisions_of, stand
from tickets.selectors.disputes import disputes_of
from tickets.selectors.terms import cap_of, running_commitment, was_and_is_elevated
from tickets.selectors.timers import waiting_close_of
from tickets.selectors.visibility import request_of, visible_number


@dataclass(frozen=True, slots=True)
class Parts:
    """What hangs on a request and is told with it.

    Its description, how its severity was decided and disputed, the newest promise.
    """

    description: str
    decisions: Sequence[SeverityDecision]
    commitment: Commitment
    cap: str | None
    disputes: Sequence[SeverityDispute] = ()


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
    decisions: Sequence[SeverityDecision]
    dispute: SeverityDispute | None
    commitment: StandingCommitment
    acts: list[str]
    duplicate_of: str
    follow_up_of: str


def overview_of(actor: Actor, number: str, *, now: datetime) -> Overview:
    """One request as this actor may see it, in four queries; one more while it waits for its customer, or was disputed.

    Raises RequestNotFound.
    """
    row = request_of(actor, number)
    newest = running_commitment(row)
    parts = Parts(_description(row), list(decisions_of(row)), newest, cap_of(newest), disputes_of(row))
    return overview_with(actor, row, parts, now=now)


def overview_with(actor: Actor, row: ServiceRequest, parts: Parts, *, now: datetime) -> Overview:
    """The same of what is at hand already; `row` comes from the gate, or the actor has just made it."""
    return Overview(
        row=row,
        state=lifecycle.state_at(row.state, closed_at=row.closed_at, now=now),
        reopen_until=lifecycle.reopen_until(row.closed_at) if row.closed_at else None,
        closes_at=waiting_close_of(row),
        description=parts.description,
        assessment=_assessment(parts.decisions),
        decisions=parts.decisions,
        dispute=parts.disputes[0] if parts.disputes else None,
        commitment=stand(parts.commitment, cap=parts.cap, now=now),
        acts=sorted(allowed_acts(actor, row, elevated=was_and_is_elevated(row, now=now), now=now)),
        duplicate_of=visible_number(actor, row.duplicate_of),
        follow_up_of=visible_number(actor, row.follow_up_of),
    )


def _description(row: ServiceRequest) -> str:
    """The first message of the conversation; nothing once it was removed."""
    return Message.objects.filter(request=row).order_by("id").values_list("body", flat=True).first() or ""


def _assessment(decisions: Sequence[SeverityDecision]) -> Mapping[str, Any]:
    """What the engine said when the request was filed (SE-5)."""
    return next((each.assessment for each in decisions if each.source == SeverityDecision.Source.ENGINE), None) or {}
