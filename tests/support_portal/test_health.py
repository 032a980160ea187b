"""What `/healthz` and `/readyz` tell, and to whom."""

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from accounts import clock
from accounts.models import Delivery
from support_portal import faults, health
from support_portal.urls import urlpatterns as portal_urls
from tests import databases, factories
from tests.conftest import OwnDatabase
from tests.tickets import making
from tickets.models import Timer

ELSEWHERE = {"REMOTE_ADDR": "203.0.113.7"}
LONG_AGO = timedelta(hours=1)
NO_TIMERS = {"due": 0, "overdue": 0, "failed": 0, "held": 0}
NO_DELIVERIES = {"undelivered": 0, "failed": 0, "held": 0, "oldest_undelivered_age": None}


def broken(request: HttpRequest) -> HttpResponse:
    """A page with a fault of ours."""
    raise RuntimeError


urlpatterns = [path("broken/", broken), *portal_urls]
handler500 = "support_portal.problems.handlers.server_error"


@pytest.fixture(autouse=True)
def no_faults() -> Iterator[None]:
    """Forget what other tests provoked."""
    faults.forget()
    yield
    faults.forget()


def sweep_was(ago: timedelta) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tickets_sweepheartbeat (id, swept_at, counts) VALUES (1, clock_timestamp() - %s, '{}') "
            "ON CONFLICT (id) DO UPDATE SET swept_at = excluded.swept_at",
            [ago],
        )


@pytest.fixture
def swept(db: None) -> None:
    """A sweep just now."""
    sweep_was(timedelta(0))


@pytest.fixture
def a_request(swept: None) -> None:
    """One request, nothing of which is due, and whose notices have been sent."""
    organisation = factories.make_organisation()
    factories.make_subscription(organisation)
    making.filed(factories.actor(factories.make_person(organisation, "global_admin")))
    Delivery.objects.update(state="sent")


