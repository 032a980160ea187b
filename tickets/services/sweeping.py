"""The sweep: whatever is due, done; by a worker, the sweeper or a person, side by side if need be (P-3)."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import structlog
from django.db import connection
from structlog.contextvars import bound_contextvars

from accounts import circumstances, clock
from accounts.services.delegation_asks import lapse_asks
from accounts.services.delegations import close_expired_delegations, warn_of_expiry
from accounts.services.duty_alerts import watch_rota
from accounts.services.heads import mail_heads
from accounts.services.sealing import seal_events
from tickets.models import SweepHeartbeat
from tickets.services.firing import fire_due_timers

log = structlog.get_logger(__name__)
BATCH = 100
STALE_AFTER = timedelta(seconds=15)
BEAT = """
    INSERT INTO tickets_sweepheartbeat (id, swept_at, counts) VALUES (1, clock_timestamp(), %s::jsonb)
    ON CONFLICT (id) DO UPDATE SET swept_at = excluded.swept_at, counts = excluded.counts
"""


def sweep(*, now: datetime | None = None) -> dict[str, int]:
    """Fire everything that is due, batch by batch, and leave signs of life; return the counts.

    Log lines and events of a sweep carry an id of its own, as those of a page carry that of its request (P-10).
    """
    counts = {"timers": 0, "batches": 0}
    with bound_contextvars(request_id=f"sweep:{uuid.uuid4().hex[:16]}"), circumstances.under("sweep"):
        while claimed := fire_due_timers(now=now, batch=BATCH):
            counts["timers"] += claimed
            counts["batches"] += 1
            _beat(counts)
        if not counts["timers"]:
            _beat(counts)
        counts["delegations"] = close_expired_delegations(now=now) + warn_of_expiry(now=now) + lapse_asks(now=now)
        counts["duty_gaps"] = watch_rota(now=now)
        counts["sealed"] = seal_events()
        counts["heads"] = mail_heads(now=now)
        if counts["timers"] or counts["delegations"]:
            log.info("sweep.fired", **counts)
    return counts


def _beat(counts: dict[str, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BEAT, [f'{{"timers": {counts["timers"]}, "batches": {counts["batches"]}}}'])


def sweep_is_stale() -> bool:
    """Tell whether the last sweep is older than 15 s, so that the sweeper has to step in (P-3)."""
    last = SweepHeartbeat.objects.filter(pk=1).values_list("swept_at", flat=True).first()
    return last is None or clock.now() - last > STALE_AFTER
