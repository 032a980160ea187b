"""Redis emptied, stopped, silent, full: people file as ever, and workers take tasks again (P-3, P-9)."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial

import redis

from tests.chaos import evidence
from tests.chaos.long.conftest import Work

GONE = 20.0  # seconds
AGAIN_WITHIN = 30.0
FILED_WITHIN = 1.0


def fill(work: Work) -> None:
    """Let no write succeed any more."""
    with work.rig.redis() as client:
        client.config_set("maxmemory", "1")


def empty_again(work: Work) -> None:
    with work.rig.redis() as client:
        client.config_set("maxmemory", str(256 * 2**20))


def freeze(work: Work) -> None:
    """Accept connections and answer nothing."""
    os.kill(work.rig.servers["valkey"].pid, signal.SIGSTOP)


def thaw(work: Work) -> None:
    os.kill(work.rig.servers["valkey"].pid, signal.SIGCONT)


def flush(work: Work) -> None:
    with suppress(redis.RedisError):
        work.rig.flush_redis()


def swept_since(instant: datetime) -> bool:
    return bool(evidence.number("SELECT count(*) FROM tickets_sweepheartbeat WHERE swept_at > %s", instant))


FAULTS: list[tuple[str, Callable[[Work], None], Callable[[Work], None]]] = [
    ("emptied", flush, lambda _: None),
    ("stopped, and started empty", lambda work: work.rig.stop_redis(), lambda work: work.rig.start_redis()),
    ("silent", freeze, thaw),
    ("full", fill, empty_again),
]


def test_people_file_and_workers_return_whatever_redis_does(work: Work, measured: Callable[[str], None]) -> None:
    """P-3, P-9: without the sweeper, so that every sweep is a worker's."""
    rig = work.rig
    rig.run("web", "worker-1", "beat")
    work.begin()
    rig.until(lambda: work.age_of_sweep() < 5, within=30, what="a first sweep")

    for name, break_it, mend_it in FAULTS:
        began = time.monotonic()
        break_it(work)
        rig.wait(GONE if name != "emptied" else 6)
        p95, statuses = work.callers.slowest(since=began), work.callers.statuses(since=began)
        mend_it(work)
        mended = evidence.rows("SELECT clock_timestamp()")[0][0]
        took = rig.until(partial(swept_since, mended), within=60, what=f"a sweep after Redis was {name}")
        measured(f"Redis {name}: p95 of filing {p95:.2f} s, answers {dict(statuses)}, first sweep {took:.1f} s after")
        assert took <= AGAIN_WITHIN
        assert p95 <= FILED_WITHIN
        assert set(statuses) == {201}
        rig.wait(5)
    work.finish()


def test_without_beat_the_sweeper_steps_in_and_two_beats_change_nothing(
    work: Work, measured: Callable[[str], None]
) -> None:
    """P-3"""
    rig = work.rig
    rig.run("web", "worker-1", "beat", "beat-2", "sweeper")
    work.begin()
    rig.wait(15)
    rig.keep_away("beat")
    rig.keep_away("beat-2")
    rig.wait(30)
    worst = float(
        evidence.rows(
            "SELECT coalesce(max(extract(epoch FROM now() - due_at)), 0) FROM tickets_timer "
            "WHERE state = 'waiting' AND due_at < now()"
        )[0][0]
    )
    measured(f"no beat for 30 s: the oldest due timer waits {worst:.1f} s")
    assert worst <= 30
    work.finish()
