"""Engagements under elevated support: wished for by customers, planned and followed up by the desk (EL-1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection

from accounts import selectors as accounts
from accounts.actors import Actor
from accounts.audit import About, Notice, record_event, send_notice
from accounts.models import Event, Person
from accounts.permissions import require
from accounts.text import clean_line
from accounts.transactions import check_waiting, service
from tickets.engagements import EngagementAct, EngagementKind, EngagementState, advance
from tickets.errors import (
    EngagementNotFound,
    InvalidEngagement,
    NoElevatedSupport,
    RequestNotFound,
    VersionMismatch,
)
from tickets.models import Engagement, EngagementEntry, EngagementRequest
from tickets.numbers import number_of
from tickets.selectors import engagements as selectors
from tickets.selectors.visibility import visible_requests
from tickets.services.base import checked_text

LINE_LIMIT, BODY_LIMIT = 200, 10_000
LONGEST_AHEAD = timedelta(days=731)
LANGUAGES = ("en", "zh-Hant")
What = EngagementEntry.What


@dataclass(frozen=True, slots=True)
class Wish:
    """What a customer wishes for."""

    kind: str
    subject: str
    wish: str
    wished_from: date
    wished_until: date
    language: str = "en"
    place: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Who does it, and when."""

    lead: int
    starts_on: date
    ends_on: date
    message: str = ""


@service
def request_engagement(*, wish: Wish, actor: Actor, now: datetime | None = None) -> Engagement:
    """Ask for an engagement, under the elevated contract in force; the account manager is told, else the team leads.

    Raises NotPermitted, OrganisationNotFound, NoElevatedSupport, InvalidText, InvalidEngagement.
    """
    assert now
    require(actor, "request_engagement")
    organisation = accounts.organisation_of(actor)
    contract = accounts.elevated_contract_of(organisation.pk, now=now)
    if contract is None:
        raise NoElevatedSupport
    _check_wish(wish, today=now.date())
    engagement = Engagement.objects.create(
        number=_next_number(),
        organisation=organisation,
        contract=contract,
        kind=wish.kind,
        subject=checked_text("subject", wish.subject, limit=LINE_LIMIT, clean=clean_line),
        language=wish.language,
        place=checked_text("place", wish.place, limit=LINE_LIMIT, clean=clean_line) if wish.place.strip() else "",
        wished_from=wish.wished_from,
        wished_until=wish.wished_until,
        requested_by_id=actor.person_id,  # type: ignore[misc]  # the portal itself wishes for nothing
        on_behalf_of_id=actor.on_behalf_of_id,
        requested_at=now,
    )
    entry = _write(engagement, What.WISH, checked_text("wish", wish.wish, limit=BODY_LIMIT), actor=actor, now=now)
    event = _record("engagement_requested", engagement, actor=actor, now=now, data={"kind": wish.kind})
    _tell(event, engagement, entry, selectors.managers_of(organisation.pk, now=now))
    return engagement


@service
def write_on_engagement(
    *, number: str, body: str, actor: Actor, version: int | None = None, now: datetime | None = None
) -> EngagementEntry:
    """Write something that both sides read; as long as the engagement has not ended.

    Raises EngagementNotFound, NotPermitted, VersionMismatch, IllegalEngagementAct, InvalidText.
    """
    assert now
    engagement = _lock(number, actor, "write_on_engagement", version=version)
    if engagement.state not in selectors.ONGOING_STATES:
        advance(engagement.state, EngagementAct.PLAN)  # which nothing that has ended allows
    entry = _write(engagement, What.MESSAGE, checked_text("body", body, limit=BODY_LIMIT), actor=actor, now=now)
    _save(engagement)
    event = _record("engagement_written_on", engagement, actor=actor, now=now, data={"entry": entry.pk})
    _tell(event, engagement, entry, _other_side(engagement, actor, now=now))
    return entry


