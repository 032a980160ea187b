"""Rate limits counted atomically in PostgreSQL, so that parallel callers cannot slip past."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil

from django.conf import settings
from django.db import connection

from accounts import clock
from accounts.errors import TooMany
from accounts.models import RateCount

COUNT = """
    INSERT INTO accounts_ratecount (bucket, window_at, count) VALUES (%s, %s, %s)
    ON CONFLICT (bucket, window_at) DO UPDATE SET count = accounts_ratecount.count + excluded.count
    RETURNING count
"""
COUNT_ALL = """
    WITH hurried AS (
        SELECT set_config(
            'synchronous_commit', CASE WHEN %s THEN 'off' ELSE current_setting('synchronous_commit') END, true
        )
    ),
    given AS (SELECT * FROM unnest(%s::text[], %s::float[]) AS one(bucket, per))
    INSERT INTO accounts_ratecount (bucket, window_at, count)
    SELECT bucket, to_timestamp(floor(extract(epoch FROM now()) / per) * per), 1 FROM given, hurried ORDER BY bucket
    ON CONFLICT (bucket, window_at) DO UPDATE SET count = accounts_ratecount.count + 1
    RETURNING bucket, count, extract(epoch FROM now() - window_at)
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` (times RATE_LIMIT_FACTOR) of one `bucket` in each window of `per`; `name` is for callers."""

    name: str
    bucket: str
    most: int
    per: timedelta

    @property
    def allowed(self) -> int:
        """The number in force in this installation."""
        return max(1, int(self.most * settings.RATE_LIMIT_FACTOR))


@dataclass(frozen=True, slots=True)
class Standing:
    """How one limit stands after a count: what is left of it, and in how many seconds it is whole again."""

    limit: Limit
    left: int
    resets_in: int

    @property
    def exceeded(self) -> bool:
        """Tell whether this count was one too many."""
        return self.left < 0


def count_all(limits: Sequence[Limit]) -> list[Standing]:
    """Count one more against each of these limits, with different buckets, in one statement.

    Outside a transaction the commit does not wait for the disk: a crash may forget a moment's counts, and reading
    stays as cheap as it was.
    """
    buckets = [limit.bucket for limit in limits]
    seconds = [limit.per.total_seconds() for limit in limits]
    with connection.cursor() as cursor:
        cursor.execute(COUNT_ALL, [not connection.in_atomic_block, buckets, seconds])
        found = {bucket: (used, elapsed) for bucket, used, elapsed in cursor.fetchall()}
    return [_standing(limit, *found[limit.bucket]) for limit in limits]


def _standing(limit: Limit, used: int, elapsed: float) -> Standing:
    resets_in = max(1, ceil(limit.per.total_seconds() - float(elapsed)))
    return Standing(limit=limit, left=limit.allowed - used, resets_in=resets_in)


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


def purge(*, older_than: timedelta = timedelta(days=1), batch: int = 1000) -> int:
    """Delete up to `batch` counters of windows long past; return how many went."""
    old = RateCount.objects.filter(window_at__lt=clock.now() - older_than).order_by("window_at").values("pk")[:batch]
    deleted, _ = RateCount.objects.filter(pk__in=old).delete()
    return deleted
