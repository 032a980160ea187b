"""A client made out of the description by a stock generator, as docs/api.md tells, takes a request the whole way."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from accounts.models import Organisation
from tests import factories
from tests.processes import BASE_DIR, Processes
from tests.tickets.api.calling import close_at
from tickets.lifecycle import REOPEN_WINDOW
from tickets.models import ServiceRequest

STORY = Path(__file__).with_name("story.py")
PROGRAMS = BASE_DIR / ".venv-fuzz" / "bin"
SHOWN = re.compile(r"^    (echo .*\n    openapi-python-client generate .*)$", re.MULTILINE)


@pytest.fixture
def portal(processes: Processes) -> str:
    """A customer, and an engineer's and an admin's portal; its address."""
    organisation = factories.make_organisation("contoso", timezone="Asia/Taipei")
    factories.make_subscription(organisation, reference="contoso-e3")
    return processes.web(RATE_LIMIT_FACTOR="1000", PUBLIC_URL="http://localhost")[1]


def commands(portal: str) -> str:
    """Those that the page shows, for this portal."""
    (shown,) = SHOWN.findall((BASE_DIR / "docs" / "api.md").read_text(encoding="utf-8"))
    return str(shown).replace("https://support.example.com", portal)


@pytest.fixture
def client(portal: str, tmp_path: Path) -> Path:
    """Where the page's commands put the client; the generator has nothing to say but that."""
    surroundings = {**os.environ, "PATH": f"{PROGRAMS}:/usr/bin:/bin"}
    done = subprocess.run(
        ["sh", "-eu"],
        input=commands(portal),
        env=surroundings,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode, done.stdout.split("\n", 1)[1].strip(), done.stderr) == (0, "", ""), done
    return tmp_path / "support-portal-api-client"


def test_a_generated_client_takes_a_request_the_whole_way(portal: str, client: Path, tmp_path: Path) -> None:
    """Issue 6, CH-4: filed, previewed, answered, closed, reopened, followed up; every answer fits its model"""
    assert faults_of_types(client, tmp_path) == ""
    admin = factories.make_person(Organisation.objects.get(slug="contoso"), "service_support_admin")
    surroundings = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(client),
        "PORTAL_URL": portal,
        "ADMIN_TOKEN": factories.make_token(admin)[1],
        "ENGINEER_TOKEN": factories.make_token(factories.make_staff("engineer"))[1],
    }
    with subprocess.Popen(
        [PROGRAMS / "python", STORY], env=surroundings, cwd=tmp_path,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as story:  # fmt: skip
        assert story.stdout
        number = story.stdout.readline().strip()
        if number:
            closed = ServiceRequest.objects.get(number=number)
            close_at(closed, closed.closed_at - REOPEN_WINDOW)
        _, said = story.communicate("\n", timeout=60)

    assert story.returncode == 0, said
    assert said == ""
    assert ServiceRequest.objects.get(follow_up_of__number=number).organisation.slug == "contoso"


def faults_of_types(client: Path, folder: Path) -> str:
    """What the program takes for something else than the client says; nothing, so that the client says what is true."""
    done = subprocess.run(
        [BASE_DIR / ".venv" / "bin" / "mypy", "--strict", "--python-executable", PROGRAMS / "python", STORY],
        env={**os.environ, "MYPYPATH": str(client)}, cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return "" if done.returncode == 0 else done.stdout + done.stderr
