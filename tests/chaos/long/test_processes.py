"""Processes stopped in the middle, told to end under load, poisoned rows, clocks that are wrong (P-1, P-3)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.chaos import evidence
from tests.chaos.history import judge_timers, share
from tests.chaos.long.conftest import Work
from tests.processes import eventually, page_answers
from tickets.verification import faults

IN_THE_MIDDLE = """
    SELECT count(*) FROM pg_stat_activity
    WHERE application_name = 'worker' AND state LIKE '%%transaction%%' AND datname = current_database()
"""
DUE = (
    "SELECT count(*) FROM tickets_timer WHERE state = 'waiting' AND due_at <= clock_timestamp() - interval '5 seconds'"
)
POISON = """
    UPDATE accounts_delivery
    SET notice = 'no_such_notice', state = 'pending', delivered_at = NULL, attempts = 7, next_attempt_at = now()
    WHERE id = (SELECT min(id) FROM accounts_delivery WHERE channel = 'mail')
"""
CATCHES = 3
AHEAD, BEHIND = "600", "-600"  # seconds


def readyz(port: int) -> dict[str, Any]:
    """What operators see."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/readyz", headers={"Host": "localhost"})
    answer: dict[str, Any] = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def judged(work: Work, measured: Callable[[str], None], *, within: float) -> None:
    """Wait until every step has fired, and judge them."""
    work.rig.until(lambda: not evidence.number(evidence.UNSETTLED), within=120, what="every step fired")
    firings = evidence.firings()
    verdict = judge_timers(
        evidence.targets(leeway=timedelta(0)), firings, within=timedelta(seconds=within + work.rig.longest_turn)
    )
    figures = f"p99 {share(verdict.lateness, 0.99):.1f} s, worst {verdict.lateness[-1].total_seconds():.1f} s"
    measured(f"{len(firings)} firings, {figures} after due: {verdict}")
    assert verdict.sound, str(verdict)
    assert list(faults()) == []


def stop_in_the_middle(work: Work) -> bool:
    """Stop the worker while it holds rows; False where it was through before we were."""
    eventually(lambda: evidence.number(IN_THE_MIDDLE), within=60, what="a sweep that holds rows")
    work.rig.pause("worker-1")
    caught = evidence.number(IN_THE_MIDDLE) > 0
    time.sleep(0.2)
    caught = caught and evidence.number(IN_THE_MIDDLE) > 0
    if not caught:
        work.rig.go_on("worker-1")
    return caught


def test_a_worker_stopped_inside_a_sweep_loses_its_rows_to_others_and_cannot_commit_late(
    work: Work, measured: Callable[[str], None]
) -> None:
    """P-3: `idle_in_transaction_session_timeout` frees the rows after 15 s, and refuses the late commit."""
    rig = work.rig
    rig.run("web", "worker-1", "beat", "sweeper")
    work.begin()
    rig.wait(5)
    for _ in range(CATCHES):
        tries = 1
        while not stop_in_the_middle(work):
            tries += 1
        rig.wait(2)
        freed = rig.until(lambda: not evidence.number(IN_THE_MIDDLE), within=40, what="the rows freed")
        rig.wait(3)
        rig.go_on("worker-1")
        rig.wait(8)
        measured(f"caught in a transaction at try {tries}; its session was ended {freed + 2:.1f} s after the stop")
    said = "".join(log.read_text(errors="replace") for log in rig.folder.glob("worker-1-*.log"))
    assert "idle-in-transaction" in said or "terminating connection" in said or "closed the connection" in said
    work.finish()
    judged(work, measured, within=30)


def test_poison_fails_alone_and_shows(work: Work, measured: Callable[[str], None]) -> None:
    """P-3, P-9: a timer and a delivery that cannot be done never stop those behind them."""
    rig = work.rig
    rig.run("web", "worker-1", "beat", "sweeper")
    for _ in range(4):
        work.callers.give(work.crowd.filing("enterprise", "A"))
    rig.until(lambda: work.callers.done, within=30, what="four requests")
    rig.until(lambda: not evidence.number(evidence.UNSENT), within=30, what="their mails sent")
    poisoned = evidence.rows("SELECT min(id) FROM tickets_timer WHERE kind = 'response' AND step = '50'")[0][0]
    evidence.rows("UPDATE tickets_timer SET step = 'poison', attempts = 7 WHERE id = %s", poisoned)
    evidence.rows(POISON)
    rig.until(lambda: readyz(rig.port)["timers"]["failed"] == 1, within=60, what="a failed timer in /readyz")
    rig.until(lambda: not evidence.number(evidence.UNSETTLED), within=60, what="the other steps fired")
    rig.until(lambda: readyz(rig.port)["deliveries"]["failed"] == 1, within=90, what="a failed delivery in /readyz")
    rest = "SELECT count(*) FROM tickets_timer WHERE kind = 'response' AND state = 'fired'"
    measured(f"one timer and one delivery failed and show; {evidence.number(rest)} other steps fired")
    assert evidence.number(rest) == 15
    assert {"timers_failed", "deliveries_failed"} <= set(readyz(rig.port)["alerts"])
    work.finish()


def test_asking_the_web_server_to_end_under_load_breaks_no_request(work: Work, measured: Callable[[str], None]) -> None:
    """P-1: what it works on, it answers; what only waits in line is cut off, and goes to the next one under its key."""
    rig = work.rig
    rig.run("web", "worker-1", "beat")
    work.begin()
    for _ in range(5):
        rig.wait(3)
        began = time.monotonic()
        kept = rig.kept["web"].process
        assert kept
        os.kill(kept.popen.pid, signal.SIGTERM)
        rig.until(lambda kept=kept: kept.popen.poll() is not None, within=15, what="the web server's end")  # type: ignore[misc]
        took = time.monotonic() - began
        rig.until(lambda: page_answers(rig.port), within=60, what="the next web server")
        measured(f"SIGTERM under load: ended after {took:.1f} s, {dict(work.callers.statuses(since=began))}")
    errors = Counter(reply.error for reply in work.replies(0) if reply.status == 0)
    measured(f"connections without an answer: {dict(errors)}")
    replayed = sum("Idempotency-Replayed" in reply.headers for reply in work.replies(0))
    measured(f"requests that were worked on and not answered: {replayed}")
    assert replayed == 0
    work.finish()


@pytest.mark.needs("compiler")
@pytest.mark.parametrize("shift", [AHEAD, BEHIND])
def test_a_worker_whose_clock_is_wrong_fires_nothing_early(
    work: Work, measured: Callable[[str], None], shift: str
) -> None:
    """P-3: one clock decides, the database's; a second worker and the sweeper have the right time."""
    library = work.rig.folder / "skew.so"
    source = Path(__file__).with_name("skew.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    wrong = {"LD_PRELOAD": str(library), "SKEW_SECONDS": shift}
    shown = subprocess.run(["date", "+%s"], env={**os.environ, **wrong}, check=True, capture_output=True, text=True)
    assert abs(float(shown.stdout) - time.time() - float(shift)) < 60
    work.rig.run("worker-1", "sweeper", **wrong)
    work.rig.run("web", "worker-2", "beat")
    work.begin()
    work.rig.wait(25)
    work.finish()
    measured(f"one worker and the sweeper {shift} s off:")
    judged(work, measured, within=30)
