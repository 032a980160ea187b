"""Whether anything of a tenant has changed, told quickly: only tables that were written to are looked at."""

from __future__ import annotations

from functools import cache

from django.db import connection

from accounts.models import Event
from tests.door.worlds import Tenant

# What calls and visits leave behind of themselves.
TRACES = ("accounts_session", "accounts_ratecount", "accounts_apitoken")
# What is kept beside acts, and is none by itself.
BOOKKEEPING = {
    "accounts_event": "the events themselves",
    "accounts_unsealedevent": "events that wait for their seal",
    "accounts_seal": "the seals of events",
    "accounts_personalvalue": "the clear forms of what events hold",
    "accounts_idempotencykey": "answers kept for who asks again",
    "accounts_ratecount": "how often somebody came",
}
COLUMNS = {  # what counts of a row, where not all of it does
    "accounts_session": ("person_id", "whose it is, not what it remembers"),
    "accounts_apitoken": ("to_jsonb(t) - 'last_used_at'", "not when it was used"),
    "accounts_delivery": ("to_jsonb(t) - 'read_at'", "not when it was read"),
}
_as_made: dict[tuple[int, str], str] = {}
_whole: dict[str, str] = {}


def remember(tenant: Tenant) -> None:
    """Note how everything of a tenant stands."""
    for table in tenant_tables():
        _as_made[tenant.organisation.pk, table] = _digest(tenant, table)


def changed_tables(tenant: Tenant) -> list[str]:
    """The tables in which rows of the tenant are not as they were made, of those that this transaction wrote to."""
    written = _written() & set(tenant_tables())
    return [table for table in sorted(written) if _digest(tenant, table) != _as_made[tenant.organisation.pk, table]]


def remember_everything() -> None:
    """Note how every table stands."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'public'")
        tables = {row[0] for row in cursor.fetchall()}
    _whole.update({table: _digest_of_all(table) for table in tables - set(BOOKKEEPING)})


def standing() -> dict[str, str]:
    """How the tables stand that this transaction wrote to; bookkeeping apart. The others are as they were made."""
    return {table: _digest_of_all(table) for table in _written() - set(BOOKKEEPING)}


def changes(before: dict[str, str]) -> list[str]:
    """The tables that are not as they were, whosever their rows are."""
    return sorted(table for table, told in standing().items() if told != before.get(table, _whole[table]))


def _written() -> set[str]:
    """The tables that this transaction wrote to, by PostgreSQL's own counting; perhaps a few more."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_stat_xact_user_tables WHERE n_tup_ins + n_tup_upd + n_tup_del > 0")
        return {row[0] for row in cursor.fetchall()}


def _digest_of_all(table: str) -> str:
    counted = COLUMNS.get(table, ("t", ""))[0]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT md5(coalesce(string_agg(row, '' ORDER BY row), ''))"
            f" FROM (SELECT ({counted})::text AS row FROM {table} t) AS rows"
        )
        return str(cursor.fetchone()[0])


def last_event() -> int:
    """The id of the newest event."""
    return Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def events_since(last: int) -> list[Event]:
    """The events recorded after that one."""
    return list(Event.objects.filter(pk__gt=last).order_by("pk"))


@cache
def tenant_tables() -> dict[str, str]:
    """The tables of tenants, with the column that says whose a row is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.table_name, c.column_name FROM information_schema.columns c"
            " JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            " AND column_name IN ('organisation_id', 'customer_id') ORDER BY 1"
        )
        found = {"accounts_organisation": "id", **dict(cursor.fetchall())}
    return {table: column for table, column in found.items() if table not in TRACES}


def _digest(tenant: Tenant, table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT md5(coalesce(string_agg(t::text, '' ORDER BY t::text), '')) FROM {table} t"
            f" WHERE {tenant_tables()[table]} = %s",
            [tenant.organisation.pk],
        )
        return str(cursor.fetchone()[0])
