"""Sealing events in hash chains, at most a minute after they were recorded (P-10)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from accounts.audit.chains import COLUMNS, record_of
from accounts.audit.verify_audit import GENESIS, chain_hash, record_hash
from accounts.models import Event, Seal, UnsealedEvent

SEALED_WITHIN = timedelta(minutes=1)
BATCH = 500
SHARE_OF_SWEEP = timedelta(seconds=1)  # timers of the next sweep must not wait for a backlog
LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('accounts.sealing', 0))"
HEADS = """
    SELECT chain, sequence, hash FROM unnest(%s::bigint[]) AS wanted(id), LATERAL (
        SELECT chain, sequence, hash FROM accounts_seal WHERE chain = wanted.id ORDER BY sequence DESC LIMIT 1) AS head
"""
LAG = """
    SELECT extract(epoch FROM clock_timestamp() - queued_at)::float FROM accounts_unsealedevent
    ORDER BY event_id LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Head:
    """The last place of a chain."""

    sequence: int
    hash: str


NO_HEAD = Head(0, GENESIS)


def seal_events(*, within: timedelta = SHARE_OF_SWEEP, batch: int = BATCH) -> int:
    """Seal what waits, batch by batch, as long as the time lasts; return how many.

    Several sweeps may try at once: one seals, the others find the lock taken and go on with their own work.
    """
    until, sealed = time.monotonic() + within.total_seconds(), 0
    while UnsealedEvent.objects.exists() and (done := _seal_batch(batch)):
        sealed += done
        if done < batch or time.monotonic() >= until:
            break
    return sealed


@transaction.atomic
def _seal_batch(batch: int) -> int:
    """Seal the oldest events that wait. What commits later, with whatever id, waits in the queue until its turn."""
    if not _locked():
        return 0
    waiting = list(UnsealedEvent.objects.order_by("event_id")[:batch])
    heads = heads_of({row.chain for row in waiting})
    events = {
        row["pk"]: row for row in Event.objects.filter(pk__in=[w.event_id for w in waiting]).values("pk", *COLUMNS)
    }
    seals = []
    for row in waiting:
        seal = _seal(row.chain, events[row.event_id], heads.get(row.chain, NO_HEAD))
        heads[row.chain] = Head(seal.sequence, seal.hash)
        seals.append(seal)
    Seal.objects.bulk_create(seals)
    UnsealedEvent.objects.filter(pk__in=[row.pk for row in waiting]).delete()
    return len(seals)


def _locked() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
        return bool(cursor.fetchone()[0])


def _seal(chain: int, event: dict[str, Any], head: Head) -> Seal:
    salt, sequence = secrets.token_hex(16), head.sequence + 1
    place = chain_hash(head.hash, sequence, record_hash(record_of(event, salt=salt)))
    return Seal(event_id=event["pk"], chain=chain, sequence=sequence, salt=salt, hash=place)


def heads_of(chains: Iterable[int]) -> dict[int, Head]:
    """The last places of these chains; one without a seal is not among them."""
    with connection.cursor() as cursor:
        cursor.execute(HEADS, [sorted(chains)])
        return {chain: Head(sequence, place) for chain, sequence, place in cursor.fetchall()}


def sealing_lag() -> float:
    """For how many seconds the oldest event waits for its seal; 0 when none does."""
    with connection.cursor() as cursor:
        cursor.execute(LAG)
        found = cursor.fetchone()
    return round(max(0.0, found[0]), 1) if found else 0.0


# ── Verifying what the database holds ───────────────────────────────────────────────────────────────────────────────

UNGUARDED = """
    SELECT e.id FROM accounts_event e WHERE NOT EXISTS (SELECT FROM accounts_seal s WHERE s.event_id = e.id)
    AND NOT EXISTS (SELECT FROM accounts_unsealedevent u WHERE u.event_id = e.id) ORDER BY e.id LIMIT 1
"""


def chain_faults() -> Iterator[tuple[str, str]]:
    """What is wrong with the chains, as (subject, problem): the first fault of each, and an event outside of them."""
    for chain in Seal.objects.order_by("chain").values_list("chain", flat=True).distinct():
        yield from _faults_of(chain)
    with connection.cursor() as cursor:
        cursor.execute(UNGUARDED)
        yield from ((f"event {found[0]}", "is neither sealed nor waits for its seal") for found in cursor.fetchall())


def _faults_of(chain: int) -> Iterator[tuple[str, str]]:
    head = NO_HEAD
    seals = Seal.objects.filter(chain=chain).order_by("sequence").select_related("event")
    for seal in seals.iterator(chunk_size=BATCH):
        expected = head.sequence + 1
        if seal.sequence != expected:
            yield f"chain {chain}", f"record {expected} is missing"
            return
        if seal.hash != chain_hash(head.hash, expected, record_hash(record_of(seal.event, salt=seal.salt))):
            yield f"chain {chain}", f"record {expected} (event {seal.event_id}) was altered"
            return
        head = Head(seal.sequence, seal.hash)
