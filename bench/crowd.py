"""A full desk in seconds: thousands of requests in every state, written straight into the tables, for measuring only.

Demo and tests walk the services; here only the amount, the spread of the values and believable texts matter.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from accounts.models import Person
from accounts.searching import document
from severity.assessment import Case, assess
from tickets.numbers import number_of

STORIES = Path(__file__).resolve().parent.parent / "tickets" / "data" / "demo" / "stories.json"
STATEMENTS = Path(__file__).resolve().with_suffix(".sql")
LONG_AGO = STATEMENTS.with_name("long_ago.sql")
TABLES = (
    "accounts_organisation, accounts_person, accounts_rolegrant, accounts_subscription, accounts_event, "
    "accounts_delivery, tickets_servicerequest, tickets_message, tickets_severitydecision, tickets_commitment, "
    "tickets_timer"
)
NUMBERS = """
    CREATE TEMPORARY TABLE crowd_number ON COMMIT DROP AS
    SELECT * FROM unnest(%s::int[], %s::text[]) AS row (n, number)
"""
TEXTS = """
    CREATE TEMPORARY TABLE crowd_text ON COMMIT DROP AS
    SELECT * FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::text[], %s::jsonb[])
    AS row (n, subject, body, words, language, assessment)
"""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Whom to sign in as: an engineer with work of their own, the admins of a large customer and of ordinary ones."""

    engineer: Person
    large: Person
    customers: list[Person]

    @property
    def ordinary(self) -> Person:
        """One of the ordinary customers."""
        return self.customers[0]


def gather(*, requests: int = 10_000, organisations: int = 200, engineers: int = 20, share: int = 10) -> Crowd:
    """Fill an otherwise fresh, migrated database, and let the planner know what it holds.

    `share` is how many of a hundred requests the large customer has.
    """
    with connection.cursor() as cursor:
        numbers, texts = _numbers(cursor, requests), _texts()  # not in the transaction, which would idle
    with transaction.atomic(), connection.cursor() as cursor:
        sizes = {"organisations": organisations, "requests": requests, "engineers": engineers, "share": share}
        for name, size in sizes.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [f"crowd.{name}", str(size)])
        cursor.execute(NUMBERS, [list(range(requests)), numbers])
        cursor.execute(TEXTS, texts)
        cursor.execute("SET LOCAL statement_timeout = 0")
        for statement in STATEMENTS.read_text().strip().removesuffix(";").split(";\n"):
            cursor.execute(statement)
        cursor.execute(f"ANALYZE {TABLES}")
    people = {person.email.partition("@")[0]: person for person in Person.objects.with_roles()}
    return Crowd(
        engineer=people["crowd-staff-3"],
        large=people["crowd-0"],
        customers=[people[f"crowd-{n}"] for n in range(1, min(organisations, 9))],
    )


def age() -> None:
    """Give the oldest requests what was common once and is gone, and let the planner know."""
    with connection.cursor() as cursor:
        cursor.execute(LONG_AGO.read_text())
        cursor.execute("VACUUM ANALYZE")


def _numbers(cursor: Any, count: int) -> list[str]:
    """The next numbers of the portal's own sequence, so that what is filed later has others."""
    cursor.execute("SELECT nextval('tickets_request_position') FROM generate_series(1, %s)", [count])
    return [number_of(position, key=settings.REQUEST_NUMBER_KEY) for (position,) in cursor.fetchall()]


def stories() -> list[dict[str, Any]]:
    """Believable texts: the stories of the demo."""
    found: list[dict[str, Any]] = json.loads(STORIES.read_text())
    return found


def case_of(story: dict[str, Any]) -> Case:
    """A story with no answer to the impact questions, so that its words decide."""
    return Case(**{name: story[name] for name in ("subject", "description", "category", "service", "language")})


def _texts() -> list[list[Any]]:
    """The stories as columns: place, subject, description, their words for the search, language, an assessment.

    Each has the assessment of the first story in its language: what counts is its size.
    """
    found = stories()
    first = {story["language"]: story for story in reversed(found)}
    assessments = {language: json.dumps(assess(case_of(story)).as_document()) for language, story in first.items()}
    rows = [
        (
            place,
            story["subject"],
            story["description"],
            document(story["subject"], story["description"]),
            story["language"],
            assessments[story["language"]],
        )
        for place, story in enumerate(found)
    ]
    return [list(column) for column in zip(*rows, strict=True)]
