"""What a mail about a webhook endpoint that was switched off says, as things stand when it is sent."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from accounts.letters.reading import Reading
from accounts.models import Delivery, WebhookEndpoint

KEEPERS = {"global_admin", "team_lead", "operator"}


def facts_of(delivery: Delivery, reading: Reading) -> dict[str, Any] | None:
    """Which endpoint, and why; None for who may not look after it any more, or once it is on again (P-6)."""
    person = reading.person
    if person.organisation_id != delivery.organisation_id or not KEEPERS & set(person.role_names):
        return None
    off = WebhookEndpoint.objects.filter(removed_at=None, switched_off_at__isnull=False)
    endpoint = reading.row(off, delivery, lambda each: each.context["endpoint"])
    if endpoint is None or endpoint.organisation_id != delivery.organisation_id:
        return None
    page = "organisation/webhooks" if endpoint.organisation_id else "staff/webhooks"
    return {
        "link": f"{settings.PUBLIC_URL}/{page}/{endpoint.pk}/",
        "host": urlsplit(endpoint.url).hostname or "",
        "description": endpoint.description,
        "reason": delivery.context["reason"],
    }
