"""What the notice about an incident says to its receiver, as they may see it when it is sent (P-6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from accounts.actors import Actor
from accounts.letters.reading import Reading
from accounts.models import Delivery
from tickets.models import Incident, IncidentFollow, IncidentUpdate
from tickets.selectors.incidents import Standing, standings_of, visible_incidents
from tickets.selectors.visibility import visible_requests
from tickets.wording import INCIDENT_IMPACTS, INCIDENT_STATES

MOST_QUOTED, MOST_NAMED = 2_000, 10


def facts_of(delivery: Delivery, reading: Reading) -> dict[str, Any] | None:
    """The incident and what was said; None where its receiver may no longer see it, or has stopped following it."""
    incident: Any = reading.visible(_gate(reading), delivery, lambda each: each.context["incident"], by="number")
    public = IncidentUpdate.objects.filter(internal=False)
    update = reading.row(public, delivery, lambda each: each.context["update"])
    if incident is None or incident.given_up or update is None or update.incident_id != incident.pk:
        return None
    return {
        "incident": incident,
        "state": INCIDENT_STATES[update.state],
        "impact": INCIDENT_IMPACTS[incident.impact],
        "is_over": update.state == "resolved",
        "words": update.body[:MOST_QUOTED],
        "requests": " ".join(incident.mine),
        "link": f"{settings.PUBLIC_URL}{reverse('tickets:incident', args=[incident.number])}",
    }


def _gate(reading: Reading) -> Callable[[Actor], QuerySet[Incident]]:
    """What an actor may see, with the requests of theirs that belong to it, and whether they follow it no more."""

    def visible(actor: Actor) -> QuerySet[Incident]:
        standing = reading.once("standings", standings).get(actor.organisation_id, Standing())
        requests = visible_requests(actor).filter(incident=OuterRef("pk")).order_by("-id").values("number")
        stopped = IncidentFollow.objects.filter(
            incident=OuterRef("pk"), person=actor.person_id, organisation=actor.organisation_id or 0, following=False
        )
        rows = visible_incidents(actor, now=reading.now, standing=standing)
        return rows.annotate(mine=ArraySubquery(requests[:MOST_NAMED]), given_up=Exists(stopped))

    def standings() -> dict[int, Standing]:
        customers = {each.organisation_id for each in reading.actors.values() if each.organisation_id}
        return standings_of(customers, now=reading.now)

    return visible


SITUATIONS = {"incident_news": facts_of}
