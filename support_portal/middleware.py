"""Thin layers around every answer: a request id, the headers of RELIABILITY.md, and proxies."""

import ipaddress
import logging
import re
import time
import uuid
from collections.abc import Callable
from http import HTTPStatus

import structlog
from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from support_portal import faults, metrics
from support_portal.problems.handlers import not_found, refuse
from support_portal.problems.responses import is_api

logger = logging.getLogger("portal.access")

WELL_FORMED_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
UNCOUNTED = (settings.STATIC_URL, "/healthz", "/readyz", "/metrics")
GetResponse = Callable[[HttpRequest], HttpResponseBase]


class RequestIdMiddleware:
    """Give each request an id, the caller's own if it is well formed; logs, tasks and the answer carry it."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Bind the id while the request is worked on, and log one line at its end."""
        given = request.headers.get("X-Request-ID", "")
        request_id = given if WELL_FORMED_ID.fullmatch(given) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        started = time.monotonic()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            response["X-Request-ID"] = request_id
            self._log(request, response, time.monotonic() - started)
        return response

    def _log(self, request: HttpRequest, response: HttpResponseBase, took: float) -> None:
        if response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
            faults.note(request.request_id)  # type: ignore[attr-defined]
        if request.path.startswith(UNCOUNTED) and response.status_code < 400:
            return
        metrics.observe(request, response, took=took)
        level = logging.WARNING if response.status_code in (401, 403, 404, 429) else logging.INFO
        fields = {"status": response.status_code, "ms": round(took * 1000), "actor": _actor(request)}
        logger.log(level, "%s %s", request.method, _path_without_secret(request), extra=fields)


def _path_without_secret(request: HttpRequest) -> str:
    """The path as it may stand in a log; the secret of a link in a mail is called `key` in its address."""
    match = request.resolver_match
    secret = str(match.kwargs.get("key", "")) if match else ""
    return request.path.replace(secret, "…") if secret else request.path


def _actor(request: HttpRequest) -> int | None:
    """Return who acted, as far as anybody asked; a line of the log is no reason to go to the database."""
    user = request.__dict__.get("user")
    if isinstance(user, SimpleLazyObject):
        user = getattr(request, "_cached_user", None)
    return getattr(user, "pk", None)


class HeadersMiddleware:
    """Set the headers that Django and django-csp leave out, and forbid storing what is behind the sign-in."""

    def __init__(self, get_response: GetResponse) -> None:
        """Collect the headers, which are the same for every answer."""
        self.get_response = get_response
        self.headers = {
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": settings.X_FRAME_OPTIONS,
            "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
            "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": settings.PERMISSIONS_POLICY,
        }

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Add what the view did not set itself."""
        response = self.get_response(request)
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)
        if settings.SECURE_HSTS_SECONDS:
            response.headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains"
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class ProxyMiddleware:
    """Believe X-Forwarded-For and X-Forwarded-Proto from listed proxies, and from nobody else."""

    def __init__(self, get_response: GetResponse) -> None:
        """Read the list of proxies."""
        self.get_response = get_response
        self.proxies = [ipaddress.ip_network(proxy, strict=False) for proxy in settings.TRUSTED_PROXIES]

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Put the client's address and scheme where everybody looks for them."""
        if self._listed(request.META.get("REMOTE_ADDR", "")):
            hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
            client = next((hop for hop in reversed(hops) if not self._listed(hop)), hops[0])  # all listed: the farthest
            if _is_address(client):
                request.META["REMOTE_ADDR"] = client
                request.came_by_listed_proxy = True  # type: ignore[attr-defined]
            if request.headers.get("X-Forwarded-Proto") in ("http", "https"):
                request.META["wsgi.url_scheme"] = request.headers["X-Forwarded-Proto"]
        return self.get_response(request)

    def _listed(self, address: str) -> bool:
        return _is_address(address) and any(ipaddress.ip_address(address) in proxy for proxy in self.proxies)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


class SizeMiddleware:
    """Refuse what is too large before anything reads it (P-8)."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer 414, 431, 413, 404 or 411, or go on."""
        for status, size, limit in self._sizes(request):
            if size > limit:
                return refuse(request, status)
        if "\x00" in request.path_info:
            return not_found(request, Http404())  # no address of ours has one, and PostgreSQL takes none
        if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
            return refuse(request, HTTPStatus.LENGTH_REQUIRED)  # Django would take it for empty
        return self.get_response(request)

    def _sizes(self, request: HttpRequest) -> list[tuple[HTTPStatus, int, int]]:
        headers = sum(len(name) + len(value) + 4 for name, value in request.headers.items())
        return [
            (HTTPStatus.REQUEST_URI_TOO_LONG, len(request.get_full_path()), settings.MAX_URL_BYTES),
            (HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, headers, settings.MAX_HEADER_BYTES),
            (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _body_size(request), _body_limit(request)),
        ]


def _body_limit(request: HttpRequest) -> int:
    if request.content_type != "multipart/form-data":
        return settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return settings.MAX_API_UPLOAD_BYTES if is_api(request) else settings.MAX_UPLOAD_BYTES


def _body_size(request: HttpRequest) -> int:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() else 0
