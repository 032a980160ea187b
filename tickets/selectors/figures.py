"""What operators are told of the clockwork and the outbox, at a cost that does not grow with them (RELIABILITY 5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection

MOST = 100_000  # rows of one kind that are counted; more than that is "at least"
OVERDUE = timedelta(seconds=60)

# Each part is a look at an index of its own, and stops at MOST. A timer that was put off after a failure is due all the
# same, although its next attempt lies ahead; few are.
FIGURES = """
    SELECT (SELECT extract(epoch FROM clock_timestamp() - swept_at) FROM tickets_sweepheartbeat WHERE id = 1),
           (SELECT count(*) FROM (SELECT FROM tickets_timer
                WHERE state = 'waiting' AND next_attempt_at <= now() LIMIT %(most)s) AS due),
           (SELECT count(*) FROM (SELECT FROM tickets_timer
                WHERE state = 'waiting' AND attempts > 0 AND due_at <= now() LIMIT %(most)s) AS put_off),
           (SELECT count(*) FROM (SELECT FROM tickets_timer
                WHERE state = 'waiting' AND next_attempt_at <= now() - %(overdue)s LIMIT %(most)s) AS overdue),
           (SELECT count(*) FROM (SELECT FROM tickets_timer
                WHERE state = 'waiting' AND attempts > 0 AND due_at <= now() - %(overdue)s LIMIT %(most)s) AS failing),
           (SELECT count(*) FROM (SELECT FROM tickets_timer WHERE state = 'failed' LIMIT %(most)s) AS failed),
           (SELECT count(*) FROM (SELECT FROM tickets_timer WHERE state = 'held' LIMIT %(most)s) AS held),
           (SELECT count(*) FROM (SELECT FROM accounts_delivery
                WHERE state = 'pending' AND channel <> 'webhook' LIMIT %(most)s) AS pending),
           (SELECT count(*) FROM (SELECT FROM accounts_delivery
                WHERE state = 'failed' AND channel <> 'webhook' LIMIT %(most)s) AS failed),
           (SELECT count(*) FROM (SELECT FROM accounts_delivery WHERE state = 'held' LIMIT %(most)s) AS held),
           (SELECT extract(epoch FROM now() - min(created_at)) FROM accounts_delivery
                WHERE state = 'pending' AND channel <> 'webhook'),
           (SELECT count(*) FROM (SELECT FROM accounts_delivery
                WHERE state = 'pending' AND channel = 'webhook' LIMIT %(most)s) AS webhooks),
           (SELECT count(*) FROM (SELECT FROM accounts_delivery WHERE state = 'failed' AND channel = 'webhook'
                AND state = ANY ('{pending,failed,held}') LIMIT %(most)s) AS refused),
           (SELECT count(*) FROM (SELECT FROM tickets_attachment WHERE scan = 'waiting' LIMIT %(most)s) AS unscanned),
           (SELECT extract(epoch FROM now() - min(uploaded_at)) FROM tickets_attachment WHERE scan = 'waiting')
"""
LATENESS = """
    SELECT count(*), coalesce(sum(lag), 0), coalesce(max(lag), 0), {buckets}
    FROM (SELECT extract(epoch FROM settled_at - due_at)::float AS lag FROM tickets_timer
          WHERE state = 'fired' AND settled_at > now() - %(window)s ORDER BY settled_at DESC LIMIT %(most)s) AS fired
"""
WAITING_BY_KIND = "SELECT kind, count(*) FROM tickets_timer WHERE state = 'waiting' GROUP BY kind ORDER BY kind"
BREACHES = """
    SELECT count(*) FROM (SELECT FROM tickets_commitment
        WHERE breached_at IS NOT NULL AND breached_at > now() - %(window)s LIMIT %(most)s) AS breached
"""
BOUNDS = (5, 10, 20, 30, 60, 120, 300, 900, 3600)  # seconds; P-3 promises ten, or thirty without Redis


@dataclass(frozen=True, slots=True)
class Figures:
    """How the clockwork and the outbox stand; ages are in seconds, counts end at MOST."""

    sweep_age: float | None
    due: int
    overdue: int
    failed_timers: int
    held_timers: int
    undelivered: int
    failed_deliveries: int
    held_deliveries: int
    oldest_undelivered_age: float | None
    waiting_webhooks: int
    failed_webhooks: int
    unscanned_files: int
    oldest_unscanned_age: float | None


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late the timers of the last minutes fired, in seconds; `buckets` counts those up to each of BOUNDS."""

    fired: int
    total: float
    most: float
    buckets: tuple[int, ...]


def figures() -> Figures:
    """Ask for everything in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, limits(overdue=OVERDUE))
        row = cursor.fetchone()
    (
        age,
        due,
        put_off,
        overdue,
        failing,
        failed,
        held,
        pending,
        lost,
        unsent,
        oldest,
        hooks,
        refused,
        files,
        file_age,
    ) = row
    return Figures(
        sweep_age=_seconds(age),
        due=due + put_off,
        overdue=overdue + failing,
        failed_timers=failed,
        held_timers=held,
        undelivered=pending,
        failed_deliveries=lost,
        held_deliveries=unsent,
        oldest_undelivered_age=_seconds(oldest),
        waiting_webhooks=hooks,
        failed_webhooks=refused,
        unscanned_files=files,
        oldest_unscanned_age=_seconds(file_age),
    )


def limits(**spans: timedelta) -> dict[str, Any]:
    """What the statements are bounded by."""
    return {"most": MOST, **spans}


def _seconds(value: object) -> float | None:
    return None if value is None else max(0.0, round(float(value), 1))  # type: ignore[arg-type]


def lateness(*, within: timedelta) -> Lateness:
    """How late what fired within that time was, by instants that the rows keep (P-3)."""
    buckets = ", ".join(f"count(*) FILTER (WHERE lag <= {bound})" for bound in BOUNDS)
    with connection.cursor() as cursor:
        cursor.execute(LATENESS.format(buckets=buckets), limits(window=within))
        fired, total, most, *counts = cursor.fetchone()
    return Lateness(fired=fired, total=total, most=most, buckets=tuple(counts))


def waiting_by_kind() -> dict[str, int]:
    """How many timers of each kind wait: one pass over the index of their kinds, so ask seldom."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING_BY_KIND)
        return dict(cursor.fetchall())


def breaches(*, within: timedelta) -> int:
    """How many promises were broken within that time."""
    with connection.cursor() as cursor:
        cursor.execute(BREACHES, limits(window=within))
        return int(cursor.fetchone()[0])
