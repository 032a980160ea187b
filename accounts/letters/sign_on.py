"""What a mail about a change of single sign-on says to the other global admins, as things stand when it is sent."""

from __future__ import annotations

from typing import Any

from accounts.models import Delivery, Person


def facts_of(delivery: Delivery, person: Person) -> dict[str, Any] | None:
    """What was changed and by whom; None for who is no global admin of the organisation any more (P-6)."""
    if person.organisation_id != delivery.organisation_id or "global_admin" not in person.role_names:
        return None
    author = Person.objects.filter(pk=delivery.context["by"], organisation=delivery.organisation_id).first()
    return {"change": delivery.context["change"], "author": author.name if author else ""}
