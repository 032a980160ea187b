"""An audit trail of many records in seconds, written straight into the table, for measuring only (P-10)."""

from __future__ import annotations

from pathlib import Path

from django.db import connection, transaction

from accounts.models import Person
from accounts.pseudonyms import pseudonym

STATEMENTS = Path(__file__).resolve().with_suffix(".sql")
RARE_ADDRESS = "203.0.113.7"
PLACE = """
    INSERT INTO accounts_seal (event_id, chain, sequence, salt, hash)
    SELECT event_id, chain, row_number() OVER (PARTITION BY chain ORDER BY event_id), md5(event_id::text),
        repeat('0', 64)
    FROM accounts_unsealedevent;
    DELETE FROM accounts_unsealedevent
"""
TABLES = "accounts_event, accounts_seal, accounts_unsealedevent, accounts_personalvalue"


@transaction.atomic
def write(*, records: int, large: Person) -> None:
    """Fill the trail of a crowd and seal nothing; half of it concerns one organisation, a tenth is the desk's own."""
    sizes = {"records": records, "large": large.organisation_id, "address": pseudonym(RARE_ADDRESS)}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        for name, value in sizes.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [f"trail.{name}", str(value)])
        for statement in STATEMENTS.read_text().split(";\n"):
            cursor.execute(statement)


def place_without_hashes() -> None:
    """Give every event its place, and none its hash: for plans, which do not ask whether a chain verifies."""
    with connection.cursor() as cursor:
        cursor.execute(PLACE)
    analyze()


def analyze() -> None:
    """Let the planner know what there is."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {TABLES}")
