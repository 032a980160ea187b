"""Writing the audit trail and the outbox, always in the transaction of the act itself (P-10, P-2)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction

from accounts import circumstances, families
from accounts.actors import PORTAL, Actor
from accounts.audit import personal_values
from accounts.models import Delivery, DeliveryState, Event, Person, PersonalValue

RELAY_TASK = "tickets.relay"
MOST_AT_ONCE = 1_000  # rows of one statement
_nudging: ContextVar[bool] = ContextVar("nudging", default=True)


@dataclass(frozen=True, slots=True)
class About:
    """What an event is about: an organisation, and the number of a request if there is one."""

    organisation_id: int | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice to some people: `name` picks the words, `context` the codes and instants they need.

    One that carries a secret link goes by mail only; the link is made when it is sent, and no table ever holds it.
    `destination` stands for a mailbox other than the person's own, which `accounts.letters.account` knows.
    `by_duty` are those whom a step of the ladder names, or who are on duty: they get its mail whatever they chose.
    """

    name: str
    people: Iterable[Person]
    context: dict[str, Any] = field(default_factory=dict)
    mail_only: bool = False
    by_duty: Collection[int] = ()
    destination: str = ""


def record_event(
    kind: str,
    *,
    about: About,
    at: datetime,
    actor: Actor = PORTAL,
    ref: str = "",
    internal: bool = False,
    data: dict[str, Any] | None = None,
) -> Event:
    """Store one event (P-10); a second one for the same `ref` is refused.

    `data` holds no personal values, only what `personal_values.keep` returns for them. Where something changed, it says
    `from` and `to`: two values, or two objects with the fields that changed.
    """
    present = circumstances.present()
    address = personal_values.keep(PersonalValue.Kind.ADDRESS, present.address, person_id=actor.person_id)
    return Event.objects.create(
        organisation_id=about.organisation_id,
        number=about.number,
        kind=kind,
        ref=ref,
        actor_id=actor.person_id,
        on_behalf_of_id=actor.on_behalf_of_id,
        delegation_id=actor.delegation_id,
        at=at,
        request_id=structlog.contextvars.get_contextvars().get("request_id", ""),
        address=address,
        via=present.via,
        internal=internal,
        data=data or {},
    )


def send_notice(event: Event, notice: Notice, *, about: About) -> list[Delivery]:
    """Write the deliveries of one notice: mail and a portal copy for each person, once per event (P-2)."""
    return send_notices(event, [(about, notice)])


def send_notices(event: Event, notices: Iterable[tuple[About, Notice]]) -> list[Delivery]:
    """Write the deliveries of several notices of one event in one go, however many organisations hear of it (P-2)."""
    return _post(
        [
            _delivery(event, notice, about=about, channel=channel, person=person)
            for about, notice in notices
            for person in {person.pk: person for person in notice.people if _is_told(person, notice)}.values()
            for channel in _channels(person, notice)
        ]
    )


def write_to_address(event: Event, notice: str, destination: str, context: dict[str, Any], *, about: About) -> None:
    """Write one mail to somebody without an account; the row that `destination` names knows the address."""
    nameless = Notice(notice, [], context, mail_only=True, destination=destination)
    _post([_delivery(event, nameless, about=about, channel=Delivery.Channel.MAIL)])


def _post(deliveries: list[Delivery]) -> list[Delivery]:
    if deliveries:
        Delivery.objects.bulk_create(deliveries, batch_size=MOST_AT_ONCE)
        if _nudging.get():
            transaction.on_commit(nudge_relay, robust=True)
    return deliveries


def _is_told(person: Person, notice: Notice) -> bool:
    """Closed accounts hear of their closing only; principals of programs read nothing."""
    return not person.is_service and (person.is_active or notice.name in families.FAREWELLS)


def _channels(person: Person, notice: Notice) -> list[Delivery.Channel]:
    """Mail goes to confirmed addresses only, and as its reader chose; the portal copy comes all the same.

    What goes to another mailbox than the person's own asks just for that confirmation.
    """
    on_duty = person.pk in notice.by_duty
    wanted = families.comes_by_mail(notice.name, portal_only=person.portal_only, on_duty=on_duty)
    mail = [Delivery.Channel.MAIL] if (person.email_confirmed_at or notice.destination) and wanted else []
    return mail if notice.mail_only else [*mail, Delivery.Channel.PORTAL]


def _delivery(
    event: Event,
    notice: Notice,
    *,
    about: About,
    channel: Delivery.Channel,
    person: Person | None = None,
) -> Delivery:
    in_portal = channel == Delivery.Channel.PORTAL
    return Delivery(
        event=event,
        organisation_id=about.organisation_id,
        number=about.number,
        channel=channel,
        person=person,
        destination=notice.destination or f"person:{person and person.pk}",
        notice=notice.name,
        context=notice.context,
        urgency=families.urgency_of(notice.name, notice.context),
        message_id=f"<{uuid.uuid4()}@{urlsplit(settings.PUBLIC_URL).hostname}>",
        state=DeliveryState.SENT if in_portal else DeliveryState.PENDING,
        delivered_at=event.at if in_portal else None,
        next_attempt_at=event.at,
    )


def nudge_relay() -> None:
    """Hurry the relay by task name; a broker that is away changes nothing, the rows are swept all the same (P-9)."""
    current_app.send_task(RELAY_TASK, expires=10, ignore_result=True, retry=False)


@contextmanager
def without_nudges() -> Iterator[None]:
    """Write notices without hurrying the relay: for thousands at once that nobody waits for."""
    token = _nudging.set(False)
    try:
        yield
    finally:
        _nudging.reset(token)
