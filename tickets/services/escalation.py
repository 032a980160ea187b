"""Escalation by people: an admin asks for more attention, an engineer for a senior engineer. No promise moves."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.actors import Actor
from accounts.models import RoleGrant
from accounts.permissions import refused
from accounts.transactions import service
from sla.ladder import Recipient
from tickets.errors import EscalatedAlready, UnknownChoice
from tickets.events import EventKind
from tickets.models import Escalation, EscalationReason, ServiceRequest
from tickets.selectors.escalations import SENIOR, seniors_cover
from tickets.services import notices, pacing
from tickets.services.base import checked_text, lock_open_request, record, save

AGAIN_AFTER = timedelta(hours=4)  # each escalation reaches a duty manager; a second one before this adds nothing
WORDS_LIMIT = 2_000
TOLD = (Recipient.ASSIGNEE_OR_TEAM, Recipient.TEAM_LEAD, Recipient.DUTY_MANAGER)


@service
def escalate_request(
    *,
    number: str,
    actor: Actor,
    reason: str,
    justification: str,
    version: int | None = None,
    now: datetime | None = None,
) -> Escalation:
    """Tell the assignee (or the team), the team lead and the duty manager that an open request needs more.

    The same words of the same person within 4 hours are the same escalation, and are not passed on again. Raises
    RequestNotFound, NotPermitted, IllegalTransition, UnknownChoice, InvalidText, EscalatedAlready.
    """
    assert now
    service_request = lock_open_request(number, actor, "escalate_request", version=version, now=now)
    words = _checked(reason, justification, field="justification")
    latest = _latest(service_request, Escalation.Target.MANAGEMENT)
    if latest and now < latest.at + AGAIN_AFTER:
        if (latest.asked_by_id, latest.reason, latest.justification) == (actor.person_id, reason, words):
            return latest
        raise EscalatedAlready(latest.at + AGAIN_AFTER)
    escalation = _store(service_request, Escalation.Target.MANAGEMENT, actor, reason, words, now=now)
    service_request.escalated_at = now
    pacing.customer_acted(service_request, actor=actor, now=now)
    save(service_request, "escalated_at", "queue_at", now=now)
    data = {"reason": reason, "escalation": escalation.pk}
    event = record(service_request, EventKind.ESCALATION_ASKED, actor=actor, at=now, data=data)
    context = {"reason": reason}
    notices.tell_ladder(
        event, service_request, recipients=TOLD, notice="escalation_requested", context=context, now=now
    )
    return escalation


@service
def escalate_to_senior(
    *, number: str, actor: Actor, reason: str, note: str, version: int | None = None, now: datetime | None = None
) -> Escalation:
    """Offer an open request to the senior engineers; until one takes it, whoever has it keeps it.

    An offer that stands already is returned as it is. Raises RequestNotFound, NotPermitted (also for kinds of support
    that senior engineers do not do), IllegalTransition, UnknownChoice, InvalidText.
    """
    assert now
    service_request = lock_open_request(number, actor, "escalate_to_senior", version=version, now=now)
    if not seniors_cover(service_request):
        raise refused(actor, "escalate_to_senior")
    words = _checked(reason, note, field="note")
    standing = _latest(service_request, Escalation.Target.SENIOR) if service_request.senior_wanted_at else None
    if standing:
        return standing
    escalation = _store(service_request, Escalation.Target.SENIOR, actor, reason, words, now=now)
    service_request.senior_wanted_at = now
    save(service_request, "senior_wanted_at", now=now)
    data = {"reason": reason, "escalation": escalation.pk}
    event = record(service_request, EventKind.SENIOR_WANTED, actor=actor, at=now, internal=True, data=data)
    context = {"reason": reason}
    notices.tell_ladder(event, service_request, recipients=(SENIOR,), notice="senior_wanted", context=context, now=now)
    return escalation


def settle_senior(service_request: ServiceRequest) -> None:
    """End the offer once a senior engineer has the locked request; `senior_wanted_at` is saved with the assignee."""
    if service_request.senior_wanted_at is None or service_request.assignee_id is None:
        return
    if RoleGrant.objects.filter(person=service_request.assignee_id, role=SENIOR).exists():
        service_request.senior_wanted_at = None


def _checked(reason: str, words: str, *, field: str) -> str:
    if reason not in EscalationReason.values:
        raise UnknownChoice("reason", reason)
    return checked_text(field, words, limit=WORDS_LIMIT)


def _latest(service_request: ServiceRequest, target: Escalation.Target) -> Escalation | None:
    """The newest escalation of this kind in this cycle; a reopened request may be escalated at once."""
    rows = Escalation.objects.filter(request=service_request, cycle=service_request.cycle, target=target)
    return rows.order_by("-id").first()


def _store(
    service_request: ServiceRequest,
    target: Escalation.Target,
    actor: Actor,
    reason: str,
    words: str,
    *,
    now: datetime,
) -> Escalation:
    return Escalation.objects.create(
        organisation_id=service_request.organisation_id,
        request=service_request,
        cycle=service_request.cycle,
        target=target,
        reason=reason,
        justification=words,
        asked_by_id=actor.person_id,  # type: ignore[misc]  # the portal itself escalates by timers
        on_behalf_of_id=actor.on_behalf_of_id,
        at=now,
    )
