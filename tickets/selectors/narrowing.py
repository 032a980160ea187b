"""What lists and the queue can both be narrowed to: one organisation, one incident, tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.selectors import visible_organisation
from tickets.models import ServiceRequest
from tickets.selectors.incidents import incident_of
from tickets.selectors.tags import carrying, ids_called

NONE = 0  # the id of what there is not, and so of nobody's requests


@dataclass(frozen=True, slots=True)
class Within:
    """Ids; what is left out narrows nothing, and nothing widens: the gate comes first (P-5).

    A request has to carry all of the `tags`.
    """

    organisation: int | None = None
    incident: int | None = None
    tags: Sequence[int] = ()


EVERYWHERE = Within()


def within_of(actor: Actor, filters: Mapping[str, Any], *, now: datetime) -> Within:
    """What somebody's filters name: `organisation` by its short name, `incident` by its number, each `tag` by name.

    Raises OrganisationNotFound and IncidentNotFound, also for what exists for others (P-5).
    """
    slug, number = filters.get("organisation"), filters.get("incident")
    return Within(
        organisation=visible_organisation(actor, slug, now=now).pk if slug else None,
        incident=incident_of(actor, number, now=now).pk if number else None,
        tags=ids_called(filters.get("tag", ())),
    )


def those_within(rows: QuerySet[ServiceRequest], within: Within) -> QuerySet[ServiceRequest]:
    """The rows of this organisation, of this incident, with these tags."""
    if within.organisation is not None:
        rows = rows.filter(organisation=within.organisation)
    if within.incident is not None:
        rows = rows.filter(incident=within.incident)
    return carrying(rows, within.tags)
