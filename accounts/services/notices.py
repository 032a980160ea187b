"""What people do with the notices they have in the portal."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Delivery
from accounts.transactions import service


@service
def read_notices(*, person_id: int, now: datetime | None = None) -> int:
    """Mark all of a person's notices as read; return how many were not."""
    unread = Delivery.objects.filter(person=person_id, channel=Delivery.Channel.PORTAL, read_at=None)
    return unread.update(read_at=now)
