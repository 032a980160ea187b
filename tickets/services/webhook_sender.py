"""The sender of webhooks: several on their way at once, each judged as its receiver may be told now (P-5, P-6, P-9).

Sending runs in threads that touch no database; whatever is read or written is done in between, by the one that calls.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.urls import reverse

from accounts import clock, outgoing
from accounts import selectors as accounts
from accounts.errors import OutgoingFailed
from accounts.models import Delivery, OffReason, WebhookEndpoint
from accounts.permissions import ACTS
from tickets.models import Incident
from tickets.selectors.incidents import concerned_of
from tickets.services import outbox, webhook_outbox
from tickets.services.webhook_outbox import Outcome
from tickets.webhook_secrets import signed, unseal
from tickets.webhooks import APPROACHING, OF_INCIDENTS, TEST, payload

ACT = "manage_webhooks"
STALE_AFTER = timedelta(seconds=30)
A_MOMENT = 0.25  # seconds
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """One webhook as it goes over the wire."""

    url: str
    body: bytes
    headers: dict[str, str]

    def send(self) -> Outcome:
        """Send it; whatever comes of that is an outcome."""
        began = time.monotonic()
        try:
            answer, fault = outgoing.post(self.url, headers=self.headers, body=self.body), ""
        except OutgoingFailed as error:
            answer, fault = None, error.fault
        return Outcome(timedelta(seconds=time.monotonic() - began), answer, fault)


class Sender:
    """Sends what is due, as many at once as there are connections; half of these at most to endpoints that fail."""

    def __init__(self, connections: int | None = None) -> None:
        self._connections = connections or settings.WEBHOOK_CONNECTIONS
        self._threads = ThreadPoolExecutor(self._connections, thread_name_prefix="webhook")
        self._flying: dict[Future[Outcome], tuple[Delivery, bool]] = {}

    def turn(self) -> int:
        """Begin what may go out now, and settle what is through; return how many were begun."""
        claimed = webhook_outbox.claim(self._connections - len(self._flying), failing=self._room_for_failing())
        for delivery in claimed:
            self._begin(delivery)
        self.settle_some(within=0 if claimed else A_MOMENT)
        return len(claimed)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is on its way."""
        return not self._flying

    def settle_some(self, *, within: float = A_MOMENT) -> None:
        """Wait a moment for what is on its way, and note what came of it."""
        for future in wait(self._flying, within, return_when=FIRST_COMPLETED).done:
            delivery, _ = self._flying.pop(future)
            _settle(delivery, future)

    def close(self) -> None:
        """Begin nothing more. What is on its way lets its lease lapse, and goes out again under the same id."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _room_for_failing(self) -> int:
        taken = sum(is_failing for _, is_failing in self._flying.values())
        return min(self._connections // 2 - taken, self._connections - len(self._flying))

    def _begin(self, delivery: Delivery) -> None:
        endpoint = WebhookEndpoint.objects.select_related("organisation").get(pk=delivery.endpoint_id or 0)
        ready = _ready(delivery, endpoint)
        if ready is not None:
            is_failing = endpoint.failing_since is not None
            self._flying[self._threads.submit(ready.send)] = (delivery, is_failing)


def send_all(*, within: timedelta, going: Callable[[], bool] = lambda: True) -> int:
    """Send whatever is due, until nothing is or the time is up; return how many were tried."""
    until, sender, tried = time.monotonic() + within.total_seconds(), Sender(), 0
    try:
        while going() and time.monotonic() < until:
            was_idle, begun = sender.is_idle, sender.turn()
            tried += begun
            if was_idle and not begun:
                break
        while not sender.is_idle:
            sender.settle_some()
    finally:
        sender.close()
    return tried


def is_stale() -> bool:
    """Tell whether a webhook has been due for 30 s with nobody on it, so that the sweeper has to send (P-9)."""
    return webhook_outbox.is_waiting(since=clock.now() - STALE_AFTER)


def _ready(delivery: Delivery, endpoint: WebhookEndpoint) -> Ready | None:
    """The webhook as its receiver may be told now, or None where it is not to be sent, or not by us."""
    if not outbox.renew(delivery):
        return None  # somebody else has it
    try:
        refusal = _refusal(delivery, endpoint, now=clock.now())
        if refusal:
            _give_up(delivery, endpoint, refusal)
            return None
        return _signed(delivery, endpoint)
    except Exception as error:  # one poisoned delivery must not stop the others
        log.exception("webhook.failed", delivery=delivery.pk)
        outbox.put_off(delivery, why=f"{outbox.OURS}{type(error).__name__}")
        return None


def _refusal(delivery: Delivery, endpoint: WebhookEndpoint, *, now: datetime) -> str:
    """Why the endpoint may not be told, or nothing (P-5, P-6)."""
    if not endpoint.is_on:
        return "switched off"
    if endpoint.organisation is None:
        return ""
    if delivery.organisation_id != endpoint.organisation_id or _is_internal(delivery):
        return "not theirs"
    if not endpoint.organisation.is_active:
        return "organisation closed"
    if delivery.notice.startswith(OF_INCIDENTS) and not _is_concerned(endpoint, delivery, now=now):
        return "not theirs"
    return "" if endpoint.partner_id is None or _may(endpoint, now=now) else "access ended"


def _is_internal(delivery: Delivery) -> bool:
    """Whether it tells what is for support staff only; that a breach approaches is told without who was told."""
    return delivery.event.internal and delivery.notice != APPROACHING


def _is_concerned(endpoint: WebhookEndpoint, delivery: Delivery, *, now: datetime) -> bool:
    """Whether the incident still concerns the organisation of the endpoint."""
    incident = Incident.objects.get(number=delivery.context["incident"])
    return bool(concerned_of([endpoint.organisation_id or 0], incident, now=now))


def _may(endpoint: WebhookEndpoint, *, now: datetime) -> bool:
    """Whether the partner that made it may still look after the customer's webhooks (PA-1)."""
    live = accounts.live_delegations(now=now).filter(customer=endpoint.organisation_id, partner=endpoint.partner_id)
    return any(ACTS[ACT] & set(delegation.duties) for delegation in live)


