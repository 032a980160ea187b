"""Two at once, in the order that hurts: the second has read, and waits for what the first one holds."""

import threading
from collections.abc import Callable

from django.db import connection, transaction

from tests.processes import eventually

WAITING = """
    SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pid IN (
        SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = database WHERE datname = current_database()
    ))
"""  # looked up anew each time, where what pg_stat_activity tells stands still until the transaction ends


def waits_for(first: Callable[[], object], second: Callable[[], object]) -> type[Exception] | None:
    """Do `first`, and commit it once `second`, in another thread, waits for it; what `second` then fails with."""
    failures: list[type[Exception]] = []

    def run() -> None:
        try:
            second()
        except Exception as error:
            failures.append(type(error))
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        first()
        thread.start()
        eventually(_somebody_waits)
    thread.join()
    return failures[0] if failures else None


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return bool(cursor.fetchone()[0])
