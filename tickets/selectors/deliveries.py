"""Who was told what about a request, when and by which way; for staff."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from accounts.errors import InvalidCursor
from accounts.keyset import Page, page
from accounts.models import Delivery
from tickets.models import ServiceRequest

ROWS = 50


@dataclass(frozen=True, slots=True)
class Telling:
    """One notice to one person: the mail and the copy in the portal, either of which there may not be."""

    first: Delivery
    mail: Delivery | None
    portal: Delivery | None


def deliveries_of(service_request: ServiceRequest, *, cursor: str | None) -> Page[Delivery]:
    """The newest deliveries of a request, or those behind a place in the list; one query."""
    mine = Delivery.objects.filter(number=service_request.number, organisation=service_request.organisation_id)
    rows = mine.exclude(channel=Delivery.Channel.WEBHOOK).select_related("person", "event", "digest")
    try:
        return page(rows, order=("-id",), cursor=cursor, size=ROWS)
    except InvalidCursor:
        return page(rows, order=("-id",), size=ROWS)


def tellings(deliveries: Iterable[Delivery]) -> list[Telling]:
    """Mail and portal copy of one notice put together, newest first; they were written one after the other."""
    groups = groupby(deliveries, key=lambda delivery: (delivery.event_id, delivery.person_id))
    return [_telling(list(group)) for _, group in groups]


def _telling(rows: list[Delivery]) -> Telling:
    by_way = {row.channel: row for row in rows}
    return Telling(rows[0], mail=by_way.get(Delivery.Channel.MAIL), portal=by_way.get(Delivery.Channel.PORTAL))
