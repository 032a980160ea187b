"""A portal with a customer, and the client as people and pipes run it."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from portal_cli.__main__ import run
from tests import factories

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass
class Said:
    """What a run of the client wrote, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The answer of a command with --json."""
        assert self.status == 0, self
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The rows of a list with --json."""
        assert self.status == 0, self
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def problem(self) -> Any:
        """Why it failed, with --json."""
        assert self.status, self
        return json.loads(self.err.splitlines()[-1])


@pytest.fixture
def surroundings(tmp_path, monkeypatch):
    """A home of the test's own, and neither colours nor tokens from outside."""
    for name in ("PORTAL_URL", "PORTAL_TOKEN", "LC_ALL", "LC_MESSAGES", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def customer(own_database):
    """An organisation with an enterprise plan, in Taipei."""
    organisation = factories.make_organisation("contoso", name="Contoso", timezone="Asia/Taipei")
    factories.make_subscription(organisation, reference="contoso-e3")
    return organisation


@pytest.fixture
def mei(customer):
    """An admin of the customer."""
    return factories.make_person(customer, "service_support_admin", name="Mei-Ling Chen")


@pytest.fixture
def token_of():
    """The secret of a token of somebody."""
    return lambda person, *scopes: factories.make_token(person, *scopes)[1]


@pytest.fixture
def portal(surroundings, live_portal, mei, token_of, monkeypatch, capfd):
    """Run the client in this process: as the admin, and with --json, unless the test says otherwise."""
    admins = token_of(mei)

    def call(*arguments: object, token: str | None = None, as_json: bool = True, stdin: Any = None) -> Said:
        monkeypatch.setenv("PORTAL_URL", live_portal)
        monkeypatch.setenv("PORTAL_TOKEN", admins if token is None else token)
        with open(os.devnull) as nothing:
            monkeypatch.setattr(sys, "stdin", stdin or nothing)
            capfd.readouterr()
            status = run([*map(str, arguments), *(["--json"] if as_json else [])])
        out, err = capfd.readouterr()
        return Said(status, out, err)

    return call


@pytest.fixture
def program(surroundings, live_portal, mei, token_of):
    """Run the client as a process of its own, with what is piped into it."""
    token = token_of(mei)

    def call(*arguments: object, piped: str = "", **environment: str) -> Said:
        """Run it in a pipe."""
        done = subprocess.run(
            [sys.executable, "-m", "portal_cli", *map(str, arguments)],
            input=piped,
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=120,
            env={**os.environ, "PORTAL_URL": live_portal, "PORTAL_TOKEN": token, **environment},
        )
        return Said(done.returncode, done.stdout, done.stderr)

    return call


FORM = (
    *("--subject", "Nobody can send mail", "-m", "Since this morning no user can send or receive mail."),
    *("--category", "technical.configuration", "--service", "exchange_online", "--subscription", "contoso-e3"),
    *("--service-state", "down", "--users-affected", "all_users", "--phone", "+886 2 5550 0100"),
)


@pytest.fixture
def form():
    """The options that file an A."""
    return FORM


@pytest.fixture
def filed(portal, form):
    """The number of a request that was filed."""
    return portal("file", *form).json["number"]
