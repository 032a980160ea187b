"""Sweep and relay: how fast a backlog is worked off (P-3, P-2)."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import get_context

from django.db import connection, connections

from bench.figures import Report, Round
from tickets.services.firing import fire_due_timers
from tickets.services.relay import relay_deliveries
from tickets.services.sweeping import BATCH as SWEEP_BATCH
from tickets.services.sweeping import sweep

WAITING = (1_000, 100_000, 1_000_000)
IDLE_SWEEPS = 50
TOP_UP = """
    WITH pattern AS (SELECT * FROM tickets_timer WHERE kind = 'response' AND generation = 1),
        missing AS (SELECT %(most)s - count(*) AS rows FROM tickets_timer WHERE state = 'waiting'),
        copies AS (SELECT ceil(rows::numeric / (SELECT count(*) FROM pattern))::int AS most FROM missing),
        last AS (SELECT max(generation) AS generation FROM tickets_timer)
    INSERT INTO tickets_timer (organisation_id, request_id, commitment_id, kind, step, generation, recipients, due_at,
        next_attempt_at, state, attempts, cause)
    SELECT organisation_id, request_id, commitment_id, kind, step, last.generation + copy, recipients,
        now() + interval '1 year', now() + interval '1 year', 'waiting', 0, ''
    FROM copies, last, generate_series(1, copies.most) AS copy, pattern
"""
MAKE_DUE = """
    UPDATE tickets_timer SET due_at = now() - interval '1 minute', next_attempt_at = now() - interval '1 minute'
    WHERE id IN (SELECT id FROM tickets_timer WHERE state = 'waiting' ORDER BY hashint8(id) LIMIT %(due)s)
"""
# One mail to the contact of each of many requests, instead of the thousands that one duty manager would get.
ONLY_REPLIES = """
    UPDATE accounts_delivery SET state = 'cancelled' WHERE state IN ('pending', 'digested');
    WITH chosen AS (
        SELECT id, number, organisation_id, primary_contact_id FROM tickets_servicerequest
        WHERE state = 'in_progress' ORDER BY hashint8(id) LIMIT %(most)s
    ), told AS (
        INSERT INTO accounts_event (organisation_id, number, kind, ref, at, request_id, internal, data)
        SELECT organisation_id, number, 'reply_posted', '', now(), '', false, '{}' FROM chosen RETURNING id, number
    )
    INSERT INTO accounts_delivery (event_id, organisation_id, number, channel, person_id, destination, notice, context,
        urgency, message_id, state, attempts, next_attempt_at, last_error)
    SELECT told.id, organisation_id, number, 'mail', primary_contact_id, 'person:' || primary_contact_id,
        'reply_posted',
        jsonb_build_object('message', (SELECT max(m.id) FROM tickets_message m WHERE m.request_id = chosen.id)), 2,
        '<bench-' || told.id || '@example.com>', 'pending', 0, now(), ''
    FROM told JOIN chosen USING (number)
"""
PUT_OFF = """
    UPDATE tickets_timer SET due_at = due_at + interval '10 years', next_attempt_at = due_at + interval '10 years'
    WHERE state = 'waiting'
"""


def timers(report: Report, *, due: int) -> None:
    """Fire a backlog of escalation steps and archivings, by one sweep and by two (P-3: 20,000 within 60 s)."""
    for sweeps, name in ((1, "one sweep"), (2, "two sweeps beside each other")):
        _run(TOP_UP, most=due)
        _run(MAKE_DUE, due=due)
        report.add(f"Firing {due:,} due timers, {name}", [_worked_off(sweeps)])


def idle(report: Report) -> None:
    """Sweep with nothing due while more and more timers wait; the cost is to stay flat."""
    _run(PUT_OFF)
    medians = []
    for waiting in WAITING:
        _run(TOP_UP, most=waiting)
        _run("VACUUM ANALYZE tickets_timer")
        _run("CHECKPOINT")
        took = [_timed(sweep) for _ in range(IDLE_SWEEPS)]
        medians.append(statistics.median(took))
        report.add(f"A sweep with nothing due, {waiting:,} waiting", [Round(took, sum(took))])
    print(f"  one million waiting costs {medians[-1] / medians[0]:.2f} times as much as one thousand", flush=True)


def _run(statement: str, **numbers: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, numbers or None)


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
    """Send what waits in the outbox to many customers, into files."""
    _run(ONLY_REPLIES, most=most)
    began = time.perf_counter()
    sent = relay_deliveries(batch=most, within=timedelta(minutes=10))
    lasted = time.perf_counter() - began
    report.add("Relaying mails, one worker", [Round([lasted / sent] * sent, lasted)])


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
