"""What the application's own role in PostgreSQL may do: everything but rewrite the record (P-10)."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection
from psycopg2 import sql

# A table is insert-only where a trigger of that name refuses TRUNCATE.
INSERT_ONLY = """
    SELECT c.relname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid
    WHERE p.proname LIKE '%\\_is\\_insert\\_only' AND t.tgtype & 32 <> 0 ORDER BY c.relname
"""
READ_ONLY = ("django_migrations",)
HIDDEN = ("ops_salt",)
# The one column of an insert-only table that may be emptied.
MAY_BLANK = {"tickets_correction": "note", "sla_policyversion": "published_by"}

BEFORE = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
)


def insert_only_tables() -> list[str]:
    """The tables that the database keeps from being changed."""
    with connection.cursor() as cursor:
        cursor.execute(INSERT_ONLY)
        return [name for (name,) in cursor.fetchall()]


def grants_for(role: str) -> Iterator[sql.Composable]:
    """The statements that give a role what the application needs, and take from it what it must not have."""
    named = {"role": sql.Identifier(role)}
    yield from (sql.SQL(statement).format(**named) for statement in BEFORE)
    for table in insert_only_tables():
        yield _on(table, "REVOKE UPDATE, DELETE ON {table} FROM {role}", role)
        if table in MAY_BLANK:
            yield sql.SQL("GRANT UPDATE ({column}) ON {table} TO {role}").format(
                column=sql.Identifier(MAY_BLANK[table]), table=sql.Identifier(table), **named
            )
    for table in READ_ONLY:
        yield _on(table, "REVOKE INSERT, UPDATE, DELETE ON {table} FROM {role}", role)
    for table in HIDDEN:
        yield _on(table, "REVOKE ALL ON {table} FROM {role}", role)


def _on(table: str, statement: str, role: str) -> sql.Composable:
    return sql.SQL(statement).format(table=sql.Identifier(table), role=sql.Identifier(role))
