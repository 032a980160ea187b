"""Two questions of operators: does the process live, and is the portal fit to serve."""

import ipaddress
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from http import HTTPStatus

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

# What operators are told of (RELIABILITY.md, section 5); none of it stops the portal from serving.
STALE_SWEEP = timedelta(seconds=30)
OVERDUE = timedelta(seconds=60)
OLD_DELIVERY = timedelta(minutes=15)

FIGURES = """
    SELECT (SELECT extract(epoch FROM clock_timestamp() - swept_at) FROM tickets_sweepheartbeat WHERE id = 1),
           timers.due, timers.overdue, timers.failed, deliveries.waiting, deliveries.failed, deliveries.oldest
    FROM (SELECT count(*) FILTER (WHERE state = 'waiting' AND due_at <= now()) AS due,
                 count(*) FILTER (WHERE state = 'waiting' AND due_at <= now() - %s * interval '1 second') AS overdue,
                 count(*) FILTER (WHERE state = 'failed') AS failed
          FROM ops_timer WHERE state = 'failed' OR (state = 'waiting' AND due_at <= now())) AS timers,
         (SELECT count(*) FILTER (WHERE delivery.state = 'pending') AS waiting,
                 count(*) FILTER (WHERE delivery.state = 'failed') AS failed,
                 extract(epoch FROM now() - min(event.recorded_at) FILTER (WHERE delivery.state = 'pending')) AS oldest
          FROM ops_delivery AS delivery JOIN ops_event AS event ON event.id = delivery.event_id
          WHERE delivery.state IN ('pending', 'failed') AND delivery.channel <> 'portal') AS deliveries
"""

_migrated = False  # once true it stays so for this process: its code does not change under it


@dataclass
class Figures:
    """What operators and staff see; ages are in seconds."""

    database: str = "ok"
    migrations: str = "ok"
    redis: str = "ok"
    last_sweep_age: float | None = None
    timers: dict[str, int] = field(default_factory=dict)
    deliveries: dict[str, float | None] = field(default_factory=dict)
    alerts: list[str] = field(default_factory=list)

    @property
    def fit(self) -> bool:
        """Tell whether requests can be served: the database is there, with the tables this code needs."""
        return self.database == "ok" and self.migrations == "ok"

    @property
    def status(self) -> str:
        """Return the one word that everybody may know."""
        return ("attention" if self.alerts else "ok") if self.fit else "unavailable"


class HealthMiddleware:
    """Answer both pages before sessions, host names and redirects come into play; they must work when those do not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer `/healthz` at once, and `/readyz` unless a session may show that staff is asking."""
        if request.path == "/healthz":
            return healthz(request)
        if request.path == "/readyz" and settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return readyz(request)
        return self.get_response(request)


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process lives; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 or 503, with the figures for staff and for this machine only (P-9: without Redis it is still 200)."""
    found = examine()
    body: dict[str, object] = {"status": found.status}
    if _from_this_machine(request) or (found.fit and _is_staff(request)):
        body |= asdict(found)
    return JsonResponse(body, status=HTTPStatus.OK if found.fit else HTTPStatus.SERVICE_UNAVAILABLE)


def examine() -> Figures:
    """Look at database, migrations, clockwork, outbox and Redis."""
    found = Figures(redis=_redis())
    try:
        found.migrations = _migrations()
        if found.fit:
            _count(found)
    except DatabaseError:
        found.database = "unreachable"
        connection.close()
    if found.redis != "ok":
        found.alerts.append("redis degraded")
    return found


def _count(found: Figures) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, [OVERDUE.total_seconds()])
        age, due, overdue, failed_timers, waiting, failed_deliveries, oldest = cursor.fetchone()
    found.last_sweep_age = None if age is None else round(float(age), 1)
    found.timers = {"due": due, "overdue": overdue, "failed": failed_timers}
    oldest = None if oldest is None else round(float(oldest), 1)
    found.deliveries = {"undelivered": waiting, "failed": failed_deliveries, "oldest_undelivered_age": oldest}
    alerts = {
        "no sweep for 30 s": age is None or age > STALE_SWEEP.total_seconds(),
        "timers overdue by 60 s": overdue > 0,
        "failed timers": failed_timers > 0,
        "failed deliveries": failed_deliveries > 0,
        "undelivered for 15 min": oldest is not None and oldest > OLD_DELIVERY.total_seconds(),
    }
    found.alerts += [text for text, on in alerts.items() if on]


def _migrations() -> str:
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if missing:
            return f"{missing} missing"
        _migrated = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _redis() -> str:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=2)
    try:
        return "ok" if client.ping() else "degraded"
    except (redis.RedisError, OSError):
        return "degraded"
    finally:
        client.close()


def _from_this_machine(request: HttpRequest) -> bool:
    """Tell whether the caller sits on this machine; what a proxy passes on comes from elsewhere."""
    if {"X-Forwarded-For", "Forwarded", "X-Real-Ip"} & set(request.headers):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _is_staff(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return bool(user is not None and user.is_authenticated and user.is_staff)
