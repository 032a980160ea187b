"""Some minutes of breaking: requests with short promises and many writes, while whatever can fail does."""

from __future__ import annotations

import heapq
import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings

from tests.chaos.callers import Callers, Job
from tests.chaos.crowd import PROMISED, UNPROMISED, Crowd
from tests.chaos.rig import Rig

Act = Callable[[], object]
RELAYS = 2 * settings.EMAIL_CONNECTIONS  # connections of one worker on which a mail may be on its way


@dataclass(frozen=True, slots=True)
class Size:
    """How long, how many requests with a promise (filed in which part of the time), how many writes, what breaks."""

    seconds: float
    promised: int
    writes: int
    targets: tuple[int, int]
    filing: float
    breaks: dict[str, int]


@dataclass
class Agenda:
    """What is to be done when; threads may add to it, and the main thread does it."""

    _heap: list[tuple[float, int, Act]] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def at(self, instant: float, act: Act) -> None:
        """Note something to do at an instant of the steady clock."""
        with self._lock:
            heapq.heappush(self._heap, (instant, next(self._numbers), act))

    def do_what_is_due(self) -> None:
        """Do it."""
        while (act := self._next()) is not None:
            act()

    def _next(self) -> Act | None:
        with self._lock:
            due = self._heap and self._heap[0][0] <= time.monotonic()
            return heapq.heappop(self._heap)[2] if due else None

    def __bool__(self) -> bool:
        return bool(self._heap)


@dataclass
class Storm:
    """One storm over one rig."""

    rig: Rig
    crowd: Crowd
    callers: Callers
    chance: random.Random
    size: Size
    agenda: Agenda = field(default_factory=Agenda)
    broken: Counter[str] = field(default_factory=Counter)
    crashes: int = 0
    pauses: float = 0.0
    _numbers: list[str] = field(default_factory=list)

    def rage(self) -> None:
        """Do everything that is planned, and return when the jobs are done and everything runs again."""
        self._plan()
        latest = time.monotonic() + 2 * self.size.seconds + 120
        while self.agenda or not self.callers.done:
            assert time.monotonic() < latest, f"still at work: {self.callers.statuses()}"
            self.agenda.do_what_is_due()
            self.rig.wait(0.05)

    def _plan(self) -> None:
        begin, seconds = time.monotonic(), self.size.seconds
        for number in range(self.size.promised):
            self._plan_promised(begin + seconds * self.size.filing * number / self.size.promised, number)
        for number in range(self.size.writes - self.size.promised):
            self.agenda.at(begin + seconds * 0.9 * number / self.size.writes, self._write)
        for name, times in self.size.breaks.items():
            for _ in range(times):
                self.agenda.at(begin + seconds * self.chance.uniform(0.05, 0.95), self._breaking(name))

    # ── work ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _plan_promised(self, instant: float, number: int) -> None:
        tier, severity = PROMISED[number % len(PROMISED)]
        self.agenda.at(instant, lambda: self.callers.give(self.crowd.filing(tier, severity, then=self._go_on)))

    def _go_on(self, request: Any) -> None:
        """Leave most unanswered; answer some at any time, and some within a second of their due instant."""
        due = datetime.fromisoformat(request["commitment"]["due_at"]).timestamp() - time.time()
        lot = self.chance.random()
        if lot < 0.2:
            self._reply(request, due * self.chance.uniform(0.1, 1.9))
        elif lot < 0.35:
            self._reply(request, due + self.chance.uniform(-1, 1))

    def _reply(self, request: Any, after: float) -> None:
        job = self.crowd.message(request["number"], "engineer")
        self.agenda.at(time.monotonic() + after, lambda: self.callers.give(job))

    def _write(self) -> None:
        """One write without a promise: a filing or a message; a few are sent twice at once, a few never repeated."""
        job = self._some_write(persistent=self.chance.random() > 0.05)
        for _ in range(2 if self.chance.random() < 0.03 else 1):
            self.callers.give(job)

    def _some_write(self, *, persistent: bool) -> Job:
        if not self._numbers or self.chance.random() < 0.3:
            tier, severity = UNPROMISED
            return self.crowd.filing(tier, severity, then=self._remember, persistent=persistent)
        by = self.chance.choice(["business", "engineer"])
        return self.crowd.message(self.chance.choice(self._numbers[-20:]), by, persistent=persistent)

    def _remember(self, request: Any) -> None:
        self._numbers.append(request["number"])

    # ── breaking ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _breaking(self, name: str) -> Act:
        act: Act = getattr(self, f"_break_{name}")

        def do() -> None:
            self.broken[name] += 1
            act()

        return do

    def _worker(self) -> str:
        return self.chance.choice([name for name in self.rig.kept if name.startswith("worker")])

    def _after(self, seconds: float, act: Act) -> None:
        self.agenda.at(time.monotonic() + seconds, act)

    def _break_worker(self) -> None:
        self.rig.kill(self._worker())
        self.crashes += RELAYS

    def _break_relay(self) -> None:
        self.rig.kill_relay(self._worker())
        self.crashes += settings.EMAIL_CONNECTIONS

    def _break_web(self) -> None:
        self.rig.kill("web")

    def _break_everything(self) -> None:
        self.rig.kill_all()
        self.crashes += 2 * RELAYS + settings.EMAIL_CONNECTIONS

    def _break_pause(self) -> None:
        """Stop a worker where it is; resume it after up to 25 s (less in a short storm)."""
        name, seconds = self._worker(), self.chance.uniform(0.5, min(25, self.size.seconds / 5))
        self.rig.pause(name)
        self.crashes += RELAYS
        self._after(seconds, lambda: self.rig.go_on(name))

    def _break_flush(self) -> None:
        self.rig.flush_redis()

    def _break_redis(self) -> None:
        """Stop it for a while, and start it empty."""
        self.rig.stop_redis()
        self._after(self.chance.uniform(1, self.size.seconds / 15), self.rig.start_redis)

    def _break_beats(self) -> None:
        """Two beats, for a while."""
        if "beat-2" not in self.rig.kept:
            self.rig.run("beat-2")
        self.rig.bring_back("beat-2")
        self._after(self.size.seconds / 6, lambda: self.rig.keep_away("beat-2"))

    def _break_no_beat(self) -> None:
        self.rig.keep_away("beat")
        self._after(self.size.seconds / 8, lambda: self.rig.bring_back("beat"))

    def _break_database(self) -> None:
        """An immediate restart."""
        self.rig.stop_database()
        self.rig.start_database()
        self.crashes += 2 * RELAYS + settings.EMAIL_CONNECTIONS
