"""Thin layers around every answer: a request id, the headers of RELIABILITY.md, proxies, and the end of sessions."""

import ipaddress
import logging
import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control

logger = logging.getLogger("portal.access")

WELL_FORMED_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
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
        if request.path.startswith((settings.STATIC_URL, "/healthz", "/readyz")) and response.status_code < 400:
            return
        user = getattr(request, "user", None)
        actor = user.pk if user is not None and user.is_authenticated else None
        level = logging.WARNING if response.status_code in (401, 403, 404, 429) else logging.INFO
        fields = {"status": response.status_code, "ms": round(took * 1000), "actor": actor}
        logger.log(level, "%s %s", request.method, request.path, extra=fields)


class HeadersMiddleware:
    """Set the headers that Django and django-csp leave out, and forbid storing what is behind the sign-in."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Add what the view did not set itself."""
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        if not request.path.startswith(settings.STATIC_URL) and not response.has_header("Cache-Control"):
            patch_cache_control(response, no_store=True)
        return response


class ProxyMiddleware:
    """Believe X-Forwarded-For and X-Forwarded-Proto from listed proxies, and from nobody else."""

    def __init__(self, get_response: GetResponse) -> None:
        """Read the list of proxies."""
        self.get_response = get_response
        self.proxies = [ipaddress.ip_network(proxy, strict=False) for proxy in settings.TRUSTED_PROXIES]

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Put the client's address where everybody looks for it, in REMOTE_ADDR."""
        if self._listed(request.META.get("REMOTE_ADDR", "")):
            hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
            request.META["REMOTE_ADDR"] = (
                next((hop for hop in reversed(hops) if not self._listed(hop)), "") or (request.META["REMOTE_ADDR"])
            )
        return self.get_response(request)

    def _listed(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in proxy for proxy in self.proxies)


class SessionLifetimeMiddleware:
    """End a session 12 hours after sign-in; two idle hours end it before, and use within them prolongs it."""

    BEGAN, SEEN = "session_began_at", "session_seen_at"
    NOTE_USE_EVERY = 300  # seconds; not every page shall write to the database

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Sign out who has been in for too long; note the use of everybody else's session."""
        if request.user.is_authenticated:
            now = int(time.time())
            if now - request.session.setdefault(self.BEGAN, now) >= settings.SESSION_MAXIMUM_AGE:
                logout(request)
            elif now - request.session.get(self.SEEN, 0) >= self.NOTE_USE_EVERY:
                request.session[self.SEEN] = now
        return self.get_response(request)
