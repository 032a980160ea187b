"""Changing the severity, with a reason, and what that does to the promise (SE-5)."""

from __future__ import annotations

from datetime import datetime

from accounts.actors import Actor
from accounts.models import Event
from accounts.permissions import require
from accounts.transactions import service
from sla.vocabulary import is_above
from tickets.errors import ReasonRequired, SeverityCapped, SeverityNotPermitted, UnknownChoice
from tickets.events import EventKind
from tickets.models import Commitment, ServiceRequest, SeverityDecision
from tickets.selectors.terms import is_elevated, running_commitment, terms_of_commitment
from tickets.services import notices, pacing, promises
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

    Staff may always; admins only with elevated support. Before the first response the promise is revised.
    Raises RequestNotFound, NotPermitted, SeverityNotPermitted, IllegalTransition, ReasonRequired, UnknownChoice,
    SeverityCapped.
    """
    assert now
    service_request = lock_request(number, actor, version=version)
    require(actor, "change_severity" if actor.is_staff else "set_severity", on=service_request)
    if not (actor.is_staff or is_elevated(service_request, now=now)):
        raise SeverityNotPermitted
    _check(service_request, severity, reason, now=now)
    previous, confirming = service_request.severity, service_request.needs_confirmation
    service_request.severity, service_request.needs_confirmation = severity, False
    _decide(service_request, previous, actor, reason, now=now)
    if severity != previous:
        lowering = Commitment.Reason.CONFIRMED if confirming else Commitment.Reason.LOWERED
        promises.revise(service_request, previous=previous, lowering=lowering, now=now)
    pacing.customer_acted(service_request, actor=actor, now=now)
    newly_missed = severity == "A" and not service_request.contact_phone and not service_request.phone_missing
    service_request.phone_missing = severity == "A" and not service_request.contact_phone
    save(service_request, "severity", "needs_confirmation", "phone_missing", "due_at", "queue_at", now=now)
    kind = EventKind.SEVERITY_CONFIRMED if severity == previous else EventKind.SEVERITY_CHANGED
    event = record(service_request, kind, actor=actor, at=now, data={"from": previous, "to": severity})
    if severity != previous:
        _tell(event, service_request, actor, previous)
    if newly_missed:
        notices.ask_for_phone(service_request, now=now)
    return service_request


def _check(service_request: ServiceRequest, severity: str, reason: str, *, now: datetime) -> None:
    check_open(service_request, "change_severity", now=now)
    if severity not in SEVERITIES:
        raise UnknownChoice("severity", severity)
    if not reason.strip() and not (severity == service_request.severity and service_request.needs_confirmation):
        raise ReasonRequired
    cap = terms_of_commitment(running_commitment(service_request)).cap
    if severity != service_request.severity and cap is not None and is_above(severity, cap):
        raise SeverityCapped(cap)


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
        reason=checked_text("reason", reason, limit=REASON_LIMIT) if reason.strip() else "",
        at=now,
    )


def _tell(event: Event, service_request: ServiceRequest, actor: Actor, previous: str) -> None:
    context = {"from": previous, "to": service_request.severity}
    if actor.is_staff:
        notices.tell_customer(event, service_request, notice="severity_changed", context=context)
    else:
        notices.tell_assignee(event, service_request, notice="severity_changed", actor=actor, context=context)
