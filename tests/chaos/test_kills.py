"""Workers killed at random while the ladder runs: nothing lost, nothing early, nothing twice (P-2, P-3).

One short round in the ordinary test run, rounds for ten minutes with `make chaos`. The seed is printed.
"""

import os
import random
import time
from collections import Counter
from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from accounts.models import Delivery, Event
from tests import factories
from tests.conftest import OwnDatabase
from tests.processes import Processes, eventually
from tests.tickets import making, policies
from tickets.models import Timer
from tickets.verification import faults

LONG = os.environ.get("CHAOS") == "long"
SECONDS = 600 if LONG else 8
REQUESTS = 40 if LONG else 8
PROMISED = timedelta(seconds=5)
STEPS = {"50", "75", "100", "200"}


@pytest.fixture
def chance() -> random.Random:
    """Randomness that can be repeated: CHAOS_SEED sets it."""
    seed = int(os.environ.get("CHAOS_SEED", "0")) or random.randrange(1, 10**9)
    print(f"CHAOS_SEED={seed}")
    return random.Random(seed)


def test_killed_workers_lose_nothing_and_repeat_nothing(
    own_database: OwnDatabase, processes: Processes, chance: random.Random, settings
) -> None:
    """P-2, P-3: `kill -9` at random instants, beside beat and the sweeper."""
    settings.RATE_LIMIT_FACTOR = 1000
    for role in ("engineer", "team_lead", "duty_manager"):
        factories.make_staff(role)
    policies.publish(version=2, enterprise_a=f"PT{int(PROMISED.total_seconds())}S")
    organisation = factories.make_organisation()
    factories.make_subscription(organisation)
    admin = factories.actor(factories.make_person(organisation, "global_admin"))
    processes.beat()
    processes.sweeper()

    kills, until = 0, time.monotonic() + SECONDS
    while time.monotonic() < until:
        for _ in range(REQUESTS // 4):
            making.filed(admin)
        worker = processes.worker()
        falls_at = time.monotonic() + chance.uniform(0, 5)
        eventually(lambda falls_at=falls_at: time.monotonic() >= falls_at)
        worker.kill()
        kills += 1
    processes.worker()

    eventually(nothing_waits, within=120, what="every timer settled and every mail sent")
    judge(processes, kills=kills)


def nothing_waits() -> bool:
    """Whether every step has fired and every mail has gone."""
    waiting = Timer.objects.filter(kind="response", state="waiting").exists()
    return not waiting and not Delivery.objects.filter(channel="mail").exclude(state="sent").exists()


def judge(processes: Processes, *, kills: int) -> None:
    """Hold the history against the promises: each due instant filled by exactly one firing, none outside one."""
    timers = Timer.objects.filter(kind="response")
    settled_by = Counter(Event.objects.filter(kind="escalation_step").values_list("ref", flat=True))
    assert all(times == 1 for times in settled_by.values())
    for timer in timers:
        event = Event.objects.get(kind="escalation_step", ref=f"timer:{timer.pk}")
        assert (timer.state, event.at) == ("fired", timer.due_at)
        assert timer.settled_at >= timer.due_at
    assert not list(faults())
    arrived = Counter(message_ids(processes))
    asked = set(Delivery.objects.filter(channel="mail").values_list("message_id", flat=True))
    assert set(arrived) == asked
    assert sum(arrived.values()) - len(arrived) <= kills  # at most one repeat per crash, under the same Message-ID


def message_ids(processes: Processes) -> list[str]:
    """The Message-ID of every mail that was sent."""
    files = (processes.folder / "mail").glob("*.eml")
    return [str(message_from_bytes(file.read_bytes(), policy=policy.default)["Message-ID"]) for file in files]
