"""The ladder of a request as staff see it: done, next, cancelled and why."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, QuerySet

from tickets.models import ServiceRequest, Timer, TimerKind

MOST_TIMERS = 40
TOLD_TO_CUSTOMERS = (TimerKind.WAITING_REMINDER, TimerKind.WAITING_CLOSE, TimerKind.SURVEY)


@dataclass(frozen=True, slots=True)
class Ladder:
    """What is next, soonest first, and what is over, latest first; of the latter there is more if `is_cut`."""

    coming: list[Timer]
    past: list[Timer]
    is_cut: bool


def timers_of(service_request: ServiceRequest) -> QuerySet[Timer]:
    """The timers of a request, the latest due first. For staff."""
    return Timer.objects.filter(request=service_request).order_by("-due_at", "-id")


def ladder_of(service_request: ServiceRequest, *, most: int = MOST_TIMERS) -> Ladder:
    """The timers of a request, at most `most`; those to come are few and never cut. For staff."""
    timers = Timer.objects.filter(request=service_request)
    rows = list(timers.order_by(F("settled_at").desc(nulls_first=True), "-due_at", "-id")[: most + 1])
    shown = rows[:most]
    coming = sorted((timer for timer in shown if timer.settled_at is None), key=lambda timer: (timer.due_at, timer.pk))
    past = [timer for timer in shown if timer.settled_at is not None]
    return Ladder(coming=coming, past=past, is_cut=len(rows) > most)
