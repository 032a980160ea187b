"""Severity of a request: plain values in, a frozen result with its evidence out (SE-1 … SE-4, SC-1 … SC-5)."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from severity import scope as scopes
from severity.classification import classify
from severity.decision import RANK, Breadth, Facts, Row, Severity, decide
from severity.reading import Finding, Reading
from severity.weighing import (
    ASKING,
    BREADTHS,
    CAUTIOUS,
    IMPACTS,
    LIKELY,
    MALFUNCTION,
    STATES,
    Impact,
    TextFacts,
    Weighed,
    weigh,
)

ENGINE_VERSION = "1"

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
_CAUTIOUSLY_HIGHER = CONFIRM_BELOW  # A cautious reader would rank it higher: never more sure than is put to a person.
_CONTRADICTED = 0.75
_UNKNOWN_LANGUAGE = 0.6
_NOTHING_UNDERSTOOD = 0.6


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
class Evidence:
    """One thing that counted: an answer, or words with their place; `decisive` if the result hangs on it."""

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
class ScopeVerdict:
    """Whose matter it is, where it is referred to (a code; None in scope), how sure, and why (SC-6)."""

    scope: str
    referral: str | None
    confidence: float
    evidence: tuple[Evidence, ...]


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
    reading = Reading(subject=case.subject, description=case.description, language=case.language)
    text = TextFacts(reading)
    likely = _weigh(text, case, cautious=False)
    row = decide(likely.facts)
    careful = decide(_weigh(text, case, cautious=True).facts)
    candidate = max(row.severity, careful.severity, key=RANK.__getitem__)
    contradictions = tuple(_contradictions(text, case.impact))
    confidence = _confidence(likely, row, reading, contradictions)
    if candidate != row.severity:
        confidence = round(confidence * _CAUTIOUSLY_HIGHER, 4)
    verdict = scopes.judge(reading)
    classification = classify(reading, likely.facts, case, scope=verdict.scope)
    return Assessment(
        severity=row.severity,
        candidate=candidate,
        confidence=confidence,
        needs_confirmation=bool(contradictions) or confidence < CONFIRM_BELOW,
        row=row.code,
        rule=row.rule,
        evidence=tuple(_evidence(reading, case.impact, _decisive_codes(row, likely.facts, case.impact))),
        counterfactuals=tuple(_counterfactuals(text, case, row.severity)),
        contradictions=contradictions,
        scope=ScopeVerdict(verdict.scope, verdict.referral, verdict.confidence, tuple(map(_quoted, verdict.findings))),
        category=classification.category,
        service=classification.service,
        topic=classification.topic,
        language_known=reading.language_known,
    )


def _weigh(text: TextFacts, case: Case, *, cautious: bool) -> Weighed:
    weighed = weigh(text, case.impact, CAUTIOUS if cautious else LIKELY)
    if case.category in ("presales", "billing"):
        return replace(weighed, facts=replace(weighed.facts, is_purchase=True))
    return weighed


def _confidence(weighed: Weighed, row: Row, reading: Reading, contradictions: tuple[Contradiction, ...]) -> float:
    confidence = 1.0
    for name in row.depends_on:
        confidence *= weighed.certainty.get(name, 1.0)
    if contradictions:
        confidence *= _CONTRADICTED
    if not reading.language_known:
        confidence *= _UNKNOWN_LANGUAGE
    if reading.is_empty and "state" in row.depends_on and weighed.certainty["state"] < 0.9:
        confidence *= _NOTHING_UNDERSTOOD
    return round(confidence, 4)


_COUNTED = ("state.", "mail.", "setting.", "function.", "breadth.", "impact.", "system.", "workaround.", "ask.")

# The words behind each thing that a row depends on, and the answer that replaces them.
_BEHIND: dict[str, tuple[str, tuple[str, ...]]] = {
    "state": ("service_state", (*MALFUNCTION, *ASKING)),
    "ask": ("service_state", (*MALFUNCTION, *ASKING)),
    "breadth": ("users_affected", ()),
    "impact": ("business_impact", ("impact.severe",)),
    "workaround": ("workaround", ("workaround.stated", "workaround.none")),
    "mail": ("", ("mail.flow", "mail.delay")),
    "setting": ("", ("setting.ineffective",)),
    "minor": ("", ("function.minor",)),
    "trivial": ("", ("impact.trivial", "system.test")),
}
_BREADTH_WORDS = {Breadth.SINGLE: ("breadth.one",), Breadth.MULTIPLE: ("breadth.all", "breadth.several")}


def _decisive_codes(row: Row, facts: Facts, impact: Impact) -> frozenset[str]:
    """Return the features whose words moved the row that decided, or its confidence."""
    answered = {name for name, value in asdict(impact).items() if value is not None}
    codes: set[str] = set()
    for name in row.depends_on:
        answer, behind = _BEHIND[name]
        if answer not in answered:
            codes |= set(behind or _BREADTH_WORDS.get(min(facts.breadth, Breadth.MULTIPLE), ()))
    return frozenset(codes)


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


def _evidence(reading: Reading, impact: Impact, decisive: frozenset[str]) -> Iterator[Evidence]:
    """Yield what counted: the answers, then the words, those that decided and the strongest first."""
    for answer, value in asdict(impact).items():
        if known := _ANSWER_RULES.get((answer, value)):
            yield Evidence(known[0], f"answer.{answer}", "answer", value, None, None, known[1], 1.0, decisive=True)
    counted = [_quoted(f, decisive=f.code in decisive) for f in reading.findings if f.code.startswith(_COUNTED)]
    yield from sorted(counted, key=lambda one: (not one.decisive, -one.weight, one.source != "subject", one.start))


def _quoted(finding: Finding, *, decisive: bool = True) -> Evidence:
    return Evidence(
        rule=finding.feature.rule,
        code=finding.code,
        source=finding.source,
        text=finding.text,
        start=finding.start,
        end=finding.end,
        direction="neutral" if finding.context else finding.feature.direction,
        weight=round(finding.weight, 3),
        decisive=decisive,
        context=finding.context,
    )


_ANSWERS: dict[str, tuple[str, ...]] = {
    "service_state": tuple(STATES),
    "users_affected": tuple(BREADTHS),
    "business_impact": tuple(IMPACTS),
    "workaround": ("yes", "no"),
    "deadline_at_risk": ("yes", "no"),
}


def _counterfactuals(text: TextFacts, case: Case, severity: Severity) -> Iterator[Counterfactual]:
    """Yield every single answer that would give another severity."""
    for answer, values in _ANSWERS.items():
        for value in values:
            changed = replace(case, impact=replace(case.impact, **{answer: value}))
            if (other := decide(_weigh(text, changed, cautious=False).facts).severity) != severity:
                yield Counterfactual(answer, value, other)


def _contradictions(text: TextFacts, impact: Impact) -> Iterator[Contradiction]:
    """Yield the answers that clear words contradict."""
    quote = _strongest(text.reading)
    if impact.service_state == "available" and text.impaired_margin > 1.2:
        yield Contradiction(
            "service_state", "available", "impaired", quote("state.outage", "state.down", "state.impaired", "mail.flow")
        )
    if impact.service_state == "down" and text.impaired_margin < -0.8 and text.down < 0.3:
        yield Contradiction(
            "service_state", "down", "question", quote("ask.question", "ask.request", "ask.documentation")
        )
    if impact.users_affected == "single_user" and text.many >= 0.8 and text.many > text.one:
        yield Contradiction("users_affected", "single_user", "several", quote("breadth.all", "breadth.several"))
    if impact.users_affected in ("all_users", "multiple_users") and text.one >= 0.8 and text.many < 0.4:
        yield Contradiction("users_affected", impact.users_affected, "one", quote("breadth.one"))
    if impact.workaround == "no" and text.workaround >= 0.8:
        yield Contradiction("workaround", "no", "workaround", quote("workaround.stated"))
    if impact.business_impact == "minimal" and text.severe >= 0.8:
        yield Contradiction("business_impact", "minimal", "severe", quote("impact.severe"))
    if impact.business_impact == "severe" and text.trivial >= 0.8:
        yield Contradiction("business_impact", "severe", "trivial", quote("impact.trivial", "system.test"))


def _strongest(reading: Reading) -> Callable[..., str]:
    def quote(*codes: str) -> str:
        found = reading.found(*codes)
        return max(found, key=lambda finding: finding.weight).text if found else ""

    return quote
