"""The gate: every read of requests for a person starts here (P-5)."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from accounts.actors import Actor
from accounts.permissions import ALL_KINDS, Reach, may, reaches
from accounts.selectors import elevated_contracts
from tickets.errors import RequestNotFound
from tickets.models import Message, MessageKind, ServiceRequest

ACCOUNT_MANAGER = "account_manager"
RELATED = (
    "organisation",
    "subscription__plan",
    "service",
    "topic",
    "incident",
    "assignee",
    "team",
    "primary_contact",
    "opened_by",
    "duplicate_of__service",
    "follow_up_of__service",
)


def visible_requests(actor: Actor) -> QuerySet[ServiceRequest]:
    """The requests that exist for this actor: of their organisation, or of their kind of support for staff (RO-1).

    An account manager's reach ends with their organisations, whatever other roles they hold beside it (EL-1).
    """
    general = reaches(actor.roles - {ACCOUNT_MANAGER}, "read_request")
    managed = reaches(actor.roles & {ACCOUNT_MANAGER}, "read_request") if actor.is_staff else []
    if not (general or managed):
        return ServiceRequest.objects.none()
    rows = ServiceRequest.objects.all()
    if not actor.is_staff:
        rows = rows.filter(organisation=actor.organisation_id)
    if _unbounded(general):
        return rows
    within = [_within(reach) for reach in general]
    return rows.filter(reduce(or_, [*within, *(_within(reach) & _looked_after(actor) for reach in managed)]))


def request_of(actor: Actor, number: str) -> ServiceRequest:
    """One request with what a page of it needs, or RequestNotFound."""
    try:
        return visible_requests(actor).select_related(*RELATED).get(number=number)
    except ServiceRequest.DoesNotExist:
        raise RequestNotFound(number) from None


def visible_number(actor: Actor, other: ServiceRequest | None) -> str:
    """The number of a request that another of the same organisation names; empty where this actor may not see it."""
    return other.number if other and may(actor, "read_request", on=other) else ""


def visible_messages(actor: Actor, *service_requests: ServiceRequest, internal: bool = True) -> QuerySet[Message]:
    """The conversation as this actor may read it: internal notes pass a second gate, which `internal` can close.

    Of several requests at once, which have passed the first gate, the messages come one after the other.
    """
    messages = Message.objects.filter(request__in=[row.pk for row in service_requests]).order_by("id")
    if len(service_requests) == 1:
        messages = Message.objects.filter(request=service_requests[0]).order_by("id")
    return messages if internal and may(actor, "read_internal") else messages.exclude(kind=MessageKind.INTERNAL)


def _unbounded(reach: list[Reach]) -> bool:
    return any(set(each.kinds) == set(ALL_KINDS) and each.services is None for each in reach)


def _looked_after(actor: Actor) -> Q:
    """The organisations whose contract, while it lasts, names this account manager (P-6)."""
    contracts = elevated_contracts(now=Now()).filter(account_manager=actor.person_id)
    return Q(organisation__in=contracts.values("organisation"))


def _within(reach: Reach) -> Q:
    covered = Q(kind__in=reach.kinds)
    return covered if reach.services is None else covered & Q(service__code__in=reach.services)
