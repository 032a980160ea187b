"""Who was told what about a request, when and by which way; for staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Q, QuerySet

from accounts.keyset import Page, page_or_first
from accounts.models import Delivery
from tickets.models import ServiceRequest

ROWS = 50


@dataclass(frozen=True, slots=True)
class Telling:
    """One notice to one person: the mail and the copy in the portal, either of which there may not be."""

    first: Delivery
    mail: Delivery | None
    portal: Delivery | None


def deliveries_of(service_request: ServiceRequest) -> QuerySet[Delivery]:
    """What was told about a request by mail and in the portal, the newest first."""
    mine = Delivery.objects.filter(number=service_request.number, organisation=service_request.organisation_id)
    rows = mine.exclude(channel=Delivery.Channel.WEBHOOK).select_related("person", "event", "digest")
    return rows.order_by("-id")


def deliveries_page(service_request: ServiceRequest, *, cursor: str | None) -> Page[Delivery]:
    """The newest of them, or those behind a place in the list; one query."""
    return page_or_first(deliveries_of(service_request), order=("-id",), cursor=cursor, size=ROWS)


def tellings(deliveries: Sequence[Delivery]) -> list[Telling]:
    """Mail and portal copy of one notice put together, newest first; they were written one after the other.

    Where a page of the list ends between the two, the other one is fetched, so that none seems to be missing.
    """
    rows = sorted([*deliveries, *_beyond_the_edges(deliveries)], key=lambda delivery: -delivery.pk)
    groups = groupby(rows, key=lambda delivery: (delivery.event_id, delivery.person_id))
    return [_telling(list(group)) for _, group in groups]


def _beyond_the_edges(deliveries: Sequence[Delivery]) -> list[Delivery]:
    """What belongs to the first or the last of a page, and stands on the page beside it; one query."""
    if not deliveries:
        return []
    mine = Q()
    for edge in (deliveries[0], deliveries[-1]):
        mine |= Q(event=edge.event_id, person=edge.person_id)
    rows = Delivery.objects.filter(mine).exclude(pk__in=[delivery.pk for delivery in deliveries])
    return list(rows.exclude(channel=Delivery.Channel.WEBHOOK).select_related("person", "event", "digest"))


def _telling(rows: list[Delivery]) -> Telling:
    by_way = {row.channel: row for row in rows}
    return Telling(rows[0], mail=by_way.get(Delivery.Channel.MAIL), portal=by_way.get(Delivery.Channel.PORTAL))