def _give_up(delivery: Delivery, endpoint: WebhookEndpoint, refusal: str) -> None:
    outbox.cancel(delivery, why=refusal)
    if refusal == "access ended":
        webhook_outbox.switch_off(endpoint_id=endpoint.pk, reason=OffReason.ACCESS_ENDED)


def _signed(delivery: Delivery, endpoint: WebhookEndpoint) -> Ready:
    at = clock.now()
    body = body_of(delivery)
    signatures = signed(body, message_id=delivery.message_id, at=at, using=_secrets(endpoint, now=at))
    return Ready(endpoint.url, body, {"Content-Type": "application/json", **signatures})


def body_of(delivery: Delivery) -> bytes:
    """What goes over the wire, the same bytes at each attempt."""
    return json.dumps(payload_of(delivery), separators=(",", ":"), sort_keys=False).encode()


def payload_of(delivery: Delivery) -> dict[str, object]:
    """The payload of a delivery."""
    if delivery.notice == TEST:
        return payload(TEST, at=delivery.event.at, data=delivery.context)
    slug = delivery.organisation.slug if delivery.organisation else None
    told = {**delivery.context, "organisation": slug, "url": settings.PUBLIC_URL + _path_of(delivery)}
    return payload(delivery.notice, at=delivery.event.at, data=told)


def _path_of(delivery: Delivery) -> str:
    """Where the API tells the rest."""
    if delivery.notice.startswith(OF_INCIDENTS):
        return reverse("api-incident", kwargs={"number": delivery.context["incident"]})
    return reverse("api-request", kwargs={"number": delivery.number})


def _secrets(endpoint: WebhookEndpoint, *, now: datetime) -> list[str]:
    """The secret, and for a day the one before it."""
    secrets = [unseal(endpoint.sealed_secret)]
    if endpoint.former_until and endpoint.former_until > now:
        secrets.append(unseal(endpoint.former_secret))
    return secrets


def _settle(delivery: Delivery, future: Future[Outcome]) -> None:
    error = future.exception()
    if error is not None:
        log.error("webhook.failed", delivery=delivery.pk, exc_info=error)
        outbox.put_off(delivery, why=f"{outbox.OURS}{type(error).__name__}")
        return
    outcome = future.result()
    webhook_outbox.settle(delivery, outcome)
    said = outcome.answer.status if outcome.answer else outcome.fault
    facts = {"delivery": delivery.pk, "answer": said, "request_id": delivery.event.request_id}
    if outcome.is_taken:
        log.info("webhook.sent", **facts)
    else:
        log.warning("webhook.refused", **facts)
