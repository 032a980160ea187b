"""What `/metrics` tells Prometheus, and to whom."""

import re
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from accounts import clock
from accounts.models import Delivery
from support_portal import metrics
from tests import databases, factories
from tests.conftest import OwnDatabase
from tests.processes import Processes
from tests.tickets import making
from tickets.models import Commitment, Timer
from tickets.selectors.figures import BOUNDS

ELSEWHERE = {"REMOTE_ADDR": "203.0.113.7"}


def read(text: str) -> dict[str, float]:
    """Every sample by its name and labels, as Prometheus reads them."""
    return {
        sample.name + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def scraped(client: Client) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return read(answer.content.decode())


@pytest.fixture(autouse=True)
def kinds_not_counted_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A web server that has just begun."""
    monkeypatch.setattr(metrics, "KINDS_EVERY", -1.0)


@pytest.fixture
def a_request(db: None) -> None:
    organisation = factories.make_organisation()
    factories.make_subscription(organisation)
    making.filed(factories.actor(factories.make_person(organisation, "global_admin")))


# ── What it tells ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_clockwork_and_outbox_are_told_as_the_database_knows_them(a_request: None, client: Client) -> None:
    """P-3: whichever process does the work."""
    waiting = Timer.objects.filter(kind="response", state="waiting").count()
    Timer.objects.filter(step="50").update(state="failed", settled_at=clock.now())

    found = scraped(client)

    assert found["portal_database_up"] == 1
    assert found["portal_timers_waiting kind=response"] == waiting - 1
    assert found["portal_timers state=failed"] == 1
    assert found["portal_timers state=overdue"] == found["portal_timers state=held"] == 0
    assert found["portal_deliveries state=pending"] == Delivery.objects.filter(state="pending").count()
    assert found["portal_oldest_undelivered_seconds"] >= 0
    assert found["portal_promises_broken_last_day"] == 0


@pytest.mark.parametrize("lag", [3, 10, 11, 7200])
def test_how_late_timers_fired_is_a_histogram_of_the_last_minutes(a_request: None, client: Client, lag: int) -> None:
    """P-3: 10 s."""
    now = clock.now()
    due_at = now - timedelta(seconds=lag)
    fired = Timer.objects.filter(kind="response").update(
        state="fired", due_at=due_at, next_attempt_at=due_at, settled_at=now
    )

    found = scraped(client)

    for bound in BOUNDS:
        within = fired if lag <= bound else 0
        assert found[f"portal_timer_lateness_seconds_bucket le={float(bound)}"] == within
    assert found["portal_timer_lateness_seconds_bucket le=+Inf"] == fired
    assert found["portal_timer_lateness_most_seconds"] == lag


def test_what_fired_before_the_last_minutes_is_not_told(a_request: None, client: Client) -> None:
    before = clock.now() - metrics.RECENTLY
    Timer.objects.update(state="fired", due_at=before, next_attempt_at=before, settled_at=before)

    assert scraped(client)["portal_timer_lateness_seconds_bucket le=+Inf"] == 0


def test_broken_promises_of_a_day_are_counted(a_request: None, client: Client) -> None:
    """P-4"""
    at = clock.now() - timedelta(hours=23)
    Commitment.objects.update(due_at=at, breached_at=at)

    assert scraped(client)["portal_promises_broken_last_day"] == 1


def test_the_kinds_are_counted_once_a_minute(a_request: None, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one figure that costs more where more timers wait."""
    monkeypatch.setattr(metrics, "KINDS_EVERY", 60.0)
    before = scraped(client)["portal_timers_waiting kind=response"]
    Timer.objects.filter(step="50").update(state="failed", settled_at=clock.now())

    assert scraped(client)["portal_timers_waiting kind=response"] == before


def test_answers_are_counted_by_view_and_status_never_by_address(db: None, client: Client) -> None:
    """Addresses are made up by whoever asks, and may hold secrets."""
    client.get("/login/")
    client.get("/password/reset/key/secret-of-a-link/")
    client.get("/no-such-page/")
    text = metrics.generate_latest(metrics.web).decode()

    assert read(text)["portal_responses_total status=200 view=account_login"] >= 1
    assert read(text)["portal_request_duration_seconds_count method=GET view=account_login"] >= 1
    assert read(text)["portal_responses_total status=404 view=none"] >= 1
    assert not re.search("no-such-page|secret-of-a-link", text)


def test_without_its_database_the_web_servers_own_figures_go_on(own_database: OwnDatabase, client: Client) -> None:
    """P-9"""
    databases.run_sql(f"ALTER DATABASE {own_database.name} ALLOW_CONNECTIONS false")
    connection.close()

    found = scraped(client)

    assert found["portal_database_up"] == 0
    assert "portal_timers state=due" not in found


def test_the_processes_of_a_web_server_count_together(processes: Processes) -> None:
    """Whichever of them Prometheus happens to ask."""
    web, address = processes.web(WEB_WORKERS="2")

    def get(path: str) -> str:
        connection = HTTPConnection(address.removeprefix("http://"), timeout=10)
        connection.request("GET", path, headers={"Host": "localhost"})
        body = connection.getresponse().read().decode()
        connection.close()
        return body

    for _ in range(20):
        get("/login/")

    name = "portal_responses_total status=200 view=account_login"
    assert {read(get("/metrics")).get(name) for _ in range(6)} == {20.0}
    assert web.end() == 0


# ── Who may read it ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("asking", [ELSEWHERE, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}])
def test_strangers_may_not_read_it(db: None, client: Client, asking: dict[str, str]) -> None:
    answer = client.get("/metrics", **asking)  # type: ignore[arg-type]

    assert answer.status_code == 403
    assert b"portal_" not in answer.content


def test_it_is_read_over_plain_http_where_pages_are_not(db: None, client: Client, settings: Any) -> None:
    """Prometheus asks from nearby, behind whatever brings HTTPS."""
    settings.SECURE_SSL_REDIRECT = True

    assert client.get("/metrics").status_code == 200
    assert client.get("/help/").status_code == 301


def test_the_networks_of_the_settings_may(db: None, client: Client, settings: Any) -> None:
    settings.METRICS_NETWORKS = ["203.0.113.0/24"]

    assert client.get("/metrics", **ELSEWHERE).status_code == 200  # type: ignore[arg-type]
    assert client.get("/metrics", REMOTE_ADDR="198.51.100.1").status_code == 403


def test_a_proxy_within_those_networks_does_not_let_strangers_in(db: None, client: Client, settings: Any) -> None:
    """P-6: whom it speaks for, only a listed proxy may say."""
    settings.METRICS_NETWORKS = ["203.0.113.0/24"]

    answer = client.get("/metrics", headers={"X-Forwarded-For": "198.51.100.1:4711"}, **ELSEWHERE)  # type: ignore[arg-type]

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("role", "scope", "status"),
    [
        ("operator", "operations:read", 200),
        ("duty_manager", "operations:read", 200),
        ("operator", "requests:read", 403),
        ("engineer", "operations:read", 403),
    ],
)
def test_tokens_of_staff_who_read_operations_may(db: None, client: Client, role: str, scope: str, status: int) -> None:
    """RO-3, P-6"""
    _, secret = factories.make_token(factories.make_staff(role), scope)

    answer = client.get("/metrics", headers={"Authorization": f"Bearer {secret}"}, **ELSEWHERE)  # type: ignore[arg-type]

    assert answer.status_code == status


def test_the_token_of_a_customer_may_not(db: None, client: Client) -> None:
    """P-5"""
    person = factories.make_person(factories.make_organisation(), "global_admin")
    _, secret = factories.make_token(person, "operations:read")

    answer = client.get("/metrics", headers={"Authorization": f"Bearer {secret}"}, **ELSEWHERE)  # type: ignore[arg-type]

    assert answer.status_code == 403
