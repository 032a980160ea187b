"""What a policy draft would have changed: the promises of past requests, computed again under it (SLA-1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sla import commitments
from sla.policy import Policy
from tickets.models import Commitment
from tickets.selectors.terms import calendar_of

PERIOD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Change:
    """One promise that would have been another; instants are aware UTC, None where nothing is promised."""

    number: str
    severity: str
    due_at: datetime | None
    would_be_due_at: datetime | None
    breached: bool
    would_be_breached: bool


@dataclass(slots=True)
class Replay:
    """The promises looked at, and those that differ."""

    promises: int = 0
    changes: list[Change] = field(default_factory=list)

    @property
    def breaches_more(self) -> int:
        """Breaches that the draft would have added."""
        return sum(change.would_be_breached and not change.breached for change in self.changes)

    @property
    def breaches_fewer(self) -> int:
        """Breaches that the draft would have avoided."""
        return sum(change.breached and not change.would_be_breached for change in self.changes)


def replay(policy: Policy, *, now: datetime, period: timedelta = PERIOD) -> Replay:
    """Compute the promises of the last `period` again under `policy`; the version in force gives back history."""
    rows = Commitment.objects.filter(received_at__gte=now - period, end__in=["", "response", "closed"])
    related = ("request", "calendar_version")
    result = Replay()
    for row in rows.select_related(*related).order_by("id").iterator(chunk_size=500):
        result.promises += 1
        due_at = recomputed(row, policy)
        if due_at != row.due_at:
            result.changes.append(_change(row, due_at, now=now))
    return result


def recomputed(row: Commitment, policy: Policy) -> datetime | None:
    """The due instant of one promise under `policy`, from the facts recorded with it; superseded ones play along."""
    severity = policy.counted_severity(kind=row.kind, severity=row.severity)
    cell = policy.cell(kind=row.kind, tier=row.tier, severity=severity, country=row.country)
    calendars = {"calendar": calendar_of(row.calendar_version), "named_calendars": policy.calendars}
    if row.reason != Commitment.Reason.RAISED:
        return commitments.due_at(cell=cell, received_at=row.received_at, **calendars)  # type: ignore[arg-type]
    return commitments.promise_after_raising(
        cell=cell,
        severity=severity,
        changed_at=row.counted_from,
        received_at=row.received_at,
        earlier=[commitments.Promised(severity=e.severity, due_at=recomputed(e, policy)) for e in _earlier(row)],
        **calendars,  # type: ignore[arg-type]
    ).due_at


def _earlier(row: Commitment) -> Iterator[Commitment]:
    rows = Commitment.objects.filter(request=row.request_id, cycle=row.cycle, revision__lt=row.revision)
    yield from rows.select_related("request", "calendar_version").order_by("revision")


def _change(row: Commitment, due_at: datetime | None, *, now: datetime) -> Change:
    until = row.responded_at or row.ended_at or now
    return Change(
        number=row.request.number,
        severity=row.severity,
        due_at=row.due_at,
        would_be_due_at=due_at,
        breached=row.due_at is not None and until > row.due_at,
        would_be_breached=due_at is not None and until > due_at,
    )
