"""The description of the API tried out by schemathesis, a program of its own, at a real server (P-8).

It makes calls out of the description as a global admin of a customer and as an engineer: every example, some made up,
right ones and wrong ones. Then it follows the links of the description as the admin and as somebody with every role of
the staff: reads what was made, changes it, ends it, reads it again. `make fuzz` makes many more calls, and some at
every boundary that a schema states. fuzzing.toml and fuzzing_hooks.py say how answers are judged.
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.db import connection

from accounts import clock
from accounts.models import ApiToken, Organisation
from accounts.permissions import STAFF_ROLES
from tests import factories, sequences
from tests.processes import BASE_DIR, Processes
from tests.tickets import making
from tickets.services.incidents import Declaration, declare_incident
from tickets.services.tags import add_tag

PROGRAM = BASE_DIR / ".venv-fuzz" / "bin" / "schemathesis"
LONG = os.environ.get("FUZZ") == "long"
RULES, HOOKS = (Path(__file__).with_name(name) for name in ("fuzzing.toml", "fuzzing_hooks.py"))
PHASES = "examples,coverage,fuzzing,stateful" if LONG else "examples,fuzzing"
MADE_UP = "100" if LONG else "3"  # calls for each operation
# Sequences of a hundred calls at most. As the portal remembers, none comes about again as it was, at which schemathesis
# gives up without a word, after some twenty: it begins anew then, with another seed.
SEQUENCES, ROUNDS = ("20", 12) if LONG else ("5", 1)
FOLLOWED, READ_AGAIN, ASKED_FOR = (100, 100, 20) if LONG else (40, 10, 0)  # at least; twice as many are usual
# In the ordinary run the engineer tries what customers cannot do or do otherwise; all the rest is tried by the admin.
OF_STAFF = r"/(queue|audit|subscriptions|severity|settle|corrections|assign|arrange|messages|plan|begin|complete)/"
# What a sequence of the admin would stop at, and one of the staff.
NOT_OF_ADMINS = (
    r"^/api/v1/(contracts|operations|policies|queue|rota|staff|tags)/|^/api/v1/plans/.+"
    r"|/(assign|corrections|arrange|incident|settle|plan|begin|complete)/$|\}/tags/$"
)
NOT_OF_STAFF = (
    r"^/api/v1/(delegations|domains|invitations|people|service-principals|single-sign-on)/"
    r"|/v1/commitments/preview/$|/(follow|follow-up|survey)/$"
)
WITHIN = 7200 if LONG else 900  # seconds, on a machine that does much else; alone it takes a minute


@dataclass(frozen=True)
class Caller:
    """Whose token calls are made with, and what of it no call may end."""

    person_id: int
    token: ApiToken
    secret: str

    @property
    def spared(self) -> str:
        """For fuzzing_hooks.py."""
        return json.dumps({"token_id": self.token.pk, "person_id": self.person_id})


@pytest.fixture
def callers(own_database: None) -> dict[str, Caller]:
    """A global admin, an engineer, and somebody with every role of the staff, with something to see for each."""
    organisation = whom_examples_name()
    admin = factories.make_person(organisation, "global_admin")
    making.filed(factories.actor(admin))
    staff = {"engineer": ("engineer",), "lead": STAFF_ROLES}
    people = {"admin": admin} | {name: factories.make_staff(*roles) for name, roles in staff.items()}
    return {name: Caller(person.pk, *factories.make_token(person)) for name, person in people.items()}


def whom_examples_name() -> Organisation:
    """Contoso and whatever else the examples of the description are about, so that they can be sent as they are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('accounts_person', 'id'), 1000)")
    organisation = factories.make_organisation("contoso")
    for reference in ("contoso-e3", "contoso-office-365-e3"):
        factories.make_subscription(organisation, reference=reference)
    factories.make_subscription(organisation, trial=True, ends_at=clock.now() + timedelta(days=20))
    factories.make_elevated_contract(organisation)
    factories.make_person(organisation, "global_admin", email="jun.lin@contoso.example")
    factories.make_partner("north-star")
    factories.make_organisation("lotus-foods")
    lead, _ = (factories.make_staff(*STAFF_ROLES, pk=pk) for pk in (17, 18))
    for name in ("VIP", "needs call"):
        add_tag(name=name, actor=factories.actor(lead))
    declaration = Declaration("Mail is late", ["exchange_online"], "degradation", "We drain a queue by hand.")
    declare_incident(declaration=declaration, actor=factories.actor(lead))
    return organisation


