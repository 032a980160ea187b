"""What a warning that a delegation runs out says to its receiver, as things stand when it is sent (PA-1, P-6)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts import clock, selectors
from accounts.models import Delivery, Person


def facts_of(delivery: Delivery, person: Person) -> dict[str, Any] | None:
    """The delegation and where to see to it; None once it has ended, or is no business of theirs any more."""
    live = selectors.live_delegations(now=clock.now()).select_related("partner")
    row = live.filter(pk=delivery.context["delegation"]).first()
    if row is None:
        return None
    grants = person.organisation_id == row.customer_id and "global_admin" in person.role_names
    acts = person.organisation_id == row.partner_id and bool(person.role_names)
    if not (grants or acts):
        return None
    page = reverse("accounts:partners" if grants else "accounts:acting_for")
    return {"delegation": row, "grants": grants, "link": f"{settings.PUBLIC_URL}{page}"}
