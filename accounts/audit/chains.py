"""What of an event is sealed: one canonical record, from the row as the database has it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from accounts.models import Event

# The columns that a record holds. One that is added later needs another FORM, or what is sealed no longer verifies.
FORM = 1
COLUMNS = (
    "actor_id",
    "address",
    "at",
    "data",
    "delegation_id",
    "internal",
    "kind",
    "number",
    "on_behalf_of_id",
    "organisation_id",
    "recorded_at",
    "ref",
    "request_id",
    "via",
)


def record_of(row: Mapping[str, Any] | Event, *, salt: str) -> dict[str, Any]:
    """The record of an event, as it is hashed and exported; instants are UTC to the microsecond."""
    read = (lambda name: getattr(row, name)) if isinstance(row, Event) else row.__getitem__
    record = {name.removesuffix("_id") if name != "request_id" else name: _plain(read(name)) for name in COLUMNS}
    return {**record, "form": FORM, "salt": salt}


def instant(at: datetime) -> str:
    """An instant as records write it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _plain(value: Any) -> Any:
    return instant(value) if isinstance(value, datetime) else value
