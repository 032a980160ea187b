"""Which time zone rules the portal computes with."""

import subprocess
import sys
import zoneinfo
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ASK = "import zoneinfo; from support_portal.time_zones import use_packaged_rules; use_packaged_rules(); print({0})"


def answer_of(expression: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", ASK.format(expression)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_rules_come_from_the_locked_package_whatever_the_machine_has() -> None:
    """SLA-1: `verify` recomputes promises alike on every machine."""
    assert zoneinfo.TZPATH == ()
    assert f"tzdata=={version('tzdata')} " in (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")


def test_the_clock_of_edmonton_is_that_of_the_package() -> None:
    """A machine with the rules of 2025 would still put its clock back in November 2026."""
    moment = "__import__('datetime').datetime(2026, 12, 1, tzinfo=zoneinfo.ZoneInfo('America/Edmonton')).utcoffset()"

    assert answer_of(moment) == "-1 day, 18:00:00"


@pytest.mark.parametrize("folder", ["/nowhere/zoneinfo"])
def test_an_operator_can_name_other_rules(folder: str) -> None:
    assert answer_of("zoneinfo.TZPATH", PYTHONTZPATH=folder) == repr((folder,))
