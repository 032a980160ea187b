"""Business time: the instants whose local wall-clock time lies in an open window of an open day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple, Self

from sla import calendar_document
from sla.local_time import (
    DAY,
    MICROSECOND,
    Stretch,
    date_of,
    day_number,
    instant_of,
    micros_of,
    stretches_from,
    to_utc,
)
from sla.opening_hours import OpeningHours


class Window(NamedTuple):
    """An open window of a day on the wall clock, from midnight; `closes` is not in it and may be 24 h."""

    opens: timedelta
    closes: timedelta


class Span(NamedTuple):
    """A span of instants in aware UTC, end excluded."""

    start_at: datetime
    end_at: datetime


@dataclass(frozen=True)
class BusinessCalendar:
    """A time zone, open windows by weekday (Monday first) and holidays (SLA-4).

    All instants go in aware and come out aware in UTC. Raises InstantOutOfRange where local time cannot be told.
    """

    timezone: str
    windows: tuple[tuple[Window, ...], ...]
    holidays: frozenset[date] = frozenset()

    @classmethod
    def from_document(cls, document: object) -> Self:
        """Read `{"timezone", "windows": {"0": [["09:00", "18:00"]]}, "holidays": ["2026-12-25"]}`.

        Raises CalendarInvalid with all that is wrong; a calendar that is not open once in 366 days is refused.
        """
        parts = calendar_document.read(document)
        windows = tuple(tuple(Window(*window) for window in day) for day in parts.windows)
        return cls(timezone=parts.timezone, windows=windows, holidays=parts.holidays)

    def is_open(self, at: datetime) -> bool:
        """Tell whether `at` is business time; the instant of closing is not."""
        stretch = self._stretch_at(micros_of(at))
        return self._hours.is_open(stretch.wall_start)

    def next_open_at(self, at: datetime) -> datetime:
        """Return the first instant of business time that is not before `at`."""
        return instant_of(next(self._openings_from(micros_of(at))))

    def open_between(self, start_at: datetime, end_at: datetime) -> timedelta:
        """Return how much business time passes from `start_at` to `end_at`, which must not be earlier."""
        end = micros_of(end_at)
        if end_at < start_at:
            raise ValueError("end_at lies before start_at")
        opened = 0
        for stretch in stretches_from(self.timezone, micros_of(start_at)):
            opened += self._opened_in(stretch._replace(end=min(stretch.end, end)))
            if stretch.end >= end:
                break
        return timedelta(microseconds=opened)

    def add(self, received_at: datetime, within: timedelta) -> datetime:
        """Return the earliest instant by which `within` of business time has passed; exactly closing time counts."""
        missing = within // MICROSECOND
        if missing < 0:
            raise ValueError("within must not be negative")
        if not missing:
            return to_utc(received_at)
        for stretch in stretches_from(self.timezone, micros_of(received_at)):
            opened = self._opened_in(stretch)
            if opened >= missing:
                break
            missing -= opened
        goal = self._hours.opened_by(stretch.wall_start) + missing
        reading = self._hours.reading_when_opened(goal, within=(stretch.wall_start, stretch.wall_end))
        return instant_of(reading - stretch.offset)

    def local_date(self, at: datetime) -> date:
        """Return the day that `at` belongs to on the calendar's clock."""
        return date_of(self._stretch_at(micros_of(at)).wall_start // DAY)

    def start_of_day_after(self, received_at: datetime, days: int) -> datetime:
        """Return the first instant of the local day that lies `days` (one or more) after the day of receipt.

        That is midnight; where it comes twice the earlier one, and where it (or the whole day) is skipped the first
        instant after the gap.
        """
        start = micros_of(received_at)
        midnight = (self._stretch_at(start).wall_start // DAY + days) * DAY
        for stretch in stretches_from(self.timezone, start):
            if stretch.wall_end > midnight:
                break
        return instant_of(max(midnight - stretch.offset, stretch.start))

    def end_of_open_day(self, received_at: datetime, days: int) -> datetime:
        """Return the end of the last open window of the open day that is `days` (one or more) after the day of receipt.

        A day is open if it holds any business time: one that the local clock skips does not count, and a last window
        that a gap cuts short or a fold repeats ends with its last open instant.
        """
        return self.open_spans_on(self.open_day_after(received_at, days))[-1].end_at

    def open_day_after(self, at: datetime, days: int) -> date:
        """Return the open day that is `days` (one or more) after the day of `at`."""
        stretches = stretches_from(self.timezone, micros_of(at))
        stretch = next(stretches)
        day = stretch.wall_start // DAY
        while days:
            last = stretch.wall_end // DAY - 1
            if stretch.wall_start <= (day + 1) * DAY <= last * DAY:  # whole days of an evenly running clock
                day, days = self._hours.skip_open_days(days, after=day, through=last)
                continue
            day += 1
            while stretch.wall_end <= day * DAY:
                stretch = next(stretches)
            days -= bool(self._spans_on(day))
        return date_of(day)

    def after_open_days(self, start_at: datetime, days: int) -> datetime:
        """Return the instant by which `days` business days have passed since `start_at`.

        Our reading of "business day" in reminders: the count starts at `start_at` if that is business time, otherwise
        at the next opening, and ends at the same wall-clock time of the open day that is `days` later; if the desk is
        closed at that time of that day, at the next opening after it. So the answer is always business time, and Friday
        20:00 plus one business day is Tuesday's opening.
        """
        start_at = self.next_open_at(start_at)
        time = self._stretch_at(micros_of(start_at)).wall_start % DAY
        reading = day_number(self.open_day_after(start_at, days)) * DAY + time
        return self.next_open_at(instant_of(self._first_instant_at(reading)))

    def open_spans_on(self, day: date) -> list[Span]:
        """Return the business time that belongs to a local date, in order; empty on a closed day."""
        return [Span(instant_of(start), instant_of(end)) for start, end in self._spans_on(day_number(day))]

    def is_holiday(self, day: date) -> bool:
        """Tell whether the day would be open if it were no holiday."""
        return self._hours.is_holiday(day_number(day))

    def clock_changes_between(self, start_at: datetime, end_at: datetime) -> Iterator[tuple[datetime, timedelta]]:
        """Yield when within the span the local clock is moved, and by how much (forward is positive)."""
        end, before = micros_of(end_at), None
        for stretch in stretches_from(self.timezone, micros_of(start_at)):
            if stretch.start >= end:
                return
            if before is not None and stretch.offset != before:
                yield instant_of(stretch.start), timedelta(microseconds=stretch.offset - before)
            before = stretch.offset

    @cached_property
    def _hours(self) -> OpeningHours:
        windows = [[(opens // MICROSECOND, closes // MICROSECOND) for opens, closes in day] for day in self.windows]
        return OpeningHours(windows=windows, holidays=self.holidays)

    def _stretch_at(self, micros: int) -> Stretch:
        """Return the stretch from an instant on; its `wall_start` is what the clock shows then."""
        return next(stretches_from(self.timezone, micros))

    def _openings_from(self, start: int) -> Iterator[int]:
        for stretch in stretches_from(self.timezone, start):
            reading = self._hours.first_open(within=(stretch.wall_start, stretch.wall_end))
            if reading is not None:
                yield reading - stretch.offset

    def _opened_in(self, stretch: Stretch) -> int:
        return self._hours.opened_by(stretch.wall_end) - self._hours.opened_by(stretch.wall_start)

    def _spans_on(self, day: int) -> list[tuple[int, int]]:
        """Return the open time of a local day as instants; offsets are less than a day, so no other day holds any."""
        windows = self._hours.windows_on(day)
        spans: list[tuple[int, int]] = []
        for stretch in stretches_from(self.timezone, (day - 1) * DAY) if windows else ():
            if stretch.start >= (day + 2) * DAY:
                break
            for opens, closes in windows:
                start = max(day * DAY + opens - stretch.offset, stretch.start)
                end = min(day * DAY + closes - stretch.offset, stretch.end)
                if spans and start < end and spans[-1][1] == start:
                    spans[-1] = (spans[-1][0], end)
                elif start < end:
                    spans.append((start, end))
        return spans

    def _first_instant_at(self, reading: int) -> int:
        """Return the first instant at which the clock shows `reading`, or has jumped over it."""
        for stretch in stretches_from(self.timezone, reading - DAY):
            if stretch.wall_end > reading:
                break
        return max(reading - stretch.offset, stretch.start)
