"""Keyset pagination for pages and API alike: a page costs the same wherever it is in the list."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import DataError
from django.db.models import Model, Q, QuerySet

from accounts.errors import InvalidCursor
from accounts.nearest import Search, nearest

Row = TypeVar("Row", bound=Model)
LARGEST_PAGE = 100


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list, with opaque cursors to the neighbouring pages, None at the ends."""

    rows: list[Row]
    next: str | None
    previous: str | None


def page(
    queryset: QuerySet[Row],
    *,
    order: Sequence[str],
    cursor: str | None = None,
    size: int = 25,
    search: Search | None = None,
) -> Page[Row]:
    """Return one page of `queryset` in `order` (column names, `-` for descending, the last one unique).

    Columns of the order must not be null. `search` tells how the rows are found where filters leave most of them out.
    Raises InvalidCursor for a cursor that this list did not give out.
    """
    size = max(1, min(size, LARGEST_PAGE))
    place = decode(cursor, columns=len(order)) if cursor else None
    backwards = bool(place and place.backwards)
    direction = [_reversed(column) for column in order] if backwards else list(order)
    found = _run(queryset, search, place, direction, size + 1)
    more, rows = len(found) > size, found[:size]
    if backwards:
        rows.reverse()
    onward, back = (bool(place), more) if backwards else (more, bool(place))
    return Page(
        rows=rows,
        next=encode(rows[-1], order) if rows and onward else None,
        previous=encode(rows[0], order, backwards=True) if rows and back else None,
    )


def page_or_first(
    queryset: QuerySet[Row], *, order: Sequence[str], cursor: str | None = None, size: int = 25
) -> Page[Row]:
    """The same for pages of people, who keep addresses: the first page for a cursor that is none of this list's."""
    try:
        return page(queryset, order=order, cursor=cursor, size=size)
    except InvalidCursor:
        return page(queryset, order=order, size=size)


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a list: the values of the ordering columns, and which way to read from there."""

    values: list[Any]
    backwards: bool


def encode(row: Model, order: Sequence[str], *, backwards: bool = False) -> str:
    """Write the place of `row` as URL-safe text."""
    values = [getattr(row, column.lstrip("-")) for column in order]
    document = {"v": [_plain(value) for value in values], "b": int(backwards)}
    return base64.urlsafe_b64encode(json.dumps(document, separators=(",", ":")).encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    return str(value) if isinstance(value, UUID) else value


def decode(cursor: str, *, columns: int) -> Place:
    """Read a place, or raise InvalidCursor."""
    try:
        document = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
        values = [datetime.fromisoformat(v["at"]) if isinstance(v, dict) else v for v in document["v"]]
        place = Place(values=values, backwards=document["b"] == 1)
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error) as error:
        raise InvalidCursor from error
    plain = all(isinstance(v, datetime | int | str) and "\x00" not in str(v) for v in values)
    naive = any(isinstance(v, datetime) and v.tzinfo is None for v in values)
    if len(values) != columns or not plain or naive:
        raise InvalidCursor
    return place


def _reversed(column: str) -> str:
    return column[1:] if column.startswith("-") else f"-{column}"


def _after(order: Sequence[str], values: Sequence[Any]) -> Q:
    """The rows behind a place: the first column bounds the index scan, the alternatives break ties."""
    steps = []
    for i, column in enumerate(order):
        same = {order[j].lstrip("-"): values[j] for j in range(i)}
        steps.append(Q(**same, **{f"{column.lstrip('-')}__{_beyond(column)}": values[i]}))
    first = Q(**{f"{order[0].lstrip('-')}__{_beyond(order[0])}e": values[0]})
    return first & reduce(or_, steps)


def _beyond(column: str) -> str:
    return "lt" if column.startswith("-") else "gt"


def _run(rows: QuerySet[Row], search: Search | None, place: Place | None, direction: list[str], most: int) -> list[Row]:
    """Fetch rows behind `place`; a value that the column does not take is a bad cursor, not a fault (P-8)."""
    try:
        behind = _after(direction, place.values) if place else Q()
        wanted = nearest(search, behind, order=direction, most=most) if search else behind
        return list(rows.filter(wanted).order_by(*direction)[:most])
    except (ValueError, TypeError, OverflowError, ValidationError, DataError) as error:
        raise InvalidCursor from error
