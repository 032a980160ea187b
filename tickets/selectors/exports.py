"""Exports: whose they are, what their askers may still read, and the rows that go into them (P-5, P-6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Now

from accounts import selectors as accounts
from accounts.actors import Actor
from accounts.errors import OrganisationNotFound
from accounts.models import Event, Organisation, Person
from accounts.permissions import may, reaches
from tickets.errors import ExportBeyondReach, ExportNotFound
from tickets.export_rows import Reader, Row, commitment_row, event_row, request_row
from tickets.models import UNDER_WAY, Commitment, Export, ExportKind, ExportState, Incident, ServiceRequest
from tickets.selectors.asked import wanted_from
from tickets.selectors.detail import state_of
from tickets.selectors.lists import Wanted, listed, narrowed
from tickets.selectors.narrowing import NONE, Within
from tickets.selectors.tags import ALONG
from tickets.selectors.visibility import ACCOUNT_MANAGER, visible_requests

ACT = "export_requests"
INSTANTS = ("due_before", "created_after", "created_before", "changed_after")
RELATED = ("organisation", "service", "incident", "topic", "subscription", "opened_by", "assignee", "team")
ORDER = ("created_at", "pk")
KEPT_FOR = timedelta(hours=48)  # a file, from when it is ready
Reach = dict[str, list[Any]]


def visible_exports(actor: Actor, *, internal: bool = True) -> QuerySet[Export]:
    """The exports that the actor asked for, for the very organisation that they act for now (P-5, PA-1).

    `internal=False` leaves out those that hold what is for staff only.
    """
    if actor.person_id is None or not may(actor, ACT):
        return Export.objects.none()
    rows = Export.objects.filter(
        requested_by=actor.person_id, organisation=actor.organisation_id, on_behalf_of=actor.on_behalf_of_id
    )
    return rows if internal else rows.filter(internal=False)


def export_of(actor: Actor, export_id: int, *, internal: bool = True) -> Export:
    """One export of the actor, or ExportNotFound."""
    try:
        return visible_exports(actor, internal=internal).get(pk=export_id)
    except Export.DoesNotExist:
        raise ExportNotFound from None


def state_at(export: Export, now: datetime) -> ExportState:
    """How it stands at `now`; a file can be had up to and including `expires_at`, whatever the sweep did (P-4)."""
    is_over = export.state == ExportState.READY and export.expires_at is not None and export.expires_at < now
    return ExportState.EXPIRED if is_over else ExportState(export.state)


def percent_of(export: Export) -> int:
    """How much of the way it has gone; 100 for what is ready only."""
    if export.state == ExportState.READY:
        return 100
    return min(99, export.passed * 100 // export.total) if export.total else 0


def room_used(organisation_id: int | None) -> int:
    """The bytes that the exports of an organisation, or of the desk, take up."""
    kept = Export.objects.filter(organisation=organisation_id).exclude(key="")
    return kept.aggregate(total=Sum("size"))["total"] or 0


def reach_of(actor: Actor) -> Reach:
    """What the actor may read now, in a form that can be kept and compared."""
    general = reaches(actor.roles - {ACCOUNT_MANAGER}, "read_request")
    cells = {f"{kind}:{service}" for each in general for kind in each.kinds for service in each.services or ("*",)}
    return {"cells": sorted(cells), "customers": _looked_after(actor)}


def _looked_after(actor: Actor) -> list[int]:
    if not (actor.is_staff and ACCOUNT_MANAGER in actor.roles):
        return []
    contracts = accounts.elevated_contracts(now=Now()).filter(account_manager=actor.person_id)
    return sorted(contracts.values_list("organisation", flat=True).distinct())


def check_reach(export: Export, actor: Actor, *, reach: Reach | None = None) -> None:
    """Raise ExportBeyondReach where the actor may read less now than when the file began (P-6).

    `reach` is theirs, where it has been asked for.
    """
    now, then = reach or reach_of(actor), export.reach
    held = set(now["cells"])
    covered = all(cell in held or f"{cell.partition(':')[0]}:*" in held for cell in then.get("cells", ()))
    if not covered or not set(then.get("customers", ())) <= set(now["customers"]):
        raise ExportBeyondReach
    if export.internal and not may(actor, "read_internal"):
        raise ExportBeyondReach


def asker_of(export: Export, *, now: datetime) -> Actor:
    """Whoever asked, as they may act at `now`; raises ExportBeyondReach where they may not any more (P-6)."""
    is_open = Q(organisation=None) | Q(organisation__is_active=True)
    person = Person.objects.with_roles().filter(is_open, pk=export.requested_by_id, is_active=True).first()
    if person is None:
        raise ExportBeyondReach
    try:
        actor = accounts.actor_for(person, now=now, customer_id=export.organisation_id)
    except OrganisationNotFound:
        raise ExportBeyondReach from None
    same = (actor.organisation_id, actor.on_behalf_of_id) == (export.organisation_id, export.on_behalf_of_id)
    if not same or not may(actor, ACT):
        raise ExportBeyondReach
    check_reach(export, actor)
    return actor


def wanted_of(export: Export) -> Wanted:
    """What the export is narrowed to."""
    filters = dict(export.filters)
    for name in INSTANTS:
        if name in filters:
            filters[name] = datetime.fromisoformat(filters[name])
    organisations = Organisation.objects.filter(slug=filters.get("organisation"))
    incidents = Incident.objects.filter(number=filters.get("incident"))
    within = Within(
        organisation=_id_in(organisations) if "organisation" in filters else None,
        incident=_id_in(incidents) if "incident" in filters else None,
    )
    return wanted_from(filters, within=within)


def _id_in(named: QuerySet[Any]) -> int:
    """What was asked for by its name; what is gone since is nobody's."""
    return named.values_list("pk", flat=True).first() or NONE


