"""How sure the assessment was and how often it was right, as geometry that a template draws as SVG: no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from severity.figures import Band
from tickets.wording import percent

WIDTH, HEIGHT = 372, 294
LEFT, RIGHT, TOP, BOTTOM = 48, 346, 18, 254
SMALLEST, LARGEST = 4.0, 15.0
TICKS = (0, 25, 50, 75, 100)


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid with its label, the same for both axes."""

    label: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Dot:
    """A band of confidence: to the right the surer, to the top the more often right, the larger the more cases.

    `diagonal_y` is where it would lie if the assessment were right as often as it is sure.
    """

    confidence: str
    accuracy: str
    cases: int
    x: float
    y: float
    diagonal_y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """Confidence against accuracy, with the diagonal on which both are the same."""

    dots: list[Dot]
    ticks: list[Tick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    top: int = TOP
    bottom: int = BOTTOM
    middle: int = (LEFT + RIGHT) // 2
    tick_x: int = LEFT - 6
    tick_y: int = BOTTOM + 16
    name_y: int = HEIGHT - 4


def reliability_of(bands: Sequence[Band]) -> Reliability:
    """Draw the bands."""
    most = max((band.cases for band in bands), default=1)
    dots = [
        Dot(
            confidence=hundredths(band.confidence),
            accuracy=hundredths(band.accuracy),
            cases=band.cases,
            x=_x(band.confidence),
            y=_y(band.accuracy),
            diagonal_y=_y(band.confidence),
            radius=round(max(SMALLEST, LARGEST * sqrt(band.cases / most)), 1),
        )
        for band in bands
    ]
    return Reliability(dots, [Tick(percent(each), _x(each / 100), _y(each / 100)) for each in TICKS])


def hundredths(share: float) -> str:
    """A share as a whole number of hundredths, in words."""
    return percent(round(100 * share))


def _x(share: float) -> float:
    return round(LEFT + (RIGHT - LEFT) * share, 1)


def _y(share: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * share, 1)
