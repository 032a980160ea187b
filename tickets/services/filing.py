"""Filing a service request: request, first message, assessment, promise, timers, audit and notices, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.search import SearchVector
from django.db import connection
from django.db.models import Value

from accounts import limits
from accounts.actors import Actor
from accounts.models import Event, Team
from accounts.permissions import require
from accounts.searching import document
from accounts.text import clean_line
from accounts.transactions import service
from tickets.errors import IllegalTransition
from tickets.events import EventKind
from tickets.filing import Filing
from tickets.lifecycle import State
from tickets.models import Commitment, Message, MessageKind, ServiceRequest, SeverityDecision
from tickets.numbers import number_of
from tickets.routing import Wanted, region_of, team_for
from tickets.selectors.prospects import Prospect, prospect_of
from tickets.services import notices, promises, translators
from tickets.services.base import checked_text, lock_request, record, state_of
from tickets.services.conversation import store_message
from tickets.services.remembering import looked_up_once

SUBJECT_LIMIT, PHONE_LIMIT = 200, 40
FILINGS_PER_MINUTE = 30  # per organisation (RELIABILITY section 3)


@dataclass(frozen=True, slots=True)
class Filed:
    """A request that was just filed, and what was made with it: all that an answer tells, without reading it again."""

    service_request: ServiceRequest
    message: Message
    decisions: list[SeverityDecision]
    commitment: Commitment
    cap: str | None


@service
def file_request(*, actor: Actor, filing: Filing, now: datetime | None = None) -> ServiceRequest:
    """File a request for the organisation acted for, and tell its primary contact that it arrived (SE-1, SLA-1).

    Raises NotPermitted, TooMany, InvalidText, UnknownChoice, CallBackInThePast, CallBackTooFar, SubscriptionNotFound,
    SubscriptionRequired, ElevatedRequired, SeverityNotPermitted, and RequestNotFound or IllegalTransition for what it
    follows up.
    """
    assert now
    return _file(actor, filing, now=now).service_request


@service
def file_and_tell(*, actor: Actor, filing: Filing, now: datetime | None = None) -> Filed:
    """Do the same, and return what was made with it as well."""
    assert now
    return _file(actor, filing, now=now)


@looked_up_once()
def _file(actor: Actor, filing: Filing, *, now: datetime) -> Filed:
    require(actor, "file_request")
    limits.count(f"filing:{actor.organisation_id}", limit=FILINGS_PER_MINUTE, per=timedelta(minutes=1), now=now)
    prospect = prospect_of(actor, filing, now=now)
    require(actor, "file_request", on=prospect)
    original = _followed(filing, actor, now=now)
    service_request = _store(prospect, filing, actor, original, now=now)
    message = store_message(
        service_request,
        kind=MessageKind.CUSTOMER,
        actor=actor,
        body=filing.description,
        now=now,
        field="description",
    )
    decisions = _keep_assessment(service_request, prospect, actor, now=now)
    event = record(service_request, EventKind.FILED, actor=actor, at=now, data=_facts(service_request))
    if original:
        record(original, EventKind.FOLLOWED_UP, actor=actor, at=now, data={"number": service_request.number})
    commitment = promises.write_first(service_request, prospect.terms, prospect.promise, now=now)
    if service_request.translator:
        translators.note_wish(service_request, actor, now=now)
    _tell(event, service_request, now=now)
    return Filed(service_request, message, decisions, commitment, prospect.terms.cap)


def _tell(event: Event, service_request: ServiceRequest, *, now: datetime) -> None:
    """Tell the admin that it arrived, and ask for a phone number where an A has none (settled point 10)."""
    due_at = service_request.due_at
    context = {"severity": service_request.severity, "due_at": due_at and due_at.isoformat()}
    notices.acknowledge(event, service_request, context=context)
    if service_request.phone_missing:
        notices.ask_for_phone(service_request, now=now)


def _store(
    prospect: Prospect, filing: Filing, actor: Actor, original: ServiceRequest | None, *, now: datetime
) -> ServiceRequest:
    contact, impact = prospect.contact, filing.impact
    subject = checked_text("subject", filing.subject, limit=SUBJECT_LIMIT, clean=clean_line)
    stored = ServiceRequest.objects.create(
        number=_next_number(),
        organisation=prospect.organisation,
        subscription=prospect.subscription,
        opened_by=prospect.person,
        primary_contact=prospect.primary_contact,
        kind=prospect.kind,
        tier=prospect.terms.tier,
        category=filing.category,
        service=prospect.service,
        topic=prospect.topic,
        subject=subject,
        language=contact.language,
        service_state=impact.service_state or "",
        users_affected=impact.users_affected or "",
        business_impact=impact.business_impact or "",
        workaround=impact.workaround or "",
        deadline_at_risk=impact.deadline_at_risk or "",
        problem_started_at=filing.problem_started_at,
        contact_method=contact.method,
        contact_phone=checked_text("contact.phone", contact.phone, limit=PHONE_LIMIT, clean=clean_line)
        if contact.phone
        else "",
        contact_timezone=contact.timezone,
        contact_country=contact.country,
        callback_at=contact.callback_at,
        translator=contact.translator,
        phone_missing=prospect.phone_missing,
        diagnostic_consent=filing.diagnostic_consent,
        is_test=filing.is_test,
        state=State.AWAITING_RESPONSE,
        severity=prospect.severity,
        needs_confirmation=prospect.needs_confirmation,
        scope=prospect.assessment.scope.scope,
        team=_team(prospect),
        follow_up_of=original,
        created_at=now,
        changed_at=now,
        due_at=prospect.promise.due_at,
        queue_at=prospect.queue_at,
        generation=1,
        search=SearchVector(Value(document(subject, filing.description)), config="simple"),
    )
    stored.is_dated = True
    return stored


def _keep_assessment(
    service_request: ServiceRequest, prospect: Prospect, actor: Actor, *, now: datetime
) -> list[SeverityDecision]:
    """Keep the engine's result, and after it the claim of elevated support (SE-5)."""
    common = {"organisation_id": service_request.organisation_id, "request": service_request, "at": now}
    engine = SeverityDecision(
        severity=prospect.assessment.severity,
        source=SeverityDecision.Source.ENGINE,
        assessment=prospect.assessment.as_document(),
        engine_version=prospect.assessment.engine_version,
        **common,
    )
    claim = SeverityDecision(
        severity=prospect.severity,
        previous=prospect.assessment.severity,
        source=SeverityDecision.Source.CUSTOMER,
        actor=prospect.person,
        on_behalf_of=prospect.organisation if actor.on_behalf_of_id else None,
        **common,
    )
    return SeverityDecision.objects.bulk_create([engine, claim] if prospect.claimed else [engine])


def _facts(service_request: ServiceRequest) -> dict[str, object]:
    return {
        "severity": service_request.severity,
        "category": service_request.category,
        "scope": service_request.scope,
        "needs_confirmation": service_request.needs_confirmation,
    }


def _next_number() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('tickets_request_position')")
        return number_of(cursor.fetchone()[0], key=settings.REQUEST_NUMBER_KEY)


def _team(prospect: Prospect) -> Team | None:
    """The team that fits best (tickets.routing)."""
    wanted = Wanted(
        kind=prospect.kind,
        service=prospect.service_code,
        region=region_of(prospect.organisation.timezone),
        language=prospect.contact.language,
    )
    return team_for(wanted, Team.objects.filter(support_kinds__contains=[prospect.kind], retired_at=None))


def _followed(filing: Filing, actor: Actor, *, now: datetime) -> ServiceRequest | None:
    """The archived request that this one follows up, through the gate; one not yet archived is reopened (CH-4)."""
    if not filing.follow_up_of:
        return None
    original = lock_request(filing.follow_up_of, actor)
    require(actor, "file_follow_up", on=original)
    state = state_of(original, now=now)
    if state != State.ARCHIVED:
        raise IllegalTransition(state, "file_follow_up")
    return original
