"""Which requests belong to a known incident. Linking answers nobody, and moves no promise, state or timer."""

from __future__ import annotations

from datetime import datetime

from accounts.actors import Actor
from accounts.transactions import service
from tickets.events import EventKind
from tickets.models import Incident, ServiceRequest
from tickets.selectors.incidents import incident_of
from tickets.services.base import lock_open_request, record, save
from tickets.services.notices import tell_customer


@service
def link_incident(
    *,
    number: str,
    incident_number: str | None,
    actor: Actor,
    version: int | None = None,
    now: datetime | None = None,
) -> ServiceRequest:
    """Note that an open request belongs to this incident, or (None) to no incident; its contact is told of the first.

    A request belongs to one incident at most; one that does so already stays as it is. Raises RequestNotFound,
    NotPermitted, IllegalTransition, VersionMismatch, IncidentNotFound.
    """
    assert now
    service_request = lock_open_request(number, actor, "link_incident", version=version, now=now)
    incident = incident_of(actor, incident_number, now=now) if incident_number else None
    before = service_request.incident
    if before == incident:
        return service_request
    service_request.incident = incident
    save(service_request, "incident", now=now)
    _tell(service_request, before, incident, actor=actor, now=now)
    return service_request


def _tell(
    service_request: ServiceRequest, before: Incident | None, after: Incident | None, *, actor: Actor, now: datetime
) -> None:
    kind = EventKind.INCIDENT_LINKED if after else EventKind.INCIDENT_UNLINKED
    data = {"from": before and before.number, "to": after and after.number}
    event = record(service_request, kind, actor=actor, at=now, data=data)
    if after:
        tell_customer(event, service_request, notice="incident_linked", context={"incident": after.number})
