"""What a page of one request shows: conversation, promises, timeline, and what its reader may do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from accounts.actors import Actor
from accounts.keyset import Page, page
from accounts.models import Event
from accounts.permissions import may
from sla import explanation
from sla.commitments import Availability, Cell, CommitmentState, Target
from sla.commitments import Commitment as Promise
from tickets import lifecycle
from tickets.errors import AttachmentNotFound, UnknownChoice
from tickets.lifecycle import Action, State
from tickets.models import Attachment, Commitment, Message, ServiceRequest, SeverityDecision
from tickets.selectors.disputes import may_be_disputed, sets_severity
from tickets.selectors.escalations import may_take_over, seniors_cover
from tickets.selectors.terms import calendar_of, cap_of, supersession_of, terms_of_commitment
from tickets.selectors.visibility import visible_messages


@dataclass(frozen=True, slots=True)
class StandingCommitment:
    """One promise as it stands at an instant, with the lines of its explanation."""

    row: Commitment
    state: CommitmentState
    explanation: explanation.Explanation
    cap: str | None  # the highest severity that its policy treats this kind of support as (settled point 7)

    @property
    def is_by_day(self) -> bool:
        """Tell whether the promise is "by the end of" a day rather than an instant."""
        return Target.parse(self.row.target).days is not None and Availability.parse(self.row.availability).is_always


def commitments_of(service_request: ServiceRequest, *, now: datetime) -> list[StandingCommitment]:
    """Every promise of a request, newest first, superseded ones with their own outcome."""
    return commitments_by_request([service_request], now=now).get(service_request.pk, [])


def commitments_by_request(
    service_requests: Sequence[ServiceRequest], *, now: datetime
) -> dict[int, list[StandingCommitment]]:
    """The same of several requests, by the request's primary key, in one query."""
    rows = Commitment.objects.filter(request__in=[row.pk for row in service_requests])
    rows = rows.select_related("calendar_version", "policy_version").defer("policy_version__document")
    found: dict[int, list[Commitment]] = {}
    for row in rows.order_by("request", "cycle", "revision"):
        found.setdefault(row.request_id, []).append(row)
    return {
        pk: [stand(row, _later(row, ordered), cap=cap_of(row), now=now) for row in reversed(ordered)]
        for pk, ordered in found.items()
    }


def commitments_page(service_request: ServiceRequest, *, now: datetime, cursor: str | None, size: int) -> Page[Any]:
    """One page of the same; raises InvalidCursor."""
    standing = {each.row.pk: each for each in commitments_of(service_request, now=now)}
    rows = Commitment.objects.filter(request=service_request)
    found = page(rows, order=("-cycle", "-revision"), cursor=cursor, size=size)
    return Page(rows=[standing[row.pk] for row in found.rows], next=found.next, previous=found.previous)


def stand(row: Commitment, later: Sequence[Commitment] = (), *, cap: str | None, now: datetime) -> StandingCommitment:
    """One promise at `now`; truth comes from the instants, not from whether a sweep ran (P-4)."""
    return StandingCommitment(row=row, state=state_of(row, later, now=now), explanation=explained(row), cap=cap)


def state_of(row: Commitment, later: Sequence[Commitment] = (), *, now: datetime) -> CommitmentState:
    """How a promise stands at `now` (settled point 1); a breach once recorded stays.

    `later` are the promises that followed in its cycle: the first took its place, the last knows of the response.
    """
    if row.breached_at:
        return CommitmentState.BREACHED
    last = later[-1] if later else row
    promise = Promise(
        availability=Availability.parse(row.availability),
        received_at=row.received_at,
        due_at=row.due_at,
        ended_at=row.ended_at,
        superseded_by=supersession_of(row, later[0]) if later else None,
    )
    closed_at = last.ended_at if last.end == Commitment.End.CLOSED else None
    return promise.state_at(now, responded_at=last.responded_at, closed_at=closed_at)


def explained(row: Commitment) -> explanation.Explanation:
    """What counted towards a promise and what did not, as data."""
    cell = Cell.parse(availability=row.availability, target=row.target)
    return explanation.explain(
        cell=cell,
        received_at=row.received_at,
        counted_from=row.counted_from,
        promised_due_at=row.due_at,
        calendar=calendar_of(row.calendar_version),
        named_calendars=terms_of_commitment(row).policy.calendars if cell.availability.calendar_name else {},
    )


def _later(row: Commitment, rows: Sequence[Commitment]) -> list[Commitment]:
    """The promises of the same cycle after this one, in their order."""
    return [other for other in rows if other.cycle == row.cycle and other.revision > row.revision]


