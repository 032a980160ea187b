"""`manage.py` brings the embedded servers up for itself where nobody runs them, and uses them where somebody does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support_portal import embedded
from tests.processes import BASE_DIR, eventually
from tests.support_portal.test_environment import manage

ASK = "from django.db import connection as c; k = c.cursor(); k.execute('SELECT 40 + 2'); print(k.fetchone()[0])"
SHELL = ("shell", "--no-imports", "--no-startup", "-c")


def test_a_command_finds_its_servers_and_leaves_none_behind(tmp_path: Path) -> None:
    answer = manage(tmp_path, *SHELL, ASK)

    assert answer.stdout.endswith("42\n"), answer.stderr
    servers = embedded.Servers(tmp_path)
    assert not servers.postgres.answers()
    assert not servers.valkey.answers()


def test_a_command_uses_the_servers_of_a_running_portal(tmp_path: Path) -> None:
    with embedded.held(tmp_path, "make run"), embedded.Servers(tmp_path, durable=False) as servers:
        assert manage(tmp_path, *SHELL, ASK).stdout.endswith("42\n")
        assert servers.answer()


def test_servers_stay_until_the_last_command_has_used_them(tmp_path: Path) -> None:
    waits = (
        "import pathlib, time; from django.db import connection as c; k = c.cursor(); k.execute('SELECT 1')\n"
        "pathlib.Path({up!r}).touch()\n"
        "while not pathlib.Path({go!r}).exists(): time.sleep(0.02)\n"
        "k.execute('SELECT 7 * 6'); print(k.fetchone()[0])"
    )
    names = [{"up": str(tmp_path / f"up{n}"), "go": str(tmp_path / f"go{n}")} for n in (1, 2)]
    commands = []
    for name in names:
        commands.append(start(tmp_path, waits.format(**name)))
        eventually(Path(name["up"]).exists, within=30, what="the command is at work")

    Path(names[0]["go"]).touch()
    with pytest.raises(subprocess.TimeoutExpired):
        commands[0].wait(0.5)
    Path(names[1]["go"]).touch()

    assert [command.communicate(timeout=20)[0].split()[-1] for command in commands] == ["42", "42"]


def start(folder: Path, code: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "manage.py", *SHELL, code],
        cwd=BASE_DIR,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
    )
