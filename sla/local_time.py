"""Local time as stretches of constant UTC offset, on which wall-clock arithmetic is exact over DST gaps and folds.

Inside this app's calendars an instant is a whole number of microseconds of UTC since 0001-01-01T00:00 (a Monday), and a
wall-clock reading is the same count on the local clock: reading = instant + offset of the stretch.

Offsets come from the release of the time zone database that the program is set up with, the same on every machine.
Forecasts change now and then with a new release; what was promised is stored and does not move.
"""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sla.errors import InstantOutOfRange

MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000
DAY = 86_400 * SECOND
EPOCH = datetime(1, 1, 1)  # noqa: DTZ001 - the zero of both counts
FIRST_YEAR, LAST_YEAR = 1900, 9000


class Stretch(NamedTuple):
    """A span of instants, end excluded, during which the local clock runs evenly; all in microseconds."""

    start: int
    end: int
    offset: int

    @property
    def wall_start(self) -> int:
        """Return what the local clock shows at the start."""
        return self.start + self.offset

    @property
    def wall_end(self) -> int:
        """Return what the local clock would show at the end, had its offset not changed there."""
        return self.end + self.offset


def to_utc(at: datetime) -> datetime:
    """Return an aware instant in UTC; raises ValueError for a naive one."""
    if at.utcoffset() is None:
        raise ValueError("an instant needs a time zone")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise InstantOutOfRange(str(at)) from None


def micros_of(at: datetime) -> int:
    """Return an aware instant as a count of microseconds."""
    return (to_utc(at).replace(tzinfo=None) - EPOCH) // MICROSECOND


def instant_of(micros: int) -> datetime:
    """Return the aware UTC instant of a count of microseconds."""
    return (EPOCH + timedelta(microseconds=micros)).replace(tzinfo=UTC)


def day_number(day: date) -> int:
    """Return the days from 0001-01-01 to `day`; its remainder by 7 is the weekday, Monday 0."""
    return day.toordinal() - 1


def date_of(day: int) -> date:
    """Return the date of a day number."""
    return date.fromordinal(day + 1)


def stretches_from(timezone: str, start: int) -> Iterator[Stretch]:
    """Yield the stretches of a time zone in order, the first one cut to begin at `start`.

    Raises InstantOutOfRange before the first and after the last year that local time is told for.
    """
    for year in range(_year_of(start), LAST_YEAR + 1):
        for stretch in _stretches_of_year(timezone, year):
            if stretch.end > start:
                yield stretch if stretch.start >= start else stretch._replace(start=start)
    raise InstantOutOfRange(f"no local time in {timezone} after the year {LAST_YEAR}")


def _year_of(micros: int) -> int:
    try:
        year = (EPOCH + timedelta(microseconds=micros)).year
    except OverflowError:
        raise InstantOutOfRange(f"{micros} microseconds") from None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InstantOutOfRange(f"the year {year}")
    return year


@lru_cache(maxsize=4096)
def _stretches_of_year(timezone: str, year: int) -> tuple[Stretch, ...]:
    """Return the stretches of one UTC year.

    `zoneinfo` does not tell its transitions, so offsets are compared day by day and a change is then pinned down to
    its second. No zone changes its offset and back within one UTC day.
    """
    zone, day = ZoneInfo(timezone), datetime(year, 1, 1, tzinfo=UTC)
    start, offset = micros_of(day), day.astimezone(zone).utcoffset()
    stretches = []
    while day.year == year:
        day += timedelta(days=1)
        offset_after = day.astimezone(zone).utcoffset()
        if offset_after != offset:
            change = micros_of(_first_second_with_new_offset(zone, day - timedelta(days=1), day))
            stretches.append(Stretch(start, change, _micros(offset)))
            start, offset = change, offset_after
    if start < micros_of(day):
        stretches.append(Stretch(start, micros_of(day), _micros(offset)))
    return tuple(stretches)


def _first_second_with_new_offset(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the moment of the one change that lies after `before` and not after `after`, by halving."""
    old = before.astimezone(zone).utcoffset()
    seconds = range(1, (after - before) // timedelta(seconds=1) + 1)

    def changed(second: int) -> bool:
        return (before + timedelta(seconds=second)).astimezone(zone).utcoffset() != old

    return before + timedelta(seconds=seconds[bisect_left(seconds, 1, key=changed)])


def _micros(offset: timedelta | None) -> int:
    """Return an offset as a count; an instant in a zone always has one."""
    return (offset or timedelta()) // MICROSECOND
