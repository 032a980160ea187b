"""Whether anything of a tenant has changed, told quickly: only tables that were written to are looked at."""

from __future__ import annotations

from functools import cache

from django.db import connection

from tests.door.worlds import Tenant

# What calls and visits leave behind of themselves.
TRACES = ("accounts_session", "accounts_ratecount", "accounts_apitoken")
_as_made: dict[tuple[int, str], str] = {}


def remember(tenant: Tenant) -> None:
    """Note how everything of a tenant stands."""
    for table in tenant_tables():
        _as_made[tenant.organisation.pk, table] = _digest(tenant, table)


def changed_tables(tenant: Tenant) -> list[str]:
    """The tables in which rows of the tenant are not as they were made, of those that this transaction wrote to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_stat_xact_user_tables WHERE n_tup_ins + n_tup_upd + n_tup_del > 0")
        written = {row[0] for row in cursor.fetchall()} & set(tenant_tables())
    return [table for table in sorted(written) if _digest(tenant, table) != _as_made[tenant.organisation.pk, table]]


def state_of(tenant: Tenant) -> str:
    """How everything of a tenant stands."""
    return "".join(_digest(tenant, table) for table in tenant_tables())


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
