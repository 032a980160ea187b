"""What a session has proven of its person, and when: a second factor, and that it is they who sit there just now."""

from __future__ import annotations

import time
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest

from accounts.models import Person
from accounts.signing_in import factors
from accounts.signing_in.sessions import BEGAN

SECOND_FACTOR, CONFIRMED = "second_factor_shown", "confirmed_at"
CEREMONY = "webauthn_ceremony"  # what a key is asked to sign, until it has


def begin(request: HttpRequest) -> None:
    """A new session: it has shown a second factor if this very request did."""
    shown_by: Any = getattr(request, "second_factor_of", None)
    request.session[SECOND_FACTOR] = shown_by is not None and shown_by == getattr(request.user, "pk", None)
    request.session.pop(CONFIRMED, None)


def pass_for(request: HttpRequest, person: Person) -> None:
    """Let the session that this request opens begin with a second factor shown."""
    request.second_factor_of = person.pk  # type: ignore[attr-defined]


def has_second_factor(request: HttpRequest) -> bool:
    """Whether this session has shown one; with the last one removed, or a reset, such sessions end."""
    return bool(request.session.get(SECOND_FACTOR))


def lacks_second_factor(request: HttpRequest) -> bool:
    """Whether its person must have shown one, and this session has not (P-6)."""
    return not has_second_factor(request) and request.user.is_authenticated and factors.must_have(request.user)


def show_second_factor(request: HttpRequest) -> None:
    """Note that the session has shown one; it gets another key, as at every gain of rights."""
    request.session[SECOND_FACTOR] = True
    confirm(request)
    request.session.cycle_key()


def forget_second_factor(request: HttpRequest) -> None:
    """Note that there is none any more."""
    request.session[SECOND_FACTOR] = False


def confirm(request: HttpRequest) -> None:
    """Note that the person has just proven to be there."""
    request.session[CONFIRMED] = int(time.time())


def is_recent(request: HttpRequest) -> bool:
    """Whether they did so, or signed in, within the last quarter of an hour."""
    last = max(request.session.get(BEGAN, 0), request.session.get(CONFIRMED, 0))
    return bool(time.time() - last <= settings.RECENT_SIGN_IN)


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person has just signed in or proven anew that it is they, with the second factor that they have.

    A session that began before its person had a second factor has not shown it, however young it is.
    """
    if not request.user.is_authenticated or not is_recent(request):
        return False
    return has_second_factor(request) or not factors.standing_of(request.user).is_set_up


def ask_key(request: HttpRequest, state: dict[str, Any]) -> None:
    """Keep what a key is asked to sign."""
    request.session[CEREMONY] = state


def take_asked(request: HttpRequest) -> dict[str, Any]:
    """What a key was asked to sign, once; nothing that any answer could match when nothing was asked."""
    return cast(dict[str, Any], request.session.pop(CEREMONY, None) or {})
