"""What a policy would have changed: the promises of the last 30 days under it and under the one in force (SLA-1)."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple, Self

from accounts.models import CalendarVersion
from sla import selectors as sla
from sla.business_time import BusinessCalendar
from sla.policy import Policy
from sla.vocabulary import SEVERITIES, is_above
from tickets.models import Commitment
from tickets.replay import due_instants
from tickets.selectors.terms import calendar_of

PERIOD = timedelta(days=30)
MOST_PROMISES = 20_000  # the newest; beyond them the work would grow without bound
MOST_SHOWN = 200
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHIFTS = ("days_earlier", "hours_earlier", "earlier", "same", "later", "hours_later", "days_later", "gained", "lost")


class Promise(NamedTuple):
    """One promise as it is on record; the fields of the query in `_promises`, in its order."""

    number: str
    cycle: int
    revision: int
    reason: str
    kind: str
    tier: str
    severity: str
    country: str
    policy_version: int
    calendar_version: int
    received_at: datetime
    counted_from: datetime
    due_at: datetime | None
    responded_at: datetime | None
    ended_at: datetime | None
    end: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """When a promise is due under one policy, and whether it was broken; None where nothing is promised."""

    due_at: datetime | None
    breached: bool


@dataclass(frozen=True, slots=True)
class Replayed:
    """One promise with its outcomes: on record, under the version in force, and under the draft."""

    promise: Promise
    recorded: Outcome
    in_force: Outcome
    draft: Outcome
    counts_as: str

    @property
    def shift(self) -> str:
        """Which of SHIFTS the draft makes of the due instant."""
        before, after = self.in_force.due_at, self.draft.due_at
        if before is None or after is None:
            return "same" if before == after else "lost" if after is None else "gained"
        length = abs(after - before)
        if not length:
            return "same"
        size = "" if length < HOUR else "hours_" if length < DAY else "days_"
        return size + ("later" if after > before else "earlier")

    @property
    def weight(self) -> tuple[bool, float]:
        """What makes one change more worth reading than another: a breach more or fewer, then the distance."""
        before, after = self.in_force.due_at, self.draft.due_at
        distance = abs((after - before).total_seconds()) if before and after else float("inf")
        return self.in_force.breached != self.draft.breached, distance


@dataclass(frozen=True, slots=True)
class Change:
    """One promise that would be another, in JSON's types; instants in ISO 8601, None where nothing is promised."""

    number: str
    severity: str
    counts_as: str
    policy_version: int
    received_at: str
    recorded_due_at: str | None
    due_at: str | None
    would_be_due_at: str | None
    breached: bool
    would_be_breached: bool

    @property
    def received(self) -> datetime:
        """When the request was received."""
        return datetime.fromisoformat(self.received_at)

    @property
    def recorded_due(self) -> datetime | None:
        """When it is due as it was promised."""
        return _instant(self.recorded_due_at)

    @property
    def due(self) -> datetime | None:
        """When it is due under the version in force."""
        return _instant(self.due_at)

    @property
    def would_be_due(self) -> datetime | None:
        """When it would be due under the draft."""
        return _instant(self.would_be_due_at)


@dataclass(slots=True)
class Breaches:
    """How many promises of one severity were broken, and would be."""

    recorded: int = 0
    in_force: int = 0
    draft: int = 0


