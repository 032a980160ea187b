"""Opening hours on the wall clock alone, with no time zone: sums and searches by arithmetic instead of stepping."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import accumulate

from sla.local_time import DAY, day_number

DAYS_OF_WEEK = 7


class OpeningHours:
    """Windows by weekday and the holidays on which they do not count; readings are microseconds since 0001-01-01.

    Every question is answered from the sums of a week and of the holidays so far, so that a year costs what an hour
    does.
    """

    def __init__(self, *, windows: Sequence[Sequence[tuple[int, int]]], holidays: Iterable[date]) -> None:
        """Take sorted windows (start, end within the day) for seven weekdays, Monday first."""
        self._windows = windows
        day_lengths = [sum(end - start for start, end in day) for day in windows]
        self._opened_before_weekday = [0, *accumulate(day_lengths)]
        self._opened_per_week = self._opened_before_weekday[-1]
        self._open_days_before_weekday = [0, *accumulate(bool(length) for length in day_lengths)]
        days = {day_number(holiday) for holiday in holidays}
        self._holidays = frozenset(day for day in days if windows[day % DAYS_OF_WEEK])
        self._sorted_holidays = sorted(self._holidays)
        self._lost_before_holiday = [0, *accumulate(day_lengths[day % DAYS_OF_WEEK] for day in self._sorted_holidays)]

    def windows_on(self, day: int) -> Sequence[tuple[int, int]]:
        """Return the windows of one day, none if it is closed."""
        return () if day in self._holidays else self._windows[day % DAYS_OF_WEEK]

    def is_holiday(self, day: int) -> bool:
        """Tell whether the day would be open, were it no holiday."""
        return day in self._holidays

    def is_open(self, reading: int) -> bool:
        """Tell whether the clock reads an open time; a window's end is not in it."""
        day, time = divmod(reading, DAY)
        return any(start <= time < end for start, end in self.windows_on(day))

    def opened_by(self, reading: int) -> int:
        """Return how much open time the clock has passed when it reaches `reading`, had it always run evenly."""
        day, time = divmod(reading, DAY)
        weeks, weekday = divmod(day, DAYS_OF_WEEK)
        opened = weeks * self._opened_per_week + self._opened_before_weekday[weekday]
        opened -= self._lost_before_holiday[bisect_left(self._sorted_holidays, day)]
        for start, end in self.windows_on(day):
            if time <= start:
                break
            opened += min(time, end) - start
        return opened

    def open_days_by(self, day: int) -> int:
        """Return how many open days lie before a day."""
        weeks, weekday = divmod(day, DAYS_OF_WEEK)
        open_days = weeks * self._open_days_before_weekday[-1] + self._open_days_before_weekday[weekday]
        return open_days - bisect_left(self._sorted_holidays, day)

    def skip_open_days(self, days: int, *, after: int, through: int) -> tuple[int, int]:
        """Return the `days`-th open day after a day, and 0; or the last day given, and how many are missing."""
        goal = self.open_days_by(after + 1) + days
        days_ahead = range(after + 1, through)
        day = bisect_left(days_ahead, goal, key=lambda ahead: self.open_days_by(ahead + 1)) + after + 1
        return day, goal - self.open_days_by(day + 1)

    def reading_when_opened(self, opened: int, *, within: tuple[int, int]) -> int:
        """Return the first reading by which `opened` has passed, which lies after the first and by the last given."""
        first, last = within[0] // DAY, within[1] // DAY
        day = bisect_left(range(first + 1, last + 1), opened, key=lambda day: self.opened_by(day * DAY)) + first
        missing = opened - self.opened_by(day * DAY)
        for start, end in self.windows_on(day):
            if missing <= end - start:
                return day * DAY + start + missing
            missing -= end - start
        raise ValueError("so much open time does not pass within these readings")

    def first_open(self, *, within: tuple[int, int]) -> int | None:
        """Return the first open reading from the first to before the last given, None if there is none."""
        first, last = within
        for day in range(first // DAY, last // DAY + 1):
            for start, end in self.windows_on(day):
                reading = max(first, day * DAY + start)
                if reading < min(last, day * DAY + end):
                    return reading
        return None

    def longest_closure(self) -> int | None:
        """Return the length in days of the longest run of closed days that holidays make, None if it never opens."""
        if not self._opened_per_week:
            return None
        longest = reopens = 0
        for holiday in self._sorted_holidays:
            if holiday < reopens:
                continue
            last_open, reopens = holiday - 1, holiday + 1
            while not self.windows_on(last_open):
                last_open -= 1
            while not self.windows_on(reopens):
                reopens += 1
            longest = max(longest, reopens - last_open - 1)
        return longest
