"""Rate limits counted atomically in PostgreSQL, so that parallel callers cannot slip past."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection

from accounts import clock
from accounts.errors import TooMany

COUNT = """
    INSERT INTO accounts_ratecount (bucket, window_at, count) VALUES (%s, %s, %s)
    ON CONFLICT (bucket, window_at) DO UPDATE SET count = accounts_ratecount.count + excluded.count
    RETURNING count
"""


def count(bucket: str, *, limit: int, per: timedelta, now: datetime | None = None, by: int = 1) -> int:
    """Count one more in `bucket` and return what is left in this window of `per`.

    Raises TooMany once `limit` (times RATE_LIMIT_FACTOR) is used up. Commits with the surrounding transaction.
    """
    now = now or clock.now()
    allowed = int(limit * settings.RATE_LIMIT_FACTOR)
    window_at = datetime.fromtimestamp(now.timestamp() // per.total_seconds() * per.total_seconds(), tz=UTC)
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [bucket, window_at, by])
        used: int = cursor.fetchone()[0]
    if used > allowed:
        wait = (window_at + per - now).total_seconds()
        raise TooMany(bucket, limit=allowed, retry_after=max(1, int(wait) + 1))
    return allowed - used
