"""Disputing a severity: once for each cycle, settled by somebody senior within an hour (SE-5)."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts import limits
from accounts.actors import Actor
from accounts.transactions import service
from sla.ladder import Recipient
from tickets.errors import (
    NoDispute,
    ReasonRequired,
    SeverityAsItStands,
    SeverityDisputedAlready,
    SeverityNotDisputed,
)
from tickets.events import EventKind
from tickets.models import DisputeState, ServiceRequest, SeverityDispute, Timer
from tickets.selectors.disputes import is_disputed_already, sets_severity, standing_dispute
from tickets.selectors.escalations import seniors_cover
from tickets.selectors.terms import was_and_is_elevated
from tickets.services import disputes_ending, notices, pacing, timers
from tickets.services.base import checked_text, lock_open_request, record, save
from tickets.services.recipients import people_behind
from tickets.services.severity import REASON_LIMIT, check_choice, put_in_force

SETTLED_WITHIN = timedelta(hours=1)  # a target of the desk, which customers are not promised
STATEMENT_LIMIT = 2_000
MOST_IN_AN_HOUR = 10  # of one organisation: each is mailed to every senior engineer, whose mail is rationed


@service
def dispute_severity(
    *,
    number: str,
    actor: Actor,
    severity: str,
    statement: str,
    version: int | None = None,
    now: datetime | None = None,
) -> SeverityDispute:
    """Ask that another severity counts for an open request, and tell those who settle that.

    Once from opening to closing; the same words of the same person, while the dispute stands, are the same dispute.
    Raises RequestNotFound, NotPermitted, IllegalTransition, InvalidText, SeverityDisputedAlready, SeverityNotDisputed
    (elevated support sets it itself until an engineer has begun), TooMany, UnknownChoice, SeverityCapped,
    SeverityAsItStands.
    """
    assert now
    service_request = lock_open_request(number, actor, "dispute_severity", version=version, now=now)
    words = checked_text("statement", statement, limit=STATEMENT_LIMIT)
    if is_disputed_already(service_request):
        standing = standing_dispute(service_request)
        if standing and (standing.asked_by_id, standing.asked, standing.statement) == (
            actor.person_id,
            severity,
            words,
        ):
            return standing
        raise SeverityDisputedAlready
    limits.count(f"disputes:{service_request.organisation_id}", limit=MOST_IN_AN_HOUR, per=SETTLED_WITHIN, now=now)
    if sets_severity(service_request, elevated=was_and_is_elevated(service_request, now=now)):
        raise SeverityNotDisputed
    _check(service_request, severity)
    dispute = _store(service_request, actor, severity, words, now=now)
    service_request.disputed_cycle, service_request.dispute_due_at = dispute.cycle, dispute.due_at
    timers.plan_dispute(service_request, at=dispute.due_at)
    pacing.customer_acted(service_request, actor=actor, now=now)
    save(service_request, "disputed_cycle", "dispute_due_at", "queue_at", now=now)
    data = {"dispute": dispute.pk, "from": dispute.disputed, "to": dispute.asked}
    event = record(service_request, EventKind.SEVERITY_DISPUTED, actor=actor, at=now, data=data)
    notices.tell_ladder(
        event,
        service_request,
        recipients=_settlers(service_request, now=now),
        notice="severity_disputed",
        context=_context(dispute, service_request),
        now=now,
    )
    return dispute


@service
def agree_to_dispute(
    *,
    number: str,
    actor: Actor,
    reason: str,
    severity: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> SeverityDispute:
    """Settle the dispute that stands by a change of the severity: to the one asked for unless another one is named.

    Raises RequestNotFound, NotPermitted, IllegalTransition, NoDispute, ReasonRequired, InvalidText, UnknownChoice,
    SeverityCapped, SeverityAsItStands.
    """
    assert now
    service_request = lock_open_request(number, actor, "settle_dispute", version=version, now=now)
    dispute, words = _standing(service_request), _reason(reason)
    severity = severity or dispute.asked
    _check(service_request, severity)
    put_in_force(service_request, severity, actor=actor, reason=words, dispute=dispute, now=now)
    return dispute


@service
def decline_dispute(
    *, number: str, actor: Actor, reason: str, version: int | None = None, now: datetime | None = None
) -> SeverityDispute:
    """Settle the dispute that stands by leaving the severity as it is, which is a decision about it on record (SE-5).

    Raises RequestNotFound, NotPermitted, IllegalTransition, NoDispute, ReasonRequired, InvalidText.
    """
    assert now
    service_request = lock_open_request(number, actor, "settle_dispute", version=version, now=now)
    dispute, words = _standing(service_request), _reason(reason)
    put_in_force(service_request, service_request.severity, actor=actor, reason=words, now=now)
    state = DisputeState.DECLINED
    event = disputes_ending.settle(dispute, service_request, state, actor=actor, reason=words, at=now)
    disputes_ending.tell(event, dispute, service_request, actor=actor)
    return dispute


def call_leads(timer: Timer, now: datetime) -> None:
    """Nobody has settled a dispute in time: those who lead hear of it, once."""
    dispute = standing_dispute(timer.request)
    if dispute is None:
        raise NoDispute
    data = {"timer": timer.kind, "step": timer.step, "to": timer.recipients}
    ref = f"timer:{timer.pk}"
    event = record(timer.request, EventKind.ESCALATED, at=timer.due_at, ref=ref, internal=True, data=data)
    context = _context(dispute, timer.request)
    notices.tell_ladder(
        event, timer.request, recipients=timer.recipients, notice="dispute_unsettled", context=context, now=now
    )


def _settlers(service_request: ServiceRequest, *, now: datetime) -> list[Recipient]:
    """Who is to settle it: the senior engineers, or the lead where they do not cover it or there is none.

    Whoever has the request hears of it as well.
    """
    senior = Recipient.SENIOR_ENGINEER
    covered = seniors_cover(service_request) and any(people_behind(senior, service_request, now=now))
    settler = senior if covered else Recipient.TEAM_LEAD
    return [settler, Recipient.ASSIGNEE_OR_TEAM] if service_request.assignee_id else [settler]


def _check(service_request: ServiceRequest, severity: str) -> None:
    check_choice(service_request, severity)
    if severity == service_request.severity:
        raise SeverityAsItStands


def _standing(service_request: ServiceRequest) -> SeverityDispute:
    dispute = standing_dispute(service_request)
    if dispute is None:
        raise NoDispute
    return dispute


def _reason(reason: str) -> str:
    if not reason.strip():
        raise ReasonRequired
    return checked_text("reason", reason, limit=REASON_LIMIT)


def _context(dispute: SeverityDispute, service_request: ServiceRequest) -> dict[str, str | int]:
    """What notices to the desk tell of a dispute; its words are quoted from the row."""
    return {
        "dispute": dispute.pk,
        "from": dispute.disputed,
        "to": dispute.asked,
        "severity": service_request.severity,
        "asked_at": dispute.at.isoformat(),
        "due_at": dispute.due_at.isoformat(),
    }


def _store(
    service_request: ServiceRequest, actor: Actor, severity: str, statement: str, *, now: datetime
) -> SeverityDispute:
    return SeverityDispute.objects.create(
        organisation_id=service_request.organisation_id,
        request=service_request,
        cycle=service_request.cycle,
        disputed=service_request.severity,
        asked=severity,
        statement=statement,
        asked_by_id=actor.person_id,  # type: ignore[misc]  # the portal itself disputes nothing
        on_behalf_of_id=actor.on_behalf_of_id,
        at=now,
        due_at=now + SETTLED_WITHIN,
    )
