"""Guessing made slow: attempts counted in a sliding window, exactly, before anybody knows whether they succeed.

Counting first and giving back on success lets no number of parallel guesses slip past, and the rows lie in PostgreSQL
(accounts.limits counts in fixed windows, which would allow twice the number around their edge). An attempt is committed
at once and on its own: whatever becomes of the HTTP request, a failure stays counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from accounts import clock
from accounts.errors import TooMany
from accounts.models import RateCount

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(bucket, 0)) FROM unnest(%s::text[]) AS bucket"
COUNT = """
    INSERT INTO accounts_ratecount (bucket, window_at, count) SELECT bucket, %s, 1 FROM unnest(%s::text[]) AS bucket
    ON CONFLICT (bucket, window_at) DO UPDATE SET count = accounts_ratecount.count + 1
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` attempts (times RATE_LIMIT_FACTOR) of one `bucket` within any span of `within`."""

    bucket: str
    most: int
    within: timedelta

    @property
    def allowed(self) -> int:
        """The number in force in this installation."""
        return max(1, int(self.most * settings.RATE_LIMIT_FACTOR))


@dataclass(frozen=True, slots=True)
class Attempt:
    """One counted attempt, to be given back when it succeeds."""

    buckets: Sequence[str]
    at: datetime


def begin(limits: Iterable[Limit]) -> Attempt:
    """Count one attempt against every limit, or raise TooMany and count nothing.

    Must not be called inside a transaction, whose rollback would forget the attempt.
    """
    with transaction.atomic(durable=True):
        return count(limits)


def count(limits: Iterable[Limit]) -> Attempt:
    """The same within the transaction at hand, for what does not happen either when that is rolled back."""
    limits = sorted(limits, key=lambda limit: limit.bucket)  # one order for all, so that nobody waits in a circle
    buckets = [limit.bucket for limit in limits]
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [buckets])
        now = clock.now()
        full = [refusal for limit in limits if (refusal := _refusal(limit, now=now))]
        if full:
            raise max(full, key=lambda refusal: refusal.retry_after)
        cursor.execute(COUNT, [now, buckets])
    return Attempt(buckets=buckets, at=now)


def give_back(attempt: Attempt) -> None:
    """Forget an attempt that succeeded."""
    counted = RateCount.objects.filter(bucket__in=attempt.buckets, window_at=attempt.at, count__gt=0)
    counted.update(count=F("count") - 1)


def _refusal(limit: Limit, *, now: datetime) -> TooMany | None:
    """Tell whether the window is full, and how long until the attempt that fills it has left."""
    counted = RateCount.objects.filter(bucket=limit.bucket, window_at__gt=now - limit.within, count__gt=0)
    used = 0
    for at, count in counted.order_by("-window_at").values_list("window_at", "count")[: limit.allowed]:
        used += count
        if used >= limit.allowed:
            wait = (at + limit.within - now).total_seconds()
            return TooMany(limit.bucket, limit=limit.allowed, retry_after=max(1, ceil(wait)))
    return None
