"""The engineers' queue: what is due next comes first (settled point 16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.actors import Actor
from accounts.errors import InvalidCursor
from accounts.keyset import page
from tickets.errors import UnknownChoice
from tickets.lifecycle import OPEN, State
from tickets.models import ServiceRequest
from tickets.selectors.visibility import visible_requests

VIEWS = ("work", "mine", "unassigned", "waiting")
BREACHED, NEXT = "b", "n"
DUE_ORDER = ("due_at", "severity", "created_at", "id")
QUEUE_ORDER = ("queue_at", "severity", "created_at", "id")
RELATED = ("organisation", "service", "assignee", "team")


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of the queue, and the cursor of the next one."""

    rows: list[ServiceRequest]
    next: str | None


def queue_page(
    actor: Actor, *, now: datetime, view: str = "work", cursor: str | None = None, size: int = 25
) -> QueuePage:
    """Breached promises first, by due instant; then everything by the next instant something is owed.

    Two index scans at most, one after the other, however long the queue is. Raises UnknownChoice, InvalidCursor.
    """
    if view not in VIEWS:
        raise UnknownChoice("view", view)
    rows = _narrowed(visible_requests(actor), view, actor).select_related(*RELATED)
    part, _, place = (cursor or f"{BREACHED}.").partition(".")
    if part not in (BREACHED, NEXT):
        raise InvalidCursor
    late: list[ServiceRequest] = []
    if part == BREACHED:
        first = page(rows.filter(_breached(now)), order=DUE_ORDER, cursor=place or None, size=size)
        if first.next:
            return QueuePage(first.rows, f"{BREACHED}.{first.next}")
        late, place = first.rows, ""
    rest = page(rows.exclude(_breached(now)), order=QUEUE_ORDER, cursor=place or None, size=max(1, size - len(late)))
    return QueuePage([*late, *rest.rows], f"{NEXT}.{rest.next}" if rest.next else None)


def _narrowed(rows: QuerySet[ServiceRequest], view: str, actor: Actor) -> QuerySet[ServiceRequest]:
    work = Q(state__in=[State.AWAITING_RESPONSE.value, State.IN_PROGRESS.value])
    views = {
        "work": work,
        "mine": Q(assignee=actor.person_id, state__in=[state.value for state in OPEN]),
        "unassigned": work & Q(assignee=None),
        "waiting": Q(state=State.AWAITING_CUSTOMER.value),
    }
    return rows.filter(views[view])


def _breached(now: datetime) -> Q:
    return Q(state=State.AWAITING_RESPONSE.value, due_at__isnull=False, due_at__lt=now)
