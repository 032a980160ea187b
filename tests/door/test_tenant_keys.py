"""The second wall in the database: what hangs on a tenant's row is of the same tenant (P-5).

Read from the catalogue of PostgreSQL, so that a new table is held against it as well.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts import clock
from tests import factories
from tests.tickets import making
from tickets.models import Commitment, Timer

pytestmark = pytest.mark.django_db
# What ties a row to its tenant: the organisation itself, or a parent that is tied to it.
TIES = {"organisation_id", "customer_id", "partner_id", "request_id", "engagement_id"}
ACROSS = {  # tables whose rows serve more than one tenant, and why
    "accounts_organisation": "the tenant itself",
    "accounts_person": "people of partners and of the desk act for others; their name is told, nothing else",
    "accounts_event": "a notice tells a partner of what a customer did, and the other way round",
}
OTHERWISE = {  # references that no key can hold, and what does
    ("accounts_delivery", "digest_id"): "the digest of one person, which tells of several organisations",
    ("accounts_delivery", "endpoint_id"): "the desk's endpoints hear of all; a trigger holds those of organisations",
    ("accounts_event", "delegation_id"): "an event of the partner names the customer's delegation",
}
ALTER = """{table}.{column} refers to {parent} by its id alone: a row of another tenant could be stored (P-5).

Add, in a migration of its own, a unique constraint on ({tie}, id) of {parent}, and

    ALTER TABLE {table} ADD CONSTRAINT … FOREIGN KEY ({tie}, {column}) REFERENCES {parent} ({tie}, id)
        DEFERRABLE INITIALLY DEFERRED;
"""


def columns() -> dict[str, set[str]]:
    """The columns of every table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, array_agg(column_name::text) FROM information_schema.columns"
            " WHERE table_schema = 'public' GROUP BY table_name"
        )
        return {table: set(names) for table, names in cursor.fetchall()}


def keys() -> list[tuple[str, str, tuple[str, ...], bool]]:
    """Every foreign key: table, the table it refers to, its columns, whether it is in force."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.conrelid::regclass::text, c.confrelid::regclass::text,"
            " array_agg(a.attname::text ORDER BY k.place), c.convalidated AND c.conenforced FROM pg_constraint c"
            " CROSS JOIN unnest(c.conkey) WITH ORDINALITY k(number, place)"
            " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number"
            " WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace GROUP BY c.oid"
        )
        return [(table, parent, tuple(names), good) for table, parent, names, good in cursor.fetchall()]


def of_tenants() -> set[str]:
    """The tables whose rows belong to one tenant."""
    return {table for table, names in columns().items() if names & {"organisation_id", "customer_id"}}


def test_a_child_of_another_tenant_cannot_be_stored() -> None:
    """P-5: every reference from a tenant's row to another goes by the tenant too"""
    tenants, known = of_tenants(), keys()
    tied = {
        (table, parent, name)
        for table, parent, names, good in known
        if good and len(names) > 1 and set(names) & TIES
        for name in names
    }
    bare = [
        ALTER.format(table=table, column=names[0], parent=parent, tie="organisation_id")
        for table, parent, names, _ in known
        if len(names) == 1
        and {table, parent} <= tenants
        and parent not in ACROSS
        and (table, names[0]) not in OTHERWISE
        and (table, parent, names[0]) not in tied
    ]

    assert tied
    assert not bare, "\n".join(["", *sorted(bare)])


def test_every_key_is_in_force() -> None:
    assert [key for key in keys() if not key[3]] == []


def test_the_exceptions_exist() -> None:
    single = {(table, names[0]) for table, _, names, _ in keys() if len(names) == 1}

    assert set(OTHERWISE) <= single


def test_the_database_refuses_what_is_another_tenants() -> None:
    """P-5: tried on each key, by a row whose parent is another tenant's"""
    two = [factories.make_organisation() for _ in range(2)]
    for organisation in two:
        factories.make_subscription(organisation)
    first, second = (
        making.filed(factories.actor(factories.make_person(organisation, "global_admin"))) for organisation in two
    )
    theirs = Commitment.objects.get(request=second)
    shut = {"state": "closed", "closed_at": clock.now(), "resolution": "duplicate", "due_at": None}
    for row, changes in (
        (first, {"subscription": second.subscription}),
        (first, {"duplicate_of": second, **shut}),
        (first, {"follow_up_of": second}),
        (Timer.objects.filter(request=first).first(), {"commitment": theirs}),
    ):
        with pytest.raises(IntegrityError, match="violates foreign key"):
            store(row, changes)


@transaction.atomic
def store(row: Any, changes: dict[str, Any]) -> None:
    """Write past every service, and let the database look at once."""
    type(row).objects.filter(pk=row.pk).update(**changes)
    connection.check_constraints()
