"""The report on commitments: what was kept and what was not, of the requests filed in a range of days (SLA-1, RO-4).

It is about requests and all that followed from them, later cycles included; tests of an integration are left out.
Two statements, whose requests come from the same indexes as lists do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.permissions import require
from accounts.timezones import zone_or_utc
from tickets.errors import InvalidReportRange
from tickets.models import ServiceRequest
from tickets.selectors.visibility import visible_requests

ACT = "read_reports"
LONGEST = timedelta(days=366)
USUAL = timedelta(days=90)
GROUPS = ("severity", "tier", "category", "service", "month")
STATES = ("kept", "breached", "running", "ended", "superseded", "none")

# How each promise stands at an instant: `sla.commitments.Commitment.state_at`, in SQL. The last promise of a cycle
# knows of the response; `next_` is what took the place of this one.
STANDINGS = """
    WITH request AS MATERIALIZED ({requests}),
    promise AS (
        SELECT commitment.*, request.category, request.service_id, request.filed_at,
            lead(commitment.severity) OVER later AS next_severity, lead(commitment.reason) OVER later AS next_reason,
            lead(commitment.due_at) OVER later AS next_due_at, lead(commitment.id) OVER later AS next_id,
            last_value(commitment.responded_at) OVER whole AS answered_at,
            last_value(CASE WHEN commitment."end" = 'closed' THEN commitment.ended_at END) OVER whole AS closed_at,
            lead(commitment.id) OVER later IS NULL AS is_last
        FROM tickets_commitment commitment JOIN request ON request.id = commitment.request_id
        WINDOW later AS (PARTITION BY commitment.request_id, commitment.cycle ORDER BY commitment.revision),
            whole AS (PARTITION BY commitment.request_id, commitment.cycle ORDER BY commitment.revision
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    ),
    watched AS (
        SELECT promise.*, next_id IS NOT NULL AND ended_at <= %(now)s AS is_superseded,
            CASE WHEN next_reason = 'subscription'
                THEN due_at IS NOT NULL AND (next_due_at IS NULL OR next_due_at > due_at)
                ELSE severity < next_severity END AS is_lowered
        FROM promise
    ),
    standing AS (
        SELECT watched.*, CASE
            WHEN breached_at IS NOT NULL THEN 'breached'
            WHEN due_at IS NULL THEN CASE WHEN is_superseded THEN 'superseded' ELSE 'none' END
            WHEN LEAST(%(now)s, CASE WHEN answered_at <= %(now)s THEN answered_at END,
                CASE WHEN closed_at <= %(now)s THEN closed_at END,
                CASE WHEN ended_at <= %(now)s AND NOT (is_superseded AND is_lowered) THEN ended_at END) > due_at
                THEN 'breached'
            WHEN is_superseded THEN 'superseded'
            WHEN answered_at <= %(now)s THEN 'kept'
            WHEN ended_at <= %(now)s OR closed_at <= %(now)s THEN 'ended'
            ELSE 'running' END AS state
        FROM watched
    )
    SELECT {group} AS name, {counts},
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM answered_at - received_at))
            FILTER (WHERE is_last AND answered_at IS NOT NULL),
        percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM answered_at - received_at))
            FILTER (WHERE is_last AND answered_at IS NOT NULL),
        count(*) FILTER (WHERE is_last AND answered_at IS NOT NULL)
    FROM standing LEFT JOIN tickets_service service ON service.id = standing.service_id
    GROUP BY GROUPING SETS ((1), ())
"""
REQUESTS = """
    WITH request AS MATERIALIZED ({requests}),
    opinion AS (
        SELECT survey.request_id, count(*) AS answers, sum(survey.rating) AS ratings
        FROM tickets_survey survey JOIN request ON request.id = survey.request_id
        WHERE survey.rating IS NOT NULL GROUP BY survey.request_id
    )
    SELECT {group} AS name, count(*), count(*) FILTER (WHERE closed_at IS NOT NULL OR cycle > 1),
        count(*) FILTER (WHERE cycle > 1), coalesce(sum(opinion.answers), 0), sum(opinion.ratings)
    FROM request standing LEFT JOIN opinion ON opinion.request_id = standing.id
    LEFT JOIN tickets_service service ON service.id = standing.service_id
    GROUP BY GROUPING SETS ((1), ())
