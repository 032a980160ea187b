"""Sweep and relay: how fast a backlog is worked off (P-3, P-2)."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from django.db import connection, connections

from bench.figures import Report, Round
from tickets.services.firing import fire_due_timers
from tickets.services.relay import BATCH, relay_deliveries
from tickets.services.sweeping import BATCH as SWEEP_BATCH
from tickets.services.sweeping import sweep

MAKE_DUE = """
    UPDATE tickets_timer SET due_at = now() - interval '1 minute', next_attempt_at = now() - interval '1 minute'
    WHERE id IN (SELECT id FROM tickets_timer WHERE state = 'waiting' ORDER BY hashint8(id) LIMIT %s)
"""


def timers(report: Report, *, due: int) -> None:
    """Fire a backlog of escalation steps and archivings, by one sweep and by two; then sweep with nothing to do."""
    for sweeps, name in ((1, "one sweep"), (2, "two sweeps beside each other")):
        with connection.cursor() as cursor:
            cursor.execute(MAKE_DUE, [due])
        report.add(f"Firing due timers, {name}", [_worked_off(sweeps)])
    idle = [_timed(sweep) for _ in range(50)]
    report.add("A sweep with nothing due", [Round(idle, sum(idle))])


def _worked_off(sweeps: int) -> Round:
    """Let some processes fire until nothing is due."""
    connections.close_all()  # each process has its own
    with ProcessPoolExecutor(sweeps, mp_context=get_context("fork")) as pool:
        list(pool.map(_connect, range(sweeps)))
        began = time.perf_counter()
        took = [each for fired in pool.map(_fire_all, range(sweeps)) for each in fired]
        return Round(took, time.perf_counter() - began)


def _connect(_: int) -> None:
    connection.ensure_connection()


def _fire_all(_: int) -> list[float]:
    """Fire until nothing is due; what each timer took."""
    took: list[float] = []
    while True:
        before = time.perf_counter()
        claimed = fire_due_timers(batch=SWEEP_BATCH)
        if not claimed:
            return took
        took += [(time.perf_counter() - before) / claimed] * claimed


def deliveries(report: Report, *, most: int) -> None:
    """Send what waits in the outbox, into files."""
    took: list[float] = []
    began = time.perf_counter()
    while len(took) < most:
        before = time.perf_counter()
        claimed = relay_deliveries(batch=BATCH)
        if not claimed:
            break
        took += [(time.perf_counter() - before) / claimed] * claimed
    report.add("Relaying mails, one worker", [Round(took, time.perf_counter() - began)])


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
