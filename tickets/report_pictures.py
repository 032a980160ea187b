"""What became of promises, as geometry that a template draws as SVG: no script, and no colour alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, ROW, BAR = 372, 68, 14
NAME_Y, BAR_Y, COUNTS_Y = 13, 20, 49
LONGEST_NAME = 34  # characters; the table beside it has the whole name
PARTS = ("kept", "breached", "running")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar: how many promises stand so."""

    look: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One group: its name and share above, the bar, the counts in words below."""

    name: str
    share: str
    counts: str
    parts: list[Part]
    name_y: int
    y: int
    counts_y: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars below each other, the longest as wide as the picture."""

    bars: list[Bar]
    height: int
    width: int = WIDTH
    bar_height: int = BAR


def chart_of(groups: Sequence[tuple[str, str, str, dict[str, int]]]) -> Chart:
    """Draw groups of (name, share, counts in words, commitments by state)."""
    most = max((sum(counts[part] for part in PARTS) for *_words, counts in groups), default=0) or 1
    bars = [
        Bar(
            name=name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…",
            share=share,
            counts=words,
            parts=_parts(counts, most),
            name_y=place * ROW + NAME_Y,
            y=place * ROW + BAR_Y,
            counts_y=place * ROW + COUNTS_Y,
        )
        for place, (name, share, words, counts) in enumerate(groups)
    ]
    return Chart(bars, height=max(1, len(bars)) * ROW)


def _parts(counts: dict[str, int], most: int) -> list[Part]:
    parts, x = [], 1.0
    for look in PARTS:
        width = (WIDTH - 2) * counts[look] / most
        if counts[look]:
            parts.append(Part(look, round(x, 1), round(max(width, 2), 1)))
        x += width
    return parts
