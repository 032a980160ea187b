"""Which timers are due (P-3)."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from tickets.models import Timer, TimerState

GRACE = timedelta(seconds=4)  # longer than any wait for a lock, so that no sweep overtakes what arrived in time


def due_timers(*, now: datetime) -> QuerySet[Timer]:
    """Timers to fire at `now`, oldest first; the condition names only columns of the row that is locked."""
    waiting = Timer.objects.filter(state=TimerState.WAITING, next_attempt_at__lte=now - GRACE)
    return waiting.order_by("next_attempt_at", "id")
