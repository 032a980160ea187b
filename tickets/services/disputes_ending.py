"""How a dispute of a severity ends: settled, by the change it asked for, withdrawn, or with its request (SE-5)."""

from __future__ import annotations

from datetime import datetime

from accounts.actors import PORTAL, Actor
from accounts.models import Event
from tickets.events import EventKind
from tickets.models import DisputeState, ServiceRequest, SeverityDecision, SeverityDispute, TimerKind
from tickets.selectors.disputes import standing_dispute
from tickets.services import notices, timers
from tickets.services.base import record


def settle(
    dispute: SeverityDispute,
    service_request: ServiceRequest,
    state: DisputeState,
    *,
    actor: Actor,
    reason: str = "",
    decision: SeverityDecision | None = None,
    at: datetime,
) -> Event:
    """Write down how a dispute of a locked request ended, and stop its timer."""
    dispute.state, dispute.settled_at, dispute.settled_by_id = state, at, actor.person_id
    dispute.reason, dispute.decision = reason, decision
    dispute.save(update_fields=["state", "settled_at", "settled_by", "reason", "decision"])
    service_request.dispute_due_at = None
    service_request.save(update_fields=["dispute_due_at"])
    cause = "closed" if state == DisputeState.ENDED else "settled"
    timers.cancel(service_request, TimerKind.DISPUTE, cause=cause, now=at)
    data = {"dispute": dispute.pk, "outcome": state.value, "severity": service_request.severity}
    return record(
        service_request, EventKind.DISPUTE_SETTLED, actor=actor, at=at, ref=f"dispute:{dispute.pk}", data=data
    )


def tell(event: Event, dispute: SeverityDispute, service_request: ServiceRequest, *, actor: Actor) -> None:
    """Tell who disputed the severity, and who works on the request, what came of it; nobody of their own doing."""
    context = {
        "dispute": dispute.pk,
        "outcome": dispute.state,
        "from": dispute.disputed,
        "asked": dispute.asked,
        "asked_at": dispute.at.isoformat(),
        "to": service_request.severity,
    }
    if actor.person_id != dispute.asked_by_id:
        notices.tell_person(event, service_request, dispute.asked_by, notice="dispute_settled", context=context)
    notices.tell_assignee(event, service_request, notice="dispute_settled", actor=actor, context=context)


def asking_for(service_request: ServiceRequest, severity: str) -> SeverityDispute | None:
    """The dispute that stands and asks for this severity: a change to it by staff settles the dispute as well."""
    dispute = standing_dispute(service_request)
    return dispute if dispute and dispute.asked == severity else None


def agree(
    dispute: SeverityDispute, service_request: ServiceRequest, decision: SeverityDecision, *, actor: Actor
) -> None:
    """Settle a dispute by a decision about the severity, and tell what came of it."""
    state, reason, at = DisputeState.AGREED, decision.reason, decision.at
    event = settle(dispute, service_request, state, actor=actor, reason=reason, decision=decision, at=at)
    tell(event, dispute, service_request, actor=actor)


def withdraw(service_request: ServiceRequest, *, actor: Actor, now: datetime) -> None:
    """End the dispute that stands when its own side sets the severity of a locked request: it has settled itself."""
    dispute = standing_dispute(service_request)
    if dispute:
        settle(dispute, service_request, DisputeState.WITHDRAWN, actor=actor, at=now)


def end_with_request(service_request: ServiceRequest) -> None:
    """End the dispute that stands when a locked request is closed; nobody is told of more than of the close."""
    dispute = standing_dispute(service_request)
    if dispute is None or service_request.closed_at is None:
        return
    settle(dispute, service_request, DisputeState.ENDED, actor=PORTAL, at=service_request.closed_at)
