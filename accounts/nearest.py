"""The first rows of a list that filters leave in, found without walking a table from end to end.

PostgreSQL, asked for the first few rows of an order, either walks the index of the order until it has them, or finds
all that the filters leave in and sorts those. It expects them to lie evenly along the order. Where they all lie at its
end, it walks there, past everything else. Here one is tried before the other: some rows are looked at along the order,
and only where they do not fill the page, the indexes of the filters are asked. What a page costs follows then from its
size, or from how little there is to be found, not from the size of the table; small and large tables are read alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Func, Q, QuerySet
from django.db.models.expressions import OrderBy, RawSQL

REACH, REACH_FOR_EACH = 1_000, 10  # rows looked at along the order: at least, and more for each one that is wanted
NEAR_THEN_FAR = """
    WITH near AS MATERIALIZED (WITH {table} AS ({shelf}) {near})
    SELECT id FROM near
    UNION (
        SELECT id FROM ({far} OFFSET 0) AS far
        WHERE (SELECT count(*) FROM near) < {most} ORDER BY {order} LIMIT {most}
    )
"""


@dataclass(frozen=True, slots=True)
class Search:
    """What is sought: the `rows` that every filter leaves in, on the `shelf`, which one index holds in the order.

    `ways` are the same rows in parts, for filters that join conditions of several indexes with OR. No filter of the
    rows asks their own table again: it would be answered from the shelf.
    """

    rows: QuerySet[Any]
    shelf: QuerySet[Any]
    ways: Sequence[QuerySet[Any]] = ()


class _AnyOf(Func):
    """`column = ANY (ARRAY (statement))`: one look for each key, where `IN (statement)` would be weighed as a join."""

    template, arg_joiner, output_field = "%(expressions)s)", " = ANY(ARRAY", BooleanField()


def nearest(search: Search, behind: Q, *, order: Sequence[str], most: int) -> Q:
    """The condition for the first `most` of the rows behind a place; `order` names columns, the last one the key."""
    columns = [column.lstrip("-") for column in order]
    shelf = search.shelf.filter(behind).order_by(*order)[: REACH + REACH_FOR_EACH * most]
    table = connection.ops.quote_name(search.rows.model._meta.db_table)
    near = search.rows.order_by(*(_as_shelved(table, column) for column in order)).values_list("id")[:most]
    ways = [way.filter(behind).order_by().values_list(*columns) for way in search.ways or [search.rows]]
    try:
        (on_shelf, *first), (found, *second), *others = (each.query.sql_with_params() for each in (shelf, near, *ways))
    except EmptyResultSet:
        return Q(pk__in=[])
    statement = NEAR_THEN_FAR.format(
        table=table,
        shelf=on_shelf,
        near=found,
        far=" UNION ".join(f"({way})" for way, _ in others),
        most=most,
        order=", ".join(f"{column[1:]} DESC" if column.startswith("-") else column for column in order),
    )
    params = [value for values in (*first, *second, *(each for _, each in others)) for value in values]
    return Q(_AnyOf("pk", RawSQL(statement, params)))  # noqa: S611 - put together from Django's own SQL


def _as_shelved(table: str, column: str) -> OrderBy:
    """An order by a column of the shelf, where what is made of several columns has been made already."""
    return OrderBy(RawSQL(f"{table}.{column.lstrip('-')}", []), descending=column.startswith("-"))  # noqa: S611 - ours
