"""A person's own sessions, ended one by one or all but the present (P-6)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from accounts import selectors
from accounts.actors import Actor
from accounts.audit import About, record_event
from accounts.errors import SessionNotFound
from accounts.models import Person
from accounts.transactions import service


@service
def end_session(*, person: Person, public_id: UUID, now: datetime | None = None) -> None:
    """End one of the person's sessions, from its next request on (P-6). Raises SessionNotFound."""
    assert now
    ended, _ = selectors.sessions_of(person, now=now).filter(public_id=public_id).delete()
    if not ended:
        raise SessionNotFound
    _record(person, ended, now=now)


@service
def end_other_sessions(*, person: Person, but: str | None, now: datetime | None = None) -> int:
    """End the person's sessions, all but the one with this key; return how many there were."""
    assert now
    ended, _ = selectors.sessions_of(person, now=now).exclude(session_key=but or "").delete()
    if ended:
        _record(person, ended, now=now)
    return ended


def _record(person: Person, ended: int, *, now: datetime) -> None:
    about = About(organisation_id=person.organisation_id)
    record_event("sessions_ended", about=about, at=now, actor=Actor(person_id=person.pk), data={"sessions": ended})