@service
def plan_engagement(
    *, number: str, plan: Plan, actor: Actor, version: int | None = None, now: datetime | None = None
) -> Engagement:
    """Accept an engagement: a senior engineer leads it in these days; or change that later.

    Raises EngagementNotFound, NotPermitted, VersionMismatch, IllegalEngagementAct, InvalidEngagement, InvalidText.
    """
    assert now
    engagement = _lock(number, actor, "plan_engagement", version=version)
    state = advance(engagement.state, EngagementAct.PLAN)
    if not plan.starts_on <= plan.ends_on <= now.date() + LONGEST_AHEAD:
        raise InvalidEngagement("ends_on", "out_of_order")
    lead = selectors.leads_to_be().filter(pk=plan.lead).first()
    if lead is None:
        raise InvalidEngagement("lead", "unknown_choice")
    words = checked_text("message", plan.message, limit=BODY_LIMIT) if plan.message.strip() else ""
    data = {"from": engagement.state, "to": state.value, "lead": lead.pk, "starts_on": plan.starts_on.isoformat()}
    engagement.lead, engagement.starts_on, engagement.ends_on = lead, plan.starts_on, plan.ends_on
    engagement.state = state.value
    entry = _write(engagement, What.PLAN, words, actor=actor, now=now)
    _save(engagement, "lead", "starts_on", "ends_on", "state")
    event = _record("engagement_planned", engagement, actor=actor, now=now, data=data)
    _tell(event, engagement, entry, [*_other_side(engagement, actor, now=now), *_unless_self([lead], actor)])
    return engagement


@service
def begin_engagement(
    *, number: str, message: str = "", actor: Actor, version: int | None = None, now: datetime | None = None
) -> Engagement:
    """Begin what was planned. Raises what `plan_engagement` does."""
    assert now
    return _move(number, EngagementAct.BEGIN, message, actor=actor, version=version, now=now)


@service
def complete_engagement(
    *, number: str, message: str, actor: Actor, version: int | None = None, now: datetime | None = None
) -> Engagement:
    """Complete an engagement, with words on what came of it. Raises what `plan_engagement` does."""
    assert now
    checked_text("message", message, limit=BODY_LIMIT)
    return _move(number, EngagementAct.COMPLETE, message, actor=actor, version=version, now=now)


@service
def call_off_engagement(
    *, number: str, message: str, actor: Actor, version: int | None = None, now: datetime | None = None
) -> Engagement:
    """Call an engagement off, by either side, with a reason. Raises what `plan_engagement` does."""
    assert now
    checked_text("message", message, limit=BODY_LIMIT)
    return _move(number, EngagementAct.CALL_OFF, message, actor=actor, version=version, now=now)


@service
def link_request(
    *, number: str, request_number: str, actor: Actor, version: int | None = None, now: datetime | None = None
) -> Engagement:
    """Note that a service request of the same customer belongs to an engagement; one that does so already stays.

    Raises EngagementNotFound, NotPermitted, VersionMismatch, RequestNotFound.
    """
    assert now
    engagement = _lock(number, actor, "write_on_engagement", version=version)
    wanted = visible_requests(actor).filter(organisation=engagement.organisation_id, number=request_number.upper())
    service_request = wanted.first()
    if service_request is None:
        raise RequestNotFound(request_number)
    _link, is_new = EngagementRequest.objects.get_or_create(
        engagement=engagement,
        request=service_request,
        defaults={
            "organisation_id": engagement.organisation_id,
            "linked_by_id": actor.person_id,
            "linked_at": now,
        },
    )
    if is_new:
        _save(engagement)
        data = {"request": service_request.number}
        _record("engagement_request_linked", engagement, actor=actor, now=now, data=data)
    return engagement


EVENTS = {
    EngagementAct.BEGIN: ("engagement_begun", What.BEGIN),
    EngagementAct.COMPLETE: ("engagement_completed", What.COMPLETE),
    EngagementAct.CALL_OFF: ("engagement_called_off", What.CALL_OFF),
}
MAY = {
    EngagementAct.BEGIN: "work_on_engagement",
    EngagementAct.COMPLETE: "work_on_engagement",
    EngagementAct.CALL_OFF: "call_off_engagement",
}


