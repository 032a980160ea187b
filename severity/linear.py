"""A linear model over words and findings: how likely each thing is that one may ask of a text, and which words say so.

`model.json` holds what `severity.training` learned. A text's features are how much it says of each entry of the word
lists, and the runs of one to `LONGEST` words that the model knows; both count linearly, so that the part of every
word in an answer is exact.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from math import exp, sqrt
from pathlib import Path
from typing import Any

from severity.reading import Finding, Reading
from severity.text import Segment, Source, Span

LONGEST = 3
HEAD_WORDS, TAIL_WORDS = 450, 150  # of a part; of a longer one the beginning and the end are read, to bound the time
FEW_WORDS = 150.0  # added to the squared length of a text, so that one or two words alone say little
NUMBER = "0"  # stands for every number; by itself it says nothing
STRENGTH_LIMIT = 3.0  # repeating a phrase makes nothing surer than this
_MODEL = Path(__file__).parent / "model.json"


@dataclass(frozen=True, slots=True)
class Model:
    """Weights by question: of the findings of each feature, and of each run of words with its rarity."""

    questions: tuple[str, ...]
    bias: tuple[float, ...]
    features: Mapping[str, tuple[float, ...]]
    runs: Mapping[str, tuple[float, tuple[float, ...]]]
    trained_on: str


@cache
def shipped_model() -> Model:
    """Return the model that the portal ships."""
    document: dict[str, Any] = json.loads(_MODEL.read_text(encoding="utf-8"))
    return Model(
        questions=tuple(document["questions"]),
        bias=tuple(document["bias"]),
        features={code: tuple(weights) for code, weights in document["features"].items()},
        runs={run: (rarity, tuple(weights)) for run, (rarity, *weights) in document["runs"].items()},
        trained_on=document["trained_on"],
    )


@dataclass(frozen=True, slots=True)
class Run:
    """A run of words at its place."""

    words: str
    source: Source
    start: int
    end: int


_NOT_NOW = ("past", "resolved", "hypothetical", "elsewhere")
ASIDE = "~ "  # begins a run of words in a clause that tells of another time or place


def runs_of(reading: Reading) -> Iterator[Run]:
    """Yield every run of one to `LONGEST` words of a part; a Han character or kana is a word, numbers are all the same.

    Claims of urgency are left out: "urgent" and "critical" by themselves say nothing of the impact (SE-1). Words of
    clauses that tell of another time or place are other words.
    """
    for segment in reading.segments:
        claimed = [Span(f.start, f.end) for f in reading.found("urgency.claimed") if f.source == segment.source]
        aside = [segment.clause_at(f.start) for f in reading.findings if _is_elsewhere(f, segment)]
        words = [word for word in _head_and_tail(list(segment.words())) if not _covered(word[0], claimed)]
        names = [NUMBER if word.isdigit() else word for _, word in words]
        for first, (start, _) in enumerate(words):
            mark = ASIDE if _covered(start, aside) else ""
            for last in range(first, min(first + LONGEST, len(words))):
                named = names[first : last + 1]
                if any(name != NUMBER for name in named):
                    yield Run(mark + " ".join(named), segment.source, start, words[last][0] + len(words[last][1]))


def _head_and_tail(words: list[tuple[int, str]]) -> list[tuple[int, str]]:
    if len(words) <= HEAD_WORDS + TAIL_WORDS:
        return words
    return words[:HEAD_WORDS] + words[-TAIL_WORDS:]


def _is_elsewhere(finding: Finding, segment: Segment) -> bool:
    return finding.source == segment.source and finding.context in _NOT_NOW


def _covered(position: int, spans: Sequence[Span]) -> bool:
    return any(span.covers(position) for span in spans)


def strengths(reading: Reading, codes: Sequence[str]) -> list[float]:
    """Return how much the text says of each feature, up to the limit."""
    return [min(STRENGTH_LIMIT, reading.strength(code)) for code in codes]


@dataclass(frozen=True, slots=True)
class Part:
    """What one finding or run of words adds to the log-odds of an answer; without it, `lost` would be missing."""

    source: Source
    start: int
    end: int
    amount: float
    lost: float
    finding: Finding | None = None


class Answers:
    """What the model makes of one text."""

    def __init__(self, reading: Reading, model: Model | None = None) -> None:
        self.reading = reading
        self.model = model or shipped_model()

    @cached_property
    def _known(self) -> dict[str, list[Run]]:
        """The runs that the model knows, each with its places."""
        known: dict[str, list[Run]] = {}
        for run in runs_of(self.reading):
            if run.words in self.model.runs:
                known.setdefault(run.words, []).append(run)
        return known

    @cached_property
    def _length(self) -> float:
        return sqrt(FEW_WORDS + sum(self.model.runs[words][0] ** 2 for words in self._known))

    @cached_property
    def _log_odds(self) -> dict[str, float]:
        totals = list(self.model.bias)
        for code, strength in zip(self.model.features, strengths(self.reading, list(self.model.features)), strict=True):
            if strength:
                for at, weight in enumerate(self.model.features[code]):
                    totals[at] += strength * weight
        for words in self._known:
            rarity, weights = self.model.runs[words]
            share = rarity / self._length
            for at, weight in enumerate(weights):
                totals[at] += share * weight
        return dict(zip(self.model.questions, totals, strict=True))

    def likelihood(self, question: str) -> float:
        """Return how likely `question` is answered with yes, 0 to 1."""
        return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, self._log_odds[question]))))

    def shares(self, questions: Sequence[str]) -> dict[str, float]:
        """Return the likelihoods of questions of which exactly one is answered with yes; they add up to 1."""
        highest = max(self._log_odds[question] for question in questions)
        weights = {question: exp(self._log_odds[question] - highest) for question in questions}
        total = sum(weights.values())
        return {question: weight / total for question, weight in weights.items()}

    def parts(self, question: str, *, against: str | None = None) -> Iterator[Part]:
        """Yield what every finding and every run adds to the log-odds of `question`, or of it over another one."""
        yield from self._finding_parts(question, against)
        for words, places in self._known.items():
            rarity, weights = self.model.runs[words]
            amount = rarity / self._length * self._weight(weights, question, against)
            lost = amount if len(places) == 1 else 0.0
            for run in places:
                yield Part(run.source, run.start, run.end, amount / len(places), lost)

    def _finding_parts(self, question: str, against: str | None) -> Iterator[Part]:
        for code, weights in self.model.features.items():
            whole = self.reading.strength(code)
            weight = self._weight(weights, question, against)
            counted = min(1.0, STRENGTH_LIMIT / whole) if whole else 0.0
            for finding in self.reading.found(code):
                rest = min(STRENGTH_LIMIT, whole - finding.strength)
                lost = (min(STRENGTH_LIMIT, whole) - rest) * weight
                yield Part(
                    finding.source, finding.start, finding.end, finding.strength * counted * weight, lost, finding
                )

    def _weight(self, weights: Sequence[float], question: str, against: str | None) -> float:
        weight = weights[self.model.questions.index(question)]
        return weight - weights[self.model.questions.index(against)] if against else weight
