"""Changing the severity, with a reason, and what that does to the promise (SE-5)."""

from __future__ import annotations

from datetime import datetime

from accounts.actors import Actor
from accounts.models import Event
from accounts.permissions import require
from accounts.transactions import service
from sla.vocabulary import is_above
from tickets.errors import ReasonRequired, SeverityByRequest, SeverityCapped, SeverityNotPermitted, UnknownChoice
from tickets.events import EventKind
from tickets.models import Commitment, ServiceRequest, SeverityDecision, SeverityDispute
from tickets.selectors.disputes import sets_severity
from tickets.selectors.terms import running_commitment, terms_of_commitment, was_and_is_elevated
from tickets.services import disputes_ending, notices, pacing, promises
from tickets.services.base import check_open, checked_text, lock_request, record, save

SEVERITIES = ("A", "B", "C")
REASON_LIMIT = 2_000


@service
def change_severity(
    *,
    number: str,
    actor: Actor,
    severity: str,
    reason: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> ServiceRequest:
    """Set the severity of an open request, for a reason; the same severity confirms a proposal (SE-5).

    Staff may always; admins only of a request handled as elevated, and until an engineer has begun. Before the first
    response the promise is revised. A dispute that stands is settled by staff who change to what it asks for, and
    withdrawn by a customer who sets the severity.
    Raises RequestNotFound, NotPermitted, SeverityNotPermitted, IllegalTransition, SeverityByRequest, ReasonRequired,
    UnknownChoice, SeverityCapped.
    """
    assert now
    service_request = lock_request(number, actor, version=version)
    require(actor, "change_severity" if actor.is_staff else "set_severity", on=service_request)
    if not actor.is_staff:
        _check_admin_sets_it(service_request, now=now)
    check_open(service_request, "change_severity", now=now)
    check_choice(service_request, severity)
    if not reason.strip() and not (severity == service_request.severity and service_request.needs_confirmation):
        raise ReasonRequired
    dispute = disputes_ending.asking_for(service_request, severity) if actor.is_staff else None
    put_in_force(service_request, severity, actor=actor, reason=reason, dispute=dispute, now=now)
    if not actor.is_staff:
        disputes_ending.withdraw(service_request, actor=actor, now=now)
    return service_request


def _check_admin_sets_it(service_request: ServiceRequest, *, now: datetime) -> None:
    if not was_and_is_elevated(service_request, now=now):
        raise SeverityNotPermitted
    check_open(service_request, "change_severity", now=now)
    if not sets_severity(service_request, elevated=True):
        raise SeverityByRequest


def check_choice(service_request: ServiceRequest, severity: str) -> None:
    """Raise UnknownChoice, or SeverityCapped where the policy knows no such severity for this kind of support."""
    if severity not in SEVERITIES:
        raise UnknownChoice("severity", severity)
    cap = terms_of_commitment(running_commitment(service_request)).cap
    if severity != service_request.severity and cap is not None and is_above(severity, cap):
        raise SeverityCapped(cap)


def put_in_force(
    service_request: ServiceRequest,
    severity: str,
    *,
    actor: Actor,
    reason: str,
    dispute: SeverityDispute | None = None,
    now: datetime,
) -> None:
    """Let a severity count on a locked request from now on, on record, with what follows from it; tell of it.

    `dispute` is the one that this settles.
    """
    previous, confirming = service_request.severity, service_request.needs_confirmation
    service_request.severity, service_request.needs_confirmation = severity, False
    decision = _decide(service_request, previous, actor, reason, now=now)
    if severity != previous:
        lowering = Commitment.Reason.CONFIRMED if confirming else Commitment.Reason.LOWERED
        promises.revise(service_request, previous=previous, lowering=lowering, now=now)
    pacing.customer_acted(service_request, actor=actor, now=now)
    newly_missed = severity == "A" and not service_request.contact_phone and not service_request.phone_missing
    service_request.phone_missing = severity == "A" and not service_request.contact_phone
    save(service_request, "severity", "needs_confirmation", "phone_missing", "due_at", "queue_at", now=now)
    kind = EventKind.SEVERITY_CONFIRMED if severity == previous else EventKind.SEVERITY_CHANGED
    event = record(service_request, kind, actor=actor, at=now, data={"from": previous, "to": severity})
    if dispute:
        disputes_ending.agree(dispute, service_request, decision, actor=actor)
    if severity != previous:
        _tell(event, service_request, actor, previous, dispute)
    if newly_missed:
        notices.ask_for_phone(service_request, now=now)


def _decide(
    service_request: ServiceRequest, previous: str, actor: Actor, reason: str, *, now: datetime
) -> SeverityDecision:
    source = SeverityDecision.Source.ENGINEER if actor.is_staff else SeverityDecision.Source.CUSTOMER
    return SeverityDecision.objects.create(
        organisation_id=service_request.organisation_id,
        request=service_request,
        severity=service_request.severity,
        previous=previous,
        source=source,
        actor_id=actor.person_id,
        on_behalf_of_id=actor.on_behalf_of_id,
        reason=checked_text("reason", reason, limit=REASON_LIMIT) if reason.strip() else "",
        at=now,
    )


def _tell(
    event: Event, service_request: ServiceRequest, actor: Actor, previous: str, dispute: SeverityDispute | None
) -> None:
    """Tell the other side; whoever hears how their dispute was settled hears of the change with it."""
    context = {"from": previous, "to": service_request.severity}
    if not actor.is_staff:
        notices.tell_assignee(event, service_request, notice="severity_changed", actor=actor, context=context)
    elif dispute is None or dispute.asked_by_id != service_request.primary_contact_id:
        notices.tell_customer(event, service_request, notice="severity_changed", context=context)