"""
BY = {
    "severity": "standing.severity",
    "tier": "standing.tier",
    "category": "standing.category",
    "service": "coalesce(service.code, '')",
    "month": "to_char(standing.filed_at AT TIME ZONE %(zone)s, 'YYYY-MM')",
}
COUNTS = ", ".join(f"count(*) FILTER (WHERE state = '{state}')" for state in STATES)


@dataclass(frozen=True, slots=True)
class Range:
    """Days on the clock of the reader, the last one included."""

    first: date
    last: date
    zone: str

    def instants(self) -> tuple[datetime, datetime]:
        """From the first instant up to, and without, the second."""
        zone = zone_or_utc(self.zone)
        begins, ends = (
            datetime.combine(day, time(), tzinfo=zone) for day in (self.first, self.last + timedelta(days=1))
        )
        return begins.astimezone(UTC), ends.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Line:
    """The figures of one group, or of everything (`name` None); times in seconds, None where there is nothing."""

    name: str | None
    commitments: dict[str, int]
    responses: int
    median: int | None
    ninetieth: int | None
    requests: int
    closed: int
    reopened: int
    answers: int
    rating: float | None

    @property
    def kept_share(self) -> float | None:
        """The share kept of the promises that were kept or missed."""
        judged = self.commitments["kept"] + self.commitments["breached"]
        return self.commitments["kept"] / judged if judged else None

    @property
    def reopen_rate(self) -> float | None:
        """The share reopened of the requests that were ever closed."""
        return self.reopened / self.closed if self.closed else None


@dataclass(frozen=True, slots=True)
class Report:
    """The lines by group, in the order of their names, and all of them together."""

    span: Range
    group_by: str
    lines: list[Line]
    total: Line


def range_of(first: date | None, last: date | None, *, zone: str, now: datetime) -> Range:
    """The days asked for, the 90 up to today unless told otherwise; raises InvalidReportRange."""
    ends = last or now.astimezone(zone_or_utc(zone)).date()
    if not 1971 <= ends.year <= 9000:
        raise InvalidReportRange("out_of_range")
    begins = first or ends - USUAL + timedelta(days=1)
    if begins > ends:
        raise InvalidReportRange("out_of_order")
    if ends - begins >= LONGEST:
        raise InvalidReportRange("too_long")
    return Range(begins, ends, zone)


def sla_report(
    actor: Actor, span: Range, *, group_by: str, organisation_id: int | None = None, now: datetime
) -> Report:
    """The report of what the actor may see, as things stand at `now`; of one organisation, if one is named.

    Raises NotPermitted.
    """
    require(actor, ACT)
    visible = _requests(actor, span, organisation_id)
    promises = _run(STANDINGS, visible, span, group_by=group_by, now=now)
    requests = _run(REQUESTS, visible, span, group_by=group_by, now=now)
    lines = {name: _line(name, promises.get(name), requests.get(name)) for name in {*promises, *requests}}
    total = lines.pop(None)
    return Report(span, group_by, [lines[name] for name in sorted(lines, key=str)], total)


def _requests(actor: Actor, span: Range, organisation_id: int | None) -> QuerySet[ServiceRequest, Any]:
    begins, ends = span.instants()
    rows = visible_requests(actor).filter(created_at__gte=begins, created_at__lt=ends, is_test=False)
    return rows if organisation_id is None else rows.filter(organisation=organisation_id)


def _run(
    statement: str, visible: QuerySet[ServiceRequest, Any], span: Range, *, group_by: str, now: datetime
) -> dict[str | None, tuple[Any, ...]]:
    """The rows of a statement by group; the gate's own conditions stand within it."""
    rows = visible.values_list("id", "severity", "tier", "category", "service_id", "created_at", "closed_at", "cycle")
    inner, params = rows.query.sql_with_params()
    named = {f"p{place}": value for place, value in enumerate(params)}
    inner = inner % tuple(f"%({name})s" for name in named)
    cte = f"SELECT id, severity, tier, category, service_id, filed_at, closed_at, cycle FROM ({inner}) AS"  # noqa: S608
    cte += " visible (id, severity, tier, category, service_id, filed_at, closed_at, cycle)"
    sql = statement.format(requests=cte, group=f"{BY[group_by]}", counts=COUNTS)
    with connection.cursor() as cursor:
        cursor.execute(sql, {**named, "now": now, "zone": span.zone})
        return {row[0]: row[1:] for row in cursor.fetchall()}


def _line(name: str | None, promises: tuple[Any, ...] | None, requests: tuple[Any, ...] | None) -> Line:
    counts = promises[:6] if promises else (0,) * 6
    median, ninetieth, responses = promises[6:] if promises else (None, None, 0)
    filed, closed, reopened, answers, ratings = requests or (0, 0, 0, 0, None)
    return Line(
        name=name,
        commitments=dict(zip(STATES, counts, strict=True)),
        responses=responses,
        median=None if median is None else round(median),
        ninetieth=None if ninetieth is None else round(ninetieth),
        requests=filed,
        closed=closed,
        reopened=reopened,
        answers=int(answers),
        rating=float(ratings) / int(answers) if answers else None,
    )
