"""The rule modules by themselves: assessment of severity, promises."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from bench.crowd import case_of, stories
from bench.figures import Report, Round
from severity.assessment import assess
from sla.business_time import BusinessCalendar
from sla.commitments import Cell, promise

RECEIVED_AT = datetime(2026, 11, 20, 9, 40, tzinfo=UTC)  # a Friday evening in Taipei
CALENDAR = {
    "timezone": "Asia/Taipei",
    "windows": {str(day): [["09:00", "12:00"], ["13:00", "18:00"]] for day in range(5)},
    "holidays": ["2026-11-23"],
}
CELLS = {
    "1 hour, around the clock": ("always", "PT1H"),
    "the next day": ("always", "next_day"),
    "4 hours of business time": ("business_hours", "PT4H"),
    "200 hours of business time": ("business_hours", "PT200H"),
    "the third business day": ("business_hours", "day+3"),
}


def assessments(report: Report, *, rounds: int) -> None:
    """Assess the texts of the demo, each with no answer to the impact questions, so that the words decide."""
    cases = [case_of(story) for story in stories()]
    report.add("Assessing a request by its words", [_round(assess, cases) for _ in range(rounds)])


def promises(report: Report, *, rounds: int) -> None:
    """Compute due instants, received at a thousand instants one after the other."""
    calendar = BusinessCalendar.from_document(CALENDAR)
    instants = [RECEIVED_AT + timedelta(minutes=17) * n for n in range(1000)]
    for name, (availability, target) in CELLS.items():
        cell = Cell.parse(availability=availability, target=target)

        def compute(at: datetime, cell: Cell = cell) -> object:
            return promise(cell=cell, received_at=at, calendar=calendar)

        report.add(f"Promising {name}", [_round(compute, instants) for _ in range(rounds)])


def _round(act: Callable[..., object], values: Iterable[object]) -> Round:
    took = []
    began = time.perf_counter()
    for value in values:
        before = time.perf_counter()
        act(value)
        took.append(time.perf_counter() - before)
    return Round(took, time.perf_counter() - began)