def _move(
    number: str, act: EngagementAct, message: str, *, actor: Actor, version: int | None, now: datetime
) -> Engagement:
    engagement = _lock(number, actor, MAY[act], version=version)
    state, before = advance(engagement.state, act), engagement.state
    words = checked_text("message", message, limit=BODY_LIMIT) if message.strip() else ""
    kind, what = EVENTS[act]
    engagement.state = state.value
    engagement.ended_at = now if state in (EngagementState.COMPLETED, EngagementState.CALLED_OFF) else None
    entry = _write(engagement, what, words, actor=actor, now=now)
    _save(engagement, "state", "ended_at")
    event = _record(kind, engagement, actor=actor, now=now, data={"from": before, "to": state.value})
    _tell(event, engagement, entry, _other_side(engagement, actor, now=now))
    return engagement


def _lock(number: str, actor: Actor, act: str, *, version: int | None) -> Engagement:
    rows = selectors.visible_engagements(actor).select_related("lead", "requested_by")
    try:
        engagement = rows.select_for_update(of=("self",), no_key=True).get(number=number)
    except Engagement.DoesNotExist:
        raise EngagementNotFound(number) from None
    check_waiting()
    require(actor, act)
    if version is not None and version != engagement.version:
        raise VersionMismatch(engagement.version)
    return engagement


def _save(engagement: Engagement, *fields: str) -> None:
    engagement.version += 1
    engagement.save(update_fields=[*fields, "version"])


def _check_wish(wish: Wish, *, today: date) -> None:
    if wish.kind not in set(EngagementKind):
        raise InvalidEngagement("kind", "unknown_choice")
    if wish.language not in LANGUAGES:
        raise InvalidEngagement("language", "unknown_choice")
    if wish.kind == EngagementKind.WORKSHOP and not wish.place.strip():
        raise InvalidEngagement("place", "empty")
    if not today - timedelta(days=1) <= wish.wished_from:  # somebody's today may be our yesterday
        raise InvalidEngagement("wished_from", "past")
    if not wish.wished_from <= wish.wished_until <= today + LONGEST_AHEAD:
        raise InvalidEngagement("wished_until", "out_of_order")


def _write(engagement: Engagement, what: What, body: str, *, actor: Actor, now: datetime) -> EngagementEntry:
    return EngagementEntry.objects.create(
        organisation_id=engagement.organisation_id,
        engagement=engagement,
        what=what,
        body=body,
        author_id=actor.person_id,  # type: ignore[misc]  # the portal itself writes nothing here
        on_behalf_of_id=actor.on_behalf_of_id,
        at=now,
    )


def _record(kind: str, engagement: Engagement, *, actor: Actor, now: datetime, data: Mapping[str, object]) -> Event:
    about = About(organisation_id=engagement.organisation_id)
    return record_event(kind, about=about, at=now, actor=actor, data={"engagement": engagement.number, **data})


def _tell(event: Event, engagement: Engagement, entry: EngagementEntry, people: Iterable[Person]) -> None:
    context = {"engagement": engagement.number, "entry": entry.pk, "what": entry.what}
    notice = Notice("engagement_news", people, context)
    send_notice(event, notice, about=About(organisation_id=engagement.organisation_id))


def _other_side(engagement: Engagement, actor: Actor, *, now: datetime) -> list[Person]:
    """Whoever else has to do with it: manager and lead hear of the customer, and the customer of the desk."""
    if actor.is_staff:
        asker = engagement.requested_by
        return [asker] if asker.is_active else list(accounts.global_admins_of(engagement.organisation_id))
    desk = [
        *selectors.managers_of(engagement.organisation_id, now=now),
        *([engagement.lead] if engagement.lead else []),
    ]
    return _unless_self([*desk, engagement.requested_by], actor)


def _unless_self(people: Iterable[Person], actor: Actor) -> list[Person]:
    return [person for person in people if person.pk != actor.person_id]


def _next_number() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('tickets_engagement_position')")
        number = number_of(cursor.fetchone()[0], key=f"{settings.REQUEST_NUMBER_KEY}:engagements")
    return f"EN-{number.removeprefix('SR-')}"
