"""Sixteen programs at once that give up waiting and try again, while the web server is killed (P-1, P-2, P-9).

Each files a request, writes on it, attaches a file and closes it, under a key for each call; a receiver hears of it
all. The senders of webhooks are killed as well.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from accounts.models import Person
from tests import factories
from tests.chaos import evidence
from tests.chaos.callers import Callers
from tests.chaos.crowd import UNPROMISED, gather
from tests.chaos.history import judge_webhooks, judge_writes
from tests.chaos.ledger import Ledger
from tests.chaos.rig import Rig
from tests.receivers import Receiver
from tickets.services.endpoints import create_endpoint
from tickets.verification import faults
from tickets.webhooks import TYPES

CLIENTS, STORIES, KILLS = 16, 160, 5
CALLS = 4 * STORIES
PATIENCE = 2.0  # seconds: shorter than an answer takes when the server is busy or has just been started
FILES = "SELECT organisation_id || '/' || key FROM tickets_attachment"
TOLD = {
    "": "request.created",
    "messages": "message.created",
    "attachments": "request.updated",
    "close": "request.closed",
}


def test_sixteen_clients_lose_nothing_and_double_nothing_while_the_web_server_is_killed(
    rig: Rig, chance: random.Random, measured: Callable[[str], None], settings: Any
) -> None:
    """P-1, P-2, P-9"""
    settings.OUTGOING_ALLOW, settings.OUTGOING_PLAIN_HTTP = ["127.0.0.0/8"], True
    crowd, receiver = gather((600, 900)), Receiver()
    admin = Person.objects.get(organisation__slug=UNPROMISED[0])
    create_endpoint(url=receiver.url, types=TYPES, actor=factories.actor(admin))
    rig.run("web", "worker-1", "webhooks-1", "webhooks-2")
    with Ledger(rig.folder / "ledger.jsonl") as ledger:
        callers = Callers(rig.port, ledger, threads=CLIENTS, chance=chance, patience=PATIENCE)
        crowd.go_on = callers.give
        for _ in range(STORIES):
            callers.give(crowd.story(*UNPROMISED))
        for kill in range(1, KILLS + 1):
            done = partial(_has_acknowledged, callers, CALLS * kill // (KILLS + 1))
            rig.until(done, within=600, what=f"kill {kill}")
            rig.kill("web")
            rig.kill(f"webhooks-{1 + kill % 2}")
        rig.until(lambda: callers.done, within=600, what="every write acknowledged")
        callers.stop()

        answers = dict(callers.statuses())
        measured(f"web killed {KILLS} times; answers by status: {answers}; p95 {callers.slowest():.1f} s")
        measured(f"given up after {PATIENCE:g} s or more: {_given_up(callers)}; answers repeated: {_repeated(callers)}")
        judge(rig, ledger, callers, measured)
        judge_told(rig, ledger, receiver, measured)
        assert list(faults()) == []


def _has_acknowledged(callers: Callers, count: int) -> bool:
    return sum(times for status, times in callers.statuses().items() if 200 <= status < 300) >= count


def _given_up(callers: Callers) -> int:
    return sum(reply.status == 0 and reply.took >= PATIENCE for _, reply in callers.replies)


def _repeated(callers: Callers) -> int:
    """Answers to calls whose work had been done at an earlier attempt."""
    return sum(reply.headers.get("Idempotency-Replayed") == "true" for _, reply in callers.replies)


def _all_told() -> bool:
    evidence.let_leases_lapse()
    return not evidence.number(evidence.UNTOLD)


def judge(rig: Rig, ledger: Ledger, callers: Callers, measured: Callable[[str], None]) -> None:
    """Every acknowledged write is there, once, and each file with its row; nobody was refused anything."""
    present = [*evidence.present(), *evidence.closings(ledger)]
    answered = evidence.answered(ledger)
    verdict = judge_writes(asked=evidence.asked(ledger), answered=answered, present=present)
    measured(f"{len({write.key for write in answered})} acknowledged writes of {CALLS}: {verdict}")
    assert verdict.sound, str(verdict)
    assert len({write.key for write in answered}) == CALLS
    assert callers.statuses()[500] == 0
    assert not callers.refusals
    stored = [Path(rig.environment["ATTACHMENTS_DIR"]) / key for (key,) in evidence.rows(FILES)]
    assert len(stored) == STORIES
    assert all(file.stat().st_size > 1000 for file in stored)


def judge_told(rig: Rig, ledger: Ledger, receiver: Receiver, measured: Callable[[str], None]) -> None:
    """What was acknowledged was told, at least once and in order; what killed senders held is sent again."""
    rig.until(_all_told, within=240, what="every webhook sent")
    arrived = [(got.json["data"]["number"], got.id) for got in receiver.got]
    verdict = judge_webhooks(owed=evidence.owed_webhooks(), arrived=arrived)
    measured(f"{len(arrived)} webhooks, senders killed {KILLS} times: {verdict}")
    assert verdict.sound, str(verdict)
    told = Counter((got.json["data"]["number"], got.type) for got in receiver.got)
    for line in ledger.lines("asked"):
        number, _, act = line["path"].removeprefix("/api/v1/service-requests/").partition("/")
        if number:
            assert told[number, TOLD[act.strip("/")]] >= 1, line
