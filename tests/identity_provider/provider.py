"""Starting the provider, and walking through it as a browser would."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

BASE_DIR = Path(__file__).resolve().parent.parent.parent
CLIENT_ID, SECRET = "portal", "a secret: with + and % and : in it"


class Provider:
    """The process, and what tests ask of it."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "tests.identity_provider", "0", str(folder)]
        self.process = subprocess.Popen(command, cwd=BASE_DIR, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "the provider did not start"
        self.issuer = f"http://127.0.0.1:{json.loads(line)['port']}"

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(10)

    def client(self, *redirect_uris: str, client_id: str = CLIENT_ID) -> None:
        """Let the portal be a client with these redirect addresses."""
        self._control(clients=[{"id": client_id, "secret": SECRET, "redirect_uris": list(redirect_uris)}])

    def user(self, username: str, **fields: Any) -> str:
        """Make or change a user; returns their subject."""
        return str(self._control(users=[{"username": username, **fields}])[username])

    def answer(self, url: str, username: str) -> str:
        """Go where the portal sent the browser, as this user; returns the address it is sent back to."""
        with requests.Session() as browser:
            browser.get(f"{self.issuer}/be/{username}/", timeout=20).raise_for_status()
            response = browser.get(url, timeout=20, allow_redirects=False)
        assert response.status_code == 302, response.text[:500]
        return response.headers["Location"]

    def _control(self, **wanted: Any) -> dict[str, Any]:
        response = requests.post(f"{self.issuer}/control/", json=wanted, timeout=20)
        response.raise_for_status()
        return dict(response.json())


def query_of(url: str) -> dict[str, str]:
    """The parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
