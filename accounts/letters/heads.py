"""What the mail of the day's head says to its receiver, if it is still for them when it is sent (P-10, P-6)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings

from accounts.models import DESK, Delivery, Organisation, Person
from accounts.selectors import trail
from accounts.services.heads import may_have


def facts_of(delivery: Delivery, person: Person) -> dict[str, Any] | None:
    """The head and whose chain it is of; None for whoever may not read the trail any more."""
    context = delivery.context
    chain = context["chain"]
    if not may_have(person, chain):
        return None
    organisation = "" if chain == DESK else Organisation.objects.values_list("name", flat=True).get(pk=chain)
    page = "/staff/audit/" if person.is_staff else "/organisation/audit/"
    return {
        "organisation": organisation,
        "day": date.fromisoformat(context["date"]),
        "head": f"{context['sequence']}:{context['hash']}",
        "sequence": context["sequence"],
        "count": context["count"],
        "file": f"audit-{trail.name_of_chain(chain)}.ndjson",
        "link": f"{settings.PUBLIC_URL}{page}",
    }
