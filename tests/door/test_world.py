"""Tenant A holds a canary wherever text is kept, and its ids cannot be mistaken: no leak can go unseen (P-5)."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.door import worlds
from tests.door.worlds import World, canaries, canary, ids_in

TEXT = ("character varying", "text", "jsonb", "ARRAY")
HOWTO = """{table}.{column} of a tenant holds no canary, so nobody would see it leak (P-5).

Fill it in tests/door/worlds/ (a module of your area, with `ORDER` and `furnish(world, tenant)`):
`tenant.says(part, "words")` marks text with the tenant and the part that it belongs to. If it holds no words of
anybody's, tell in the CODES of that module what it holds.
"""


def text_columns() -> list[tuple[str, str]]:
    """Every column of text of the tables that belong to a tenant."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.table_name, c.column_name FROM information_schema.columns c"
            " JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND c.data_type = ANY(%s)"
            " AND (c.table_name = 'accounts_organisation' OR EXISTS (SELECT FROM information_schema.columns o"
            " WHERE o.table_schema = 'public' AND o.table_name = c.table_name"
            " AND o.column_name IN ('organisation_id', 'customer_id'))) ORDER BY 1, 2",
            [list(TEXT)],
        )
        return cursor.fetchall()


def codes() -> dict[str, dict[str, str]]:
    """What the modules of the world excuse, by table."""
    found: dict[str, dict[str, str]] = {}
    for module in worlds.modules():
        for table, columns in getattr(module, "CODES", {}).items():
            found.setdefault(table, {}).update(columns)
    return found


def test_every_column_of_text_of_a_tenant_holds_a_canary(world: World) -> None:
    """P-5"""
    bare, excused = [], codes()
    for table, column in text_columns():
        if column in excused.get(table, {}):
            continue
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT EXISTS (SELECT FROM "{table}" WHERE "{column}"::text ~* %s)', [canary("a", "[a-z]")]
            )
            if not cursor.fetchone()[0]:
                bare.append(HOWTO.format(table=table, column=column))

    assert not bare, "\n".join(["", *bare])


def test_columns_that_are_gone_are_not_excused(world: World) -> None:
    known = set(text_columns())

    assert {(table, column) for table, columns in codes().items() for column in columns} <= known


def test_canaries_and_ids_are_found_where_they_stand(world: World) -> None:
    a, number = world.a, world.a.ids["open"].value

    assert canaries(f"<b>{a.says('internal', 'x').upper()}</b>", "a") == {"internal"}
    assert canaries(world.b.says("internal"), "a") == set()
    assert ids_in(f"/requests/{number}/files/{a.ids['attachment'].value}/", a) == {
        number,
        str(a.ids["attachment"].value),
    }
    assert ids_in(f"SR-000000001 and {world.b.ids['attachment'].value}", a) == set()


@pytest.mark.parametrize("which", [0, 1])
def test_ids_of_a_tenant_lie_in_its_room(world: World, which: int) -> None:
    tenant = world.tenants[which]
    for name, known in tenant.ids.items():
        if isinstance(known.value, int):
            assert str(known.value).startswith(str(tenant.first_id)[:4]), name