@dataclass(frozen=True)
class Program:
    """schemathesis, at a server of ours."""

    address: str
    folder: Path

    def run(self, caller: Caller, phases: str, *options: str, **surroundings: str) -> Path:
        """Make calls; fails with what it found, and returns what was done, call by call."""
        report = self.folder / f"calls-{len(list(self.folder.glob('calls-*')))}.ndjson"
        run = subprocess.run(
            [
                PROGRAM, "--config-file", RULES, "run", f"{self.address}/api/v1/schema/", "--phases", phases, *options,
                "--header", f"Authorization: Bearer {caller.secret}", "--header", "Host: localhost",
                "--generation-deterministic", "--continue-on-failure", "--no-color",
                "--workers", "1",  # Python 3.11 parses in one thread at a time
                "--warnings", "off", "--report-ndjson-path", report,
            ],
            env={**os.environ, "SCHEMATHESIS_HOOKS": str(HOOKS), "FUZZ_SPARED": caller.spared, **surroundings},
            cwd=self.folder, capture_output=True, text=True, timeout=WITHIN, check=False,
        )  # fmt: skip
        print(run.stdout[run.stdout.find("API Operations:") :])  # how much was tried; `make fuzz` shows it
        assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-2_000:]
        return report


@pytest.fixture
def program(processes: Processes, callers: dict[str, Caller], tmp_path: Path) -> Program:
    assert PROGRAM.exists(), "`make test` makes .venv-fuzz"
    _, address = processes.web(RATE_LIMIT_FACTOR="1000000", WEB_THREADS="4", PUBLIC_URL="http://localhost")
    urlopen(f"{address}/api/v1/schema/", timeout=WITHIN).close()  # made once, and longer than schemathesis waits
    return Program(address, tmp_path)


@pytest.mark.parametrize(
    ("who", "what"),
    [("admin", ()), ("engineer", ()), ("lead", ())]
    if LONG
    else [("admin", ()), ("engineer", ("--include-path-regex", OF_STAFF))],
)
def test_made_up_calls_are_answered_as_the_description_says(
    program: Program, callers: dict[str, Caller], who: str, what: tuple[str, ...]
) -> None:
    """P-8: no 5xx; every status, header, type and body is one that the description names; what it allows is taken"""
    program.run(callers[who], PHASES, "--max-examples", MADE_UP, *what, FUZZ_QUICK="" if LONG else "yes")


@pytest.mark.parametrize(("who", "without"), [("admin", NOT_OF_ADMINS), ("lead", NOT_OF_STAFF)])
def test_what_is_made_can_be_gone_on_from_and_what_ended_stays_ended(
    program: Program, callers: dict[str, Caller], who: str, without: str
) -> None:
    """Issue 6: the links of the description are followed; what was made is there, what was removed is not"""
    options = ("--exclude-path-regex", without, "--max-examples", SEQUENCES)
    options += ("--exclude-checks", "positive_data_acceptance")  # examples are for callers and states of their own
    surroundings = {"FUZZ_SEQUENCES": "yes", "FUZZ_QUICK": "yes"}
    seeds = map(str, range(ROUNDS))

    done = sequences.read(
        [program.run(callers[who], "stateful", *options, "--seed", seed, **surroundings) for seed in seeds]
    )
    print(f"{who}: {done.calls} calls, {len(done.followed)} links followed from and to what went well, ", end="")
    print(f"{done.read_after_making} times read what was just made, {done.asked_after_ending} times what had ended")
    assert len(done.followed) >= FOLLOWED
    assert done.read_after_making >= READ_AGAIN
    assert done.asked_after_ending >= ASKED_FOR
