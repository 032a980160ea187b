"""Several people and the clock at the same thing at the same instant."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connections, transaction

from accounts.errors import AccountsError
from tickets.errors import TicketsError
from tickets.models import ServiceRequest
from tickets.services.sweeping import sweep

Act = Callable[[], object]
PEOPLE, SWEEPERS = 6, 2  # eight threads
LAWFUL_REFUSALS = (AccountsError, TicketsError)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an act went: when it was over (seconds since the epoch), and the refusal if there was one."""

    over: float
    refusal: Exception | None

    @property
    def went_through(self) -> bool:
        return self.refusal is None


def attempt(act: Act) -> Outcome:
    """Do it as a request would: a refusal is an outcome, anything else an error."""
    try:
        act()
    except LAWFUL_REFUSALS as refusal:
        return Outcome(time.time(), refusal)
    return Outcome(time.time(), None)


def all_at_once(acts: Sequence[Act], pool: ThreadPoolExecutor) -> list[Outcome]:
    """Do all of them in threads that start together."""
    gate = threading.Barrier(len(acts))

    def run(act: Act) -> Outcome:
        gate.wait(10)
        return attempt(act)

    return list(pool.map(run, acts))


@dataclass
class Round:
    """One request with an instant, what people do around it (seconds after it, act), and how that went."""

    service_request: ServiceRequest
    instant: datetime
    acts: list[tuple[float, Act]]
    outcomes: list[Outcome] = field(default_factory=list)


def run_around_instants(make: Iterable[Callable[[], Round]], *, every: float, lasts: float) -> list[Round]:
    """Make a round now and then, and have six threads act on it around its instant while two keep sweeping."""
    desks: list[queue.PriorityQueue[tuple[float, int, Act]]] = [queue.PriorityQueue() for _ in range(PEOPLE)]
    over, rounds, errors = threading.Event(), list[Round](), list[BaseException]()
    threads = [threading.Thread(target=_guarded, args=(_work, desk, over, errors)) for desk in desks]
    threads += [threading.Thread(target=_guarded, args=(_sweep, None, over, errors)) for _ in range(SWEEPERS)]
    for thread in threads:
        thread.start()
    try:
        for number, maker in enumerate(make):
            began = time.monotonic()
            rounds.append(made := maker())
            for place, (after, act) in enumerate(made.acts):
                noted = _noted(made, act)
                desks[place % PEOPLE].put((made.instant.timestamp() + after, number * 100 + place, noted))
            over.wait(max(0.0, every - (time.monotonic() - began)))
        over.wait(max(each.instant.timestamp() for each in rounds) + lasts - time.time())
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert not errors, errors
    return rounds


def _noted(made: Round, act: Act) -> Act:
    return lambda: made.outcomes.append(attempt(act))


def _guarded(work: Callable[..., None], what: object, over: threading.Event, errors: list[BaseException]) -> None:
    try:
        work(what, over)
    except Exception as error:
        errors.append(error)
        raise
    finally:
        connections.close_all()


def _work(desk: queue.PriorityQueue[tuple[float, int, Act]], over: threading.Event) -> None:
    """Do each act at its instant, or as soon as possible afterwards."""
    while not (over.is_set() and desk.empty()):
        try:
            at, number, act = desk.get(timeout=0.05)
        except queue.Empty:
            continue
        if (early := at - time.time()) > 0:
            desk.put((at, number, act))
            over.wait(min(early, 0.02)) if not over.is_set() else time.sleep(min(early, 0.02))
            continue
        act()


def _sweep(_: None, over: threading.Event) -> None:
    while not over.wait(0.15):
        sweep()


def hold(service_request: ServiceRequest, seconds: float) -> None:
    """Keep a request's row locked for a while, as somebody slow would."""
    with transaction.atomic():
        ServiceRequest.objects.select_for_update(no_key=True).get(pk=service_request.pk)
        time.sleep(seconds)


def around(chance: random.Random, *centres: float) -> float:
    """An instant within a second of one of these."""
    return chance.choice(centres) + chance.uniform(-1, 1)
