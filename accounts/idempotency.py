"""A repeated call is answered, not repeated: keys of POSTs, for the API and for forms (P-2)."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus

from django.db import connection

from accounts import clock
from accounts.errors import InvalidKey, KeyInUse, KeyReused
from accounts.models import IdempotencyKey
from accounts.transactions import service

KEPT = timedelta(hours=48)
VALID_KEY = re.compile(r"[\x21-\x7e]{1,64}")


@dataclass(frozen=True, slots=True)
class Call:
    """One keyed call: by whom, for which organisation, and what exactly was asked."""

    person_id: int
    organisation_id: int | None
    key: str
    method: str
    path: str
    digest: str

    @property
    def lock(self) -> int:
        """The number of the advisory lock that calls with this key share."""
        name = f"idempotency:{self.person_id}:{self.organisation_id}:{self.key}"
        return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: kept for 48 h, in the transaction of the work itself."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Once:
    """The outcome of `once`: what the work returned, and whether it was done now or earlier."""

    result: str
    replayed: bool


def new_key() -> str:
    """A key for the hidden field of a form."""
    return secrets.token_urlsafe(24)


def usable_key(key: str) -> str:
    """The key of a form; a form without one is taken for a new one."""
    return key if VALID_KEY.fullmatch(key) else new_key()


def check_key(key: str) -> str:
    """Return `key`, or raise InvalidKey."""
    if not VALID_KEY.fullmatch(key):
        raise InvalidKey
    return key


def claim(call: Call, *, now: datetime) -> Answer | None:
    """Hold the key until the transaction ends; return the stored answer, or None when the work is yet to do.

    Raises KeyInUse while another call holds it, and KeyReused when it belongs to something else.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [call.lock])
        if not cursor.fetchone()[0]:
            raise KeyInUse
    return _stored(call, now=now)


def claim_in_turn(call: Call, *, now: datetime) -> Answer | None:
    """As `claim`, but wait for the other call, for as long as a lock may take: what a double click wants."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [call.lock])
    return _stored(call, now=now)


def keep(call: Call, answer: Answer) -> None:
    """Store the answer of a claimed call."""
    IdempotencyKey.objects.create(
        person_id=call.person_id,
        organisation_id=call.organisation_id,
        key=call.key,
        method=call.method,
        path=call.path,
        body_digest=call.digest,
        status=answer.status,
        headers=answer.headers,
        body=answer.body,
    )


def once(*, person_id: int, organisation_id: int | None, key: str, fingerprint: str, work: Callable[[], str]) -> Once:
    """Do `work` once per key and return its result, such as a number or an address; how pages use keys.

    `fingerprint` is whatever makes two forms the same: the page's path and a digest of its fields. A double click
    waits for the first one and gets its result. Raises InvalidKey, KeyReused and whatever `work` raises.
    """
    digest = hashlib.sha256(fingerprint.encode()).hexdigest()
    return _once(Call(person_id, organisation_id, check_key(key), "FORM", "", digest), work)


@service
def _once(call: Call, work: Callable[[], str], *, now: datetime | None = None) -> Once:
    assert now
    stored = claim_in_turn(call, now=now)
    if stored:
        return Once(result=stored.body, replayed=True)
    result = work()
    keep(call, Answer(status=HTTPStatus.OK, body=result))
    return Once(result=result, replayed=False)


def purge(*, now: datetime | None = None, batch: int = 1000) -> int:
    """Delete up to `batch` keys older than 48 h; return how many went."""
    now = now or clock.now()
    old = IdempotencyKey.objects.filter(created_at__lte=now - KEPT).order_by("created_at").values("pk")[:batch]
    deleted, _ = IdempotencyKey.objects.filter(pk__in=old).delete()
    return deleted


def _stored(call: Call, *, now: datetime) -> Answer | None:
    mine = IdempotencyKey.objects.filter(person=call.person_id, organisation=call.organisation_id, key=call.key)
    row = mine.first()
    if row is None:
        return None
    if row.created_at <= now - KEPT:
        mine.delete()
        return None
    if (row.method, row.path, row.body_digest) != (call.method, call.path, call.digest):
        raise KeyReused
    return Answer(status=row.status, body=row.body, headers=row.headers)
