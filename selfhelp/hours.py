"""Hours of a phone line or a language, as plain values: windows of local time by weekday, and lines to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.dates import WEEKDAYS

Windows = Mapping[str, Sequence[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class HoursLine:
    """Consecutive weekdays (0 is Monday) with the same windows, such as Monday to Friday 09:00–18:00."""

    first: int
    last: int
    spans: tuple[str, ...]

    @property
    def every_day(self) -> bool:
        """Whether no day differs."""
        return self.last - self.first == 6

    @property
    def first_day(self) -> str:
        """The first day's name in the active language."""
        return str(WEEKDAYS[self.first])

    @property
    def last_day(self) -> str:
        """The last day's name in the active language."""
        return str(WEEKDAYS[self.last])


@dataclass(frozen=True, slots=True)
class Hours:
    """When someone answers: around the clock, or in `windows` of the local time of `timezone` (LA-1, SLA-4).

    `windows` is as in calendar documents: `{"0": [["09:00", "18:00"]], …}` with 0 for Monday.
    """

    timezone: str
    always: bool
    windows: Windows

    @classmethod
    def of(cls, document: Mapping[str, Any], *, timezone: str) -> Hours:
        """Read `{"always": true}` or `{"windows": {…}}`."""
        return cls(timezone=timezone, always=bool(document.get("always")), windows=document.get("windows") or {})

    @property
    def lines(self) -> list[HoursLine]:
        """The windows as people write them, equal days together: Monday to Friday, or Sunday to Thursday."""
        lines: list[HoursLine] = []
        for day in range(7):
            spans = tuple(f"{start}–{end}" for start, end in self.windows.get(str(day), ()))
            if lines and lines[-1].last == day - 1 and lines[-1].spans == spans:
                lines[-1] = HoursLine(lines[-1].first, day, spans)
            elif spans:
                lines.append(HoursLine(day, day, spans))
        return _joined_over_the_week(lines)


def _joined_over_the_week(lines: list[HoursLine]) -> list[HoursLine]:
    """Read Sunday and Monday to Thursday as Sunday to Thursday."""
    if len(lines) > 1 and lines[0].first == 0 and lines[-1].last == 6 and lines[0].spans == lines[-1].spans:
        return [HoursLine(lines[-1].first, lines[0].last, lines[0].spans), *lines[1:-1]]
    return lines
