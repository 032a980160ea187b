"""Severity of a request: plain values in, a frozen result with its evidence out (SE-1 … SE-4, SC-1 … SC-5)."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from severity import evidence as quoting
from severity.classification import classify
from severity.decision import RANK, Severity
from severity.evidence import Evidence
from severity.linear import Answers
from severity.reading import Reading
from severity.scope import ScopeVerdict, judge
from severity.weighing import BREADTHS, IMPACTS, STATES, YES_NO, Belief, Impact, Threshold, Weighed

ENGINE_VERSION = "2"

__all__ = [
    "ENGINE_VERSION",
    "Assessment",
    "Case",
    "Contradiction",
    "Counterfactual",
    "Evidence",
    "Impact",
    "ScopeVerdict",
    "assess",
]

CONFIRM_BELOW = 0.5  # A request assessed with less confidence is put before a person first ("confirm severity").
ASSIGNED = Threshold(a=0.4, b=0.5)  # Missing an A is the worst mistake: it needs less to be assigned.
CAREFUL = Threshold(a=0.2, b=0.3)  # What a cautious reader would not rule out.
_WORDS_AGAINST_ANSWERS = 0.25  # How much the cautious reader holds of the words where answers say otherwise.
_CONTRADICTED = 0.75
_UNKNOWN_LANGUAGE = 0.6


@dataclass(frozen=True, slots=True)
class Case:
    """What is assessed."""

    subject: str = ""
    description: str = ""
    category: str | None = None
    service: str | None = None
    topic: str | None = None
    impact: Impact = field(default_factory=Impact)
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """One answer that would change the severity."""

    answer: str
    value: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class Contradiction:
    """An answer and the words that say otherwise."""

    answer: str
    value: str
    said: str
    text: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """The engine's answer. `candidate` is what to commit to while `needs_confirmation` (DESIGN, settled point 9)."""

    severity: Severity
    candidate: Severity
    confidence: float
    needs_confirmation: bool
    row: str
    rule: str
    evidence: tuple[Evidence, ...]
    counterfactuals: tuple[Counterfactual, ...]
    contradictions: tuple[Contradiction, ...]
    scope: ScopeVerdict
    category: str
    service: str
    topic: str | None
    language_known: bool
    engine_version: str = ENGINE_VERSION

    def as_document(self) -> dict[str, Any]:
        """Return the assessment as JSON-ready plain values."""
        document: dict[str, Any] = _plain(asdict(self))
        return document


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def assess(case: Case) -> Assessment:
    """Assess one request; the same case always gives the same answer."""
    answers = read(case)
    belief = Belief(answers)
    weighed, severity, candidate = decided(belief, case)
    contradictions = tuple(_contradictions(answers, case.impact))
    confidence = _confidence(weighed.odds.of(severity), answers.reading, contradictions)
    classification = classify(answers, case)
    row = weighed.row_of(severity)
    return Assessment(
        severity=severity,
        candidate=candidate,
        confidence=confidence,
        needs_confirmation=bool(contradictions) or confidence < CONFIRM_BELOW or candidate != severity,
        row=row.code,
        rule=row.rule,
        evidence=(*_answered(case.impact), *quoting.of_severity(answers, severity, decides=_words_decide(case.impact))),
        counterfactuals=tuple(_counterfactuals(belief, case, severity)),
        contradictions=contradictions,
        scope=judge(answers),
        category=classification.category,
        service=classification.service,
        topic=classification.topic,
        language_known=answers.reading.language_known,
    )


def read(case: Case) -> Answers:
    """Return what the words of a case say, whatever is answered beside them."""
    return Answers(Reading(subject=case.subject, description=case.description, language=case.language))


def decided(belief: Belief, case: Case) -> tuple[Weighed, Severity, Severity]:
    """Return how the rows weigh under what is answered, the severity, and its candidate."""
    weighed = _weighed(belief, case)
    severity = ASSIGNED.severity(weighed.odds)
    return weighed, severity, _candidate(belief, weighed, severity)


def _weighed(belief: Belief, case: Case) -> Weighed:
    return belief.weighed(case.impact, is_purchase=case.category in ("presales", "billing"))


