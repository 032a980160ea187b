"""The one clock: the database's."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.db import connection

_held: ContextVar[datetime | None] = ContextVar("held", default=None)


def now() -> datetime:
    """The start of the database's current transaction, aware UTC; what arrived in time stays in time."""
    held = _held.get()
    if held is not None:
        return held
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        instant: datetime = cursor.fetchone()[0]
        return instant


@contextmanager
def reading(instant: datetime) -> Iterator[None]:
    """Let `now()` answer with what it said at the start of this very transaction, without asking again."""
    token = _held.set(instant)
    try:
        yield
    finally:
        _held.reset(token)