@pytest.fixture
def unmigrated(own_database: OwnDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that lacks the newest migration, seen by a process that has just begun."""
    monkeypatch.setattr(health, "_migrated", False)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations WHERE app = 'sla')"
        )


def test_the_process_lives_whatever_else_does_not(client: Client) -> None:
    """No database is touched; the test has none."""
    answer = client.get("/healthz", headers={"host": "10.1.2.3:8000"})

    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_a_portal_in_order_is_ready(db: None, client: Client) -> None:
    sweep_was(timedelta(seconds=2))

    answer = client.get("/readyz")

    assert answer.status_code == 200
    body = answer.json()
    assert (body["status"], body["database"], body["migrations"], body["redis"]) == ("ok", "ok", "ok", "ok")
    assert 2 <= body["last_sweep_age"] < 20
    assert body["timers"] == NO_TIMERS
    assert body["deliveries"] == NO_DELIVERIES
    assert body["faults"] == {}
    assert body["alerts"] == []


# ── Alerts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("ago", [None, timedelta(seconds=31)])
def test_an_old_sweep_is_an_alert_and_no_reason_to_stop_serving(
    db: None, client: Client, ago: timedelta | None
) -> None:
    """P-3, P-9"""
    if ago:
        sweep_was(ago)

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (200, "attention")
    assert answer.json()["alerts"] == ["sweep_stale"]


def late(**changes: Any) -> None:
    """Let every timer have been due for a while."""
    at = clock.now() - changes.pop("ago", LONG_AGO)
    Timer.objects.update(due_at=at, **{"next_attempt_at": at, **changes})


PROBLEMS = [
    (lambda: late(), "timers_overdue", "timers", "overdue"),
    (lambda: late(attempts=3, next_attempt_at=clock.now() + LONG_AGO), "timers_overdue", "timers", "overdue"),
    (lambda: Timer.objects.update(state="failed", settled_at=clock.now()), "timers_failed", "timers", "failed"),
    (lambda: Timer.objects.update(state="held"), "held_after_restore", "timers", "held"),
    (lambda: Delivery.objects.update(state="failed"), "deliveries_failed", "deliveries", "failed"),
    (lambda: Delivery.objects.update(state="held"), "held_after_restore", "deliveries", "held"),
    (
        lambda: Delivery.objects.update(state="pending", created_at=clock.now() - LONG_AGO),
        "undelivered",
        "deliveries",
        "undelivered",
    ),
]


@pytest.mark.parametrize(("happened", "alert", "part", "figure"), PROBLEMS)
def test_what_somebody_should_look_at_is_an_alert_with_its_figure(
    a_request: None, client: Client, happened: Any, alert: str, part: str, figure: str
) -> None:
    """P-3, P-9"""
    assert client.get("/readyz").json()["alerts"] == []

    happened()
    body = client.get("/readyz").json()

    assert body["alerts"] == [alert]
    assert body[part][figure] > 0


def test_what_is_due_or_unsent_for_a_moment_is_counted_and_no_alert(a_request: None, client: Client) -> None:
    """P-3: 60 s for a timer, 15 min for a notice."""
    late(ago=timedelta(seconds=50))
    Delivery.objects.update(state="pending", created_at=clock.now() - timedelta(minutes=14))

    body = client.get("/readyz").json()

    assert body["alerts"] == []
    assert body["timers"]["due"] == Timer.objects.count()
    assert 840 <= body["deliveries"]["oldest_undelivered_age"] < 900


@pytest.mark.urls(__name__)
def test_a_500_is_an_alert_with_the_id_that_leads_to_its_line_in_the_log(swept: None) -> None:
    client = Client(raise_request_exception=False)

    failed = client.get("/broken/", headers={"X-Request-ID": "an-id-of-mine"})
    body = client.get("/readyz").json()

    assert failed.status_code == 500
    assert body["alerts"] == ["server_error"]
    assert body["faults"]["last_request_id"] == "an-id-of-mine"


@pytest.mark.urls(__name__)
def test_a_500_of_long_ago_is_no_alert(swept: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "RECENT_FAULT", timedelta(seconds=-1))
    client = Client(raise_request_exception=False)

    client.get("/broken/")

    assert client.get("/readyz").json()["alerts"] == []


# ── Who learns what ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("asking", [ELSEWHERE, {"HTTP_X_FORWARDED_FOR": "203.0.113.7"}, {"HTTP_X_REAL_IP": "::1"}])
def test_a_stranger_learns_the_status_alone(swept: None, client: Client, asking: dict[str, str]) -> None:
    answer = client.get("/readyz", **asking)  # type: ignore[arg-type]

    assert answer.json() == {"status": "ok"}


BEHIND_A_PROXY = [
    ("203.0.113.7", False),
    ("127.0.0.1, 203.0.113.7", False),  # what somebody made up before the proxy added where they are
    ("10.1.2.3", False),  # listed itself
    ("127.0.0.1", True),  # somebody on this machine, by way of the proxy
]


@pytest.mark.parametrize(("forwarded", "told"), BEHIND_A_PROXY)
def test_behind_a_listed_proxy_this_machine_means_the_real_client(
    swept: None, client: Client, settings: Any, forwarded: str, told: bool
) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1", "10.0.0.0/8"]

    answer = client.get("/readyz", headers={"X-Forwarded-For": forwarded})

    assert ("timers" in answer.json()) is told


def test_staff_learn_the_figures_from_anywhere_and_customers_do_not(swept: None) -> None:
    staff = factories.browser_of(factories.make_staff("engineer"))
    customer = factories.browser_of(factories.make_person(factories.make_organisation(), "global_admin"))

    assert staff.get("/readyz", **ELSEWHERE).json()["timers"] == NO_TIMERS  # type: ignore[arg-type]
    assert customer.get("/readyz", **ELSEWHERE).json() == {"status": "ok"}  # type: ignore[arg-type]


# ── Fit to serve, or not ────────────────────────────────────────────────────────────────────────────────────────────


def test_without_redis_the_portal_is_ready_and_says_so(swept: None, client: Client, settings: Any) -> None:
    """P-9"""
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert (answer.json()["redis"], answer.json()["alerts"]) == ("degraded", ["redis_degraded"])


@pytest.mark.parametrize("cookie", [False, True])
def test_without_its_database_the_portal_is_not_ready(own_database: OwnDatabase, client: Client, cookie: bool) -> None:
    """The session of whoever asks is in that database, too."""
    if cookie:
        client = factories.browser_of(factories.make_staff("engineer"))
        client.raise_request_exception = False
    databases.run_sql(f"ALTER DATABASE {own_database.name} ALLOW_CONNECTIONS false")
    connection.close()

    answer = client.get("/readyz")

    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert (answer.json()["status"], answer.json()["database"]) == ("unavailable", "unreachable")


def test_with_a_migration_missing_the_portal_is_not_ready(unmigrated: None, client: Client) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["migrations"] == "1 missing"
