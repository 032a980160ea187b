"""Webhook endpoints: made, changed, switched, removed; their secrets, test events, and sending again.

An address may hold a secret of its receiver, so events tell that it changed, never from what to what (P-10).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from accounts import limits, outgoing
from accounts.actors import Actor
from accounts.audit import About, record_event
from accounts.errors import OutgoingFailed, RecordChanged
from accounts.models import Delivery, DeliveryState, OffReason, WebhookEndpoint
from accounts.permissions import require
from accounts.services.people import lock_organisation
from accounts.text import clean_line
from accounts.transactions import check_waiting, service
from tickets.errors import (
    EndpointNotFound,
    EndpointOff,
    InvalidEndpoint,
    NotToBeSentAgain,
    TooManyEndpoints,
    WebhookNotFound,
)
from tickets.selectors import endpoints as selectors
from tickets.services.announcing import webhook
from tickets.services.base import checked_text
from tickets.services.webhook_outbox import turn_off
from tickets.webhook_secrets import make_secret, seal
from tickets.webhooks import TEST, TYPES, instant

MOST = 20  # endpoints of an organisation, or of the desk
BOTH_FOR = timedelta(hours=24)  # a former secret signs so long beside the new one
DESCRIPTION_LIMIT = 200
HOUR = timedelta(hours=1)
TESTS_AN_HOUR, RESENDINGS_AN_HOUR = 10, 60
MOST_AT_ONCE = 1000
DESK_LOCK = 0x776562686F6F6B73  # "webhooks"
AGAIN = [DeliveryState.PENDING, DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.CANCELLED]
MISSED = Q(state=DeliveryState.FAILED) | Q(state=DeliveryState.PENDING, attempts__gt=0, lease_until=None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an endpoint is to be; None leaves it as it is."""

    url: str | None = None
    description: str | None = None
    types: Collection[str] | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """An endpoint with a secret that is told this once."""

    endpoint: WebhookEndpoint
    secret: str


@service
def create_endpoint(
    *, url: str, types: Collection[str], actor: Actor, description: str = "", now: datetime | None = None
) -> Made:
    """Make an endpoint of the organisation acted for, or of the desk; its secret is told this once.

    What a partner makes for a customer works while it may look after the customer's webhooks (PA-1).
    Raises NotPermitted, InvalidEndpoint, InvalidText, TooManyEndpoints.
    """
    assert now
    _require(actor)
    changes = _checked(Wanted(url, description, types))
    _lock_all(actor)
    if _standing(actor) >= MOST:
        raise TooManyEndpoints
    secret = make_secret()
    endpoint = WebhookEndpoint.objects.create(
        organisation_id=actor.organisation_id,
        partner_id=selectors.partner_of(actor).first(),
        sealed_secret=seal(secret),
        created_by_id=actor.person_id,
        created_at=now,
        **changes,
    )
    _record("webhook_added", endpoint, actor=actor, at=now, types=endpoint.types)
    return Made(selectors.endpoint_of(actor, endpoint.pk), secret)


@service
def change_endpoint(
    *, endpoint_id: int, wanted: Wanted, actor: Actor, version: int | None = None, now: datetime | None = None
) -> WebhookEndpoint:
    """Change what is wanted otherwise, and switch it on or off.

    Raises NotPermitted, EndpointNotFound, RecordChanged, InvalidEndpoint, InvalidText.
    """
    assert now
    endpoint = _lock(endpoint_id, actor, version=version)
    changes = {name: value for name, value in _checked(wanted).items() if value != getattr(endpoint, name)}
    if changes:
        _change(endpoint, changes, actor=actor, now=now)
    if wanted.active is not None and wanted.active != endpoint.is_on:
        _switch(endpoint, on=wanted.active, actor=actor, now=now)
    return endpoint


@service
def remove_endpoint(*, endpoint_id: int, actor: Actor, version: int | None = None, now: datetime | None = None) -> None:
    """Remove an endpoint: nothing more is sent, its address and secrets go; its log stays for its time.

    Raises NotPermitted, EndpointNotFound, RecordChanged.
    """
    assert now
    endpoint = _lock(endpoint_id, actor, version=version)
    if endpoint.is_on:
        turn_off(endpoint, OffReason.BY_HAND, now=now)
    endpoint.url = endpoint.description = endpoint.sealed_secret = endpoint.former_secret = ""
    endpoint.former_until, endpoint.removed_at = None, now
    endpoint.save()
    _record("webhook_removed", endpoint, actor=actor, at=now)


