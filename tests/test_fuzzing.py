"""The description of the API tried out by schemathesis, a program of its own, at a real server (P-8).

It makes calls out of the description as a global admin of a customer and as an engineer: every example, some made up,
right ones and wrong ones, and as the admin such that follow from each other: read what was made, end it, read it again.
`make fuzz` makes many more, and some at every boundary that a schema states. fuzzing.toml says how answers are judged.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests import factories
from tests.processes import BASE_DIR, Processes
from tests.tickets import making

PROGRAM = BASE_DIR / ".venv-fuzz" / "bin" / "schemathesis"
LONG = os.environ.get("FUZZ") == "long"
RULES = Path(__file__).with_name("fuzzing.toml")
ALL_PHASES = "examples,coverage,fuzzing,stateful"
MADE_UP = "100" if LONG else "3"  # calls for each operation
# In the ordinary run the engineer tries what customers cannot do or do otherwise; all the rest is tried by the admin.
OF_STAFF = r"/(queue|audit|subscriptions|severity|settle|corrections|assign|arrange|messages|plan|begin|complete)/"
WITHIN = 3600 if LONG else 600  # seconds, on a machine that does much else; alone it takes a minute


@pytest.fixture
def tokens(own_database: None) -> dict[str, str]:
    """Of a global admin and of an engineer, with something to see for both."""
    organisation = factories.make_organisation("contoso")
    factories.make_subscription(organisation, reference="here")
    admin, engineer = factories.make_person(organisation, "global_admin"), factories.make_staff("engineer")
    making.filed(factories.actor(admin))
    return {"admin": factories.make_token(admin)[1], "engineer": factories.make_token(engineer)[1]}


@pytest.mark.parametrize(
    ("who", "phases", "what"),
    [("admin", ALL_PHASES, []), ("engineer", ALL_PHASES, [])]
    if LONG
    else [
        ("admin", "examples,fuzzing,stateful", []),
        ("engineer", "examples,fuzzing", ["--include-path-regex", OF_STAFF]),
    ],
)
def test_made_up_calls_are_answered_as_the_description_says(
    processes: Processes, tokens: dict[str, str], tmp_path: Path, who: str, phases: str, what: list[str]
) -> None:
    """P-8: no 5xx; every status, header, type and body is one that the description names; what ended stays ended"""
    assert PROGRAM.exists(), "`make test` makes .venv-fuzz"
    _, address = processes.web(RATE_LIMIT_FACTOR="1000000", WEB_THREADS="4", PUBLIC_URL="http://localhost")

    run = subprocess.run(
        [
            PROGRAM, "--config-file", RULES, "run", f"{address}/api/v1/schema/", "--phases", phases, *what,
            "--header", f"Authorization: Bearer {tokens[who]}", "--header", "Host: localhost",
            "--generation-deterministic", "--continue-on-failure", "--no-color",
            "--max-examples", MADE_UP, "--workers", "1",  # Python 3.11 parses in one thread at a time
            "--warnings", "off",
        ],
        cwd=tmp_path, capture_output=True, text=True, timeout=WITHIN, check=False,
    )  # fmt: skip

    print(run.stdout[run.stdout.find("API Operations:") :])  # how much was tried; `make fuzz` shows it
    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-2_000:]
