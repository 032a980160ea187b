"""The first steps on a strange machine: finding a Python, and making the virtual environment."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import BASE_DIR

GOOD = f'exec "{os.path.realpath(sys.executable)}" "$@"'
MISSING = "echo 'shim: command not found' >&2; exit 127"
OLD = 'case "$*" in *version_info*) exit 1;; esac; echo "Python 3.9.2"'
WITHOUT_VENV = f'case "$*" in *ensurepip*) exit 1;; esac; {GOOD}'


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A PATH with the barest tools and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("sh", "rm", "realpath"):
        (folder / tool).symlink_to(shutil.which(tool) or "")
    return folder


def have(machine: Path, **pythons: str) -> None:
    for name, script in pythons.items():
        file = machine / name.replace("_", ".")
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)


def make_venv(machine: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [BASE_DIR / "tools" / "venv", "venv"],
        cwd=machine.parent,
        env={"PATH": str(machine)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_any_python_one_line_says_what_is_needed(machine: Path) -> None:
    made = make_venv(machine)

    assert made.returncode == 1
    assert made.stderr.splitlines() == [
        "Python 3.11 or newer is needed, and none was found (looked for python3.13, 3.12, 3.11 and python3)."
    ]


def test_a_python_that_is_too_old_is_none(machine: Path) -> None:
    have(machine, python3=OLD)

    assert "3.11 or newer is needed" in make_venv(machine).stderr


def test_a_python_without_venv_is_told_with_what_helps(machine: Path) -> None:
    have(machine, python3=WITHOUT_VENV)

    made = make_venv(machine)

    assert made.returncode == 1
    assert len(made.stderr.splitlines()) == 1
    assert "apt install python3-venv" in made.stderr


def test_the_first_python_that_runs_is_taken_and_a_broken_environment_made_anew(machine: Path) -> None:
    have(machine, python3_13=MISSING, python3_12=WITHOUT_VENV, python3_11=GOOD)
    broken = machine.parent / "venv"
    (broken / "bin").mkdir(parents=True)
    (broken / "pyvenv.cfg").touch()
    (broken / "bin" / "python").symlink_to("/nowhere/python3")
    (broken / "left-over").touch()

    made = make_venv(machine)

    assert made.returncode == 0, made.stderr
    assert "Making the virtual environment" in made.stdout
    assert not (broken / "left-over").exists()
    again = make_venv(machine)
    assert (again.returncode, again.stdout) == (0, "")
