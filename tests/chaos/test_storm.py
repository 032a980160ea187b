"""Everything breaks while people write and promises come due; afterwards the history is judged (P-1, P-2, P-3).

Half a minute in the ordinary test run, ten minutes with `make chaos`. The seed is printed.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import timedelta

from django.db import connections

from tests.chaos import LONG, evidence
from tests.chaos.callers import Callers
from tests.chaos.crowd import gather
from tests.chaos.history import judge_timers, judge_writes, share
from tests.chaos.ledger import Ledger
from tests.chaos.rig import Rig
from tests.chaos.storm import Size, Storm
from tickets.verification import faults

SHORT_STORM = Size(
    seconds=18,
    promised=12,
    writes=72,
    targets=(5, 8),
    filing=0.8,
    breaks={"worker": 1, "web": 1, "everything": 1, "pause": 1, "flush": 1, "redis": 1, "database": 1, "beats": 1},
)
LONG_STORM = Size(
    seconds=600,
    promised=200,
    writes=3300,  # so that 3,000 are acknowledged: some are never repeated
    targets=(40, 60),
    filing=1.0,
    breaks={"worker": 20, "relay": 20, "web": 20, "everything": 5, "pause": 50, "flush": 10, "redis": 4}
    | {"database": 2, "beats": 3, "no_beat": 3},
)
PROMISED_WITHIN = timedelta(seconds=30)


def test_a_storm_loses_nothing_fires_nothing_early_and_doubles_nothing(
    rig: Rig, chance: random.Random, measured: Callable[[str], None]
) -> None:
    """P-1, P-2, P-3: kills, stops, an empty Redis, two beats and immediate restarts of the database."""
    size = LONG_STORM if LONG else SHORT_STORM
    crowd = gather(size.targets)
    rig.run("web", "worker-1", *(["worker-2"] if LONG else []), "beat", "sweeper")
    with Ledger(rig.folder / "ledger.jsonl") as ledger:
        callers = Callers(rig.port, ledger, threads=8 if LONG else 4, chance=chance)
        storm = Storm(rig, crowd, callers, chance, size)

        storm.rage()
        calm_since = time.time()
        settle(rig)

        callers.stop()
        measured(f"broken: {dict(storm.broken)}; answers by status: {dict(callers.statuses())}")
        judge_acknowledged(ledger, callers, measured)
        judge_deadlines(rig, measured, calm_since=calm_since)
        judge_post(rig, storm.crashes, measured)
        assert list(faults()) == []


def settle(rig: Rig) -> None:
    """Wait until every step has fired and every mail has gone; in the short run the leases of the dead lapse early."""
    connections.close_all()
    rig.until(lambda: not evidence.number(evidence.UNSETTLED), within=240, what="every step fired or cancelled")

    def all_sent() -> bool:
        if not LONG:
            evidence.let_leases_lapse()
        return not evidence.number(evidence.UNSENT)

    rig.until(all_sent, within=240, what="every mail sent")


def judge_acknowledged(ledger: Ledger, callers: Callers, measured: Callable[[str], None]) -> None:
    """P-1, P-2: every acknowledged write is there, once, where the answer said; and nothing answered 500."""
    answered = evidence.answered(ledger)
    verdict = judge_writes(asked=evidence.asked(ledger), answered=answered, present=evidence.present())
    measured(f"{len({write.key for write in answered})} acknowledged writes: {verdict}")
    assert verdict.sound, str(verdict)
    assert not LONG or len(answered) >= 3000
    assert callers.statuses()[500] == 0
    assert not callers.refusals


def judge_deadlines(rig: Rig, measured: Callable[[str], None], *, calm_since: float) -> None:
    """P-3: each step that was owed fired once, not early, within 30 s and what starting a process takes here."""
    slack = timedelta(seconds=max(rig.boots, default=0.0) + rig.longest_turn)
    epsilon = PROMISED_WITHIN + slack
    targets, firings = list(evidence.targets(leeway=epsilon)), evidence.firings()
    verdict = judge_timers(targets, firings, within=epsilon)
    worst = verdict.lateness[-1].total_seconds()
    measured(f"{len(targets)} due instants, {len(firings)} firings: {verdict}")
    figures = (
        f"p50 {share(verdict.lateness, 0.5):.1f} s, p99 {share(verdict.lateness, 0.99):.1f} s, worst {worst:.1f} s"
    )
    measured(f"fired after due: {figures}; allowed {epsilon.total_seconds():.1f} s")
    assert verdict.sound, str(verdict)
    calm = [firing.seen - firing.at for firing in firings if firing.at.timestamp() > calm_since + 20]
    if LONG:
        measured(f"{len(calm)} firings after the storm: p99 {share(calm, 0.99):.1f} s after due")
        assert share(calm, 0.99) <= 10 + rig.longest_turn


def judge_post(rig: Rig, crashes: int, measured: Callable[[str], None]) -> None:
    """P-2: each mail arrived, and there are no more repeats than mails can have been on their way at a crash."""
    verdict = evidence.judge_post(rig.post, crashes=crashes)
    measured(f"{len(rig.post.arrivals)} mails, {crashes} connections struck: {verdict}")
    assert verdict.sound, str(verdict)