@service
def rotate_secret(*, endpoint_id: int, actor: Actor, version: int | None = None, now: datetime | None = None) -> Made:
    """Give an endpoint a new secret, told this once; for a day the former one signs as well.

    Raises NotPermitted, EndpointNotFound, RecordChanged.
    """
    assert now
    endpoint = _lock(endpoint_id, actor, version=version)
    secret = make_secret()
    endpoint.former_secret, endpoint.former_until = endpoint.sealed_secret, now + BOTH_FOR
    endpoint.sealed_secret = seal(secret)
    _save(endpoint, "sealed_secret", "former_secret", "former_until")
    _record("webhook_secret_rotated", endpoint, actor=actor, at=now)
    return Made(endpoint, secret)


@service
def send_test(*, endpoint_id: int, actor: Actor, now: datetime | None = None) -> Delivery:
    """Send an event that tells of nothing, ten times an hour at most.

    Raises NotPermitted, EndpointNotFound, EndpointOff, TooMany.
    """
    assert now
    endpoint = _lock_on(endpoint_id, actor)
    limits.count(f"webhook_tests:{endpoint.organisation_id or 'desk'}", limit=TESTS_AN_HOUR, per=HOUR, now=now)
    event = _record("webhook_tested", endpoint, actor=actor, at=now)
    _disturb(endpoint)
    delivery = webhook(event, endpoint.pk, TEST, {"endpoint": endpoint.pk, "sent_at": instant(now)})
    delivery.save()
    return selectors.delivery_to(endpoint, delivery.pk)


@service
def send_again(*, endpoint_id: int, delivery_id: int, actor: Actor, now: datetime | None = None) -> Delivery:
    """Let one delivery go out again, at once and under the same id, whatever became of it before.

    Raises NotPermitted, EndpointNotFound, WebhookNotFound, EndpointOff, NotToBeSentAgain, TooMany.
    """
    assert now
    endpoint = _lock_on(endpoint_id, actor)
    rows = Delivery.objects.filter(pk=delivery_id, endpoint=endpoint)
    delivery = rows.select_for_update(no_key=True).first()
    if delivery is None:
        raise WebhookNotFound
    if delivery.state not in AGAIN:
        raise NotToBeSentAgain
    _count(endpoint, now=now)
    _disturb(endpoint)
    if not _is_on_its_way(delivery, now=now):
        rows.update(**_afresh(now))
        _record("webhooks_sent_again", endpoint, actor=actor, at=now, deliveries=1)
    return selectors.delivery_to(endpoint, delivery_id)


@service
def send_missed(*, endpoint_id: int, since: datetime, actor: Actor, now: datetime | None = None) -> int:
    """Let what failed since an instant go out again, in its order, and what waits for another try; 1,000 in one go.

    Raises NotPermitted, EndpointNotFound, EndpointOff, TooMany.
    """
    assert now
    endpoint = _lock_on(endpoint_id, actor)
    _count(endpoint, now=now)
    _disturb(endpoint)
    missed = Delivery.objects.filter(MISSED, endpoint=endpoint, channel=Delivery.Channel.WEBHOOK, created_at__gte=since)
    claimed = [row.pk for row in missed.order_by("id").select_for_update(skip_locked=True, no_key=True)[:MOST_AT_ONCE]]
    count = Delivery.objects.filter(pk__in=claimed).update(**_afresh(now))
    if count:
        _record("webhooks_sent_again", endpoint, actor=actor, at=now, deliveries=count)
    return count


def _is_on_its_way(delivery: Delivery, *, now: datetime) -> bool:
    """Whether it is being sent, or about to be for the first time."""
    flying = delivery.lease_until is not None and delivery.lease_until > now
    fresh = delivery.attempts == 0 and delivery.next_attempt_at <= now
    return delivery.state == DeliveryState.PENDING and (flying or fresh)


def _afresh(now: datetime) -> dict[str, Any]:
    """As if it were new: with all its tries, and five days from now on."""
    return {
        "state": DeliveryState.PENDING,
        "attempts": 0,
        "next_attempt_at": now,
        "created_at": now,
        "lease_until": None,
        "delivered_at": None,
        "last_error": "",
    }


def _disturb(endpoint: WebhookEndpoint) -> None:
    """Forget that the receiver asked to be left alone: whoever sends by hand knows that it is back."""
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(quiet_until=None)


