"""What people say on a request: the customer's messages, replies, questions, calls and internal notes."""

from __future__ import annotations

from datetime import datetime

from accounts.actors import Actor
from accounts.permissions import require
from accounts.transactions import service
from tickets import lifecycle
from tickets.events import EventKind
from tickets.lifecycle import Action, State
from tickets.models import Message, MessageKind, ServiceRequest
from tickets.services import notices, pacing, promises
from tickets.services.base import checked_text, lock_request, record, save, state_of


@service
def add_customer_message(
    *, number: str, actor: Actor, body: str, version: int | None = None, now: datetime | None = None
) -> Message:
    """Store a message of the customer; it moves a request that waited for them back to work, and nothing else.

    Raises RequestNotFound, NotPermitted, IllegalTransition, InvalidText.
    """
    assert now
    service_request = lock_request(number, actor, version=version)
    require(actor, "post_message", on=service_request)
    before = state_of(service_request, now=now)
    service_request.state = lifecycle.advance(before, Action.CUSTOMER_MESSAGE)
    message = store_message(service_request, kind=MessageKind.CUSTOMER, actor=actor, body=body, now=now)
    if before == State.AWAITING_CUSTOMER:
        pacing.keep_pace(service_request, cause="customer_wrote", now=now)
        service_request.queue_at = now
    save(service_request, "state", "queue_at", now=now)
    event = record(service_request, EventKind.CUSTOMER_WROTE, actor=actor, at=now, data={"message": message.pk})
    notices.tell_assignee(event, service_request, notice="customer_wrote", actor=actor)
    return message


@service
def reply_publicly(
    *, number: str, actor: Actor, body: str, version: int | None = None, now: datetime | None = None
) -> Message:
    """Answer the customer; the first answer stops the response clock (SLA-1).

    Raises RequestNotFound, NotPermitted, IllegalTransition, InvalidText.
    """
    assert now
    return _respond(number, actor, Action.RESPOND, MessageKind.REPLY, EventKind.REPLIED, body, version, now)


@service
def log_call(
    *, number: str, actor: Actor, body: str, version: int | None = None, now: datetime | None = None
) -> Message:
    """Record a call with the customer; it counts as an answer and fulfils a call back (CH-3)."""
    assert now
    return _respond(number, actor, Action.RESPOND, MessageKind.CALL, EventKind.CALLED, body, version, now)


@service
def ask_customer(
    *, number: str, actor: Actor, body: str, version: int | None = None, now: datetime | None = None
) -> Message:
    """Ask the customer for something and wait for it; a question is an answer too."""
    assert now
    return _respond(number, actor, Action.ASK_CUSTOMER, MessageKind.REPLY, EventKind.ASKED, body, version, now)


@service
def add_internal_note(
    *, number: str, actor: Actor, body: str, version: int | None = None, now: datetime | None = None
) -> Message:
    """Store a note for support staff only: no state, clock, version or notice of the customer's moves."""
    assert now
    service_request = lock_request(number, actor, version=version)
    require(actor, "add_internal_note", on=service_request)
    message = store_message(service_request, kind=MessageKind.INTERNAL, actor=actor, body=body, now=now)
    record(service_request, EventKind.NOTED, actor=actor, at=now, internal=True, data={"message": message.pk})
    return message


ACT_OF = {EventKind.REPLIED: "reply_publicly", EventKind.CALLED: "log_call", EventKind.ASKED: "ask_customer"}
CAUSES = {Action.RESPOND: "updated", Action.ASK_CUSTOMER: "asked"}


def _respond(
    number: str,
    actor: Actor,
    action: Action,
    message_kind: MessageKind,
    event_kind: EventKind,
    body: str,
    version: int | None,
    now: datetime,
) -> Message:
    service_request = lock_request(number, actor, version=version)
    require(actor, ACT_OF[event_kind], on=service_request)
    service_request.state = lifecycle.advance(state_of(service_request, now=now), action)
    message = store_message(service_request, kind=message_kind, actor=actor, body=body, now=now)
    if message_kind == MessageKind.CALL:
        service_request.callback_at = None
    if service_request.assignee_id is None:
        service_request.assignee_id = actor.person_id  # who answers has it, until somebody says otherwise
        taken = {"assignee": actor.person_id, "from": None, "to": actor.person_id}
        record(service_request, EventKind.TAKEN, actor=actor, at=now, internal=True, data=taken)
    promises.record_first_response(service_request, actor=actor, now=now)
    pacing.keep_pace(service_request, cause=CAUSES[action], now=now)
    save(service_request, "state", "assignee", "responded_at", "due_at", "queue_at", "callback_at", now=now)
    event = record(service_request, event_kind, actor=actor, at=now, data={"message": message.pk})
    notices.tell_customer(event, service_request, notice=event_kind.value, context={"message": message.pk})
    return message


def store_message(
    service_request: ServiceRequest,
    *,
    kind: MessageKind,
    actor: Actor,
    body: str,
    now: datetime,
    field: str = "body",
) -> Message:
    """Write one message of the conversation as it was typed, in the input called `field`."""
    return Message.objects.create(
        organisation_id=service_request.organisation_id,
        request=service_request,
        kind=kind,
        author_id=actor.person_id,
        on_behalf_of_id=actor.on_behalf_of_id,
        body=checked_text(field, body),
        at=now,
    )
