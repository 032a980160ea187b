"""Escalation that really arrives: real worker, beat and sweeper, real mail files, and faults on the way (P-2, P-3, P-9)."""

import json
import random
from collections import Counter
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models import Delivery, Event
from tests import factories
from tests.conftest import OwnDatabase
from tests.processes import Processes, eventually
from tests.tickets import making, policies
from tickets.models import ServiceRequest, Timer
from tickets.verification import faults

SPAN = timedelta(seconds=6)
STEPS = {"50", "75", "100", "200"}


@pytest.fixture
def service_request(own_database: OwnDatabase, tmp_path: Path) -> ServiceRequest:
    """A request of severity A under a policy that promises an answer in 6 s; somebody is there for each step."""
    for role in ("engineer", "team_lead", "duty_manager"):
        factories.make_staff(role, email=f"{role}@example.com")
    file = tmp_path / "policy.json"
    seconds = int(SPAN.total_seconds())
    file.write_text(json.dumps(policies.document(version=2, enterprise_a=f"PT{seconds}S")), encoding="utf-8")
    call_command("publish_policy", str(file))
    organisation = factories.make_organisation()
    factories.make_subscription(organisation)
    filed = making.filed(factories.actor(factories.make_person(organisation, "global_admin")))
    assert filed.due_at == filed.created_at + SPAN
    return filed


def mails(processes: Processes) -> list[EmailMessage]:
    """Every mail that has been sent, read as a mail program would."""
    files = sorted((processes.folder / "mail").glob("*.eml"))
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]  # type: ignore[misc]


def receivers(processes: Processes, words: str) -> list[str]:
    """Who got a mail with these words in its subject, sorted."""
    return sorted(str(mail["To"]) for mail in mails(processes) if words in str(mail["Subject"]))


def everybody_was_told(processes: Processes) -> bool:
    """Whether all four steps arrived: half-time at the engineer, 75 % at the lead, both breaches at the duty manager."""
    due = receivers(processes, "Response due")
    missed = receivers(processes, "Commitment missed")
    return due == ["engineer@example.com", "team_lead@example.com"] and missed == ["duty_manager@example.com"] * 2


def check_history(service_request: ServiceRequest) -> None:
    """Each step fired once, not early, dated at its instant; the whole database keeps its invariants."""
    events = Event.objects.filter(kind="escalation_step", data__timer="response")
    assert Counter(events.values_list("data__step", flat=True)) == Counter(STEPS)
    for timer in Timer.objects.filter(kind="response"):
        assert timer.state == "fired"
        assert timer.settled_at and timer.settled_at >= timer.due_at
        assert events.get(data__step=timer.step).at == timer.due_at
    assert not list(faults())


def no_mail_twice(processes: Processes) -> None:
    """No Message-ID arrived twice."""
    ids = Counter(str(mail["Message-ID"]) for mail in mails(processes))
    assert [each for each, times in ids.items() if times > 1] == []


def test_escalation_mails_arrive_through_worker_and_beat(service_request, processes):
    """P-3: fired within 10 s of their instants."""
    processes.worker()
    processes.beat()

    eventually(lambda: everybody_was_told(processes), within=60, what="four escalation mails")

    check_history(service_request)
    no_mail_twice(processes)


def test_escalation_mails_arrive_without_redis(service_request, processes):
    """P-3, P-9: the sweeper needs no broker."""
    processes.environment = {**processes.environment, "REDIS_URL": "redis://127.0.0.1:1/0"}
    processes.sweeper()

    eventually(lambda: everybody_was_told(processes), within=90, what="four escalation mails")

    check_history(service_request)
    no_mail_twice(processes)


def test_nothing_is_lost_or_doubled_when_workers_are_killed(service_request, processes):
    """P-2, P-3: `kill -9` at random instants; a mail may come twice only when the kill fell between sending and marking."""
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    processes.beat()
    for _ in range(3):
        worker = processes.worker()
        count = Event.objects.filter(kind="escalation_step").count() + 1
        eventually(lambda count=count: Event.objects.filter(kind="escalation_step").count() >= count or chance.random() < 0.002, within=30)
        worker.kill()
    processes.worker()

    eventually(lambda: everybody_was_told_at_least(processes), within=90, what="four escalation mails")

    check_history(service_request)
    repeats = Counter(str(mail["Message-ID"]) for mail in mails(processes))
    assert sum(times - 1 for times in repeats.values()) <= 3
    assert Delivery.objects.filter(channel="mail").exclude(state="sent").count() == 0


def everybody_was_told_at_least(processes: Processes) -> bool:
    """Whether all deliveries have gone out and nothing waits."""
    fired = Timer.objects.filter(kind="response", state="fired").count() == len(STEPS)
    return fired and not Delivery.objects.filter(channel="mail").exclude(state="sent").exists()
