"""What `/healthz` and `/readyz` tell, and to whom."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from support_portal import health
from tests import databases
from tests.conftest import OwnDatabase

ELSEWHERE = {"REMOTE_ADDR": "203.0.113.7"}
FIGURES = {"database", "migrations", "redis", "last_sweep_age", "timers", "deliveries", "alerts"}


def sweep_was(ago: timedelta) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tickets_sweepheartbeat (id, swept_at, counts) VALUES (1, clock_timestamp() - %s, '{}') "
            "ON CONFLICT (id) DO UPDATE SET swept_at = excluded.swept_at",
            [ago],
        )


@pytest.fixture
def unmigrated(own_database: OwnDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that lacks the newest migration, seen by a process that has just begun."""
    monkeypatch.setattr(health, "_migrated", False)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions' AND name = '0001_initial'")


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
    assert body["timers"] == {"due": 0, "overdue": 0, "failed": 0}
    assert body["deliveries"] == {"undelivered": 0, "failed": 0, "oldest_undelivered_age": None}
    assert body["alerts"] == []


@pytest.mark.parametrize("ago", [None, timedelta(seconds=31)])
def test_an_old_sweep_is_an_alert_and_no_reason_to_stop_serving(
    db: None, client: Client, ago: timedelta | None
) -> None:
    """P-3, P-9"""
    if ago:
        sweep_was(ago)

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (200, "attention")
    assert answer.json()["alerts"] == ["no sweep for 30 s"]


@pytest.mark.parametrize("asking", [ELSEWHERE, {"HTTP_X_FORWARDED_FOR": "203.0.113.7"}])
def test_a_stranger_learns_the_status_alone(db: None, client: Client, asking: dict[str, str]) -> None:
    sweep_was(timedelta(0))

    answer = client.get("/readyz", **asking)  # type: ignore[arg-type]

    assert answer.json() == {"status": "ok"}


def test_without_redis_the_portal_is_ready_and_says_so(db: None, client: Client, settings: Any) -> None:
    """P-9"""
    sweep_was(timedelta(0))
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert (answer.json()["redis"], answer.json()["status"]) == ("degraded", "attention")


def test_without_its_database_the_portal_is_not_ready(own_database: OwnDatabase, client: Client) -> None:
    databases.run_sql(f"ALTER DATABASE {own_database.name} ALLOW_CONNECTIONS false")
    connection.close()

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert (answer.json()["status"], answer.json()["database"]) == ("unavailable", "unreachable")


def test_with_a_migration_missing_the_portal_is_not_ready(unmigrated: None, client: Client) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["migrations"] == "1 missing"
