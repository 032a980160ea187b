"""What mails about a person's own account say: roles given and taken, the account closed or opened (RO-1)."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from accounts.labels import roles_in_words
from accounts.models import Delivery, Person


def roles_changed(delivery: Delivery, person: Person) -> dict[str, Any]:
    """Which roles came and went, by whom, and which are held now."""
    return {
        **_around(delivery, person),
        "given": roles_in_words(delivery.context["given"]),
        "taken": roles_in_words(delivery.context["taken"]),
        "held": roles_in_words(person.role_names),
        "link": f"{settings.PUBLIC_URL}/profile/",
    }


def account_closed(delivery: Delivery, person: Person) -> dict[str, Any] | None:
    """That the account is closed, unless it has been opened again meanwhile."""
    return None if person.is_active else {**_around(delivery, person), "link": f"{settings.PUBLIC_URL}/"}


def account_opened(delivery: Delivery, person: Person) -> dict[str, Any]:
    """That the account is open again, and where to choose a password."""
    return {**_around(delivery, person), "link": f"{settings.PUBLIC_URL}/password/reset/"}


def _around(delivery: Delivery, person: Person) -> dict[str, Any]:
    return {"organisation": person.organisation, "by": delivery.event.actor}
