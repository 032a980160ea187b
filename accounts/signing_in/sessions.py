"""The store of sessions (SESSION_ENGINE): Django's, whose rows know whose they are and since when."""

from __future__ import annotations

import ipaddress
import uuid
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from accounts.models import PersonSession

BEGAN, SEEN = "session_began_at", "session_seen_at"
ADDRESS, AGENT, PUBLIC_ID = "session_address", "session_agent", "session_public_id"
AGENT_LIMIT = 300


class SessionStore(DatabaseStore):
    """Keeps a session as Django does, and what identifies it to its owner in columns."""

    @classmethod
    def get_model_class(cls) -> type[PersonSession]:
        """The table."""
        return PersonSession

    def create_model_instance(self, data: dict[str, Any]) -> PersonSession:
        """The row for this session."""
        row: Any = super().create_model_instance(data)
        person = data.get(SESSION_KEY)
        if person is not None:
            public_id = data.get(PUBLIC_ID)
            row.public_id = uuid.UUID(public_id) if public_id else None
            row.person_id = int(person)
            row.began_at, row.seen_at = _instant(data.get(BEGAN)), _instant(data.get(SEEN))
            row.address, row.user_agent = address_or_none(data.get(ADDRESS, "")), data.get(AGENT, "")
        return row  # type: ignore[no-any-return]


def address_or_none(text: str) -> str | None:
    """The address, if it is one: a server behind a socket of the file system sees none."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, tz=UTC)
