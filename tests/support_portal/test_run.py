"""`make run`: up from nothing, down in order, and up again after any kind of death."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any
from urllib.request import urlopen

import pytest

from support_portal import run
from support_portal.embedded import command_line
from support_portal.supervisor import kill_group
from tests.processes import BASE_DIR, eventually, free_port, page_answers

UP_WITHIN = 180.0  # with other tests beside it; alone it takes a tenth of that


@dataclass
class Portal:
    """One `make run` in a folder of the test's own."""

    folder: Path
    port: int

    def start(self, **environment: str) -> "subprocess.Popen[bytes]":
        inherited = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL", "DEMO")}
        ours = {"VAR_DIR": str(self.folder / "var"), "PORT": str(self.port), "DEMO_DATA": "0", **environment}
        with self.log.open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "support_portal.run"],
                cwd=BASE_DIR,
                env=inherited | ours,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def log(self) -> Path:
        return self.folder / "run.log"

    def said(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def start_and_wait(self) -> "subprocess.Popen[bytes]":
        process = self.start()

        def up() -> bool:
            assert process.poll() is None, self.said()
            return "The support portal is up" in self.said()

        eventually(up, within=UP_WITHIN, what=self.said)
        return process

    def tree(self) -> list[int]:
        """Return every process that works for this portal."""
        pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        return [pid for pid in pids if str(self.folder).encode() in _environment(pid)]


def _environment(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes() if command_line(pid) else b""
    except OSError:
        return b""


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    made = Portal(tmp_path, free_port())
    yield made
    for pid in made.tree():
        kill_group(pid)


def stylesheet_headers(port: int) -> Any:
    """Return the headers of the hashed stylesheet that the sign-in page names."""
    with urlopen(f"http://localhost:{port}/login/", timeout=10) as page:
        address = re.search(r'"(/static/css/[^"]+\.css)"', page.read().decode())
    assert address
    with urlopen(f"http://localhost:{port}{address[1]}", timeout=10) as stylesheet:
        return stylesheet.headers


def test_it_comes_up_serves_survives_being_killed_and_stops_in_order(portal: Portal) -> None:
    """P-1, P-3: even in a folder that was only begun with"""
    aborted = portal.start()
    eventually(lambda: "Starting PostgreSQL" in portal.said(), within=30, what="it has begun")
    aborted.terminate()
    assert aborted.wait(15) == 0
    eventually(lambda: portal.tree() == [], what="nothing is left")

    first = portal.start_and_wait()
    assert page_answers(portal.port)
    assert f"http://localhost:{portal.port}" in portal.said()
    assert stylesheet_headers(portal.port)["Cache-Control"] == "public, max-age=31536000, immutable"
    for pid in portal.tree():
        os.kill(pid, signal.SIGKILL)
    first.wait()

    second = portal.start_and_wait()
    eventually(lambda: page_answers(portal.port, "/readyz"), what="it is ready again")
    began = time.monotonic()
    second.terminate()

    assert second.wait(15) == 0
    assert time.monotonic() - began < 10
    assert "Stopped. The data stays in" in portal.said()
    eventually(lambda: portal.tree() == [], what="nothing is left")
    assert (portal.folder / "var" / "postgres" / "PG_VERSION").exists()


def test_a_taken_port_is_told_with_what_helps(portal: Portal) -> None:
    with socket() as other:
        other.bind(("127.0.0.1", portal.port))
        other.listen()

        assert portal.start().wait(30) == 1

    assert re.search(rf"Cannot run: port {portal.port} is taken.*make run PORT=", portal.said())


def test_a_second_run_on_the_same_folder_is_refused(portal: Portal) -> None:
    from support_portal import embedded

    with embedded.held(portal.folder / "var", "make run"):
        assert portal.start().wait(30) == 1

    assert "is in use by make run" in portal.said()


def test_a_port_that_is_none_is_told(portal: Portal) -> None:
    assert portal.start(PORT="http").wait(30) != 0

    assert "PORT must be a number from 1 to 65535, not 'http'" in portal.said()


@pytest.mark.parametrize("port", ["0", "65536", "-1", "1.5", ""])
def test_numbers_that_are_no_ports_are_refused(port: str) -> None:
    with pytest.raises(SystemExit, match=f"PORT must be a number from 1 to 65535, not '{port}'"):
        run.port_of(port)


def test_a_full_disk_is_told_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=3 * 2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)

    with pytest.raises(run.CannotRun, match="is full: 3 MB are free and 400 MB are needed"):
        run.check_space(tmp_path)


def test_the_banner_tells_how_to_get_in(tmp_path: Path) -> None:
    admin = {"role": "Customer admin", "email": "a@example.com", "password": "a phrase", "note": "in Taipei"}
    (tmp_path / "demo.json").write_text(json.dumps({"sign_ins": [admin], "token": "sp_1234", "curl": "curl -H x"}))

    text = "\n".join(run.banner(tmp_path, address="http://localhost:8000", took=4.2))

    for part in (
        "http://localhost:8000",
        "Customer admin",
        "a@example.com",
        "a phrase",
        "in Taipei",
        "sp_1234",
        "curl",
    ):
        assert part in text
    assert str(tmp_path / "mail") in text
