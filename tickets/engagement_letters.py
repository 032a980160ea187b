"""What the notice about an engagement says to its receiver, as they may see it when it is sent (EL-1, P-6)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts import clock
from accounts import selectors as accounts
from accounts.errors import OrganisationNotFound
from accounts.models import Delivery, Person
from tickets.errors import EngagementNotFound
from tickets.models import EngagementEntry
from tickets.selectors.engagements import engagement_of
from tickets.wording import ENGAGEMENT_KINDS

MOST_QUOTED = 2_000


def facts_of(delivery: Delivery, person: Person) -> dict[str, Any] | None:
    """The engagement and what was written; None where its receiver may no longer see it, or nothing is left of it."""
    acted_for = None if person.is_staff else delivery.organisation_id
    try:
        actor = accounts.actor_for(person, now=clock.now(), customer_id=acted_for)
        engagement = engagement_of(actor, delivery.context["engagement"])
    except (OrganisationNotFound, EngagementNotFound):
        return None
    entries = EngagementEntry.objects.filter(engagement=engagement).select_related("author")
    entry = entries.filter(pk=delivery.context["entry"]).first()
    if entry is None:
        return None
    page = "tickets:staff_engagement" if person.is_staff else "tickets:engagement"
    return {
        "engagement": engagement,
        "what": entry.what,
        "kind": ENGAGEMENT_KINDS[engagement.kind],
        "words": entry.body[:MOST_QUOTED],
        "author": entry.author.name,
        "link": f"{settings.PUBLIC_URL}{reverse(page, args=[engagement.number])}",
    }


SITUATIONS = {"engagement_news": facts_of}
