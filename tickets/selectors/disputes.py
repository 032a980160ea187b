"""Reads of disputes of a severity (SE-5)."""

from __future__ import annotations

from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Concat

from accounts.models import Event
from tickets.events import EventKind
from tickets.models import DisputeState, ServiceRequest, SeverityDispute

# What a notice quotes of a dispute.
QUOTED = {"severity_disputed": "statement", "dispute_unsettled": "statement", "dispute_settled": "reason"}


def disputes_of(service_request: ServiceRequest) -> list[SeverityDispute]:
    """Every dispute of a request, of each cycle, newest first; one that was never disputed costs no query.

    Each has in `counted` the severity that counted once it was settled, None before.
    """
    if not service_request.disputed_cycle:
        return []
    ref = Concat(Value("dispute:"), Cast(OuterRef("pk"), CharField()))
    settled = Event.objects.filter(number=service_request.number, kind=EventKind.DISPUTE_SETTLED, ref=ref)
    counted = Subquery(settled.values_list(KeyTextTransform("severity", "data"))[:1])
    rows = SeverityDispute.objects.filter(request=service_request).annotate(counted=counted).order_by("-id")
    return list(rows.select_related("asked_by", "on_behalf_of", "settled_by", "decision"))


def standing_dispute(service_request: ServiceRequest) -> SeverityDispute | None:
    """The dispute that somebody is yet to settle, if there is one."""
    if service_request.dispute_due_at is None:
        return None
    rows = SeverityDispute.objects.filter(request=service_request, state=DisputeState.OPEN)
    dispute = rows.select_related("asked_by", "on_behalf_of").first()
    if dispute:
        dispute.request = service_request
    return dispute


def is_disputed_already(service_request: ServiceRequest) -> bool:
    """Whether it was disputed in this cycle, which it can be once."""
    return service_request.disputed_cycle == service_request.cycle


def sets_severity(service_request: ServiceRequest, *, elevated: bool) -> bool:
    """Whether admins set the severity themselves: with elevated support, until an engineer has begun (SE-5)."""
    return elevated and service_request.responded_at is None


def may_be_disputed(service_request: ServiceRequest, *, elevated: bool) -> bool:
    """Whether its admins may dispute the severity of an open request as things stand (SE-5)."""
    return not is_disputed_already(service_request) and not sets_severity(service_request, elevated=elevated)


def quoted_words(notice: str, dispute_id: int, service_request: ServiceRequest) -> str:
    """What people wrote in a dispute of this request, as its notices quote it."""
    column = QUOTED.get(notice)
    if column is None:
        return ""
    rows = SeverityDispute.objects.filter(pk=dispute_id, request=service_request)
    return rows.values_list(column, flat=True).first() or ""
