"""What a page must know of its reader: the age of their session, language and time zone, for whom they act."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils import timezone, translation

from accounts import acting, circumstances, timezones
from accounts.edges import ACTING_FOR, actor_of, problem_for
from accounts.errors import DelegationOver, OrganisationNotFound
from accounts.signing_in import browsers, proofs, sign_on_sessions
from accounts.signing_in.sessions import ADDRESS, AGENT, AGENT_LIMIT, BEGAN, PUBLIC_ID, SEEN

GetResponse = Callable[[HttpRequest], HttpResponseBase]
NOTE_USE_EVERY = 300  # seconds; not every page shall write to the database
API_PREFIX = "/api/"
FOR_ONESELF = frozenset({"account_logout", "set_language", "set_theme", "accounts:stop_acting"})  # not for a customer
CHOOSING = "accounts:acting_for"  # names the customer itself


# What somebody without the second factor that they must have can open all the same: setting it up, and leaving.
BEFORE_THE_FACTOR = frozenset(
    {
        "accounts:gate",
        "accounts:add_app",
        "accounts:add_key",
        "account_logout",
        "set_language",
        "set_theme",
        "accounts:stop_acting",
    }
)


def begin_session(request: HttpRequest, **_signal: object) -> None:
    """Note whose session began when, where and how; hears Django's `user_logged_in`, around which no road leads."""
    request.session[BEGAN] = request.session[SEEN] = int(time.time())
    request.session[PUBLIC_ID] = str(uuid.uuid4())
    request.session[ADDRESS] = str(request.META.get("REMOTE_ADDR", ""))
    request.session[AGENT] = request.headers.get("User-Agent", "")[:AGENT_LIMIT].replace("\x00", "")
    proofs.begin(request)


class CircumstancesMiddleware:
    """Let what is recorded say from which address it came; an API token that is accepted says so itself (P-10)."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Set the circumstances of this one request; ProxyMiddleware, outside of us, knows whose address it is."""
        with circumstances.under(circumstances.PAGE, address=request.META.get("REMOTE_ADDR", "")):
            return self.get_response(request)


class BrowserMiddleware:
    """Give the cookie by which it is known again to a browser from which somebody has just signed in."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Add it to the answer."""
        response = self.get_response(request)
        browsers.remember(request, response)
        return response


class SessionAgeMiddleware:
    """End a session 12 hours after sign-in and after two idle hours; use prolongs it, noted every five minutes."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Sign out who has been in, or away, for too long."""
        if SESSION_KEY in request.session:
            self._check(request, now=int(time.time()))
        return self.get_response(request)

    def _check(self, request: HttpRequest, *, now: int) -> None:
        began, seen = request.session.get(BEGAN), request.session.get(SEEN)
        if (
            began is None
            or seen is None
            or now - began > settings.SESSION_MAXIMUM_AGE
            or now - seen > settings.SESSION_COOKIE_AGE
        ):
            logout(request)
        elif now - seen >= NOTE_USE_EVERY:
            request.session[SEEN] = now


class SignOnMiddleware:
    """End a session once the single sign-on that opened it is off, or once passwords no longer count (P-6)."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Sign out whose way in is closed; the person was read with all that this asks."""
        if SESSION_KEY in request.session and not sign_on_sessions.is_open(request):
            logout(request)
        return self.get_response(request)


class PersonMiddleware:
    """Draw each page in its reader's language and time zone; visitors have the language of cookie or browser."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Switch for this one request; LocaleMiddleware, outside of us, names the language in the answer."""
        if not request.user.is_authenticated:
            return self.get_response(request)
        translation.activate(request.user.language)
        request.LANGUAGE_CODE = translation.get_language()
        with timezone.override(timezones.zone_or_utc(request.user.timezone)):
            return self.get_response(request)


class ActingForMiddleware:
    """Tell a partner's person that their delegation is over, before anything is done in its name (PA-1, P-6)."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on; the check needs to know its view."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        """Hold the customer acted for against the live delegations, and the form against who is acted for.

        The API answers for itself.
        """
        if not request.user.is_authenticated or request.path.startswith(API_PREFIX):
            return None
        if _view_name(request) in FOR_ONESELF:
            return None
        if ACTING_FOR in request.session:
            try:
                actor_of(request)
            except OrganisationNotFound:
                request.session.pop(ACTING_FOR, None)
                messages.warning(request, problem_for(DelegationOver()).detail)
                return see_other(request, reverse("accounts:acting_for"))
        return _refuse_for_another(request) if _is_ours(request) else None


class SecondFactorMiddleware:
    """Lead who must have a second factor, and has not shown it in this session, to where they can (P-6).

    Sessions that call the API are asked in `SessionAuthentication`; a token is no session. What a secret in a mail
    opens (the `key` of its address) goes by that secret alone.
    """

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on; the check needs to know its view."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: dict[str, object]
    ) -> HttpResponse | None:
        """Ask the session first, which costs nothing."""
        if SESSION_KEY not in request.session or proofs.has_second_factor(request) or "key" in kwargs:
            return None
        if request.path.startswith(API_PREFIX) or _view_name(request) in BEFORE_THE_FACTOR:
            return None
        if not proofs.lacks_second_factor(request):
            return None
        here = request.get_full_path() if request.method == "GET" else "/"
        return see_other(request, f"{reverse('accounts:gate')}?{urlencode({'next': here})}")


class SignInAgainMiddleware:
    """Take the whole window to the sign-in page when a part of a page is asked for after the session has ended."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Turn a redirect to the sign-in page, which htmx would draw inside the part, into one of the window."""
        response = self.get_response(request)
        sign_in = resolve_url(settings.LOGIN_URL)
        away = response.get("Location", "") if response.status_code == HTTPStatus.FOUND else ""
        if request.headers.get("HX-Request") != "true" or urlsplit(away).path != sign_in:
            return response
        return see_other(request, f"{sign_in}?{urlencode({'next': _page_of(request)})}")


def _is_ours(request: HttpRequest) -> bool:
    """Whether this is a page about an organisation: those of sign-in and of choices for oneself have no namespace."""
    return bool(request.resolver_match and request.resolver_match.namespaces) and _view_name(request) not in CHOOSING


def _refuse_for_another(request: HttpRequest) -> HttpResponse | None:
    """Refuse what was drawn for another organisation than is acted for now, unless its sender says: for that one."""
    is_part = request.headers.get("HX-Request") == "true"
    sends = request.method not in ("GET", "HEAD", "OPTIONS")
    if not (sends or is_part) or not acting.is_meant_for_another(request) or acting.return_to(request):
        return None
    if not sends:
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"HX-Refresh": "true"})
    found = acting.mistaken(request)
    if is_part:
        return render(request, "errors/_drawn_for_another.html", {"acting_for": found.acting_for})
    context = {"mistaken": found, "action": request.get_full_path()}
    return render(request, "errors/drawn_for_another.html", context, status=HTTPStatus.CONFLICT)


def see_other(request: HttpRequest, url: str) -> HttpResponse:
    """Send the whole window to `url`, also when htmx asked for a part of a page."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": url})
    response = HttpResponseRedirect(url)
    response.status_code = HTTPStatus.SEE_OTHER.value
    return response


def _view_name(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


def _page_of(request: HttpRequest) -> str:
    """The page that holds the part, on this site."""
    shown = urlsplit(request.headers.get("HX-Current-URL", ""))
    if shown.netloc and shown.netloc != request.get_host():
        return "/"
    return (f"{shown.path}?{shown.query}" if shown.query else shown.path) or "/"
