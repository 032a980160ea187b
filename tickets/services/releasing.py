"""Letting go what was held after a restore, once an operator has decided (RELIABILITY section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts import audit
from accounts.audit import About, record_event
from accounts.models import Delivery, DeliveryState
from accounts.transactions import service
from tickets.models import Timer, TimerState
from tickets.services.firing import fire_timers
from tickets.services.holding import Held, unsent

BATCH = 100
_CANCELLED = {"state": DeliveryState.CANCELLED, "last_error": "dropped after a restore", "lease_until": None}


@dataclass(frozen=True, slots=True)
class Choice:
    """What an operator means: timers, notices or both, all or only what is older than `before`."""

    timers: bool = True
    deliveries: bool = True
    before: datetime | None = None

    def held_timers(self) -> QuerySet[Timer]:
        """Timers that are held and meant."""
        held = Timer.objects.filter(state=TimerState.HELD) if self.timers else Timer.objects.none()
        return held.filter(due_at__lt=self.before) if self.before else held

    def held_deliveries(self) -> QuerySet[Delivery]:
        """Notices that are held and meant."""
        held = Delivery.objects.filter(state=DeliveryState.HELD) if self.deliveries else Delivery.objects.none()
        return held.filter(created_at__lt=self.before) if self.before else held


def held(chosen: Choice) -> Held:
    """Count what is held and meant."""
    return Held(timers=chosen.held_timers().count(), deliveries=chosen.held_deliveries().count())


@service
def release(*, chosen: Choice, now: datetime | None = None) -> Held:
    """Let timers wait and notices go again; sweep and relay take them as what came due while they were away."""
    assert now
    released = Held(
        timers=chosen.held_timers().update(state=TimerState.WAITING),
        deliveries=chosen.held_deliveries().update(state=DeliveryState.PENDING),
    )
    _record("held_released", released, chosen, at=now)
    transaction.on_commit(audit.nudge_relay, robust=True)
    return released


def drop(*, chosen: Choice) -> Held:
    """Settle in silence what happened before the restore: states become right, and nobody is told again.

    Timers do their work, so that breaches and archivings are on record (P-3); their notices are born cancelled. What
    somebody works on at this moment stays held.
    """
    timers = 0
    while fired := _fire_silently(chosen=chosen):
        timers += fired
    return _drop_deliveries(chosen=chosen, timers=timers)


@service
def _fire_silently(*, chosen: Choice, now: datetime | None = None) -> int:
    """Fire some of the held timers, and cancel what that tells; their requests are locked, so nobody else told it."""
    assert now
    free = chosen.held_timers().order_by("next_attempt_at", "id").select_related("request")
    taken = list(free.select_for_update(of=("self", "request"), skip_locked=True, no_key=True)[:BATCH])
    claimed = Timer.objects.filter(pk__in=[timer.pk for timer in taken])
    claimed.update(state=TimerState.WAITING)
    fire_timers(claimed.order_by("next_attempt_at", "id"), now=now)
    numbers = {timer.request.number for timer in taken}
    unsent().filter(number__in=numbers, created_at__gte=now).update(**_CANCELLED)
    return len(taken)


@service
def _drop_deliveries(*, chosen: Choice, timers: int, now: datetime | None = None) -> Held:
    assert now
    dropped = Held(timers=timers, deliveries=chosen.held_deliveries().update(**_CANCELLED))
    _record("held_dropped", dropped, chosen, at=now)
    return dropped


def _record(kind: str, counts: Held, chosen: Choice, *, at: datetime) -> None:
    before = chosen.before.isoformat() if chosen.before else ""
    record_event(
        kind, about=About(), at=at, data={"timers": counts.timers, "deliveries": counts.deliveries, "before": before}
    )
