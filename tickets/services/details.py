"""Several particulars of a request changed at once, or none of them."""

from __future__ import annotations

from datetime import datetime

from accounts.actors import Actor
from accounts.transactions import service
from tickets.models import ServiceRequest
from tickets.services.contact import ContactChanges, change_contact
from tickets.services.subscription import change_subscription


@service
def change_details(
    *,
    number: str,
    actor: Actor,
    changes: ContactChanges,
    subscription: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> ServiceRequest:
    """Change how and whom to reach, and the subscription if one is named; what either refuses undoes both.

    Raises what `change_contact` and `change_subscription` raise.
    """
    if not subscription:
        return change_contact(number=number, actor=actor, changes=changes, version=version, now=now)
    moved = change_subscription(number=number, actor=actor, subscription=subscription, version=version, now=now)
    return change_contact(number=number, actor=actor, changes=changes, now=now) if changes else moved
