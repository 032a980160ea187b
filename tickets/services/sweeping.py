"""The sweep: whatever is due, done; by a worker, the sweeper or a person, side by side if need be (P-3)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from accounts import clock
from accounts.services.delegations import close_expired_delegations
from tickets.models import SweepHeartbeat
from tickets.services.firing import fire_due_timers

BATCH = 100
STALE_AFTER = timedelta(seconds=15)
BEAT = """
    INSERT INTO tickets_sweepheartbeat (id, swept_at, counts) VALUES (1, clock_timestamp(), %s::jsonb)
    ON CONFLICT (id) DO UPDATE SET swept_at = excluded.swept_at, counts = excluded.counts
"""


def sweep(*, now: datetime | None = None) -> dict[str, int]:
    """Fire everything that is due, batch by batch, and leave a sign of life; return the counts."""
    counts = {"timers": 0, "batches": 0}
    while claimed := fire_due_timers(now=now, batch=BATCH):
        counts["timers"] += claimed
        counts["batches"] += 1
    _beat(counts)
    return {**counts, "delegations": close_expired_delegations(now=now)}


def _beat(counts: dict[str, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BEAT, [f'{{"timers": {counts["timers"]}, "batches": {counts["batches"]}}}'])


def sweep_is_stale() -> bool:
    """Tell whether the last sweep is older than 15 s, so that the sweeper has to step in (P-3)."""
    last = SweepHeartbeat.objects.filter(pk=1).values_list("swept_at", flat=True).first()
    return last is None or clock.now() - last > STALE_AFTER