def _count(endpoint: WebhookEndpoint, *, now: datetime) -> None:
    limits.count(f"webhooks_again:{endpoint.pk}", limit=RESENDINGS_AN_HOUR, per=HOUR, now=now)


def _require(actor: Actor) -> None:
    require(actor, "manage_desk_webhooks" if actor.is_staff else "manage_webhooks")


def _lock_all(actor: Actor) -> None:
    """Let nobody else make an endpoint of this organisation, or of the desk, meanwhile."""
    if not actor.is_staff:
        lock_organisation(actor)
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [DESK_LOCK])


def _standing(actor: Actor) -> int:
    """How many there are, those of partners with them."""
    return WebhookEndpoint.objects.filter(organisation=actor.organisation_id, removed_at=None).count()


def _lock(endpoint_id: int, actor: Actor, *, version: int | None = None) -> WebhookEndpoint:
    """One endpoint, while nobody else changes it or claims for it."""
    _require(actor)
    rows = selectors.visible_endpoints(actor).select_for_update(of=("self",), no_key=True)
    endpoint = rows.filter(pk=endpoint_id).first()
    if endpoint is None:
        raise EndpointNotFound
    check_waiting()
    if version is not None and version != endpoint.version:
        raise RecordChanged(endpoint.version)
    return endpoint


def _lock_on(endpoint_id: int, actor: Actor) -> WebhookEndpoint:
    endpoint = _lock(endpoint_id, actor)
    if not endpoint.is_on:
        raise EndpointOff
    return endpoint


def _change(endpoint: WebhookEndpoint, changes: dict[str, Any], *, actor: Actor, now: datetime) -> None:
    told: dict[str, Any] = {"changed": sorted(changes)}
    if "types" in changes:
        told |= {"from": {"types": endpoint.types}, "to": {"types": changes["types"]}}
    if "url" in changes:
        endpoint.failing_since = endpoint.quiet_until = None  # what failed was another server
    for name, value in changes.items():
        setattr(endpoint, name, value)
    _save(endpoint, "failing_since", "quiet_until", *changes)
    _record("webhook_changed", endpoint, actor=actor, at=now, **told)


def _switch(endpoint: WebhookEndpoint, *, on: bool, actor: Actor, now: datetime) -> None:
    if not on:
        turn_off(endpoint, OffReason.BY_HAND, now=now)
        _record("webhook_switched_off", endpoint, actor=actor, at=now, reason=OffReason.BY_HAND.value)
        return
    endpoint.switched_off_at, endpoint.off_reason = None, ""
    endpoint.failing_since = endpoint.quiet_until = None  # of what was on its way when it was switched off
    _save(endpoint, "switched_off_at", "off_reason", "failing_since", "quiet_until")
    _record("webhook_switched_on", endpoint, actor=actor, at=now)


def _save(endpoint: WebhookEndpoint, *fields: str) -> None:
    endpoint.version += 1
    endpoint.save(update_fields=[*fields, "version"])


def _checked(wanted: Wanted) -> dict[str, Any]:
    """The columns that are given, as they may be stored."""
    found: dict[str, Any] = {}
    if wanted.url is not None:
        found["url"] = _checked_url(wanted.url)
    if wanted.types is not None:
        found["types"] = _checked_types(wanted.types)
    if wanted.description is not None:
        words = wanted.description.strip()
        found["description"] = words and checked_text("description", words, limit=DESCRIPTION_LIMIT, clean=clean_line)
    return found


def _checked_url(url: str) -> str:
    """An address that could be asked. Where its name leads is judged at each attempt; what names an address, now."""
    try:
        host = str(outgoing.checked_url(url.strip()).hostname)
    except OutgoingFailed:
        raise InvalidEndpoint("url") from None
    try:
        allowed = outgoing.is_allowed(ipaddress.ip_address(host))
    except ValueError:
        allowed = True
    if not allowed:
        raise InvalidEndpoint("address")
    return url.strip()


def _checked_types(types: Collection[str]) -> list[str]:
    if not types or not set(types) <= set(TYPES):
        raise InvalidEndpoint("types")
    return [type_ for type_ in TYPES if type_ in types]


def _record(kind: str, endpoint: WebhookEndpoint, *, actor: Actor, at: datetime, **data: Any) -> Any:
    about = About(organisation_id=endpoint.organisation_id)
    return record_event(kind, about=about, at=at, actor=actor, data={"endpoint": endpoint.pk, **data})
