"""What is due now and then: throwing away what is past its time, renewing calendars, making the shifts to come."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from accounts import clock, idempotency, limits
from accounts.models import PersonSession
from accounts.services import mail_addresses
from accounts.services.calendars import renew_calendars
from accounts.services.duty_patterns import extend_rota
from tickets.services.exports import expire_exports
from tickets.services.orphans import remove_orphans
from tickets.services.retention import apply_retention

log = structlog.get_logger(__name__)


def remove_sessions() -> int:
    """Remove what has run out of sessions; return how many went."""
    return PersonSession.objects.filter(expire_date__lt=clock.now()).delete()[0]


PARTS: tuple[tuple[str, Callable[[], int]], ...] = (
    ("sessions", remove_sessions),
    ("keys", idempotency.purge),
    ("counters", limits.purge),
    ("mail_changes", mail_addresses.purge),
    ("retention", apply_retention),
    ("exports", expire_exports),
    ("files", remove_orphans),
    ("calendars", renew_calendars),
    ("shifts", extend_rota),
)


def tidy_up() -> dict[str, int]:
    """Throw away what is past its time and renew what runs out, in bounded portions; return the counts.

    A part that fails is logged and never stops those behind it: a full disk must not empty the duty rota (P-9).
    """
    return {name: _done(name, part) for name, part in PARTS}


def _done(name: str, part: Callable[[], int]) -> int:
    try:
        return part()
    except Exception:
        log.exception("housekeeping.failed", part=name)
        return 0
