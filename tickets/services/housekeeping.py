"""What is thrown away once nobody needs it any more: old sessions, keys and counters, files without a row."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore

from accounts import idempotency, limits
from tickets.services.orphans import remove_orphans


def tidy_up() -> dict[str, int]:
    """Throw away what is past its time, in bounded portions; return the counts."""
    SessionStore.clear_expired()
    return {"keys": idempotency.purge(), "counters": limits.purge(), "files": remove_orphans()}
