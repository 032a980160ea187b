"""`GET /metrics` for Prometheus: the web server's own requests, and what the database knows of clockwork and outbox."""

import ipaddress
import os
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from http import HTTPStatus

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeHistogramMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from accounts import selectors
from accounts.permissions import may
from accounts.services import tokens
from accounts.services.sealing import sealing_lag
from tickets.selectors import figures

SCOPE = "operations:read"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
RECENTLY = timedelta(minutes=15)
A_DAY = timedelta(days=1)
KINDS_EVERY = 60.0  # seconds; the one figure whose cost grows with the number of waiting timers

web = CollectorRegistry()
DURATION = Histogram(
    "portal_request_duration_seconds", "Time to answer", ["view", "method"], buckets=SECONDS, registry=web
)
ANSWERS = Counter("portal_responses", "Answers by status", ["view", "status"], registry=web)


def observe(request: HttpRequest, response: HttpResponseBase, *, took: float) -> None:
    """Count one answer; views are told apart by name, so that nobody can make up labels."""
    match = request.resolver_match
    view = (match.view_name or "unnamed") if match else "none"
    method = request.method if request.method in METHODS else "other"
    DURATION.labels(view, method).observe(took)
    ANSWERS.labels(view, str(response.status_code)).inc()


def metrics(request: HttpRequest, *, from_here: bool) -> HttpResponse:
    """Answer this machine, the networks of METRICS_NETWORKS, and tokens of staff who may read operations."""
    if not (from_here or _from_listed_network(request) or _has_token(request)):
        return HttpResponse("403 Forbidden\n", status=HTTPStatus.FORBIDDEN, content_type="text/plain; charset=utf-8")
    body = generate_latest(_web_registry()) + generate_latest(_desk)
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST)


def _web_registry() -> CollectorRegistry:
    """The figures of all processes of this web server, or of this one where it is alone."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return web
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # prometheus_client is half typed
    return registry


def caller_address(request: HttpRequest) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address of the caller, None where it is not known: whom a proxy speaks for, only a listed one may say."""
    forwarded = {"X-Forwarded-For", "Forwarded", "X-Real-Ip"} & set(request.headers)
    if forwarded and not getattr(request, "came_by_listed_proxy", False):
        return None
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return None


def _from_listed_network(request: HttpRequest) -> bool:
    address = caller_address(request)
    networks = [ipaddress.ip_network(network, strict=False) for network in settings.METRICS_NETWORKS]
    return address is not None and any(address in network for network in networks)


def _has_token(request: HttpRequest) -> bool:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.startswith(tokens.PREFIX) or len(secret) > 128:
        return False
    try:
        token = tokens.use_token(secret.strip())
        if token is None or SCOPE not in token.scopes or not token.person.is_staff:
            return False
        actor = selectors.actor_for(token.person, now=timezone.now())
    except DatabaseError:
        connection.close()
        return False
    return may(actor, "read_operations")


class Desk(Collector):
    """What the database tells at the moment of asking, whichever process did the work."""

    def __init__(self) -> None:
        """Begin without knowing the kinds."""
        self._kinds: dict[str, int] = {}
        self._kinds_at = 0.0

    def describe(self) -> Iterable[Metric]:
        """Name nothing beforehand: registering must not ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Ask the database; where it is away, say only that."""
        try:
            found = [*self._clockwork(), *self._lateness()]
        except DatabaseError:
            connection.close()
            found = []
        yield _gauge("portal_database_up", "Whether the database answers", float(bool(found)))
        yield from found

    def _clockwork(self) -> Iterator[Metric]:
        now = figures.figures()
        if now.sweep_age is not None:
            yield _gauge("portal_sweep_age_seconds", "Time since the last sweep", now.sweep_age)
        timers = {"due": now.due, "overdue": now.overdue, "failed": now.failed_timers, "held": now.held_timers}
        yield _labelled("portal_timers", "Timers that matter now", "state", timers)
        yield _labelled("portal_timers_waiting", "Timers that wait, by kind", "kind", self._waiting_by_kind())
        deliveries = {"pending": now.undelivered, "failed": now.failed_deliveries, "held": now.held_deliveries}
        yield _labelled("portal_deliveries", "Notices that are not delivered", "state", deliveries)
        webhooks = {"pending": now.waiting_webhooks, "failed": now.failed_webhooks}
        yield _labelled("portal_webhooks", "Webhooks that their receivers have not taken", "state", webhooks)
        oldest = now.oldest_undelivered_age or 0.0
        yield _gauge("portal_oldest_undelivered_seconds", "Age of the oldest unsent notice", oldest)
        age = now.oldest_unscanned_age or 0.0
        yield _gauge("portal_oldest_unscanned_seconds", "Age of the oldest file that waits for its virus scan", age)
        yield _gauge("portal_audit_sealing_lag_seconds", "Wait of the oldest event for its seal", sealing_lag())
        broken = figures.breaches(within=A_DAY)
        yield _gauge("portal_promises_broken_last_day", "Promises whose deadline passed within 24 h", broken)

    def _waiting_by_kind(self) -> dict[str, int]:
        if not self._kinds_at or time.monotonic() - self._kinds_at > KINDS_EVERY:
            self._kinds, self._kinds_at = figures.waiting_by_kind(), time.monotonic()
        return self._kinds

    def _lateness(self) -> Iterator[Metric]:
        late = figures.lateness(within=RECENTLY)
        bounds = [*(str(float(bound)) for bound in figures.BOUNDS), "+Inf"]
        buckets = list(zip(bounds, [*late.buckets, late.fired], strict=True))
        name, text = "portal_timer_lateness_seconds", "Lateness of timers that fired within 15 min"
        yield GaugeHistogramMetricFamily(name, text, buckets=buckets, gsum_value=late.total)
        yield _gauge("portal_timer_lateness_most_seconds", "The largest lateness within 15 min", late.most)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)


def _labelled(name: str, text: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for each, value in values.items():
        family.add_metric([each], value)
    return family


_desk = CollectorRegistry()
_desk.register(Desk())
