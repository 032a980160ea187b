"""What operators ask: does the process live, is the portal fit to serve, and what should somebody look at."""

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

from accounts import clock, rota
from accounts.services.sealing import SEALED_WITHIN, sealing_lag
from support_portal import faults, metrics
from tickets.selectors.figures import figures
from tickets.services.webhook_outbox import is_waiting

# What operators are told of (RELIABILITY.md, section 5); none of it stops the portal from serving.
STALE_SWEEP = timedelta(seconds=30)
OLD_DELIVERY = timedelta(minutes=15)
OLD_FILE = timedelta(minutes=15)
RECENT_FAULT = timedelta(minutes=15)

_migrated = False  # once true it stays so for this process: its code does not change under it


@dataclass
class Report:
    """What operators and staff see; ages are in seconds, `alerts` are codes that docs/operations.md explains."""

    database: str = "ok"
    migrations: str = "ok"
    redis: str = "ok"
    last_sweep_age: float | None = None
    timers: dict[str, int] = field(default_factory=dict)
    deliveries: dict[str, float | None] = field(default_factory=dict)
    webhooks: dict[str, int] = field(default_factory=dict)
    files: dict[str, float | None] = field(default_factory=dict)
    rota: dict[str, bool | int | str | None] = field(default_factory=dict)
    audit: dict[str, float] = field(default_factory=dict)
    faults: dict[str, float | str | None] = field(default_factory=dict)
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
    """Answer operators before sessions, host names and redirects come into play; they must work when those do not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer `/healthz` and `/metrics` at once, and `/readyz` unless a session may show that staff is asking."""
        if request.path == "/healthz":
            return healthz(request)
        if request.path == "/metrics":
            return metrics.metrics(request, from_here=from_this_machine(request))
        if request.path != "/readyz":
            return self.get_response(request)
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return readyz(request)
        response = self.get_response(request)
        broken = isinstance(response, HttpResponse) and not isinstance(response, JsonResponse)
        return readyz(request, staff=False) if broken else response  # the session's own database is away


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process lives; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


def readyz(request: HttpRequest, *, staff: bool | None = None) -> JsonResponse:
    """Answer 200 or 503, with the figures for staff and for this machine only (P-9: without Redis it is still 200)."""
    found = examine()
    body: dict[str, object] = {"status": found.status}
    if from_this_machine(request) or (found.fit and staff is not False and _is_staff(request)):
        body |= asdict(found)
    return JsonResponse(body, status=HTTPStatus.OK if found.fit else HTTPStatus.SERVICE_UNAVAILABLE)


def examine() -> Report:
    """Look at database, migrations, clockwork, outbox, Redis, and what this web server could not answer."""
    found = Report(redis=redis_state())
    try:
        found.migrations = _migrations()
        if found.fit:
            _count(found)
    except DatabaseError:
        found.database = "unreachable"
        connection.close()
    _look_at_faults(found)
    if found.redis != "ok":
        found.alerts.append("redis_degraded")
    return found


def _count(found: Report) -> None:
    now = figures()
    found.last_sweep_age = now.sweep_age
    found.timers = {"due": now.due, "overdue": now.overdue, "failed": now.failed_timers, "held": now.held_timers}
    found.deliveries = {
        "undelivered": now.undelivered,
        "failed": now.failed_deliveries,
        "held": now.held_deliveries,
        "oldest_undelivered_age": now.oldest_undelivered_age,
    }
    found.webhooks = {"undelivered": now.waiting_webhooks, "failed": now.failed_webhooks}
    found.files = {"waiting_for_scan": now.unscanned_files, "oldest_waiting_age": now.oldest_unscanned_age}
    duty = rota.figures(now=clock.now())
    next_gap = duty.next_gap_at.isoformat() if duty.next_gap_at else None
    found.rota = {"kept": duty.kept, "uncovered": duty.uncovered, "next_gap_at": next_gap}
    lag = sealing_lag()
    found.audit = {"sealing_lag": lag}
    alerts = {
        "audit_unsealed": lag > SEALED_WITHIN.total_seconds(),
        "nobody_on_duty": duty.uncovered > 0,
        "sweep_stale": now.sweep_age is None or now.sweep_age > STALE_SWEEP.total_seconds(),
        "timers_overdue": now.overdue > 0,
        "timers_failed": now.failed_timers > 0,
        "deliveries_failed": now.failed_deliveries > 0,
        "undelivered": (now.oldest_undelivered_age or 0) > OLD_DELIVERY.total_seconds(),
        "webhooks_unsent": is_waiting(since=clock.now() - OLD_DELIVERY),
        "files_unscanned": (now.oldest_unscanned_age or 0) > OLD_FILE.total_seconds(),
        "held_after_restore": now.held_timers + now.held_deliveries > 0,
    }
    found.alerts += [code for code, on in alerts.items() if on]


def _look_at_faults(found: Report) -> None:
    """A 500 is an alert for a while; its request id leads to the line in the log."""
    last = faults.last()
    if last:
        found.faults = {"last_age": round(last.age, 1), "last_request_id": last.request_id}
        if last.age <= RECENT_FAULT.total_seconds():
            found.alerts.append("server_error")


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


def redis_state() -> str:
    """`ok`, or `degraded` where Redis does not answer within its time."""
    client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=2)
    try:
        return "ok" if client.ping() else "degraded"
    except (redis.RedisError, OSError):
        return "degraded"
    finally:
        client.close()


def from_this_machine(request: HttpRequest) -> bool:
    """Tell whether the caller sits on this machine."""
    address = metrics.caller_address(request)
    return address is not None and address.is_loopback


def _is_staff(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return bool(user is not None and user.is_authenticated and user.is_staff)
