"""One id leads from a call to its log lines, its events, its tasks and its mail; what a sweep fires has the sweep's."""

import json
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.client import HTTPConnection
from typing import Any

import pytest

from accounts.models import Event
from tests import factories
from tests.conftest import OwnDatabase
from tests.processes import Process, Processes, eventually
from tests.tickets import policies

ID = "an-id-of-the-caller"
SUBJECT, BODY = "Nobody can send mail today", "The phrase that no log may hold: heron at dusk."


@pytest.fixture
def secret(own_database: OwnDatabase) -> str:
    """The token of an admin, under a policy whose first step of the ladder comes after 3 s."""
    factories.make_staff("engineer", email="engineer@example.com")
    policies.publish(version=2, enterprise_a="PT6S")
    organisation = factories.make_organisation()
    factories.make_subscription(organisation)
    return factories.make_token(factories.make_person(organisation, "global_admin"))[1]


def file(address: str, secret: str) -> str:
    """File an A over the API, as a program elsewhere would; return its number."""
    connection = HTTPConnection(address.removeprefix("http://"), timeout=30)
    document = {
        "subject": SUBJECT,
        "description": BODY,
        "category": "technical.configuration",
        "service": "exchange_online",
        "subscription": factories.Subscription.objects.get().reference,
        "impact": {"service_state": "down", "users_affected": "all_users"},
        "contact": {"method": "phone", "phone": "+886 2 5550 0100"},
    }
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json", "X-Request-ID": ID}
    connection.request("POST", "/api/v1/service-requests/", json.dumps(document), headers | {"Host": "localhost"})
    answer = connection.getresponse()
    body = json.loads(answer.read())
    assert (answer.status, answer.headers["X-Request-ID"]) == (201, ID), body
    return str(body["number"])


def lines(process: Process) -> list[dict[str, Any]]:
    """What a process has logged, line by line."""
    return [json.loads(line) for line in process.said().splitlines() if line.startswith("{")]


def ids_of(process: Process, event: str) -> set[str]:
    """The ids under which a process logged this."""
    return {line.get("request_id", "") for line in lines(process) if event in line["event"]}


def mail_with(processes: Processes, words: str) -> EmailMessage | None:
    """The first mail with these words in its subject."""
    for path in sorted((processes.folder / "mail").glob("*.eml")):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        if words in str(mail["Subject"]):
            return mail  # type: ignore[return-value]
    return None


def test_an_id_follows_from_the_call_to_the_mail_and_no_secret_goes_with_it(processes: Processes, secret: str) -> None:
    """P-10"""
    worker = processes.worker(LOG_FORMAT="json")
    processes.beat(LOG_FORMAT="json")
    web, address = processes.web(LOG_FORMAT="json")

    number = file(address, secret)
    eventually(lambda: mail_with(processes, "Response due"), within=60, what="the mail of the first step")

    assert ID in ids_of(web, "POST /api/v1/service-requests/")
    assert set(Event.objects.filter(number=number, kind="request_filed").values_list("request_id", flat=True)) == {ID}
    assert ID in ids_of(worker, "delivery.sent")
    filed, warned = mail_with(processes, SUBJECT), mail_with(processes, "Response due")
    assert filed is not None
    assert warned is not None
    assert filed["X-Request-ID"] == ID

    [step] = Event.objects.filter(number=number, kind="escalation_step", data__step="50")
    assert step.request_id.startswith("sweep:")
    assert step.request_id == warned["X-Request-ID"]
    assert step.request_id in ids_of(worker, "sweep.fired")
    assert step.request_id in ids_of(worker, "delivery.sent")

    said = worker.said() + web.said()
    assert not [each for each in (secret, SUBJECT, BODY, "heron", "5550 0100") if each in said]
