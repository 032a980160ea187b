"""What the notice about an engagement says to its receiver, as they may see it when it is sent (EL-1, P-6)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from accounts.actors import Actor
from accounts.letters.reading import Reading
from accounts.models import Delivery
from tickets.models import Engagement, EngagementEntry
from tickets.selectors.engagements import visible_engagements
from tickets.wording import ENGAGEMENT_KINDS

MOST_QUOTED = 2_000


def facts_of(delivery: Delivery, reading: Reading) -> dict[str, Any] | None:
    """The engagement and what was written; None where its receiver may no longer see it, or nothing is left of it."""
    engagement = reading.visible(_with_people, delivery, lambda each: each.context["engagement"], by="number")
    entries = EngagementEntry.objects.select_related("author")
    entry = reading.row(entries, delivery, lambda each: each.context["entry"])
    if engagement is None or entry is None or entry.engagement_id != engagement.pk:
        return None
    page = "tickets:staff_engagement" if reading.person.is_staff else "tickets:engagement"
    return {
        "engagement": engagement,
        "what": entry.what,
        "kind": ENGAGEMENT_KINDS[engagement.kind],
        "words": entry.body[:MOST_QUOTED],
        "author": entry.author.name,
        "link": f"{settings.PUBLIC_URL}{reverse(page, args=[engagement.number])}",
    }


def _with_people(actor: Actor) -> QuerySet[Engagement]:
    return visible_engagements(actor).select_related("organisation", "lead")


SITUATIONS = {"engagement_news": facts_of}
