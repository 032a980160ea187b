"""How good judgements of severity are, from plain counts: accuracy, macro-F1, confusion, triage, calibration (SE-1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

SEVERITIES = ("A", "B", "C")
_BANDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0001)


@dataclass(frozen=True, slots=True)
class Judged:
    """Cases that are alike: what a person decided, what the engine said, and how sure it was (mean of the cases)."""

    labelled: str
    assessed: str
    confidence: float
    language: str = ""
    cases: int = 1

    @property
    def is_right(self) -> bool:
        """Whether the engine said what the person decided."""
        return self.labelled == self.assessed


@dataclass(frozen=True, slots=True)
class Band:
    """A band of confidence, from `low` up to but without `high`: how sure the engine was there, and how often right."""

    low: float
    high: float
    cases: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures over cases. A share of nothing is 0.0; `cases` tells whether there is anything to tell."""

    judged: tuple[Judged, ...]

    @property
    def cases(self) -> int:
        """How many cases there are."""
        return _cases(self.judged)

    def accuracy(self) -> float:
        """Share of right severities."""
        return _share(self.judged, lambda one: one.is_right)

    def confusion(self) -> Counter[tuple[str, str]]:
        """Count by (labelled, assessed)."""
        counted: Counter[tuple[str, str]] = Counter()
        for one in self.judged:
            counted[one.labelled, one.assessed] += one.cases
        return counted

    def recall(self, severity: str) -> float:
        """Share of the cases of `severity` that were found."""
        return _share((one for one in self.judged if one.labelled == severity), lambda one: one.is_right)

    def precision(self, severity: str) -> float:
        """Share of what was called `severity` that is."""
        return _share((one for one in self.judged if one.assessed == severity), lambda one: one.is_right)

    def f1(self, severity: str) -> float:
        """Harmonic mean of recall and precision."""
        recall, precision = self.recall(severity), self.precision(severity)
        return 2 * recall * precision / (recall + precision) if recall or precision else 0.0

    def occurring(self) -> list[str]:
        """The severities that were labelled or assessed at all."""
        return [s for s in SEVERITIES if any(s in (one.labelled, one.assessed) for one in self.judged)]

    def macro_f1(self) -> float:
        """Mean of the F1 of the severities that occur."""
        occurring = self.occurring()
        return sum(map(self.f1, occurring)) / max(1, len(occurring))

    def under_triage(self) -> int:
        """How many were assessed lower than labelled, the worst mistakes."""
        return _cases(one for one in self.judged if one.assessed > one.labelled)

    def over_triage(self) -> int:
        """How many were assessed higher than labelled."""
        return _cases(one for one in self.judged if one.assessed < one.labelled)

    def by_language(self) -> dict[str, Figures]:
        """The figures of each language, by its tag."""
        tags = sorted({one.language for one in self.judged})
        return {tag: Figures(tuple(one for one in self.judged if one.language == tag)) for tag in tags}

    def calibration(self) -> list[Band]:
        """The bands of confidence in which there are cases."""
        bands = []
        for low, high in pairwise(_BANDS):
            within = [one for one in self.judged if low <= one.confidence < high]
            if cases := _cases(within):
                confidence = sum(one.confidence * one.cases for one in within) / cases
                accuracy = _share(within, lambda one: one.is_right)
                bands.append(Band(low, min(high, 1.0), cases, confidence, accuracy))
        return bands

    def calibration_error(self) -> float:
        """How far confidence and accuracy lie apart, band by band, on average (expected calibration error)."""
        off = sum(band.cases * abs(band.confidence - band.accuracy) for band in self.calibration())
        return off / max(1, self.cases)

    def brier(self) -> float:
        """Mean square of what confidence lacked to being right, or claimed being wrong; 0 is best."""
        squares = sum(one.cases * (one.confidence - one.is_right) ** 2 for one in self.judged)
        return squares / max(1, self.cases)


def _cases(judged: Iterable[Judged]) -> int:
    return sum(one.cases for one in judged)


def _share(judged: Iterable[Judged], hit: Callable[[Judged], bool]) -> float:
    counted = list(judged)
    return _cases(one for one in counted if hit(one)) / max(1, _cases(counted))
