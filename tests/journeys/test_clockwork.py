"""Escalation that really arrives: real worker, beat and sweeper, and real mail files (P-2, P-3, P-9)."""

import json
from collections import Counter
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models import Event
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
    """Whether all four steps arrived: at the engineer, at the lead, and twice at the duty manager."""
    due = receivers(processes, "Response due")
    missed = receivers(processes, "Commitment missed")
    return due == ["engineer@example.com", "team_lead@example.com"] and missed == ["duty_manager@example.com"] * 2


def check_history(service_request: ServiceRequest) -> None:
    """Each step fired once, not early, dated at its instant; the whole database keeps its invariants."""
    events = Event.objects.filter(kind="escalation_step", data__timer="response")
    assert Counter(events.values_list("data__step", flat=True)) == Counter(STEPS)
    for timer in Timer.objects.filter(kind="response"):
        assert timer.state == "fired"
        assert timer.settled_at
        assert timer.settled_at >= timer.due_at
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
