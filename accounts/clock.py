"""The one clock: the database's."""

from datetime import datetime

from django.db import connection


def now() -> datetime:
    """The start of the database's current transaction, aware UTC; what arrived in time stays in time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        instant: datetime = cursor.fetchone()[0]
        return instant
