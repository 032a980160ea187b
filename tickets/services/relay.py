"""The relay: sends what the outbox holds; after a crash once more, under the same Message-ID (P-2, P-9)."""

from __future__ import annotations

import smtplib
from datetime import datetime, timedelta

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q, QuerySet

from accounts import clock, letters
from accounts import selectors as accounts
from accounts.errors import OrganisationNotFound
from accounts.models import Delivery, DeliveryState, Person
from tickets.letters import compose
from tickets.models import ServiceRequest
from tickets.selectors.visibility import visible_requests
from tickets.services import holding

BATCH = 50
LEASE = timedelta(seconds=60)
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
)
LAST_PAUSE, GIVE_UP_AFTER = timedelta(hours=10), timedelta(days=5)
REFUSED_FOR_GOOD = range(500, 600)
log = structlog.get_logger(__name__)


def relay_deliveries(*, batch: int = BATCH) -> int:
    """Send up to `batch` mails that are due; return how many were claimed. Nothing waits inside a transaction."""
    claimed = _claim(batch)
    for delivery in claimed:
        _deliver(delivery)
    return len(claimed)


@transaction.atomic
def _claim(batch: int) -> list[Delivery]:
    """Lease rows that are due to this process; if it dies, the lease lapses and another one sends them."""
    holding.heed_restore()
    now = clock.now()
    due = Delivery.objects.filter(
        state=DeliveryState.PENDING, channel=Delivery.Channel.MAIL, next_attempt_at__lte=now
    ).order_by("next_attempt_at", "id")
    claimed = list(due.select_for_update(skip_locked=True)[:batch])
    leased = {"attempts": F("attempts") + 1, "lease_until": now + LEASE, "next_attempt_at": now + LEASE}
    Delivery.objects.filter(pk__in=[delivery.pk for delivery in claimed]).update(**leased)
    for delivery in claimed:
        delivery.attempts += 1
        delivery.lease_until = delivery.next_attempt_at = now + LEASE
    return claimed


def _deliver(delivery: Delivery) -> None:
    """Send one mail and mark it; an answer of the server decides between trying again and giving up."""
    if not _renew(delivery):
        return  # the mails before it took so long that another process has it now
    try:
        message = _message(delivery)
        if message is None:
            _mark(delivery, DeliveryState.CANCELLED, error="access ended")
            return
        message.send()
    except smtplib.SMTPResponseException as error:
        _failed(delivery, error, final=error.smtp_code in REFUSED_FOR_GOOD)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        _failed(delivery, error, final=all(code in REFUSED_FOR_GOOD for code in codes))
    except (OSError, smtplib.SMTPException) as error:
        log.warning("delivery.put_off", delivery=delivery.pk, error=type(error).__name__)
        _failed(delivery, error, final=False)
    except SoftTimeLimitExceeded:
        raise  # the worker is being told to stop; the lease brings the row back
    except Exception as error:  # one poisoned delivery must not stop the others
        log.exception("delivery.failed", delivery=delivery.pk)
        _failed(delivery, error, final=False)
    else:
        _mark(delivery, DeliveryState.SENT)


def _renew(delivery: Delivery) -> bool:
    """Lease one claimed mail for its own sending; False when its lease lapsed and somebody else claimed it (P-2)."""
    until = clock.now() + LEASE
    return bool(_mine(delivery).update(lease_until=until, next_attempt_at=until))


def _mine(delivery: Delivery) -> QuerySet[Delivery]:
    """The row as this process claimed it: every claim counts one attempt more."""
    return Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.PENDING, attempts=delivery.attempts)


def _message(delivery: Delivery) -> EmailMessage | None:
    """The mail as its receiver reads it, or None when they may no longer see what it is about (P-6)."""
    now = clock.now()
    open_organisation = Q(organisation=None) | Q(organisation__is_active=True)
    receivers = Person.objects.with_roles().filter(open_organisation, pk=delivery.person_id or 0, is_active=True)
    person = receivers.first()
    if person is None:
        return None
    if not delivery.number:
        return letters.compose(delivery, person=person)
    service_request = _request_for(person, delivery, now=now)
    if service_request is None:
        return None
    return compose(delivery, person=person, service_request=service_request, now=now)


def _request_for(person: Person, delivery: Delivery, *, now: datetime) -> ServiceRequest | None:
    """The request behind a notice, through the receiver's own gate."""
    try:
        actor = accounts.actor_for(person, now=now, customer_id=None if person.is_staff else delivery.organisation_id)
    except OrganisationNotFound:
        return None
    related = ("organisation", "service", "assignee")
    return visible_requests(actor).select_related(*related).filter(number=delivery.number).first()


def _failed(delivery: Delivery, error: Exception, *, final: bool) -> None:
    now = clock.now()
    if final or now - delivery.created_at > GIVE_UP_AFTER:
        _mark(delivery, DeliveryState.FAILED, error=type(error).__name__)
        return
    pause = PAUSES[delivery.attempts - 1] if delivery.attempts <= len(PAUSES) else LAST_PAUSE
    _mine(delivery).update(next_attempt_at=now + pause, lease_until=None, last_error=type(error).__name__)


def _mark(delivery: Delivery, state: DeliveryState, *, error: str = "") -> None:
    mine = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.PENDING)
    delivered_at = clock.now() if state == DeliveryState.SENT else None
    mine.update(state=state, delivered_at=delivered_at, lease_until=None, last_error=error)
