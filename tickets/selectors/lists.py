"""Lists of requests, by folder and filter; keyset pages served by an index (CH-3, CH-5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import DateTimeField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from accounts import searching
from accounts.actors import Actor
from accounts.keyset import Page, page
from accounts.nearest import Search
from sla.commitments import CommitmentState
from tickets import lifecycle
from tickets.errors import UnknownChoice
from tickets.lifecycle import OPEN, REOPEN_WINDOW, State
from tickets.models import Commitment, Service, ServiceRequest
from tickets.models.requests import NEVER
from tickets.numbers import number_sought
from tickets.selectors.detail import state_of
from tickets.selectors.narrowing import EVERYWHERE, Within, those_within
from tickets.selectors.tags import with_tags
from tickets.selectors.visibility import visible_requests

FOLDERS = ("open", "recently_closed", "archived", "all")
ORDERINGS: dict[str, tuple[str, ...]] = {
    "created_at": ("created_at", "id"),
    "-created_at": ("-created_at", "-id"),
    "-closed_at": ("-closed_or_never", "-id"),
    "due_at": ("due_or_never", "severity", "created_at", "id"),  # never queue_at: cursors would tell it to customers
    "-due_at": ("-due_or_never", "-severity", "-created_at", "-id"),
    "severity": ("severity", "created_at", "id"),
    "-severity": ("-severity", "-created_at", "-id"),
    "changed_at": ("changed_at", "id"),
    "-changed_at": ("-changed_at", "-id"),
}
BY_CLOSING = ("-closed_at", "-id")  # of lists that hold nothing open
NOT_YET = Value(datetime(1, 1, 1, tzinfo=UTC), output_field=DateTimeField())  # what is open comes after what is closed
STAND_INS = {"due_or_never": Coalesce("due_at", NEVER), "closed_or_never": Coalesce("closed_at", NOT_YET)}
RELATED = ("organisation", "service", "incident", "assignee")
NEWEST_PROMISES = """
    SELECT newest.* FROM unnest(%s::bigint[]) AS listed (id) CROSS JOIN LATERAL (
        SELECT * FROM tickets_commitment WHERE request_id = listed.id ORDER BY cycle DESC, revision DESC LIMIT 1
    ) AS newest
