"""Settings from the environment name the variable that is wrong."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from support_portal import environment
from tests.processes import BASE_DIR

PRODUCTION = {
    "DATABASE_URL": "postgresql://portal:secret@db.internal:5433/portal?sslmode=require",
    "REDIS_URL": "redis://redis.internal:6379/0",
    "PUBLIC_URL": "https://support.example.com",
    "SECRET_KEY": "a-long-key-that-nobody-knows-with-0123456789-and-more-letters",
    "REQUEST_NUMBER_KEY": "another",
    "EVENT_HASH_KEY": "a third",
    "SECOND_FACTOR_KEY": "a fourth",
    "SINGLE_SIGN_ON_KEY": "a fifth",
    "WEBHOOK_KEY": "a sixth",
    "DEMO": "0",
}


def manage(folder: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    ours = {"PATH": os.environ["PATH"], "VAR_DIR": str(folder), **environment}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=BASE_DIR, env=ours, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "missing",
    [
        "SECRET_KEY",
        "REQUEST_NUMBER_KEY",
        "EVENT_HASH_KEY",
        "SECOND_FACTOR_KEY",
        "SINGLE_SIGN_ON_KEY",
        "WEBHOOK_KEY",
        "PUBLIC_URL",
    ],
)
def test_a_real_installation_names_the_variable_that_it_lacks(tmp_path: Path, missing: str) -> None:
    answer = manage(tmp_path, "check", **{**PRODUCTION, missing: ""})

    assert answer.returncode != 0
    assert f"{missing} is not set" in answer.stderr


@pytest.mark.parametrize(
    ("name", "wrong", "told"),
    [
        ("PORT", "eighty", "PORT must be a number"),
        ("PORT", "1.5", "PORT must be a whole number"),
        ("SWEEP_INTERVAL", "0", "SWEEP_INTERVAL must be 0.1 or more"),
        ("DEBUG", "maybe", "DEBUG must be one of"),
        ("PUBLIC_URL", "support.example.com", "PUBLIC_URL must look like"),
        ("PUBLIC_URL", "https://support.example.com/portal", "PUBLIC_URL must look like"),
        ("DATABASE_URL", "mysql://db/portal", "DATABASE_URL must begin with postgresql://"),
        ("REDIS_URL", "amqp://broker", "REDIS_URL must begin with redis://"),
        ("LOG_FORMAT", "xml", "LOG_FORMAT must be one of console, json"),
        ("OUTGOING_ALLOW", "10.0.0.0/8, inside", "OUTGOING_ALLOW must name networks"),
        ("REQUIRE_SECOND_FACTOR", "admins", "REQUIRE_SECOND_FACTOR must be some of"),
        ("WAITING_REMINDER_DAYS", "two", "WAITING_REMINDER_DAYS must be whole numbers"),
        ("WAITING_REMINDER_DAYS", "5,2", "WAITING_REMINDER_DAYS must rise, from 1 at least and below 10"),
        ("WAITING_CLOSE_DAYS", "5", "WAITING_REMINDER_DAYS must rise, from 1 at least and below 5"),
    ],
)
def test_a_wrong_value_is_told_with_its_name(tmp_path: Path, name: str, wrong: str, told: str) -> None:
    answer = manage(tmp_path, "check", **{**PRODUCTION, name: wrong})

    assert answer.returncode != 0
    assert told in answer.stderr


def test_the_deployment_check_passes_and_nothing_is_silenced(tmp_path: Path) -> None:
    answer = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)

    assert answer.returncode == 0, answer.stderr
    assert "0 silenced" in answer.stdout


def test_the_demo_run_makes_its_secrets_once_and_keeps_them_to_itself(tmp_path: Path) -> None:
    file = tmp_path / "var" / "secrets.json"
    first = environment.Secrets(file, generate=True)("A_KEY_OF_TESTS")

    assert environment.Secrets(file, generate=True)("A_KEY_OF_TESTS") == first
    assert len(first) > 50
    assert file.stat().st_mode & 0o077 == 0
    with pytest.raises(ImproperlyConfigured, match="A_KEY_OF_TESTS"):
        environment.Secrets(file, generate=False)("A_KEY_OF_TESTS")


def test_addresses_of_servers_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOCKET", "postgresql://portal@/portal?host=/srv/my%20var/run")
    monkeypatch.setenv("HOST", PRODUCTION["DATABASE_URL"])

    assert environment.database("SOCKET")["HOST"] == "/srv/my var/run"
    host = environment.database("HOST")
    assert (host["HOST"], host["PORT"], host["USER"], host["PASSWORD"]) == ("db.internal", 5433, "portal", "secret")
    assert host["OPTIONS"] == {"sslmode": "require"}


def test_celery_is_given_its_own_way_to_write_a_socket() -> None:
    assert environment.broker("unix:///run/valkey.sock?db=3") == "redis+socket:///run/valkey.sock?virtual_host=3"
    assert environment.broker("redis://redis:6379/2") == "redis://redis:6379/2"


def test_options_of_a_connection_are_written_for_postgres() -> None:
    options = environment.session_options(
        lock_timeout=timedelta(seconds=3), default_transaction_isolation="read committed"
    )

    assert options == "-c lock_timeout=3000 -c default_transaction_isolation=read\\ committed"
