"""Webhooks of an event: one delivery row for each endpoint that hears of it, in the transaction of the act (P-2).

What may be told is decided twice: here, by whose endpoint it is (P-5), and again when it is sent (P-6).
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db.models import Q

from accounts.actors import Actor
from accounts.models import Delivery, Event, WebhookEndpoint
from tickets.models import Incident, ServiceRequest
from tickets.selectors.incidents import concerned_of
from tickets.services.remembering import once
from tickets.webhooks import INCIDENT_TYPES, Happened, instant

Listener = tuple[int, int | None, list[str]]  # id, organisation, types


def announce(event: Event, service_request: ServiceRequest, *, actor: Actor) -> None:
    """Write the webhooks of an event of this request."""
    happened = Happened(
        kind=event.kind,
        at=event.at,
        data=event.data,
        by=_side(actor),
        due_at=service_request.due_at,
        internal=event.internal,
    )
    told = _told(happened, organisation_id=service_request.organisation_id)
    if told:
        context = _context(service_request, happened)
        Delivery.objects.bulk_create(webhook(event, endpoint, type_, context) for endpoint, type_ in told.items())


def announce_incident(event: Event, incident: Incident, *, now: datetime) -> None:
    """Write the webhooks of an event of an incident: to the desk, and to the organisations that it concerns (P-5).

    These are the ones that may read it: they pay for what it touches, or have a request that belongs to it.
    """
    types = INCIDENT_TYPES[event.kind]
    rows = WebhookEndpoint.objects.filter(types__overlap=list(types), removed_at=None, switched_off_at=None)
    listeners: list[Listener] = list(rows.order_by("pk").values_list("pk", "organisation_id", "types"))
    concerned = concerned_of({owner for _, owner, _ in listeners if owner}, incident, now=now)
    context = _told_of_incident(incident)
    Delivery.objects.bulk_create(
        webhook(event, endpoint, next(type_ for type_ in types if type_ in chosen), context, organisation_id=owner)
        for endpoint, owner, chosen in listeners
        if owner is None or owner in concerned
    )


def _told_of_incident(incident: Incident) -> dict[str, Any]:
    """The incident as it stands with the event; what people wrote is read over the API."""
    return {
        "incident": incident.number,
        "state": incident.state,
        "impact": incident.impact,
        "services": incident.services,
        "countries": incident.countries,
        "started_at": instant(incident.started_at),
        "resolved_at": instant(incident.resolved_at) if incident.resolved_at else None,
        "version": incident.version,
    }


def webhook(
    event: Event, endpoint_id: int, type_: str, context: dict[str, Any], *, organisation_id: int | None = None
) -> Delivery:
    """The row of one webhook; its id is the same at each attempt.

    `organisation_id` is the receiver's own, where the event is of none.
    """
    return Delivery(
        event=event,
        organisation_id=event.organisation_id or organisation_id,
        number=event.number,
        channel=Delivery.Channel.WEBHOOK,
        endpoint_id=endpoint_id,
        destination=f"endpoint:{endpoint_id}",
        notice=type_,
        context=context,
        message_id=f"msg_{uuid.uuid4().hex}",
        next_attempt_at=event.at,
    )


def _told(happened: Happened, *, organisation_id: int) -> dict[int, str]:
    """The endpoints that hear of it, each with the type that it hears of it as."""
    types = happened.types
    if not types:
        return {}
    told = {}
    for endpoint, owner, chosen in once(("listeners", organisation_id), lambda: _listeners(organisation_id)):
        heard = next((type_ for type_ in types if type_ in chosen), None)
        if heard and (owner is None or happened.for_customers):
            told[endpoint] = heard
    return told


def _listeners(organisation_id: int) -> list[Listener]:
    """Whoever is switched on of the organisation itself, and of the desk."""
    rows = WebhookEndpoint.objects.filter(Q(organisation=organisation_id) | Q(organisation=None))
    rows = rows.filter(removed_at=None, switched_off_at=None)
    return list(rows.order_by("pk").values_list("pk", "organisation_id", "types"))


def _side(actor: Actor) -> str:
    if actor.person_id is None:
        return "portal"
    if actor.is_staff:
        return "support"
    return "customer" if actor.on_behalf_of_id is None else "partner"


def _context(service_request: ServiceRequest, happened: Happened) -> dict[str, Any]:
    """The request as it stands with the event: codes and instants alone, nothing that people wrote."""
    due_at = service_request.due_at
    return {
        "number": service_request.number,
        "state": service_request.state,
        "severity": service_request.severity,
        "kind": service_request.kind,
        "category": service_request.category,
        "due_at": instant(due_at) if due_at else None,
        "is_test": service_request.is_test,
        **happened.details(),
    }
