"""The engineers' queue: what is due next comes first (settled point 16)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, Func, Min, Q, QuerySet

from accounts.actors import Actor
from accounts.errors import InvalidCursor
from accounts.keyset import LARGEST_PAGE, page
from accounts.models import Person
from tickets.errors import UnknownChoice
from tickets.lifecycle import State
from tickets.models import ServiceRequest
from tickets.models.requests import FOR_SENIORS, OPEN_STATES, OWED_AT, WORK_STATES
from tickets.selectors.narrowing import EVERYWHERE, Within, those_within
from tickets.selectors.tags import with_tags
from tickets.selectors.visibility import visible_requests

STATES: dict[str, list[str]] = {
    "work": WORK_STATES,
    "mine": OPEN_STATES,
    "unassigned": WORK_STATES,
    "spoken": WORK_STATES,
    "senior": OPEN_STATES,
    "waiting": [State.AWAITING_CUSTOMER.value],
}
VIEWS = tuple(STATES)
BREACHED, NEXT = "b", "n"
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
WRITTEN = re.compile(r"[0-9]{1,17}")  # microseconds since 1970, to the year 5138
DUE_ORDER = ("due_at", "severity", "created_at", "id")
QUEUE_ORDER = ("owed_at", "severity", "created_at", "id")
RELATED = ("organisation", "service", "incident", "assignee", "team")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the queue begins: in which part, as broken promises stood when, behind which row."""

    part: str
    since: datetime
    cursor: str = ""

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read what `str` wrote; raises InvalidCursor."""
        part, _, rest = text.partition(".")
        micros, _, cursor = rest.partition(".")
        if part not in (BREACHED, NEXT) or not WRITTEN.fullmatch(micros):
            raise InvalidCursor
        return cls(part, EPOCH + int(micros) * MICROSECOND, cursor)

    def at(self, cursor: str) -> Place:
        """The same part, behind another row."""
        return replace(self, cursor=cursor)

    def __str__(self) -> str:
        return f"{self.part}.{(self.since - EPOCH) // MICROSECOND}.{self.cursor}"


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of the queue, and the cursor of the next one."""

    rows: list[ServiceRequest]
    next: str | None


def queue_page(
    actor: Actor,
    *,
    now: datetime,
    view: str = "work",
    within: Within = EVERYWHERE,
    cursor: str | None = None,
    size: int = 25,
) -> QueuePage:
    """Breached promises first, by due instant; then everything by the next instant something is owed.

    What is owed is a promise, a look, an update, or the settling of a disputed severity, whichever comes first.
    Two index scans at most, one after the other, however long the queue is. What is breached is settled at the first
    page and goes along in the cursor, so that a promise that breaks between two pages is not lost between them.
    Raises UnknownChoice, InvalidCursor.
    """
    if view not in VIEWS:
        raise UnknownChoice("view", view)
    size = max(1, min(size, LARGEST_PAGE))
    place = Place.parse(cursor) if cursor else Place(BREACHED, now)
    late: list[ServiceRequest] = []
    if place.part == BREACHED:
        broken = those_within(_broken(actor, view, since=place.since), within)
        first = page(broken, order=DUE_ORDER, cursor=place.cursor or None, size=size)
        if first.next:
            return QueuePage(with_tags(actor, first.rows), str(place.at(first.next)))
        late, place = first.rows, Place(NEXT, place.since)
    owed = those_within(_owed(actor, view, since=place.since), within)
    rest = page(owed, order=QUEUE_ORDER, cursor=place.cursor or None, size=max(1, size - len(late)))
    if len(late) == size:
        return QueuePage(with_tags(actor, late), str(place) if rest.rows else None)
    return QueuePage(with_tags(actor, [*late, *rest.rows]), str(place.at(rest.next)) if rest.next else None)


def front_of(actor: Actor, *, now: datetime, most: int, offered: bool = False) -> list[ServiceRequest]:
    """The first `most` broken promises and as many of the rest that nobody has; `offered` adds those of seniors.

    One index scan for each part.
    """
    view = "unassigned"
    broken = _broken(actor, view, since=now).order_by(*DUE_ORDER)[:most]
    owed = _owed(actor, view, since=now).order_by(*QUEUE_ORDER)[:most]
    taken = _whose(actor, "senior").annotate(owed_at=OWED_AT).filter(state__in=STATES["senior"], assignee__isnull=False)
    return [*broken, *owed, *(taken.order_by(*QUEUE_ORDER)[:most] if offered else ())]


@dataclass(frozen=True, slots=True)
class Load:
    """What somebody has in hand: how many requests, of how many something is owed already, and when first."""

    requests: int
    late: int
    owes_at: datetime | None


def load_of(actor: Actor, *, now: datetime) -> Load:
    """What the actor has in hand; requests that wait for their customers are not. One index scan."""
    mine = _whose(actor, "mine").filter(state__in=WORK_STATES).annotate(owed_at=OWED_AT).order_by()
    found = mine.aggregate(requests=Count("pk"), late=Count("pk", filter=Q(owed_at__lt=now)), owes_at=Min("owed_at"))
    return Load(**found)


def _broken(actor: Actor, view: str, *, since: datetime) -> QuerySet[ServiceRequest]:
    """What waits for a response that was due before `since`; only what nobody has answered has a due instant."""
    rows = _whose(actor, view).filter(due_at__lt=since)
    return rows if State.AWAITING_RESPONSE in STATES[view] else rows.none()


def _owed(actor: Actor, view: str, *, since: datetime) -> QuerySet[ServiceRequest]:
    """Everything else of the view."""
    rows = _whose(actor, view).annotate(owed_at=OWED_AT)
    return rows.filter(Q(due_at=None) | Q(due_at__gte=since), state__in=STATES[view])


def _languages_of(actor: Actor) -> QuerySet[Person, Any]:
    """The languages that the actor speaks, one a row (LA-1)."""
    return Person.objects.filter(pk=actor.person_id or 0).values_list(Func("languages", function="unnest"))


def _whose(actor: Actor, view: str) -> QuerySet[ServiceRequest]:
    rows = visible_requests(actor).select_related(*RELATED)
    if view == "mine":
        return rows.filter(assignee=actor.person_id)
    if view == "spoken":
        return rows.filter(assignee=None, language__in=_languages_of(actor))
    if view == "senior":
        return rows.filter(FOR_SENIORS)
    return rows.filter(assignee=None) if view == "unassigned" else rows
