"""Which words counted, for what and how much: the parts of the model's answer, quoted at their place (SE-5)."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from severity.decision import Severity
from severity.linear import Answers, Part
from severity.text import Segment, Source, Span

WORDS = "words"  # the code of a clause whose words count though no list holds them
_NOTICEABLE = 0.2  # log-odds; less is not worth a reader's time
_SHOWS = 0.002  # a change of the likelihood that shows in the confidence
_MOST = 8
_ASSIGNS: dict[Severity, tuple[str, bool]] = {
    "A": ("at_least_a", True),
    "B": ("at_least_b", True),
    "C": ("at_least_b", False),
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that counted: an answer, or words with their place; `decisive` if the result hangs on it.

    `weight` is what it adds to the log-odds, as a share of 1 for an answer; `direction` is where it moves the severity.
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
    """Yield the words that moved the severity: first those that speak for it, then those against, the strongest first.

    Words that would have counted elsewhere, but are denied, past or only supposed, come last.
    """
    question, raises = _ASSIGNS[severity]
    likelihood = answers.likelihood(question)
    parts = [part for part in _in_clauses(answers, question) if _is_noticed(part)]
    for part in sorted(parts, key=lambda part: _order(part, raises=raises))[:_MOST]:
        shows = abs(part.lost) * likelihood * (1.0 - likelihood) >= _SHOWS
        yield _quoted(answers, part, rule="SE-1", decisive=decides and shows and not _is_set_aside(part))


def of_scope(answers: Answers, scope: str, *, rule: str) -> tuple[Evidence, ...]:
    """Return the words that put a request beyond the boundary, the strongest first."""
    found = _in_clauses(answers, f"scope.{scope}", against="scope.in_scope")
    parts = sorted((part for part in found if part.amount >= _NOTICEABLE), key=lambda part: (-part.amount, part.start))
    return tuple(_quoted(answers, part, rule=rule, decisive=True, code=f"scope.{scope}") for part in parts[:_MOST])


def strongest(answers: Answers, question: str, *, yes: bool) -> str:
    """Return the words that speak most for one answer of a question; nothing where none do."""
    sign = 1.0 if yes else -1.0
    parts = [part for part in _in_clauses(answers, question) if sign * part.amount >= _NOTICEABLE]
    return _words(answers, max(parts, key=lambda part: sign * part.amount)) if parts else ""


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
    return _is_set_aside(part) or abs(part.amount) >= _NOTICEABLE


def _order(part: Part, *, raises: bool) -> tuple[bool, bool, float, int]:
    return (_is_set_aside(part), (part.amount > 0) != raises, -abs(part.amount), part.start)


def _segment(answers: Answers, source: Source) -> Segment:
    return answers.reading.segments[source == "description"]


def _words(answers: Answers, part: Part) -> str:
    return _segment(answers, part.source).written[part.start : part.end]


def _quoted(answers: Answers, part: Part, *, rule: str, decisive: bool, code: str = WORDS) -> Evidence:
    finding = part.finding
    direction = "raises" if part.amount > 0 else "lowers"
    return Evidence(
        rule=finding.feature.rule if finding else rule,
        code=finding.code if finding else code,
        source=part.source,
        text=_words(answers, part),
        start=part.start,
        end=part.end,
        direction="neutral" if _is_set_aside(part) else direction,
        weight=round(abs(part.amount), 3),
        decisive=decisive,
        context=finding.context if finding else "",
    )
