"""Promises of a first response: made, revised, kept, broken (SLA-1, SLA-6, settled points 1 and 2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from django.db.models import F

from accounts.actors import Actor
from sla import commitments
from sla.commitments import Promised, Supersession
from tickets.events import EventKind
from tickets.lifecycle import State
from tickets.models import Commitment, ServiceRequest, SeverityDecision, TimerKind
from tickets.selectors.terms import Terms, running_commitment, supersession_of, terms_for, terms_of_commitment
from tickets.services import pacing, timers
from tickets.services.base import record


def write_first(
    service_request: ServiceRequest, terms: Terms, promised: commitments.Commitment, *, now: datetime
) -> Commitment:
    """Keep the promise that a request was just filed with, and plan its timers; the row knows its instants already."""
    reason = Commitment.Reason.FILED
    return _write(service_request, terms, promised, reason=reason, revision=1, counted_from=now, now=now)


def start_again(service_request: ServiceRequest, *, now: datetime) -> Commitment:
    """Make the promise of a reopened request's new cycle under the terms in force. The caller saves the request."""
    terms = terms_for(
        service_request.organisation, kind=service_request.kind, subscription=service_request.subscription, now=now
    )
    service_request.tier = terms.tier
    _cap_severity(service_request, terms, now=now)
    promised = terms.promise(service_request.severity, received_at=now)
    _mirror(service_request, terms, promised)
    reason = Commitment.Reason.REOPENED
    return _write(service_request, terms, promised, reason=reason, revision=1, counted_from=now, now=now)


def _cap_severity(service_request: ServiceRequest, terms: Terms, *, now: datetime) -> None:
    """Lower a severity that the policy now in force does not know for this kind of support, on record (SE-5)."""
    previous = service_request.severity
    severity = terms.policy.counted_severity(kind=terms.kind, severity=previous)
    if severity == previous:
        return
    service_request.severity = severity
    SeverityDecision.objects.create(
        organisation_id=service_request.organisation_id,
        request=service_request,
        severity=severity,
        previous=previous,
        source=SeverityDecision.Source.ENGINE,
        at=now,
    )
    data = {"from": previous, "to": severity, "policy_version": terms.policy.version}
    record(service_request, EventKind.SEVERITY_CHANGED, at=now, data=data)


def revise(
    service_request: ServiceRequest, *, previous: str, lowering: Commitment.Reason, now: datetime
) -> Commitment | None:
    """Put a new promise in the place of the running one after a change of severity (settled point 2).

    After the first response only the update reminders follow. The caller saves the request.
    """
    if service_request.state != State.AWAITING_RESPONSE:
        pacing.change_pace(service_request, previous=previous, now=now)
        return None
    current = running_commitment(service_request)
    terms = terms_of_commitment(current)
    change = commitments.change_of(before=previous, after=service_request.severity)
    _supersede(service_request, current, change, now=now)
    raised = change is Supersession.RAISED
    promised = _promise_after(current, terms, service_request, raised=raised, now=now)
    _mirror(service_request, terms, promised)
    return _write(
        service_request,
        terms,
        promised,
        reason=Commitment.Reason.RAISED if raised else lowering,
        revision=current.revision + 1,
        counted_from=now if raised else current.received_at,
        now=now,
    )


def change_tier(service_request: ServiceRequest, *, tier: str, now: datetime) -> Commitment | None:
    """Put the promise of another tier in the place of the running one, by the rules of severities (settled point 2).

    A tier that promises more counts from now on, and never falls behind what was promised; one that promises less
    counts from receipt, and the old promise is still watched. Policy and calendar stay those of the cycle.
    """
    service_request.tier = tier
    if service_request.state != State.AWAITING_RESPONSE:
        return None
    current = running_commitment(service_request)
    if current.tier == tier:
        return None
    terms = replace(terms_of_commitment(current), tier=tier)
    from_receipt = terms.promise(service_request.severity, received_at=current.received_at).due_at
    change = _compared(from_receipt, current.due_at)
    anew = change is Supersession.RAISED and now > current.received_at
    _supersede(service_request, current, change, now=now)
    promised = _promise_after(current, terms, service_request, raised=anew, now=now)
    _mirror(service_request, terms, promised)
    return _write(
        service_request,
        terms,
        promised,
        reason=Commitment.Reason.SUBSCRIPTION,
        revision=current.revision + 1,
        counted_from=now if anew else current.received_at,
        now=now,
    )


def _compared(due_at: datetime | None, before: datetime | None) -> Supersession | None:
    """Whether a due instant promises more than the one before, less, or the same."""
    if due_at == before:
        return None
    more = due_at is not None and (before is None or due_at < before)
    return Supersession.RAISED if more else Supersession.LOWERED


def call_attention(service_request: ServiceRequest, *, now: datetime) -> None:
    """Plan the attention ladder of an open request that has none, as it was opened before there was one (SLA-6)."""
    current = running_commitment(service_request)
    terms = terms_of_commitment(current)
    steps = terms.attention_steps(service_request.severity, received_at=current.received_at, now=now)
    timers.plan_attention(service_request, steps, now=now)


def record_first_response(service_request: ServiceRequest, *, actor: Actor, now: datetime) -> None:
    """Stop the response clock if nobody had answered in this cycle; a response at exactly the due instant keeps it."""
    if service_request.responded_at is not None:
        return
    service_request.responded_at, service_request.due_at = now, None
    commitment = _end(service_request, Commitment.End.RESPONSE, responded_at=now, now=now)
    record(
        service_request,
        EventKind.RESPONDED,
        actor=actor,
        at=now,
        ref=f"commitment:{commitment.pk}",
        data={
            "cycle": commitment.cycle,
            "kept": commitment.due_at is None or now <= commitment.due_at,
            "due_at": commitment.due_at and commitment.due_at.isoformat(),
        },
    )


