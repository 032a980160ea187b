"""The one clock: the database's."""

from datetime import datetime

from django.db import connection


def now() -> datetime:
    """The start of the database's current transaction, aware UTC; what arrived in time stays in time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        instant: datetime = cursor.fetchone()[0]
        return instant


def waited_too_long() -> bool:
    """Tell whether the current transaction has been open for more than 3 s by the wall clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp() - now() > interval '3 seconds'")
        return bool(cursor.fetchone()[0])
