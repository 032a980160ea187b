"""A portal at work: a rig with its processes, and a program that files a few requests every second."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.chaos import evidence
from tests.chaos.callers import Callers, Reply
from tests.chaos.crowd import PROMISED, Crowd, gather
from tests.chaos.history import judge_writes
from tests.chaos.ledger import Ledger
from tests.chaos.rig import Rig

EVERY = 0.25  # seconds between two requests


@dataclass
class Work:
    """A rig, its people, and the load on it."""

    rig: Rig
    crowd: Crowd
    ledger: Ledger
    callers: Callers
    stop: threading.Event

    def load(self) -> None:
        """File requests until told to stop; half of them without a promise."""
        turn = 0
        while not self.stop.wait(EVERY):
            turn += 1
            terms = ("business", "C") if turn % 2 else PROMISED[turn // 2 % len(PROMISED)]
            self.callers.give(self.crowd.filing(*terms))

    def begin(self) -> None:
        """Start the load."""
        threading.Thread(target=self.load, daemon=True).start()

    def finish(self) -> None:
        """End the load, and hold the answers against the tables (P-1, P-2, P-9)."""
        self.stop.set()
        self.rig.until(lambda: self.callers.done, within=90, what="every request filed")
        answered = evidence.answered(self.ledger)
        verdict = judge_writes(asked=evidence.asked(self.ledger), answered=answered, present=evidence.present())
        assert verdict.sound, str(verdict)
        assert self.callers.statuses()[500] == 0
        assert not self.callers.refusals

    def replies(self, since: float) -> list[Reply]:
        """What came back since then."""
        return [reply for at, reply in list(self.callers.replies) if at >= since]

    def age_of_sweep(self) -> float:
        """Seconds since the last sweep."""
        query = (
            "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - swept_at)), 1e6) FROM tickets_sweepheartbeat"
        )
        return float(evidence.rows(query)[0][0])


@pytest.fixture
def work(rig: Rig, chance: random.Random) -> Iterator[Work]:
    """A rig with people and callers; the test starts the processes that it wants, and the load."""
    crowd = gather((8, 12))
    with Ledger(rig.folder / "ledger.jsonl") as ledger:
        made = Work(rig, crowd, ledger, Callers(rig.port, ledger, threads=6, chance=chance), threading.Event())
        try:
            yield made
        finally:
            made.stop.set()
