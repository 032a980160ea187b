"""A restored database must not repeat its past: what it believes undone is held until an operator releases it (P-2)."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.conf import settings
from django.db import DatabaseError, NotSupportedError, ProgrammingError, connection, transaction
from django.db.models import Q, QuerySet

from accounts import clock
from accounts.audit import About, record_event
from accounts.models import Delivery, DeliveryState
from accounts.transactions import service
from tickets.models import DatabaseIdentity, Timer, TimerState

log = structlog.get_logger(__name__)

# A cluster has an identifier for life; a recovery to an earlier point, or a promotion, begins a new timeline; a dump
# makes other objects, even where it is read back into the same database.
OBJECTS = """(SELECT oid FROM pg_database WHERE datname = current_database())
             || ':' || 'tickets_databaseidentity'::regclass::oid"""
CLUSTER = "(SELECT system_identifier FROM pg_control_system())"
TIMELINE = "substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)"
WHOLE = f"{CLUSTER} || ':' || {OBJECTS} || ':' || {TIMELINE}"
WITHOUT_CONTROL = f"{OBJECTS} || ':'"  # where a hosted server keeps those functions to itself
LOOK = "SELECT (SELECT identity FROM tickets_databaseidentity WHERE id = 1), {}"
RECOVERED_TO_A_POINT = "SELECT EXISTS (SELECT FROM pg_settings WHERE name = ANY (%s) AND setting <> '')"
TARGETS = [f"recovery_target{suffix}" for suffix in ("", "_time", "_xid", "_name", "_lsn")]


@dataclass(frozen=True, slots=True)
class Held:
    """How many timers and deliveries are meant."""

    timers: int = 0
    deliveries: int = 0


def heed_restore() -> None:
    """Hold what is due as soon as this is another database than before: a look before each claim, in its transaction.

    A new database, and one of a version that did not look yet, is adopted as it is.
    """
    known, current = _look()
    if known is None:
        _adopt(current)
    elif known != current:
        _hold_for(current)


def heed_restore_early() -> None:
    """The same when a web server begins, so that nothing its pages write is held with the rest; not at any price."""
    try:
        with transaction.atomic():
            heed_restore()
    except DatabaseError as error:
        log.warning("database.not_looked_at", error=type(error).__name__)


def adopt() -> None:
    """Take this database for the portal's own, whatever it was copied from: nothing has happened in it before."""
    DatabaseIdentity.objects.filter(pk=1).delete()
    _adopt(_look()[1])


@service
def hold_by_hand(*, now: datetime | None = None) -> Held:
    """Hold what is due because an operator knows of a restore that the database does not show."""
    assert now
    return _hold(cause="by_hand", now=now)


def _look() -> tuple[str | None, str]:
    with connection.cursor() as cursor:
        cursor.execute(LOOK.format(_identity()))
        known, current = cursor.fetchone()
        return known, current


@functools.cache
def _identity() -> str:
    """As much as this server shows of itself; asked once in the life of a process."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT {WHOLE}")
    except (ProgrammingError, NotSupportedError) as error:
        log.warning("database.hides_its_identity", error=str(error).strip())
        return WITHOUT_CONTROL
    return WHOLE


def _adopt(current: str) -> None:
    row = DatabaseIdentity(pk=1, identity=current, adopted_at=clock.now())
    DatabaseIdentity.objects.bulk_create([row], ignore_conflicts=True)


def _hold_for(current: str) -> None:
    """Hold once: whoever comes second waits for the first, and finds it done."""
    row = DatabaseIdentity.objects.select_for_update().get(pk=1)
    if row.identity == current:
        return
    now = clock.now()
    if _is_harmless_promotion(row.identity, current):
        log.warning("database.promoted", before=row.identity, now=current)
    else:
        held = _hold(cause="restored", now=now)
        log.error("database.restored", timers=held.timers, deliveries=held.deliveries, before=row.identity, now=current)
    row.identity, row.adopted_at = current, now
    row.save()


def _is_harmless_promotion(before: str, current: str) -> bool:
    """Whether only the timeline changed, nobody asked for an earlier point, and the operator trusts the standbys."""
    if not settings.TRUST_FAILOVER or before.rpartition(":")[0] != current.rpartition(":")[0]:
        return False
    with connection.cursor() as cursor:
        cursor.execute(RECOVERED_TO_A_POINT, [TARGETS])
        return not cursor.fetchone()[0]


def _hold(*, cause: str, now: datetime) -> Held:
    """What came due by now may have happened after the backup; every unsent notice may have gone out."""
    due = Timer.objects.filter(state=TimerState.WAITING, next_attempt_at__lte=now)
    held = Held(
        timers=due.update(state=TimerState.HELD),
        deliveries=unsent().update(state=DeliveryState.HELD, lease_until=None),
    )
    data = {"timers": held.timers, "deliveries": held.deliveries, "cause": cause}
    record_event("held_after_restore", about=About(), at=now, data=data)
    return held


def unsent() -> QuerySet[Delivery]:
    """Deliveries that would go out, by themselves or told in a digest."""
    return Delivery.objects.filter(Q(state=DeliveryState.PENDING) | Q(state=DeliveryState.DIGESTED, digest=None))
