"""Webhook endpoints and the log of their deliveries, as far as somebody may look after them (P-5)."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from accounts.actors import Actor
from accounts.models import Delegation, Delivery, DeliveryState, WebhookAttempt, WebhookEndpoint
from accounts.permissions import may
from tickets.errors import EndpointNotFound, WebhookNotFound

TRIES = Prefetch("tries", queryset=WebhookAttempt.objects.order_by("id"))
STATES = (
    DeliveryState.PENDING.value,
    DeliveryState.SENT.value,
    DeliveryState.FAILED.value,
    DeliveryState.CANCELLED.value,
    DeliveryState.HELD.value,
)


def visible_endpoints(actor: Actor) -> QuerySet[WebhookEndpoint]:
    """The desk's for those who look after them; an organisation's for its admins; for a partner, those it made."""
    rows = WebhookEndpoint.objects.filter(removed_at=None).select_related("organisation", "partner")
    if actor.is_staff:
        return rows.filter(organisation=None) if may(actor, "manage_desk_webhooks") else rows.none()
    if not may(actor, "manage_webhooks"):
        return rows.none()
    rows = rows.filter(organisation=actor.organisation_id or 0)
    return rows if actor.on_behalf_of_id is None else rows.filter(partner__in=partner_of(actor))


def partner_of(actor: Actor) -> QuerySet[Delegation, int]:
    """The partner whose person acts, as a part of a query."""
    return Delegation.objects.filter(pk=actor.delegation_id or 0).values_list("partner", flat=True)


def endpoint_of(actor: Actor, endpoint_id: int) -> WebhookEndpoint:
    """One of them, or EndpointNotFound."""
    endpoint = visible_endpoints(actor).filter(pk=endpoint_id).first()
    if endpoint is None:
        raise EndpointNotFound
    return endpoint


def deliveries_to(endpoint: WebhookEndpoint, *, state: str = "") -> QuerySet[Delivery]:
    """What was, or is to be, sent to an endpoint, with each try; the newest first, by index."""
    rows = Delivery.objects.filter(endpoint=endpoint, channel=Delivery.Channel.WEBHOOK)
    rows = rows.filter(state=state) if state else rows
    return rows.select_related("event", "organisation").prefetch_related(TRIES).order_by("-id")


def delivery_to(endpoint: WebhookEndpoint, delivery_id: int) -> Delivery:
    """One of them, or WebhookNotFound."""
    delivery = deliveries_to(endpoint).filter(pk=delivery_id).first()
    if delivery is None:
        raise WebhookNotFound
    return delivery
