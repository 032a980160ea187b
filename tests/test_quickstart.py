"""The quick starts of the API's docs, run as they stand there against a real portal, so that they cannot rot."""

import base64
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import factories
from tickets.models import ServiceRequest
from tickets.webhook_secrets import signed

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "api-quickstart.md").read_text(encoding="utf-8")
RECIPES = (ROOT / "docs" / "api-recipes.md").read_text(encoding="utf-8")


def blocks(page: str, language: str) -> str:
    """Everything that a page shows in one language, in its order."""
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))


@pytest.fixture
def surroundings(live_portal, tmp_path):
    """A customer as the pages have it, and what their programs find in their environment."""
    contoso = factories.make_organisation("contoso", timezone="Asia/Taipei")
    factories.make_subscription(contoso, reference="contoso-e3")
    admin = factories.make_person(contoso, "service_support_admin", name="Mei-Ling Chen")
    _, secret = factories.make_token(admin, "requests:read", "requests:write", "organisation:read")
    (tmp_path / "home").mkdir()
    return {"PORTAL_URL": live_portal, "PORTAL_TOKEN": secret, "PATH": "/usr/bin:/bin", "HOME": str(tmp_path / "home")}


def run(command, program, surroundings, folder):
    return subprocess.run(
        command, input=program, env=surroundings, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_quick_start_in_curl_does_what_it_says(surroundings, tmp_path):
    """Issue 6"""
    assert shutil.which("curl"), "these tests need curl"
    done = run(["bash", "-eu", "-o", "pipefail"], blocks(PAGE, "bash"), surroundings, tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    filed = ServiceRequest.objects.get()
    assert (filed.state, filed.resolution, filed.is_test) == ("closed", "solved", True)
    assert [file.name for file in filed.attachments.all()] == ["trace.txt"]


def test_the_quick_start_in_python_does_what_it_says(surroundings, tmp_path):
    """Issue 6"""
    done = run([sys.executable, "-"], blocks(PAGE, "python"), surroundings, tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    filed = ServiceRequest.objects.get()
    assert (filed.state, filed.contact_method) == ("closed", "callback")
    assert "invalid-input" in done.stdout
    assert filed.number in done.stdout.splitlines()[-1]


def test_the_one_in_powershell_names_what_there_is():
    """It is not run here; its addresses and fields are those of the others."""
    shown = blocks(PAGE, "powershell")
    fields = set(re.findall(r"^ {4}(\w+) += ", shown, re.MULTILINE))

    assert fields == set(re.findall(r'^    "(\w+)":', blocks(PAGE, "python"), re.MULTILINE))
    assert {"preview/", "messages/", "attachments/", "close/"} <= set(re.findall(r"\}(\w+/)", shown))


@pytest.fixture
def recipes(surroundings, monkeypatch):
    """The functions of the recipes, on top of those of the quick start."""
    for name in ("PORTAL_URL", "PORTAL_TOKEN"):
        monkeypatch.setenv(name, surroundings[name])
    first = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[0]
    made: dict[str, Any] = {}
    exec(compile(first + blocks(RECIPES, "python"), "recipes", "exec"), made)
    yield made
    made["session"].close()


INCIDENT = {
    "id": "4711",
    "title": "Nobody can send mail",
    "report": "No user can send mail since 08:30.",
    "service": "exchange_online",
    "subscription": "contoso-e3",
    "began_at": "2026-11-24T00:30:00Z",
    "down": True,
}


class Written(list):
    """A tracker, or a chat room, that remembers what it was told."""

    def note(self, number, at, text):
        self.append((number, text))

    def put(self, number, **facts):
        self.append((number, facts["state"]))

    def say(self, words):
        self.append(words)


def test_an_incident_is_filed_once_mirrored_once_and_warned_of_once(recipes):
    """P-2, as far as it depends on clients"""
    numbers = {recipes["file_incident"](INCIDENT) for _ in range(2)}
    (number,) = numbers
    assert ServiceRequest.objects.count() == 1

    tracker, seen = Written(), {}
    recipes["mirror"](tracker, seen)
    assert tracker[-1] == (number, "awaiting_response")
    known = len(tracker)
    recipes["mirror"](tracker, seen)
    assert len(tracker) == known
    recipes["call"]("POST", f"service-requests/{number}/messages/", json={"body": "Still so."})
    recipes["mirror"](tracker, seen)
    assert len(tracker) == known + 2, "one event, and how it stands"

    chat, told = Written(), set()
    recipes["warn"](chat, told)
    assert chat == [], "an hour is left"
    for _ in range(2):
        recipes["warn"](chat, told, within=timedelta(hours=2))
    assert len(chat) == 1
    assert chat[0].startswith(f"{number} (A) due in ")


def test_the_recipe_knows_the_portals_signatures_from_others(recipes_of_signatures):
    is_from_portal = recipes_of_signatures
    secret, other = (f"whsec_{base64.b64encode(bytes([each]) * 32).decode()}" for each in (1, 2))
    at, body = datetime(2026, 11, 24, 4, 5, tzinfo=UTC), b'{"type":"request.created"}'
    now = at.timestamp()
    headers = signed(body, message_id="msg_1", at=at, using=[other, secret])

    assert is_from_portal(secret, headers, body, now=now)
    assert is_from_portal(secret, {name.title(): value for name, value in headers.items()}, body, now=now + 300)
    assert not is_from_portal(secret, headers, body, now=now + 301)
    assert not is_from_portal(secret, headers, body + b" ", now=now)
    assert not is_from_portal(secret, {**headers, "webhook-id": "msg_2"}, body, now=now)
    assert not is_from_portal(secret, {}, body, now=now)
    assert not is_from_portal(f"whsec_{base64.b64encode(bytes(32)).decode()}", headers, body, now=now)


@pytest.fixture
def recipes_of_signatures():
    """The one function of that recipe."""
    recipe = RECIPES.split("## Verify a webhook's signature", 1)[1].split("\n## ", 1)[0]
    made: dict[str, Any] = {}
    exec("import hashlib, time\n" + blocks(recipe, "python"), made)
    return made["is_from_portal"]
