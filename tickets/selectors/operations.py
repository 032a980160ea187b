"""Lists for whoever looks after the portal: what failed, and which promises were broken."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from accounts.models import Delivery, DeliveryState
from tickets.models import Commitment, Timer, TimerState

BROKEN_WITHIN = timedelta(days=7)


def failed_timers() -> QuerySet[Timer]:
    """Timers that failed eight times; of their requests the number alone."""
    return Timer.objects.filter(state=TimerState.FAILED).select_related("request").only(
        "id", "kind", "step", "due_at", "settled_at", "attempts", "cause", "request__number"
    )  # fmt: skip


def failed_deliveries() -> QuerySet[Delivery]:
    """Notices that were given up; never to whom or what they say. Webhooks are for whoever looks after an endpoint."""
    failed = Delivery.objects.filter(state=DeliveryState.FAILED).exclude(channel=Delivery.Channel.WEBHOOK)
    return failed.only("id", "channel", "notice", "number", "attempts", "created_at", "last_error")


def broken_promises(*, now: datetime) -> QuerySet[Commitment]:
    """Promises whose deadline passed in the last days, and when that was noticed (P-4)."""
    broken = Commitment.objects.filter(breached_at__isnull=False, breached_at__gt=now - BROKEN_WITHIN)
    return broken.select_related("request").only(
        "id", "severity", "tier", "breached_at", "breach_detected_at", "responded_at", "request__number"
    )