def end_unanswered(service_request: ServiceRequest, *, now: datetime) -> None:
    """End the promise without a verdict when the admin closes before any response; too late stays too late."""
    if service_request.responded_at is not None:
        return
    service_request.due_at = None
    _end(service_request, Commitment.End.CLOSED, responded_at=None, now=now)


def record_breach(commitment: Commitment, *, now: datetime) -> bool:
    """Record that a promise was broken, dated at its deadline; False if that is on record already (P-4)."""
    if commitment.breached_at is not None:
        return False
    unrecorded = Commitment.objects.filter(pk=commitment.pk, breached_at=None, due_at__isnull=False)
    if not unrecorded.update(breached_at=F("due_at"), breach_detected_at=now):
        return False
    record(
        commitment.request,
        EventKind.BREACHED,
        at=commitment.due_at or now,
        ref=f"commitment:{commitment.pk}",
        data={"severity": commitment.severity, "cycle": commitment.cycle},
    )
    return True


def _write(
    service_request: ServiceRequest,
    terms: Terms,
    promised: commitments.Commitment,
    *,
    reason: Commitment.Reason,
    revision: int,
    counted_from: datetime,
    now: datetime,
) -> Commitment:
    severity = service_request.severity
    commitment = Commitment.objects.create(
        organisation_id=service_request.organisation_id,
        request=service_request,
        cycle=service_request.cycle,
        revision=revision,
        reason=reason,
        kind=terms.kind,
        tier=terms.tier,
        severity=severity,
        country=terms.country,
        availability=str(promised.availability),
        target=str(promised.target),
        policy_version_id=terms.policy.version,
        calendar_version=terms.calendar_version,
        received_at=promised.received_at,
        counted_from=counted_from,
        due_at=promised.due_at,
    )
    steps = terms.policy.ladder(tier=terms.tier, severity=severity)
    attention = terms.attention_steps(severity, received_at=promised.received_at, now=now)
    timers.plan_response(service_request, commitment, steps=steps, attention=attention, now=now)
    data = {"commitment": commitment.pk, "due_at": promised.due_at and promised.due_at.isoformat(), "reason": reason}
    record(service_request, EventKind.PROMISED, at=now, data=data)
    return commitment


def _mirror(service_request: ServiceRequest, terms: Terms, promised: commitments.Commitment) -> None:
    """Set the request's own instants to those of a promise, for a new generation of timers."""
    attention_at = terms.attention_at(service_request.severity, received_at=promised.received_at)
    service_request.due_at, service_request.queue_at = promised.due_at, promised.due_at or attention_at
    service_request.generation += 1


def _promise_after(
    current: Commitment, terms: Terms, service_request: ServiceRequest, *, raised: bool, now: datetime
) -> commitments.Commitment:
    """The promise that takes the place of `current`, under the terms of its cycle (settled point 2)."""
    severity = service_request.severity
    if not raised:
        return terms.promise(severity, received_at=current.received_at)
    rows = Commitment.objects.filter(request=service_request, cycle=service_request.cycle)
    return commitments.promise_after_raising(
        cell=terms.cell(severity),
        severity=severity,
        changed_at=now,
        received_at=current.received_at,
        earlier=[Promised(severity=row.severity, due_at=row.due_at) for row in rows],
        calendar=terms.calendar,
        named_calendars=terms.policy.calendars,
    )


def _supersede(
    service_request: ServiceRequest, commitment: Commitment, change: Supersession | None, *, now: datetime
) -> None:
    """End a promise for another; one that a lesser took the place of is still watched until its own due instant."""
    commitment.ended_at, commitment.end = now, Commitment.End.SUPERSEDED
    commitment.save(update_fields=["ended_at", "end"])
    planned, cause = [TimerKind.RESPONSE, TimerKind.ATTENTION], "subscription"
    if service_request.severity != commitment.severity:
        planned, cause = [*planned, TimerKind.UNTAKEN], "superseded"
    timers.cancel_ladder(service_request, *planned, cause=cause, now=now)
    if commitment.due_at is None or change is not Supersession.LOWERED:
        return
    if commitment.due_at < now:
        record_breach(commitment, now=now)
    else:
        timers.plan_breach_watch(service_request, commitment)


def _end(
    service_request: ServiceRequest, end: Commitment.End, *, responded_at: datetime | None, now: datetime
) -> Commitment:
    """End the running promise, record every breach of this cycle that its end leaves behind, and settle the timers."""
    rows = Commitment.objects.filter(request=service_request, cycle=service_request.cycle).order_by("revision")
    revisions = list(rows.select_related("request"))
    running = revisions[-1]
    running.ended_at, running.end, running.responded_at = now, end, responded_at
    running.save(update_fields=["ended_at", "end", "responded_at"])
    for row in [*_watched(revisions), running]:
        if row.due_at is not None and row.due_at < now:
            record_breach(row, now=now)
    watched = (TimerKind.RESPONSE, TimerKind.BREACH_WATCH, TimerKind.ATTENTION, TimerKind.UNTAKEN)
    cause = "answered" if end == Commitment.End.RESPONSE else "closed"
    timers.cancel_ladder(service_request, *watched, cause=cause, now=now)
    return running


def _watched(revisions: list[Commitment]) -> list[Commitment]:
    """The promises that a lesser one took the place of: still watched, each until its own due instant."""
    lowered = Supersession.LOWERED
    return [row for row, after in pairwise(revisions) if supersession_of(row, after) is lowered]