def requests_for(export: Export, actor: Actor, *, now: datetime) -> QuerySet[ServiceRequest]:
    """The requests that it goes through, in its order: what had been filed when it was asked for, through the gate."""
    rows = narrowed(visible_requests(actor), wanted_of(export), actor=actor, now=now)
    return rows.filter(created_at__lte=export.asked_at).order_by(*ORDER)


def behind(rows: QuerySet[ServiceRequest], place: list[Any] | None) -> QuerySet[ServiceRequest]:
    """Those behind the last one that was written."""
    if place is None:
        return rows
    at, pk = datetime.fromisoformat(place[0]), place[1]
    return rows.filter(Q(created_at__gt=at) | Q(created_at=at, pk__gt=pk), created_at__gte=at)


def rows_about(export: Export, requests: list[ServiceRequest], *, is_staff: bool, now: datetime) -> Iterator[Row]:
    """The rows of the file for some requests, read as they are written."""
    reader = Reader(is_staff=is_staff, internal=export.internal)
    if export.kind == ExportKind.COMMITMENTS:
        return _promises(requests, now=now)
    if export.kind == ExportKind.EVENTS:
        return _events(requests, reader)
    return (request_row(each, reader) for each in listed(requests, now=now))


def related_to(export: Export) -> tuple[str, ...]:
    """What is read along with each request."""
    return RELATED if export.kind == ExportKind.REQUESTS else ()


def along_with(export: Export) -> list[Any]:
    """What is read along with each portion of requests."""
    return [ALONG] if export.internal and export.kind == ExportKind.REQUESTS else []


def _promises(requests: list[ServiceRequest], *, now: datetime) -> Iterator[Row]:
    found: dict[int, list[Commitment]] = {row.pk: [] for row in requests}
    for promise in Commitment.objects.filter(request__in=list(found)).order_by("request", "cycle", "revision"):
        found[promise.request_id].append(promise)
    for request in requests:
        rows = found[request.pk]
        for row in rows:
            later = [each for each in rows if each.cycle == row.cycle and each.revision > row.revision]
            yield commitment_row(request.number, row, state_of(row, later, now=now))


def _events(requests: list[ServiceRequest], reader: Reader) -> Iterator[Row]:
    """Events in the order of their requests; each is of the tenant of its request (P-5)."""
    of = {row.number: (place, row.organisation_id) for place, row in enumerate(requests)}
    events = Event.objects.filter(number__in=list(of)).select_related("actor", "on_behalf_of")
    if not reader.internal:
        events = events.filter(internal=False)
    found = [event for event in events if event.organisation_id == of[event.number][1]]
    for event in sorted(found, key=lambda event: (of[event.number][0], event.pk)):
        yield event_row(event, reader)


def under_way(now: datetime) -> QuerySet[Export]:
    """The exports that somebody has to look at by `now`."""
    return Export.objects.filter(state__in=UNDER_WAY, run_at__lte=now)
