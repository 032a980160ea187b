"""10,000 commitments over year-long spans: random calendars of 20 zones, each answer computed once."""

from __future__ import annotations

import random
import statistics
import time
from datetime import UTC, datetime, timedelta

from bench.figures import Report, Round
from sla.business_time import BusinessCalendar
from sla.commitments import Cell, due_at

COUNT = 10_000
ZONES = (
    "Africa/Cairo", "America/Havana", "America/Los_Angeles", "America/New_York", "America/Santiago",
    "America/Sao_Paulo", "America/St_Johns", "Asia/Beirut", "Asia/Kathmandu", "Asia/Kolkata",
    "Asia/Taipei", "Australia/Lord_Howe", "Australia/Sydney", "Europe/Berlin", "Europe/London",
    "Pacific/Apia", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Kiritimati", "UTC",
)  # fmt: skip
WEEKS = ([["09:00", "18:00"]], [["09:00", "12:00"], ["13:00", "18:00"]], [["00:00", "24:00"]], [["08:30", "17:15"]])
# A year of elapsed time in each: open hours of a working week, and the open days of one.
TARGETS = {
    "business time of a year": ("business_hours", "PT2000H"),
    "251 open days": ("business_hours", "day+251"),
    "365 days, around the clock": ("always", "day+365"),
    "8 hours of business time": ("business_hours", "PT8H"),
}


def calendars(chance: random.Random) -> list[BusinessCalendar]:
    """Five calendars for each zone, with a dozen holidays a year."""
    return [
        BusinessCalendar.from_document(
            {
                "timezone": zone,
                "windows": {str(day): chance.choice(WEEKS) for day in range(5)},
                "holidays": sorted(
                    (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=chance.randrange(1200))).date().isoformat()
                    for _ in range(40)
                ),
            }
        )
        for zone in ZONES
        for _ in range(5)
    ]


def random_cases(count: int) -> list[tuple[BusinessCalendar, datetime]]:
    """Receipts at random instants of two years, the same in each run."""
    chance = random.Random(20261122)
    known, first_at, span = calendars(chance), datetime(2026, 1, 1, tzinfo=UTC), 2 * 365 * 86400
    return [(chance.choice(known), first_at + timedelta(seconds=chance.randrange(span))) for _ in range(count)]


def year_long(report: Report, *, rounds: int, count: int = COUNT) -> None:
    """Promise `count` times for each target, at random instants of two years; the first round also reads the zones."""
    cases = random_cases(count)
    for name, (availability, target) in TARGETS.items():
        cell = Cell.parse(availability=availability, target=target)
        report.add(f"Due after {name}", [_round(cell, cases) for _ in range(rounds)])


def _round(cell: Cell, cases: list[tuple[BusinessCalendar, datetime]]) -> Round:
    """Time each one by the processor's time of this thread, which what else runs on the machine does not lengthen."""
    took, began = [], time.perf_counter()
    for calendar, received_at in cases:
        before = time.thread_time()
        due_at(cell=cell, received_at=received_at, calendar=calendar)
        took.append(time.thread_time() - before)
    return Round(took, time.perf_counter() - began)


def main() -> None:
    """Measure alone, without a portal: `python -m bench.commitments` (median, 99th percentile and slowest, in µs)."""
    from support_portal.time_zones import use_packaged_rules

    use_packaged_rules()
    cases = random_cases(COUNT)
    print(f"{COUNT:,} commitments each, in µs{'median':>24}{'p99':>9}{'slowest':>9}{'a second':>10}")
    for name, (availability, target) in TARGETS.items():
        cell = Cell.parse(availability=availability, target=target)
        for heading in (f"{name}, first", name):
            done = _round(cell, cases)
            micros = [each * 1e6 for each in done.took]
            figures = statistics.median(micros), done.percentile(99) * 1e6, max(micros)
            print(f"{heading:<42}" + "".join(f"{each:>9.1f}" for each in figures) + f"{done.rate:>10,.0f}")


if __name__ == "__main__":
    main()
