"""What the tests of this folder share: a seed, a rig, and a place for what was measured."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chaos import LONG, machine
from tests.chaos.rig import Rig, assembled

MEASURED: list[str] = []
collect_ignore = [] if LONG else ["long"]


@pytest.fixture
def chance() -> random.Random:
    """Randomness that can be repeated: CHAOS_SEED sets it."""
    seed = int(os.environ.get("CHAOS_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
    print(f"CHAOS_SEED={seed}")
    MEASURED.append(f"CHAOS_SEED={seed}")
    return random.Random(seed)


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Say what was measured; it is printed with a failure, and at the end of the long run."""

    def say(text: str) -> None:
        print(text)
        MEASURED.append(f"{request.node.name}: {text}")

    return say


@pytest.fixture
def rig(django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> Iterator[Rig]:
    """Servers of the test's own with the portal's tables, and Django's connection on them; no processes yet."""
    with django_db_blocker.unblock(), assembled(tmp_path) as made:
        yield made


def pytest_configure(config: pytest.Config) -> None:
    """Know the mark of tests that need more than every machine has."""
    config.addinivalue_line("markers", "needs(what): what the machine has to have, see tests/chaos/machine.py")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this machine cannot do; the end of the run names it."""
    missing = {name for name in machine.NEEDS if not machine.can(name)}
    left_out = [item for item in items if missing & {mark.args[0] for mark in item.iter_markers("needs")}]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what was measured, and what could not be tried here."""
    if not LONG:
        return
    terminalreporter.section("measured")
    for line in MEASURED:
        terminalreporter.line(line)
    terminalreporter.section("not possible on this machine")
    for line in machine.missing() or ["nothing: everything was tried"]:
        terminalreporter.line(line)
