"""The relay: sends what the outbox holds; after a crash once more, under the same Message-ID (P-2, P-9).

Several mails are on their way at once, each on a connection of its own, in a thread that touches no database; whatever
is read or written is done here, in between. So a receiver that is slow holds up one connection, and nobody else.
"""

from __future__ import annotations

import smtplib
import time
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q

from accounts import clock, families, letters
from accounts import selectors as accounts
from accounts.errors import OrganisationNotFound
from accounts.models import Delivery, DeliveryState, Person
from tickets import digests
from tickets.letters import SITUATIONS, compose
from tickets.models import ServiceRequest
from tickets.rationing import IN_FLIGHT
from tickets.selectors.visibility import visible_requests
from tickets.services import outbox

BATCH, MOST = 50, 100_000
STALE_AFTER = timedelta(seconds=30)
BEGINS_WITHIN = timedelta(seconds=8)  # with the longest attempt of a mail, 35 s, still below a task's limit of 50 s
A_MOMENT = 0.5  # seconds
REFUSED_FOR_GOOD = range(500, 600)
log = structlog.get_logger(__name__)


def relay_deliveries(*, batch: int = BATCH, within: timedelta = BEGINS_WITHIN) -> int:
    """Send what is due: `batch` mails, or as many as can be begun `within` this time; return how many were tried.

    What is on its way may be what others of the same person or request wait for: an empty claim is the end only when
    nothing is.
    """
    tried = 0
    with ThreadPoolExecutor(settings.EMAIL_CONNECTIONS, thread_name_prefix="mail") as connections:
        run = _Run(connections, until=time.monotonic() + within.total_seconds())
        while tried < batch and not run.over:
            claimed = outbox.claim(min(batch - tried, BATCH))
            if not claimed and run.is_idle:
                break
            tried += run.send(claimed)
        run.finish()
    return tried


def relay_all(*, within: timedelta = BEGINS_WITHIN) -> int:
    """Send whatever is due, as long as the mail server answers and the time lasts; return how many were tried."""
    return relay_deliveries(batch=MOST, within=within)


def relay_is_stale() -> bool:
    """Tell whether a mail has been due for 30 s with nobody on it, so that the sweeper has to send (P-9)."""
    pending = Delivery.objects.filter(channel=Delivery.Channel.MAIL, state=DeliveryState.PENDING, lease_until=None)
    return pending.filter(next_attempt_at__lt=clock.now() - STALE_AFTER).exists()


class _Run:
    """Sends mails, as many at once as there are connections, until the time is up or the server is seen to be away."""

    def __init__(self, connections: ThreadPoolExecutor, *, until: float) -> None:
        self._connections = connections
        self._until = until
        self._flying: dict[Future[object], Delivery] = {}
        self._misses = 0  # in a row: more than one receiver alone can make, with its two mails

    @property
    def over(self) -> bool:
        """Whether nothing more should be begun: the server is away, or the time is up."""
        return self._misses > max(IN_FLIGHT, settings.EMAIL_CONNECTIONS - 1) or time.monotonic() > self._until

    @property
    def is_idle(self) -> bool:
        """Whether nothing is on its way."""
        return not self._flying

    def send(self, deliveries: list[Delivery]) -> int:
        """Hand over one mail for each connection that is free; give back what is not begun before the run is over.

        Return how many were tried. Without a mail, wait for a moment for one that is on its way.
        """
        left = deque(deliveries)
        while left and not self.over:
            if len(self._flying) < settings.EMAIL_CONNECTIONS:
                self._begin(left.popleft())
            else:
                self._settle_some()
        if not deliveries:
            self._settle_some()
        outbox.give_back(left)
        return len(deliveries) - len(left)

    def finish(self) -> None:
        """Wait for everything that is on its way."""
        while self._flying:
            self._settle_some()

    def _begin(self, delivery: Delivery) -> None:
        message = _ready(delivery)
        if message is not None:
            self._flying[self._connections.submit(message.send)] = delivery

    def _settle_some(self) -> None:
        """Wait a moment for mails that are through, one way or the other, and note what became of them."""
        for future in wait(self._flying, A_MOMENT, return_when=FIRST_COMPLETED).done:
            delivery, error = self._flying.pop(future), future.exception()
            if error is None:
                outbox.sent(delivery)
                origin = delivery.event.request_id  # of the page, call or sweep that the mail tells of (P-10)
                log.info("delivery.sent", delivery=delivery.pk, notice=delivery.notice, request_id=origin)
            answered = error is None or not _refused(delivery, error)
            self._misses = 0 if answered else self._misses + 1


def _ready(delivery: Delivery) -> EmailMessage | None:
    """The mail as its receiver may read it now, or None where it is not to be sent, or not by us."""
    if not outbox.renew(delivery):
        return None  # the mails before it took so long that another process has it now
    try:
        message = _message(delivery)
    except Exception as error:  # one poisoned delivery must not stop the others
        log.exception("delivery.failed", delivery=delivery.pk)
        outbox.put_off(delivery, why=f"{outbox.OURS}{type(error).__name__}")
        return None
    if message is None:
        outbox.cancel(delivery, why="access ended")
    elif delivery.event.request_id:
        message.extra_headers["X-Request-ID"] = delivery.event.request_id  # the same in log and audit trail (P-10)
    return message


def _message(delivery: Delivery) -> EmailMessage | None:
    """The mail in its receiver's words, or None when they may no longer see what it is about (P-6)."""
    if delivery.person_id is None:
        return letters.compose_to_address(delivery)
    now = clock.now()
    open_organisation = Q(organisation=None) | Q(organisation__is_active=True)
    receivers = Person.objects.with_roles().filter(pk=delivery.person_id)
    if delivery.notice not in families.FAREWELLS:
        receivers = receivers.filter(open_organisation, is_active=True)
    if delivery.destination == f"person:{delivery.person_id}":  # and not another mailbox, that is asked to confirm
        receivers = receivers.exclude(email_confirmed_at=None)
    person = receivers.first()
    if person is None:
        return None
    if delivery.notice == outbox.DIGEST:
        return digests.compose(delivery, person=person, now=now)
    if not delivery.number:
        return letters.compose(delivery, person=person, situations=SITUATIONS)
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


def _refused(delivery: Delivery, error: BaseException) -> bool:
    """Note why a mail did not go: for good, for now, or by a fault of ours; tell whether the server was away.

    Only what is said about this receiver or this mail can be final. A server that will not have us (a wrong password, a
    refused sender) is an operator's matter, and the mail waits.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        _said_no(delivery, error, code=max(codes, default=0), final=all(code in REFUSED_FOR_GOOD for code in codes))
    elif isinstance(error, smtplib.SMTPDataError):
        _said_no(delivery, error, code=error.smtp_code, final=error.smtp_code in REFUSED_FOR_GOOD)
    elif isinstance(error, OSError):  # all that smtplib raises is one, too
        log.warning("mail.server_away", delivery=delivery.pk, error=type(error).__name__)
        outbox.put_off(delivery, why=f"{outbox.AWAY}{type(error).__name__}")
        return True
    else:
        log.error("delivery.failed", delivery=delivery.pk, exc_info=error)
        outbox.put_off(delivery, why=f"{outbox.OURS}{type(error).__name__}")
    return False


def _said_no(delivery: Delivery, error: BaseException, *, code: int, final: bool) -> None:
    why = f"{type(error).__name__} {code}"
    log.warning("mail.refused", delivery=delivery.pk, error=why, final=final)
    if final:
        outbox.fail(delivery, why=why)
    else:
        outbox.put_off(delivery, why=why)
