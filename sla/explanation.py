"""Why a promise is due when it is: what counted and what did not, as data that `wording` turns into sentences."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from sla.business_time import BusinessCalendar, Span
from sla.commitments import Cell, due_at
from sla.local_time import MICROSECOND, to_utc

MOST_LINES = 16
KEPT_AT_EACH_END = 7
ONE_DAY = timedelta(days=1)


class LineKind(StrEnum):
    """What a line says."""

    NO_COMMITMENT = "no_commitment"  # SLA-6
    SEVERITY_RAISED = "severity_raised"  # counted from start_at, not from receipt
    AROUND_THE_CLOCK = "around_the_clock"  # all of start_at to end_at counted
    COUNTED = "counted"  # business time from start_at to end_at
    OUTSIDE_HOURS = "outside_hours"  # closed from start_at to end_at
    CLOSED_DAYS = "closed_days"  # days of the week without a window
    HOLIDAYS = "holidays"
    SKIPPED_DAYS = "skipped_days"  # the local clock leaves them out
    CLOCK_CHANGED = "clock_changed"  # at start_at, by shift
    LEFT_OUT = "left_out"  # stands for the lines between, so that a long explanation stays short
    REACHED = "reached"  # at end_at all of the target has passed
    DAY_OF_RECEIPT = "day_of_receipt"  # the days are counted from it, it is none of them
    OPEN_DAYS = "open_days"  # the last of them is the open day number `number`
    END_OF_DAY = "end_of_day"  # the day number `number` ends at end_at
    END_OF_OPEN_DAY = "end_of_open_day"  # the last window of the open day number `number` ends at end_at
    EARLIER_PROMISE = "earlier_promise"  # one made before is due at end_at, which is sooner


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of an explanation; instants are aware UTC, days are those of the calendar's clock."""

    kind: LineKind
    start_at: datetime | None = None
    end_at: datetime | None = None
    counted: timedelta | None = None
    first_day: date | None = None
    last_day: date | None = None
    number: int | None = None
    shift: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The lines that lead to a due instant, and the time zone whose clock and days they speak of."""

    timezone: str
    lines: tuple[Line, ...]


def explain(
    *,
    cell: Cell,
    received_at: datetime,
    calendar: BusinessCalendar,
    named_calendars: Mapping[str, BusinessCalendar] | None = None,
    counted_from: datetime | None = None,
    promised_due_at: datetime | None = None,
) -> Explanation:
    """Explain a promise from the recorded facts it was computed from.

    For a severity that was raised, `counted_from` is the change and `promised_due_at` what was promised then, which an
    earlier promise may have set. Raises CalendarUnknown.
    """
    counted = cell.availability.pick(calendar=calendar, named_calendars=named_calendars)
    start = to_utc(counted_from or received_at)
    due = due_at(cell=cell, received_at=start, calendar=calendar, named_calendars=named_calendars)
    lines = list(_raised(received_at=to_utc(received_at), counted_from=start))
    if due is None:
        lines.append(Line(kind=LineKind.NO_COMMITMENT))
    else:
        lines += _shortened(list(_counting(cell, counted, Span(start, due))))
    if promised_due_at is not None and (due is None or to_utc(promised_due_at) < due):
        lines.append(Line(kind=LineKind.EARLIER_PROMISE, end_at=to_utc(promised_due_at)))
    return Explanation(timezone=counted.timezone, lines=tuple(lines))


def _raised(*, received_at: datetime, counted_from: datetime) -> Iterator[Line]:
    if counted_from != received_at:
        yield Line(kind=LineKind.SEVERITY_RAISED, start_at=counted_from)


def _counting(cell: Cell, calendar: BusinessCalendar, span: Span) -> Iterator[Line]:
    """Yield how the target was counted from the start of `span` to its end, where it is due."""
    if cell.target.days is not None and cell.availability.is_always:
        yield from _to_end_of_day(calendar, span, cell.target.days)
    elif cell.target.days is not None:
        yield from _to_end_of_open_day(calendar, span, cell.target.days)
    elif cell.availability.is_always:
        yield Line(kind=LineKind.AROUND_THE_CLOCK, start_at=span.start_at, end_at=span.end_at, counted=_length(span))
        yield from _clock_changes(calendar, span)
    else:
        yield from _through_business_time(calendar, span)
        yield Line(kind=LineKind.REACHED, end_at=span.end_at, counted=cell.target.within)


def _to_end_of_day(calendar: BusinessCalendar, span: Span, days: int) -> Iterator[Line]:
    yield Line(kind=LineKind.DAY_OF_RECEIPT, first_day=calendar.local_date(span.start_at))
    last_day = calendar.local_date(span.end_at - MICROSECOND)
    yield Line(kind=LineKind.END_OF_DAY, first_day=last_day, end_at=span.end_at, number=days)


def _to_end_of_open_day(calendar: BusinessCalendar, span: Span, days: int) -> Iterator[Line]:
    receipt, last_day = calendar.local_date(span.start_at), calendar.open_day_after(span.start_at, days)
    yield Line(kind=LineKind.DAY_OF_RECEIPT, first_day=receipt)
    between = [receipt + ONE_DAY * ahead for ahead in range(1, (last_day - receipt).days)]
    number = 0
    for line in _in_runs(_day_line(calendar, day) for day in between):
        if line.kind is LineKind.OPEN_DAYS:
            number += _days_in(line)
            line = replace(line, number=number)
        yield line
    yield Line(kind=LineKind.END_OF_OPEN_DAY, first_day=last_day, end_at=span.end_at, number=days)


def _through_business_time(calendar: BusinessCalendar, span: Span) -> Iterator[Line]:
    """Yield the windows that counted and, between them, either the days that were closed or the hours."""
    cursor, closed = span.start_at, list[Line]()
    for day in _days(calendar, span):
        line = _day_line(calendar, day)
        if line.kind is not LineKind.OPEN_DAYS:
            closed.append(line)
        for opening in _within(calendar.open_spans_on(day), span):
            yield from _not_counted(
                calendar, Span(cursor, opening.start_at), closed, at_receipt=cursor == span.start_at
            )
            yield Line(
                kind=LineKind.COUNTED, start_at=opening.start_at, end_at=opening.end_at, counted=_length(opening)
            )
            yield from _clock_changes(calendar, opening)
            cursor, closed = opening.end_at, []


def _not_counted(calendar: BusinessCalendar, gap: Span, closed: Sequence[Line], *, at_receipt: bool) -> Iterator[Line]:
    """Yield why nothing counted between two openings; whole closed days say enough, except of the hours of receipt."""
    end_at = gap.end_at
    if closed:
        end_at = calendar.start_of_day_after(gap.start_at, 1)
    receipt_on_closed_day = bool(closed) and closed[0].first_day == calendar.local_date(gap.start_at)
    if gap.start_at < end_at and (not closed or (at_receipt and not receipt_on_closed_day)):
        yield Line(kind=LineKind.OUTSIDE_HOURS, start_at=gap.start_at, end_at=end_at)
    yield from _in_runs(closed)


def _day_line(calendar: BusinessCalendar, day: date) -> Line:
    """Return what sort of day it is."""
    if calendar.open_spans_on(day):
        kind = LineKind.OPEN_DAYS
    elif calendar.is_holiday(day):
        kind = LineKind.HOLIDAYS
    elif calendar.windows[day.weekday()]:
        kind = LineKind.SKIPPED_DAYS
    else:
        kind = LineKind.CLOSED_DAYS
    return Line(kind=kind, first_day=day, last_day=day)


def _in_runs(lines: Iterable[Line]) -> Iterator[Line]:
    """Join lines of one kind whose days follow one another."""
    run: Line | None = None
    for line in lines:
        if run is None:
            run = line
        elif run.kind is line.kind and _days_in(replace(run, last_day=line.first_day)) == _days_in(run) + 1:
            run = replace(run, last_day=line.last_day)
        else:
            yield run
            run = line
    if run is not None:
        yield run


def _days_in(line: Line) -> int:
    assert line.first_day is not None
    assert line.last_day is not None
    return (line.last_day - line.first_day).days + 1


def _days(calendar: BusinessCalendar, span: Span) -> Iterator[date]:
    day, last = calendar.local_date(span.start_at), calendar.local_date(max(span.start_at, span.end_at - MICROSECOND))
    while day <= last:
        yield day
        day += ONE_DAY


def _within(openings: Iterable[Span], span: Span) -> Iterator[Span]:
    for opening in openings:
        start_at, end_at = max(opening.start_at, span.start_at), min(opening.end_at, span.end_at)
        if start_at < end_at:
            yield Span(start_at, end_at)


def _clock_changes(calendar: BusinessCalendar, span: Span) -> Iterator[Line]:
    """Yield the changes of the clock that make the times of a span look longer or shorter than it was."""
    for at, shift in calendar.clock_changes_between(span.start_at - MICROSECOND, span.end_at):
        yield Line(kind=LineKind.CLOCK_CHANGED, start_at=at, shift=shift)


def _shortened(lines: list[Line]) -> list[Line]:
    """Put one line in the place of the middle of a long explanation."""
    if len(lines) <= MOST_LINES:
        return lines
    middle = lines[KEPT_AT_EACH_END:-KEPT_AT_EACH_END]
    counted = sum((line.counted for line in middle if line.counted is not None), timedelta())
    left_out = Line(kind=LineKind.LEFT_OUT, counted=counted or None, number=len(middle))
    return [*lines[:KEPT_AT_EACH_END], left_out, *lines[-KEPT_AT_EACH_END:]]


def _length(span: Span) -> timedelta:
    return span.end_at - span.start_at