"""  # by index for each request, however few there are in all
SHUT = (State.CLOSED.value, State.ARCHIVED.value)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to; empty values narrow nothing. `assignee` is `me`, `nobody` or a person's id.

    `states` None stands for every state, an empty sequence for none.
    """

    folder: str = "all"
    states: Sequence[str] | None = None
    severities: Sequence[str] = ()
    categories: Sequence[str] = ()
    services: Sequence[str] = ()
    assignee: str = ""
    breached: bool | None = None
    due_before: datetime | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    changed_after: datetime | None = None
    text: str = ""
    within: Within = EVERYWHERE


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of a list at an instant: the state that counts then, and the newest promise as it stands (P-4)."""

    row: ServiceRequest
    state: State
    reopen_until: datetime | None
    commitment: ListedCommitment


@dataclass(frozen=True, slots=True)
class ListedCommitment:
    """A promise as it stands, without its explanation."""

    row: Commitment
    state: CommitmentState


def requests_page(
    actor: Actor,
    wanted: Wanted,
    *,
    now: datetime,
    ordering: str = "",
    cursor: str | None = None,
    size: int = 25,
) -> Page[ServiceRequest]:
    """One page of the requests that the actor may see; closed folders come by closing time, others by filing.

    What changed after an instant comes as it changed: what changes between two pages is met again, and nothing missed.

    Raises UnknownChoice for a filter or an ordering that does not exist, InvalidCursor.
    """
    order = _order(wanted, ordering)
    missing = {name: each for name, each in STAND_INS.items() if order[0].lstrip("-") == name}
    visible, shelf = visible_requests(actor).annotate(**missing), _shelf(actor, wanted, order, now=now)
    rows = narrowed(visible, wanted, actor=actor, now=now)
    search = None
    if rows.query.where != shelf.query.where:
        search = Search(rows, shelf.annotate(**missing), _ways(visible, wanted, actor=actor, now=now))
        rows = ServiceRequest.objects.annotate(**missing)  # by the keys that the search finds behind the gate
    found = page(rows.select_related(*RELATED), order=order, cursor=cursor, size=size, search=search)
    with_tags(actor, found.rows)
    return found


def _shelf(actor: Actor, wanted: Wanted, order: Sequence[str], *, now: datetime) -> QuerySet[ServiceRequest]:
    """Where to look for what is wanted: all that one index holds in this order, more than the actor may see."""
    rows, column = ServiceRequest.objects.all(), order[0].lstrip("-")
    organisation_id = wanted.within.organisation if actor.is_staff else actor.organisation_id
    if column in ("created_at", "closed_at", "changed_at") and organisation_id is not None:
        rows = rows.filter(organisation=organisation_id)
    if column == "closed_at":
        return rows.filter(Q(state__in=SHUT) if wanted.folder == "all" else _folder(wanted.folder, now))
    if column == "changed_at":
        return rows.filter(_changed(wanted))
    rows = rows.filter(_filed(wanted))  # which the indexes of the other orders hold as well
    if column == "due_or_never":
        return rows.filter(due_at__lt=wanted.due_before) if wanted.due_before else rows
    is_open = wanted.folder == "open" or (wanted.states is not None and set(wanted.states) <= set(OPEN))
    return rows.filter(_folder("open", now)) if is_open else rows


def _ways(visible: QuerySet[ServiceRequest], wanted: Wanted, *, actor: Actor, now: datetime) -> list[QuerySet[Any]]:
    """What is wanted in parts, each of which an index finds: what is overdue, and what is on record as broken."""
    if not wanted.breached:
        return []
    rows = narrowed(visible, replace(wanted, breached=None), actor=actor, now=now)
    return [rows.filter(due_at__lt=now), rows.filter(_on_record())]


def _order(wanted: Wanted, ordering: str) -> tuple[str, ...]:
    """The columns to order by, none of them null; a list of closed requests has its index for their closing."""
    shut = wanted.folder in ("recently_closed", "archived")
    shut = shut or (wanted.states is not None and set(wanted.states) <= set(SHUT))
    if wanted.changed_after and not ordering:
        return ORDERINGS["changed_at"]
    if shut and ordering in ("", "-closed_at"):
        return BY_CLOSING
    try:
        return ORDERINGS[ordering or "-created_at"]
    except KeyError:
        raise UnknownChoice("ordering", ordering) from None


def listed(rows: Sequence[ServiceRequest], *, now: datetime) -> list[Listed]:
    """The rows of a page as they stand at `now`, with their promises in one query."""
    found = Commitment.objects.raw(NEWEST_PROMISES, [[row.pk for row in rows]]) if rows else []
    newest = {row.request_id: row for row in found}
    return [
        Listed(
            row=row,
            state=lifecycle.state_at(row.state, closed_at=row.closed_at, now=now),
            reopen_until=lifecycle.reopen_until(row.closed_at) if row.closed_at else None,
            commitment=ListedCommitment(newest[row.pk], state_of(newest[row.pk], now=now)),
        )
        for row in rows
    ]


def narrowed(
    rows: QuerySet[ServiceRequest], wanted: Wanted, *, actor: Actor, now: datetime
) -> QuerySet[ServiceRequest]:
    """The rows that pass every filter; what is archived follows from `closed_at`, not from a sweep (P-4)."""
    rows = those_within(rows.filter(_folder(wanted.folder, now)), wanted.within)
    if wanted.states is not None:
        rows = rows.filter(_states(wanted.states, now))
    if wanted.severities:
        rows = rows.filter(severity__in=wanted.severities)
    if wanted.categories:
        rows = rows.filter(category__in=wanted.categories)
    if wanted.services:
        rows = rows.filter(service__in=_service_ids(wanted.services))
    if wanted.assignee:
        rows = rows.filter(_assignee(wanted.assignee, actor))
    if wanted.breached is not None:
        rows = rows.filter(_breached(now)) if wanted.breached else rows.exclude(_breached(now))
    if wanted.due_before:
        rows = rows.filter(due_at__lt=wanted.due_before)
    rows = rows.filter(_filed(wanted)).filter(_changed(wanted))
    return rows.filter(_text(wanted.text)) if wanted.text.strip() else rows


def _folder(folder: str, now: datetime) -> Q:
    """Open, closed and still reopenable (CH-5), archived, or all."""
    last = now - REOPEN_WINDOW  # closed then, it can be reopened at this very instant
    folders = {
        "open": Q(state__in=[state.value for state in OPEN]),
        "recently_closed": Q(state__in=SHUT, closed_at__gte=last),
        "archived": Q(state__in=SHUT, closed_at__lt=last),
        "all": Q(),
    }
    if folder not in folders:
        raise UnknownChoice("folder", folder)
    return folders[folder]


def _states(states: Sequence[str], now: datetime) -> Q:
    condition = Q(pk__in=[])
    for state in states:
        if state not in set(State):
            raise UnknownChoice("state", state)
        shut = {State.CLOSED: "recently_closed", State.ARCHIVED: "archived"}
        condition |= _folder(shut[State(state)], now) if state in shut else Q(state=state)
    return condition


def _assignee(assignee: str, actor: Actor) -> Q:
    if assignee == "me":
        return Q(assignee=actor.person_id)
    if assignee == "nobody":
        return Q(assignee=None)
    if not (assignee.isascii() and assignee.isdigit() and len(assignee) < 18):
        raise UnknownChoice("assignee", assignee)
    return Q(assignee=int(assignee))


def _service_ids(codes: Sequence[str]) -> list[int]:
    """The ids of services: PostgreSQL knows of each how many requests have it, of a code it does not."""
    known = [code.replace("\0", " ") for code in codes]  # which no text of the database holds
    return list(Service.objects.filter(code__in=known).values_list("pk", flat=True))


def _filed(wanted: Wanted) -> Q:
    """Between which instants."""
    after = Q(created_at__gt=wanted.created_after) if wanted.created_after else Q()
    return after & Q(created_at__lt=wanted.created_before) if wanted.created_before else after


def _changed(wanted: Wanted) -> Q:
    """Since which instant, and at it too: another request may have changed then, and not been there yet."""
    return Q(changed_at__gte=wanted.changed_after) if wanted.changed_after else Q()


def _breached(now: datetime) -> Q:
    """Running promises past their due instant, and broken ones on record (P-4)."""
    return Q(due_at__lt=now) | _on_record()


def _on_record() -> Q:
    return Q(Exists(Commitment.objects.filter(request=OuterRef("pk"), breached_at__isnull=False)))


def _text(text: str) -> Q:
    """Full text in words and Han bigrams, or the very number."""
    number = Q(number=number_sought(text))
    query = searching.query(text)
    return number | Q(search=SearchQuery(query, search_type="raw", config="simple")) if query else number
