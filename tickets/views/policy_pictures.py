"""The pictures of a comparison, as geometry that a template draws as SVG: no script, no style of its own."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tickets.selectors.what_if import SHIFTS, WhatIf

WIDTH, LABEL_WIDTH, COUNT_WIDTH = 440, 176, 44
BAR, GAP = 18, 10
SHIFT_NAMES: dict[str, Promise] = {
    "days_earlier": _("a day or more earlier"),
    "hours_earlier": _("an hour to a day earlier"),
    "earlier": _("less than an hour earlier"),
    "same": _("at the same instant"),
    "later": _("less than an hour later"),
    "hours_later": _("an hour to a day later"),
    "days_later": _("a day or more later"),
    "gained": _("promised only by the draft"),
    "lost": _("no longer promised"),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar with its label and count; `look` names its colour, and words beside it say the same."""

    label: str
    count: int
    look: str
    y: int
    width: float

    @property
    def text_y(self) -> int:
        """The line that label and count stand on."""
        return self.y + BAR - 5

    @property
    def count_x(self) -> float:
        """Where the count begins."""
        return LABEL_WIDTH + self.width + 6


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars below each other, all on one scale."""

    bars: list[Bar]
    height: int
    width: int = WIDTH
    bar_height: int = BAR
    label_x: int = LABEL_WIDTH - 10
    bar_x: int = LABEL_WIDTH


@dataclass(frozen=True, slots=True)
class Picture:
    """Both charts of a comparison."""

    breaches: Chart
    shifts: Chart


def picture_of(what_if: WhatIf) -> Picture:
    """Draw the broken promises by severity, and how far due instants move."""
    broken = []
    for severity, counts in what_if.breaches.items():
        broken.append((str(_("%(severity)s, in force") % {"severity": severity}), counts.in_force, "before"))
        broken.append((str(_("%(severity)s, draft") % {"severity": severity}), counts.draft, "after"))
    moved = [(str(SHIFT_NAMES[shift]), what_if.shifts[shift], "moved") for shift in SHIFTS]
    return Picture(breaches=_chart(broken, pair=2), shifts=_chart(moved, pair=1))


def _chart(rows: list[tuple[str, int, str]], *, pair: int) -> Chart:
    most = max((count for _label, count, _look in rows), default=0) or 1
    room = WIDTH - LABEL_WIDTH - COUNT_WIDTH
    bars, y = [], 0
    for index, (label, count, look) in enumerate(rows):
        bars.append(Bar(label, count, look, y, round(room * count / most, 1)))
        y += BAR + (GAP if (index + 1) % pair == 0 else 2)
    return Chart(bars, height=y)
