"""PostgreSQL restarted, gone, full of connections: 503 and Retry-After, nothing lost, back at once (P-1, P-9)."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

import psycopg2

from tests.chaos import evidence
from tests.chaos.callers import Reply
from tests.chaos.long.conftest import Work

GONE = 60.0  # seconds
BACK_WITHIN = 5.0


def back_after(work: Work, since: float) -> float:
    """Seconds until the first request succeeds again."""
    return work.rig.until(
        lambda: any(reply.status == 201 for reply in work.replies(since)), within=60, what="an answer with 201"
    )


def refused_politely(replies: list[Reply]) -> bool:
    """Whether every failure said when to come again."""
    failures = [reply for reply in replies if reply.status != 201]
    return all(reply.status == 503 and int(reply.headers["Retry-After"]) >= 1 for reply in failures)


def test_an_immediate_restart_under_load_loses_nothing(work: Work, measured: Callable[[str], None]) -> None:
    """P-1, P-9"""
    work.rig.run("web", "worker-1", "beat", "sweeper")
    work.begin()
    for _ in range(3):
        work.rig.wait(6)
        began = time.monotonic()
        work.rig.stop_database()
        work.rig.start_database()
        up = time.monotonic()
        took = back_after(work, up)
        work.rig.wait(2)
        measured(
            f"database back {up - began:.1f} s after the crash, first 201 {took:.1f} s after that; "
            f"answers {dict(work.callers.statuses(since=began))}"
        )
        assert took <= BACK_WITHIN
        assert refused_politely(work.replies(began))
    work.finish()


def test_a_database_that_is_gone_for_a_minute_is_a_503_and_then_over(
    work: Work, measured: Callable[[str], None]
) -> None:
    """P-1, P-3, P-9: sweeps go on by themselves as well."""
    work.rig.run("web", "worker-1", "beat", "sweeper")
    work.begin()
    work.rig.wait(5)
    began = time.monotonic()
    work.rig.stop_database()
    work.rig.wait(GONE)
    during = work.replies(began + 1)
    work.rig.start_database()
    up = time.monotonic()
    took = back_after(work, up)
    swept = work.rig.until(lambda: work.age_of_sweep() < 3, within=60, what="a sweep")
    slowest = max(reply.took for reply in during)
    measured(
        f"gone for {GONE:g} s: {len(during)} calls answered {sorted({reply.status for reply in during})} within "
        f"{slowest:.1f} s; first 201 {took:.1f} s and first sweep {swept:.1f} s after it was back"
    )
    assert during
    assert refused_politely(during)
    assert took <= BACK_WITHIN
    assert swept <= 30
    work.finish()


def test_a_database_without_a_free_connection_is_a_503_and_then_over(
    work: Work, measured: Callable[[str], None]
) -> None:
    """P-9"""
    work.rig.run("web", "worker-1", "beat", "sweeper")
    work.begin()
    work.rig.wait(5)
    evidence.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'web'")
    taken = take_all(work)
    began = time.monotonic()
    evidence.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'web'")
    taken += take_all(work)
    work.rig.wait(8)
    during = work.replies(began + 1)
    for session in taken:
        session.close()
    up = time.monotonic()
    took = back_after(work, up)
    statuses = sorted({reply.status for reply in during})
    measured(f"{len(taken)} connections taken: {len(during)} calls answered {statuses}; 201 again after {took:.1f} s")
    assert 503 in statuses
    assert refused_politely(during)
    assert took <= BACK_WITHIN
    work.finish()


def take_all(work: Work) -> list[psycopg2.extensions.connection]:
    """Take every connection that is left to people who are not administrators."""
    evidence.rows("SELECT 1")  # ours stays
    taken: list[psycopg2.extensions.connection] = []
    with suppress(psycopg2.OperationalError):
        while len(taken) < 200:
            taken.append(work.rig.administrator())
    return taken
