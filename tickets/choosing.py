"""Which request an engineer had best take next: plain values in, an order and its reasons out (LA-1, RO-3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

SOON = timedelta(hours=1)  # a promise that is due within it comes before whatever is owed later
LONG_BROKEN = timedelta(hours=1)  # from then on a broken promise is anybody's, whatever they know
LONG_UNPROMISED = timedelta(hours=24)  # and so is what nobody looked at for that long after somebody should have


class Urgency(IntEnum):
    """How urgent a request is, the most urgent first."""

    NEGLECTED = 0
    BROKEN = 1
    SOON = 2
    LATER = 3


class Reason(StrEnum):
    """Why a request is the next one."""

    PROMISE_BROKEN = "promise_broken"
    PROMISE_DUE = "promise_due"
    UPDATE_OWED = "update_owed"
    LOOK_OWED = "look_owed"
    DISPUTED = "disputed"
    NEGLECTED = "neglected"
    SENIOR_WANTED = "senior_wanted"
    SEVERITY = "severity"
    LANGUAGE_SPOKEN = "language_spoken"
    LANGUAGE_OTHER = "language_other"
    SERVICE_KNOWN = "service_known"
    SERVICE_OTHER = "service_other"
    AGE = "age"
    LOAD = "load"
    OWN_OWED_FIRST = "own_owed_first"
    OFF_DUTY = "off_duty"


@dataclass(frozen=True, slots=True)
class Engineer:
    """Who asks; what is empty is not known, and counts for and against nothing.

    `on_duty` is by the rota, `works_now` by their own hours. `in_hand` are the requests that they have and that are
    theirs to act on, `late_in_hand` those of them of which something is owed already; `owes_at` is when something is
    first owed of them. All of this is told and decides nothing: a promise is kept by whoever is there to keep it, and a
    request that were held back from whoever asks would wait for nobody.
    """

    languages: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    is_senior: bool = False
    on_duty: bool = False
    works_now: bool | None = None
    in_hand: int = 0
    late_in_hand: int = 0
    owes_at: datetime | None = None

    @property
    def is_off(self) -> bool:
        """Whether they are known not to be at work."""
        return self.works_now is False and not self.on_duty


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that somebody could take. `owed_at` is when something is owed next, `due_at` a promise that runs."""

    pk: int
    severity: str
    language: str
    service: str | None
    created_at: datetime
    owed_at: datetime
    due_at: datetime | None = None
    begun: bool = False
    disputed: bool = False
    senior_wanted: bool = False

    @property
    def patience_ends_at(self) -> datetime:
        """From when on it is anybody's: a fixed instant, so that what came later never pushes it back for ever."""
        return self.due_at + LONG_BROKEN if self.due_at else self.owed_at + LONG_UNPROMISED

    def urgency(self, now: datetime) -> Urgency:
        """How urgent it is at `now`; exactly at its instant a promise is not broken yet."""
        if self.patience_ends_at < now:
            return Urgency.NEGLECTED
        if self.due_at and self.due_at < now:
            return Urgency.BROKEN
        if self.owed_at < now or (self.due_at and self.due_at <= now + SOON):
            return Urgency.SOON
        return Urgency.LATER


def choose(waiting: Iterable[Waiting], engineer: Engineer, *, now: datetime) -> Waiting | None:
    """The request to take next, None where there is none.

    What is owed decides first: promises that are broken, those due within the hour and what somebody should have looked
    at by now, then the rest. Among what is as urgent come those that fit the engineer, then by instant, severity and
    age. What has waited too long comes before all, by its instant alone, so that nothing starves (settled point 16).
    """
    return min(waiting, key=lambda each: _rank(each, engineer, now), default=None)


def _rank(each: Waiting, engineer: Engineer, now: datetime) -> tuple[int, int, datetime, str, datetime, int]:
    urgency = each.urgency(now)
    if urgency is Urgency.NEGLECTED:
        return urgency, 0, each.patience_ends_at, each.severity, each.created_at, each.pk
    return urgency, _misfit(each, engineer), each.owed_at, each.severity, each.created_at, each.pk


def _misfit(each: Waiting, engineer: Engineer) -> int:
    """How ill it fits: an offer to others most, then a language that is not spoken, then a service not known."""
    wants_others = each.senior_wanted and not engineer.is_senior
    return 4 * wants_others + 2 * (_speaks(each, engineer) is False) + (_knows(each, engineer) is False)


def reasons(each: Waiting, engineer: Engineer, *, now: datetime) -> Iterator[Reason]:
    """Why it is the next one, what weighs most first."""
    urgency = each.urgency(now)
    yield _owed(each, now)
    if urgency is Urgency.NEGLECTED:
        yield Reason.NEGLECTED
    if each.senior_wanted:
        yield Reason.SENIOR_WANTED
    yield Reason.SEVERITY
    speaks, knows = _speaks(each, engineer), _knows(each, engineer)
    if speaks is not None:
        yield Reason.LANGUAGE_SPOKEN if speaks else Reason.LANGUAGE_OTHER
    if knows is not None:
        yield Reason.SERVICE_KNOWN if knows else Reason.SERVICE_OTHER
    yield Reason.AGE
    if engineer.in_hand:
        yield Reason.LOAD
    if engineer.owes_at and engineer.owes_at < each.owed_at:
        yield Reason.OWN_OWED_FIRST
    if engineer.is_off:
        yield Reason.OFF_DUTY


def _owed(each: Waiting, now: datetime) -> Reason:
    if each.due_at and each.due_at < now:
        return Reason.PROMISE_BROKEN
    if each.disputed:
        return Reason.DISPUTED
    if each.due_at:
        return Reason.PROMISE_DUE
    return Reason.UPDATE_OWED if each.begun else Reason.LOOK_OWED


def _speaks(each: Waiting, engineer: Engineer) -> bool | None:
    """Whether the engineer speaks its language; None where their languages are not known."""
    return each.language.lower() in {tag.lower() for tag in engineer.languages} if engineer.languages else None


def _knows(each: Waiting, engineer: Engineer) -> bool | None:
    """Whether the engineer knows its service; None where it has none, or what they know is not known."""
    return each.service in engineer.services if engineer.services and each.service else None
