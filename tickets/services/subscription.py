"""Which subscription a request is about: another one may bring another tier, and with it another promise (SLA-5)."""

from __future__ import annotations

from datetime import datetime

from accounts import selectors as accounts
from accounts.actors import Actor
from accounts.errors import SubscriptionNotFound
from accounts.permissions import require
from accounts.transactions import service
from tickets.errors import IllegalTransition
from tickets.events import EventKind
from tickets.lifecycle import OPEN, State
from tickets.models import ServiceRequest
from tickets.selectors.terms import tier_of
from tickets.services import notices, promises
from tickets.services.base import lock_request, record, save, state_of


@service
def change_subscription(
    *, number: str, actor: Actor, subscription: str, version: int | None = None, now: datetime | None = None
) -> ServiceRequest:
    """Let a request be about another running subscription of its organisation, named by its reference.

    Staff may while it is open, its admins until the first response. Where the tier stays, so does the promise.
    Raises RequestNotFound, NotPermitted, IllegalTransition, SubscriptionNotFound, VersionMismatch.
    """
    assert now
    service_request = lock_request(number, actor, version=version)
    require(actor, "change_subscription", on=service_request)
    _check_state(service_request, actor, now=now)
    chosen = accounts.running_subscriptions(service_request.organisation_id, now=now).filter(reference=subscription)
    another = chosen.first()
    if another is None:
        raise SubscriptionNotFound
    if another.pk == service_request.subscription_id:
        return service_request
    before, service_request.subscription = service_request.subscription, another
    before_tier = service_request.tier
    tier = tier_of(service_request.organisation_id, kind=service_request.kind, subscription=another, now=now)
    promises.change_tier(service_request, tier=tier, now=now)
    save(service_request, "subscription", "tier", "due_at", "queue_at", now=now)
    data = {
        "from": {"subscription": before.reference if before else None, "tier": before_tier},
        "to": {"subscription": another.reference, "tier": tier},
    }
    event = record(service_request, EventKind.SUBSCRIPTION_CHANGED, actor=actor, at=now, data=data)
    due_at = service_request.due_at
    context = {"due_at": due_at and due_at.isoformat()}
    if actor.is_staff:
        notices.tell_customer(event, service_request, notice="subscription_changed", context=context)
    else:
        notices.tell_assignee(event, service_request, notice="subscription_changed", actor=actor, context=context)
    return service_request


def _check_state(service_request: ServiceRequest, actor: Actor, *, now: datetime) -> None:
    state = state_of(service_request, now=now)
    if state not in OPEN if actor.is_staff else state != State.AWAITING_RESPONSE:
        raise IllegalTransition(state, "change_subscription")
