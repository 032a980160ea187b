"""Redis is absent from the start: the sweeper alone keeps every deadline, and people file as ever (P-3, P-9)."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

from tests.chaos import evidence
from tests.chaos.callers import Callers
from tests.chaos.crowd import PROMISED, gather
from tests.chaos.history import judge_timers
from tests.chaos.ledger import Ledger
from tests.chaos.rig import Rig
from tickets.verification import faults

REQUESTS = 12
FILED_WITHIN = 1.0


def test_everything_fires_within_thirty_seconds_when_redis_was_never_there(
    rig: Rig, chance: random.Random, measured: Callable[[str], None]
) -> None:
    """P-3, P-9"""
    rig.stop_redis()
    crowd = gather((4, 6))
    rig.run("web", "sweeper")
    with Ledger(rig.folder / "ledger.jsonl") as ledger:
        callers = Callers(rig.port, ledger, threads=2, chance=chance)
        for number in range(REQUESTS):
            callers.give(crowd.filing(*PROMISED[number % len(PROMISED)]))
        rig.until(lambda: callers.done, within=60, what="every request filed")
        callers.stop()

        rig.until(lambda: not evidence.number(evidence.UNSETTLED), within=90, what="every step fired")
        rig.until(lambda: not evidence.number(evidence.UNSENT), within=60, what="every mail sent")

    measured(f"p95 of filing {callers.slowest():.2f} s; answers {dict(callers.statuses())}")
    assert callers.statuses() == {201: REQUESTS}
    slack = timedelta(seconds=4 * rig.longest_turn)
    verdict = judge_timers(
        evidence.targets(leeway=timedelta(0)), evidence.firings(), within=timedelta(seconds=30) + slack
    )
    measured(f"fired at most {verdict.lateness[-1].total_seconds():.1f} s after due: {verdict}")
    assert verdict.sound, str(verdict)
    assert evidence.judge_post(rig.post, crashes=0).sound
    assert list(faults()) == []