@dataclass(slots=True)
class WhatIf:
    """The whole comparison; `promises` were looked at of `total` in the period, `differ` of them would be others."""

    at: str
    in_force: int
    promises: int = 0
    total: int = 0
    requests: int = 0
    older: int = 0  # promised under another version than the one in force
    differ: int = 0
    breaches_more: int = 0
    breaches_fewer: int = 0
    breaches: dict[str, Breaches] = field(default_factory=lambda: {severity: Breaches() for severity in SEVERITIES})
    shifts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SHIFTS, 0))
    changes: list[Change] = field(default_factory=list)

    @property
    def computed_at(self) -> datetime:
        """When the comparison was made."""
        return datetime.fromisoformat(self.at)

    @property
    def is_complete(self) -> bool:
        """Whether every promise of the period was looked at."""
        return self.promises == self.total

    def as_document(self) -> dict[str, Any]:
        """The same in JSON's types, to be kept."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """Read what `as_document` wrote."""
        breaches = {severity: Breaches(**counts) for severity, counts in document["breaches"].items()}
        changes = [Change(**change) for change in document["changes"]]
        return cls(**{**document, "breaches": breaches, "changes": changes})


def what_if(draft: Policy, *, now: datetime) -> WhatIf:
    """Compare a draft with the version in force over the promises of the last 30 days.

    People are taken to have answered when they did. A request keeps the calendar that it was promised with, whatever
    version it was promised under; one that a cap held down is replayed at the severity it had.
    """
    in_force = sla.policy_in_force()
    result = WhatIf(at=now.isoformat(), in_force=in_force.version)
    replayed = _counted(replay(draft, in_force.policy, now=now), result)
    result.changes = [_change(each) for each in heapq.nlargest(MOST_SHOWN, replayed, key=lambda each: each.weight)]
    result.total = max(result.promises, _of_period(now).count())
    return result


def replay(draft: Policy, in_force: Policy, *, now: datetime) -> Iterator[Replayed]:
    """Yield the newest promises of the period with their outcomes, cycle by cycle."""
    calendars: dict[int, BusinessCalendar] = {}
    for cycle in _cycles(now):
        calendar = _calendar(cycle[0].calendar_version, calendars)
        recorded = _outcomes(cycle, [promise.due_at for promise in cycle], None, now=now)
        before = _outcomes(cycle, due_instants(cycle, in_force, calendar), in_force, now=now)
        after = _outcomes(cycle, due_instants(cycle, draft, calendar), draft, now=now)
        for promise, *(was, now_is, would_be) in zip(cycle, recorded, before, after, strict=True):
            counts_as = draft.counted_severity(kind=promise.kind, severity=promise.severity)
            yield Replayed(promise, was, now_is, would_be, counts_as)


def _counted(replayed: Iterable[Replayed], result: WhatIf) -> Iterator[Replayed]:
    """Count everything, and yield what the draft would change."""
    seen = ""
    for each in replayed:
        result.promises += 1
        result.requests += each.promise.revision == 1 and each.promise.number != seen
        seen = each.promise.number
        result.older += each.promise.policy_version != result.in_force
        counts = result.breaches[each.promise.severity]
        counts.recorded += each.recorded.breached
        counts.in_force += each.in_force.breached
        counts.draft += each.draft.breached
        result.shifts[each.shift] += 1
        result.breaches_more += each.draft.breached and not each.in_force.breached
        result.breaches_fewer += each.in_force.breached and not each.draft.breached
        if each.in_force != each.draft:
            result.differ += 1
            yield each


def _of_period(now: datetime) -> Any:
    return Commitment.objects.filter(received_at__gt=now - PERIOD, received_at__lte=now)


def _cycles(now: datetime) -> Iterator[Sequence[Promise]]:
    """Yield the promises of whole cycles, the newest cycles first; one that the limit cuts in two is left out."""
    fields = ["request__number" if name == "number" else name for name in Promise._fields]
    newest = _of_period(now).order_by("-received_at", "request_id", "revision").values_list(*fields)
    rows = [Promise(*row) for row in newest[: MOST_PROMISES + 1].iterator(chunk_size=2000)]
    cycles = [list(cycle) for _, cycle in groupby(rows, key=lambda row: (row.number, row.cycle))]
    if len(rows) > MOST_PROMISES:
        cycles.pop()
    yield from cycles


def _calendar(pk: int, known: dict[int, BusinessCalendar]) -> BusinessCalendar:
    if pk not in known:
        known[pk] = calendar_of(CalendarVersion.objects.get(pk=pk))
    return known[pk]


def _outcomes(
    cycle: Sequence[Promise], due: Sequence[datetime | None], policy: Policy | None, *, now: datetime
) -> list[Outcome]:
    """Tell which promises of a cycle were broken by the instants at which people answered, closed or changed it.

    One that a lower severity took the place of stays watched; under a cap of `policy` it may not have been lower.
    """
    last = cycle[-1]
    ends = [at for at in (now, last.responded_at, last.ended_at) if at]
    outcomes = []
    for index, (promise, due_at) in enumerate(zip(cycle, due, strict=True)):
        after = cycle[index + 1] if index + 1 < len(cycle) else None
        until = min(ends)
        if after and promise.ended_at and not _is_lowered(promise, after, policy, due[index : index + 2]):
            until = min(until, promise.ended_at)
        outcomes.append(Outcome(due_at, due_at is not None and until > due_at))
    return outcomes


def _is_lowered(promise: Promise, after: Promise, policy: Policy | None, due: Sequence[datetime | None]) -> bool:
    if after.reason == Commitment.Reason.SUBSCRIPTION:
        return due[0] is not None and (due[1] is None or due[1] > due[0])
    before, then = promise.severity, after.severity
    if policy:
        before = policy.counted_severity(kind=promise.kind, severity=before)
        then = policy.counted_severity(kind=after.kind, severity=then)
    return is_above(before, then)


def _change(each: Replayed) -> Change:
    promise = each.promise
    return Change(
        number=promise.number,
        severity=promise.severity,
        counts_as=each.counts_as,
        policy_version=promise.policy_version,
        received_at=promise.received_at.isoformat(),
        recorded_due_at=_text(each.recorded.due_at),
        due_at=_text(each.in_force.due_at),
        would_be_due_at=_text(each.draft.due_at),
        breached=each.in_force.breached,
        would_be_breached=each.draft.breached,
    )


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
