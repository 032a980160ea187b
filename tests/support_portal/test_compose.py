"""The description for Docker Compose names what exists: processes, settings, files."""

import re
from typing import Any

import pytest
import yaml

from tests.processes import BASE_DIR

SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text())["services"]
OURS = ("migrate", "web", "worker", "mailer", "webhooks", "beat", "sweeper")


def test_all_processes_are_there_and_each_that_stays_has_a_health_check() -> None:
    assert set(SERVICES) == {"postgres", "redis", *OURS}
    for name, service in SERVICES.items():
        assert "test" in service["healthcheck"] or name == "migrate"


def test_the_broker_refuses_rather_than_forgets() -> None:
    """P-3"""
    command = SERVICES["redis"]["command"]

    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_one_that_the_portal_reads(name: str) -> None:
    sources = "".join(
        (BASE_DIR / "support_portal" / file).read_text() for file in ("settings.py", "gunicorn_conf.py", "run.py")
    )
    known = set(re.findall(r'"([A-Z][A-Z_]+)"', sources))

    assert set(SERVICES[name]["environment"]) <= known


def test_secrets_have_no_defaults() -> None:
    for name in (
        "SECRET_KEY",
        "REQUEST_NUMBER_KEY",
        "EVENT_HASH_KEY",
        "SECOND_FACTOR_KEY",
        "SINGLE_SIGN_ON_KEY",
        "WEBHOOK_KEY",
        "PUBLIC_URL",
    ):
        assert SERVICES["web"]["environment"][name].startswith(f"${{{name}:?")


def test_workers_have_their_own_patience_with_statements() -> None:
    """P-8"""
    timeouts = {name: SERVICES[name]["environment"].get("STATEMENT_TIMEOUT") for name in OURS}

    assert timeouts == {"migrate": "0", "web": None} | dict.fromkeys(OURS[2:], "30")


def test_the_image_is_made_of_files_that_exist() -> None:
    listed = [line[1:] for line in (BASE_DIR / ".dockerignore").read_text().splitlines() if line.startswith("!")]

    assert all((BASE_DIR / name).exists() for name in listed)
