"""What is due now and then: throwing away what is past its time, renewing calendars, making the shifts to come."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore

from accounts import idempotency, limits
from accounts.services.calendars import renew_calendars
from accounts.services.duty_patterns import extend_rota
from tickets.services.orphans import remove_orphans


def tidy_up() -> dict[str, int]:
    """Throw away what is past its time and renew what runs out, in bounded portions; return the counts."""
    SessionStore.clear_expired()
    return {
        "keys": idempotency.purge(),
        "counters": limits.purge(),
        "files": remove_orphans(),
        "calendars": renew_calendars(),
        "shifts": extend_rota(),
    }
