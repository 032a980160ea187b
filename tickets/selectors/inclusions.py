"""What hangs on requests and can be read along with them, for a whole page of requests in the same few queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from accounts import keyset
from accounts.actors import Actor
from tickets.models import ServiceRequest
from tickets.selectors.detail import commitments_by_request, conversation_of

ORDERS: dict[str, tuple[str, ...]] = {"messages": ("id",), "commitments": ("-cycle", "-revision")}


@dataclass(frozen=True, slots=True)
class Included:
    """The first of what hangs on one request, and the cursor of the rest, None where that is all."""

    rows: Sequence[Any]
    next: str | None


def messages_along(
    actor: Actor, service_requests: Sequence[ServiceRequest], *, most: int, internal: bool
) -> dict[int, Included]:
    """The first messages of each request, as its conversation would list them, in two queries; by primary key."""
    messages = conversation_of(actor, *service_requests, internal=internal)
    place = Window(RowNumber(), partition_by=F("request"), order_by=F("id").asc())
    found: dict[int, list[Any]] = {}
    for message in messages.annotate(place=place).filter(place__lte=most + 1):
        found.setdefault(message.request_id, []).append(message)
    return {pk: _cut(rows, rows, "messages", most) for pk, rows in found.items()}


def commitments_along(service_requests: Sequence[ServiceRequest], *, most: int, now: datetime) -> dict[int, Included]:
    """The newest promises of each request, in one query; by primary key."""
    standing = commitments_by_request(service_requests, now=now)
    return {pk: _cut(rows, [each.row for each in rows], "commitments", most) for pk, rows in standing.items()}


def _cut(shown: Sequence[Any], rows: Sequence[Any], what: str, most: int) -> Included:
    onward = keyset.encode(rows[most - 1], ORDERS[what]) if len(rows) > most else None
    return Included(shown[:most], onward)
