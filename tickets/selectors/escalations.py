"""Reads of escalations by people."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.actors import Actor
from accounts.permissions import REACH, may
from tickets.models import Escalation, ServiceRequest

SENIOR = "senior_engineer"


def escalations_of(actor: Actor, service_request: ServiceRequest) -> Sequence[Escalation]:
    """The escalations of this cycle, newest first; those to senior engineers are for staff alone.

    A request that was never escalated costs no query.
    """
    if not (service_request.escalated_at or service_request.senior_wanted_at):
        return []
    rows = Escalation.objects.filter(request=service_request, cycle=service_request.cycle)
    if not may(actor, "read_internal"):
        rows = rows.filter(target=Escalation.Target.MANAGEMENT)
    return list(rows.select_related("asked_by", "on_behalf_of").order_by("-id"))


def seniors_cover(service_request: ServiceRequest) -> bool:
    """Whether senior engineers do this kind of support."""
    return REACH[SENIOR].covers(kind=service_request.kind, service=service_request.service_code)


def may_take_over(actor: Actor, service_request: ServiceRequest) -> bool:
    """Whether a request that somebody has may be taken all the same: a senior engineer to whom it is offered."""
    offered = service_request.senior_wanted_at is not None
    return offered and SENIOR in actor.roles and service_request.assignee_id != actor.person_id