def conversation_of(actor: Actor, *service_requests: ServiceRequest, internal: bool = True) -> QuerySet[Message]:
    """The messages this actor may read, oldest first, with authors and files in two queries.

    Here and below, `internal=False` leaves out what is for staff only even if they ask.
    """
    return (
        visible_messages(actor, *service_requests, internal=internal)
        .select_related("author", "on_behalf_of")
        .prefetch_related("attachments")
    )


def conversation_with_files(actor: Actor, service_request: ServiceRequest) -> QuerySet[Message]:
    """The same for pages, in one query: `files` lists what FILE_FACTS names of each message's files."""
    files = Attachment.objects.filter(message=OuterRef("pk")).order_by("id")
    described = files.values(described=JSONObject(**{name: name for name in FILE_FACTS}))
    messages = visible_messages(actor, service_request).select_related("author", "on_behalf_of")
    return messages.annotate(files=ArraySubquery(described))


FILE_FACTS = ("id", "name", "size", "scan", "preview", "preview_width", "preview_height", "uploaded_by_id")


def own_message_of(actor: Actor, service_request: ServiceRequest, message_id: int) -> Message:
    """One message of this request that the actor wrote, or UnknownChoice: files are added to one's own messages."""
    mine = visible_messages(actor, service_request).filter(pk=message_id, author=actor.person_id).first()
    if mine is None:
        raise UnknownChoice("message", str(message_id))
    return mine


def attachments_of(actor: Actor, service_request: ServiceRequest, *, internal: bool = True) -> QuerySet[Attachment]:
    """The files this actor may read, oldest first."""
    files = Attachment.objects.filter(request=service_request).order_by("id").select_related("uploaded_by")
    return files if internal and may(actor, "read_internal") else files.filter(internal=False)


def attachment_of(
    actor: Actor, service_request: ServiceRequest, attachment_id: int, *, internal: bool = True
) -> Attachment:
    """One file of this very request, or AttachmentNotFound (P-5)."""
    attachment = attachments_of(actor, service_request, internal=internal).filter(pk=attachment_id).first()
    if attachment is None:
        raise AttachmentNotFound
    return attachment


def events_of(actor: Actor, service_request: ServiceRequest, *, internal: bool = True) -> QuerySet[Event]:
    """The timeline this actor may read, oldest first; internal events are for staff."""
    events = Event.objects.filter(number=service_request.number, organisation=service_request.organisation_id)
    events = events.order_by("id").select_related("actor", "on_behalf_of")
    return events if internal and may(actor, "read_internal") else events.filter(internal=False)


def decisions_of(service_request: ServiceRequest) -> QuerySet[SeverityDecision]:
    """Every assessment and change of severity, oldest first (SE-5)."""
    decisions = SeverityDecision.objects.filter(request=service_request).order_by("id")
    return decisions.select_related("actor", "on_behalf_of")


def allowed_acts(actor: Actor, service_request: ServiceRequest, *, elevated: bool, now: datetime) -> frozenset[str]:
    """The acts that this actor may do on the request as it stands: what pages show buttons for."""
    state = lifecycle.state_at(service_request.state, closed_at=service_request.closed_at, now=now)
    is_open = state in lifecycle.OPEN
    fits = {
        "post_message": is_open,
        "attach_file": is_open,
        "withdraw_request": is_open and not actor.is_staff,
        "close_request": is_open,
        "reopen_request": lifecycle.can(state, Action.REOPEN),
        "file_follow_up": state == State.ARCHIVED,
        "make_primary_contact": is_open,
        "change_subscription": is_open and (actor.is_staff or state == State.AWAITING_RESPONSE),
        "set_severity": is_open and not actor.is_staff and sets_severity(service_request, elevated=elevated),
        "dispute_severity": is_open and may_be_disputed(service_request, elevated=elevated),
        "settle_dispute": is_open and service_request.dispute_due_at is not None,
        "escalate_request": is_open and not actor.is_staff,
        "escalate_to_senior": is_open and service_request.senior_wanted_at is None and seniors_cover(service_request),
        "ask_translator": is_open and not service_request.translator,
        "arrange_translator": is_open and service_request.translator,
        "take_request": is_open and (service_request.assignee_id is None or may_take_over(actor, service_request)),
        "assign_request": is_open,
        "release_request": is_open and service_request.assignee_id is not None,
        "reply_publicly": is_open,
        "add_internal_note": True,
        "log_call": is_open,
        "ask_customer": is_open,
        "change_severity": is_open,
        "correct_request": is_open,
        "tag_request": state != State.ARCHIVED,
        "link_incident": is_open,
    }
    return frozenset(act for act, lawful in fits.items() if lawful and may(actor, act, on=service_request))
