"""`python -m support_portal.pulse`: exit 0 while sweeps happen; the health check of the sweeper's container."""

import os
import sys

import psycopg2

LONGEST_SILENCE = "60 seconds"


def beats(url: str) -> bool:
    """Tell whether the last sweep is recent enough; whoever did it, the sweeper would have stepped in."""
    connection = psycopg2.connect(url, connect_timeout=3)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT swept_at > clock_timestamp() - %s::interval FROM tickets_sweepheartbeat", [LONGEST_SILENCE]
            )
            row = cursor.fetchone()
            return bool(row and row[0])
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not beats(os.environ["DATABASE_URL"]))