def _candidate(belief: Belief, weighed: Weighed, severity: Severity) -> Severity:
    """Return what a cautious reader would assign: clear words are not dismissed by answers alone."""
    careful = CAREFUL.severity(weighed.odds.mixed(belief.odds, _WORDS_AGAINST_ANSWERS))
    return max(severity, careful, key=RANK.__getitem__)


def _confidence(likelihood: float, reading: Reading, contradictions: tuple[Contradiction, ...]) -> float:
    if contradictions:
        likelihood *= _CONTRADICTED
    if not reading.language_known:
        likelihood *= _UNKNOWN_LANGUAGE
    return round(likelihood, 4)


def _words_decide(impact: Impact) -> bool:
    """Tell whether an answer is missing that the words have to stand in for."""
    return None in (impact.service_state, impact.users_affected, impact.business_impact, impact.workaround)


_ANSWER_RULES = {
    ("service_state", "down"): ("SE-2", "raises"),
    ("service_state", "degraded"): ("SE-3", "raises"),
    ("service_state", "available"): ("SE-4", "lowers"),
    ("users_affected", "all_users"): ("SE-2", "raises"),
    ("users_affected", "multiple_users"): ("SE-2", "raises"),
    ("users_affected", "single_user"): ("SE-3", "lowers"),
    ("business_impact", "severe"): ("SE-2", "raises"),
    ("business_impact", "moderate"): ("SE-3", "raises"),
    ("business_impact", "minimal"): ("SE-4", "lowers"),
    ("workaround", "yes"): ("SE-4", "lowers"),
    ("workaround", "no"): ("SE-3", "raises"),
    ("deadline_at_risk", "yes"): ("SE-2", "raises"),
    ("deadline_at_risk", "no"): ("SE-4", "neutral"),
}


def _answered(impact: Impact) -> Iterator[Evidence]:
    """Yield the answers as evidence."""
    for answer, value in asdict(impact).items():
        if known := _ANSWER_RULES.get((answer, value)):
            yield Evidence(known[0], f"answer.{answer}", "answer", value, None, None, known[1], 1.0, decisive=True)


_CHOICES: dict[str, tuple[str, ...]] = {
    "service_state": tuple(STATES),
    "users_affected": tuple(BREADTHS),
    "business_impact": tuple(IMPACTS),
    "workaround": tuple(YES_NO),
    "deadline_at_risk": tuple(YES_NO),
}


def _counterfactuals(belief: Belief, case: Case, severity: Severity) -> Iterator[Counterfactual]:
    """Yield every single answer that would give another severity."""
    for answer, values in _CHOICES.items():
        for value in values:
            changed = replace(case, impact=replace(case.impact, **{answer: value}))
            if (other := ASSIGNED.severity(_weighed(belief, changed).odds)) != severity:
                yield Counterfactual(answer, value, other)


_CLEARLY = 0.85  # From this likelihood on words contradict an answer, if a word list holds some that do.

# An answer; what clear words would say against it; the question to which they say so, or its denial; and their lists.
_DENIALS: tuple[tuple[str, tuple[str, ...], str, str, bool, tuple[str, ...]], ...] = (
    (
        "service_state",
        ("available",),
        "impaired",
        "impaired",
        True,
        ("state.outage", "state.down", "state.impaired", "mail.flow"),
    ),
    ("service_state", ("down",), "question", "impaired", False, ("ask.question", "ask.request", "ask.documentation")),
    ("users_affected", ("single_user",), "several", "several", True, ("breadth.all", "breadth.several")),
    ("users_affected", ("multiple_users", "all_users"), "one", "several", False, ("breadth.one",)),
    ("workaround", ("no",), "workaround", "workaround", True, ("workaround.stated",)),
    ("business_impact", ("minimal",), "severe", "severe", True, ("impact.severe",)),
    ("business_impact", ("severe",), "trivial", "severe", False, ("impact.trivial", "system.test")),
)


def _contradictions(answers: Answers, impact: Impact) -> Iterator[Contradiction]:
    """Yield the answers that clear words contradict, with the words of the word lists that do."""
    for answer, values, said, question, yes, codes in _DENIALS:
        value = getattr(impact, answer)
        likelihood = answers.likelihood(question)
        if value not in values or (likelihood if yes else 1.0 - likelihood) < _CLEARLY:
            continue
        if words := quoting.strongest(answers, codes):
            yield Contradiction(answer, value, said, words)
