"""Reminders for requests that were opened before there were any: planned once, after an upgrade."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts import clock
from tickets.lifecycle import State
from tickets.models import UNSETTLED, ServiceRequest, Timer, TimerKind, TimerState
from tickets.services import pacing, promises
from tickets.services.base import save


def plan_missing_reminders(*, now: datetime | None = None) -> int:
    """Plan what open requests lack, each in a transaction of its own; return for how many (P-3). Harmless to repeat.

    Attention and updates count as they would have; a silent customer is given the whole time from now on, since nobody
    has warned them.
    """
    numbers = list(_lacking().order_by("pk").values_list("pk", flat=True))
    return sum(_plan(pk, now=now) for pk in numbers)


@transaction.atomic
def _plan(pk: int, *, now: datetime | None) -> bool:
    now = now or clock.now()
    service_request = _lacking().select_for_update(of=("self",), no_key=True).filter(pk=pk).first()
    if service_request is None:
        return False
    if service_request.state == State.AWAITING_RESPONSE:
        promises.call_attention(service_request, now=now)
    else:
        pacing.take_up(service_request, now=now)
    save(service_request, "queue_at", now=now)
    return True


def _lacking() -> QuerySet[ServiceRequest]:
    """Open requests without a reminder that their state calls for; a promise has its own ladder."""
    planned = Timer.objects.filter(request=OuterRef("pk"))
    going_on = planned.filter(state__in=[*UNSETTLED, TimerState.FAILED])
    called = Exists(planned.filter(kind=TimerKind.ATTENTION).exclude(state=TimerState.CANCELLED))
    updated = Exists(going_on.filter(kind=TimerKind.UPDATE_DUE))
    ended = Exists(going_on.filter(kind=TimerKind.WAITING_CLOSE))
    return ServiceRequest.objects.filter(
        Q(~called, state=State.AWAITING_RESPONSE.value, due_at=None)
        | Q(~updated, state=State.IN_PROGRESS.value)
        | Q(~ended, state=State.AWAITING_CUSTOMER.value)
    )
