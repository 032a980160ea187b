"""What the notice about an incident says to its receiver, as they may see it when it is sent (P-6)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts import clock
from accounts import selectors as accounts
from accounts.errors import OrganisationNotFound
from accounts.models import Delivery, Person
from tickets.errors import IncidentNotFound
from tickets.models import IncidentFollow, IncidentUpdate
from tickets.selectors.incidents import incident_of, linked_requests
from tickets.wording import INCIDENT_IMPACTS, INCIDENT_STATES

MOST_QUOTED, MOST_NAMED = 2_000, 10


def facts_of(delivery: Delivery, person: Person) -> dict[str, Any] | None:
    """The incident and what was said; None where its receiver may no longer see it, or has stopped following it."""
    now = clock.now()
    try:
        actor = accounts.actor_for(person, now=now, customer_id=delivery.organisation_id)
        incident = incident_of(actor, delivery.context["incident"], now=now)
    except (OrganisationNotFound, IncidentNotFound):
        return None
    public = IncidentUpdate.objects.filter(incident=incident, internal=False)
    update = public.filter(pk=delivery.context["update"]).first()
    given_up = IncidentFollow.objects.filter(
        incident=incident, person=person, organisation=actor.organisation_id or 0, following=False
    )
    if update is None or given_up.exists():
        return None
    mine = list(linked_requests(actor, incident).values_list("number", flat=True)[:MOST_NAMED])
    return {
        "incident": incident,
        "state": INCIDENT_STATES[update.state],
        "impact": INCIDENT_IMPACTS[incident.impact],
        "is_over": update.state == "resolved",
        "words": update.body[:MOST_QUOTED],
        "requests": " ".join(mine),
        "link": f"{settings.PUBLIC_URL}{reverse('tickets:incident', args=[incident.number])}",
    }


SITUATIONS = {"incident_news": facts_of}
