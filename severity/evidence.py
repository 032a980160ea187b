"""Which words counted, for what and how much: the parts of the model's answer, quoted at their place (SE-5)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from severity.decision import Severity
from severity.linear import Answers, Part
from severity.text import Segment, Source, Span

WORDS = "words"  # the code of a clause whose words count though no list holds them
_NOTICEABLE = 0.2  # log-odds; less is not worth a reader's time
_CLAUSE_NOTICEABLE = 0.5  # a clause says less clearly than a finding why it counts
_SHORTEST_CLAUSE = 4  # characters
_SHOWS = 0.002  # a change of the likelihood that shows in the confidence
_MOST = 8
_ASSIGNS: dict[Severity, tuple[str, bool]] = {
    "A": ("at_least_a", True),
    "B": ("at_least_b", True),
    "C": ("at_least_b", False),
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that counted: an answer, or words with their place; `decisive` if another result came without it.

    `weight` is what it adds to the log-odds of the model's outright opinion (1 for an answer); `direction` is where it
    moves the severity, neutral for what is evidence of the scope.
    """

    rule: str
    code: str
    source: str
    text: str
    start: int | None
    end: int | None
    direction: str
    weight: float
    decisive: bool
    context: str = ""


def of_severity(answers: Answers, severity: Severity, *, decides: bool) -> Iterator[Evidence]:
    """Yield the words that moved the severity: first those that speak for it, then those against.

    Findings stand before clauses, for they say what they are evidence of. Words that would have counted elsewhere, but
    are denied, past or only supposed, come last.
    """
    question, raises = _ASSIGNS[severity]
    likelihood = answers.likelihood(question)
    parts = [part for part in _in_clauses(answers, question) if _is_noticed(part)]
    for part in sorted(parts, key=lambda part: _order(part, raises=raises))[:_MOST]:
        shows = abs(part.lost) * likelihood * (1.0 - likelihood) >= _SHOWS
        yield _quoted(answers, part, decisive=decides and shows and not _is_set_aside(part))


def of_scope(answers: Answers, scope: str, *, rule: str) -> tuple[Evidence, ...]:
    """Return the words that put a request beyond the boundary, the strongest first; they move no severity."""
    found = _in_clauses(answers, f"scope.{scope}", against="scope.in_scope")
    named = [p for p in found if p.amount >= _NOTICEABLE and (p.finding is None or p.finding.code == f"scope.{scope}")]
    ordered = sorted(named, key=lambda part: (part.finding is None, -part.amount, part.start))[:_MOST]
    return tuple(
        replace(_quoted(answers, part, decisive=True), rule=rule, code=f"scope.{scope}", direction="neutral")
        for part in ordered
    )


def strongest(answers: Answers, codes: Sequence[str]) -> str:
    """Return the strongest words of these lists; nothing where there are none that count."""
    found = [finding for finding in answers.reading.found(*codes) if not finding.context]
    return max(found, key=lambda finding: finding.weight).text if found else ""


def _in_clauses(answers: Answers, question: str, *, against: str | None = None) -> Iterator[Part]:
    """Yield the findings, and for each clause what its words add beside them.

    Words of a clause that take back a little of what its findings say are no reason to show.
    """
    words: dict[tuple[Source, Span], list[Part]] = defaultdict(list)
    findings: dict[tuple[Source, Span], float] = defaultdict(float)
    for part in answers.parts(question, against=against):
        place = (part.source, _segment(answers, part.source).clause_at(part.start))
        if part.finding is None:
            words[place].append(part)
        else:
            findings[place] += part.amount
            yield part
    for (source, clause), parts in words.items():
        amount, said = sum(part.amount for part in parts), findings[source, clause]
        if amount * said < 0.0 and abs(amount) < abs(said):
            continue
        span = _segment(answers, source).trimmed(clause)
        yield Part(source, span.start, span.end, amount, sum(part.lost for part in parts))


def _is_set_aside(part: Part) -> bool:
    return part.finding is not None and bool(part.finding.context)


def _is_noticed(part: Part) -> bool:
    if part.finding is None:
        return abs(part.amount) >= _CLAUSE_NOTICEABLE and part.end - part.start >= _SHORTEST_CLAUSE
    if part.finding.code.startswith("scope."):
        return False  # what is said of the scope stands with the scope
    return _is_set_aside(part) or abs(part.amount) >= _NOTICEABLE


def _order(part: Part, *, raises: bool) -> tuple[bool, bool, bool, float, int]:
    against = (part.amount > 0) != raises
    return (_is_set_aside(part), against, part.finding is None, -abs(part.amount), part.start)


def _segment(answers: Answers, source: Source) -> Segment:
    return answers.reading.segments[source == "description"]


def _words(answers: Answers, part: Part) -> str:
    return _segment(answers, part.source).written[part.start : part.end]


def _quoted(answers: Answers, part: Part, *, decisive: bool) -> Evidence:
    finding = part.finding
    direction = "raises" if part.amount > 0 else "lowers"
    return Evidence(
        rule=finding.feature.rule if finding else "SE-1",
        code=finding.code if finding else WORDS,
        source=part.source,
        text=_words(answers, part),
        start=part.start,
        end=part.end,
        direction="neutral" if _is_set_aside(part) else direction,
        weight=round(abs(part.amount), 3),
        decisive=decisive,
        context=finding.context if finding else "",
    )
