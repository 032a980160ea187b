"""How good the assessment is on labelled cases: lines with what a person decided, held against what the engine says."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from severity.assessment import Assessment, Case, Impact, assess
from severity.figures import SEVERITIES, Figures, Judged

FORM_FIELDS = ("service_state", "users_affected", "business_impact", "workaround", "deadline_at_risk")
LABELS = ("severity", "scope", "category")


def case_of(row: Mapping[str, Any], *, with_form: bool) -> Case:
    """Return the case of one line: subject, body and language, and the form answers if asked; nothing else is read.

    `filed_category` is what the customer chose in the form; `category` is a label and never read here.
    """
    answers = {name: row.get(name) for name in FORM_FIELDS} if with_form else {}
    return Case(
        subject=str(row.get("subject") or ""),
        description=str(row.get("body") or ""),
        category=(row.get("filed_category") or None) if with_form else None,
        language=row.get("lang"),
        impact=Impact(**answers),
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case with what a person decided, empty where nobody did, and what the engine said."""

    id: str
    language: str
    severity: str
    scope: str
    assessed: Assessment
    category: str = ""

    @property
    def judged(self) -> Judged:
        """The case as the figures take it."""
        return Judged(self.severity, self.assessed.severity, self.assessed.confidence, self.language)


@dataclass(frozen=True)
class Report:
    """The figures over a set of outcomes; each counts where it has the label in question."""

    outcomes: tuple[Outcome, ...]

    @cached_property
    def figures(self) -> Figures:
        """The figures of the severities."""
        return Figures(tuple(outcome.judged for outcome in self.outcomes if outcome.severity))

    def accuracy(self, language: str | None = None) -> float:
        """Share of right severities, in all or in one language."""
        figures = self.figures if language is None else self.figures.by_language().get(language, Figures(()))
        return figures.accuracy()

    def scope_accuracy(self) -> float:
        """Share of right scopes."""
        return _share(outcome.scope == outcome.assessed.scope.scope for outcome in self.outcomes if outcome.scope)

    def category_accuracy(self) -> float:
        """Share of right categories."""
        return _share(outcome.category == outcome.assessed.category for outcome in self.outcomes if outcome.category)

    def confusion(self) -> Counter[tuple[str, str]]:
        """Count by (labelled, assessed)."""
        return self.figures.confusion()

    def recall(self, severity: str) -> float:
        """Share of the cases of `severity` that were found."""
        return self.figures.recall(severity)

    def precision(self, severity: str) -> float:
        """Share of what was called `severity` that is."""
        return self.figures.precision(severity)

    def macro_f1(self) -> float:
        """Mean of the F1 of the severities that occur."""
        return self.figures.macro_f1()

    def under_triage(self) -> list[Outcome]:
        """Outcomes assessed lower than labelled, the worst mistakes."""
        return [each for each in self.outcomes if each.severity and each.assessed.severity > each.severity]

    def over_triage(self) -> list[Outcome]:
        """Outcomes assessed higher than labelled."""
        return [each for each in self.outcomes if each.severity and each.assessed.severity < each.severity]

    def languages(self) -> Counter[str]:
        """Count by language."""
        return Counter(outcome.language for outcome in self.outcomes if outcome.severity)

    def without(self, label: str) -> int:
        """How many cases nobody gave this label."""
        return sum(not getattr(outcome, label) for outcome in self.outcomes)


def evaluate(rows: Iterable[Mapping[str, Any]], *, with_form: bool) -> Report:
    """Assess every row and return the report; labels are read only to compare. A row may lack any of them.

    Raises ValueError for a severity that is none.
    """
    return Report(tuple(_outcome(row, with_form=with_form) for row in rows))


def _outcome(row: Mapping[str, Any], *, with_form: bool) -> Outcome:
    labels = {name: str(row.get(name) or "") for name in LABELS}
    if labels["severity"] not in ("", *SEVERITIES):
        raise ValueError(f"{row.get('id', 'a case')}: there is no severity {labels['severity']!r}")
    assessed = assess(case_of(row, with_form=with_form))
    return Outcome(id=str(row.get("id", "")), language=str(row.get("lang") or ""), assessed=assessed, **labels)


def lines_of(report: Report) -> Sequence[str]:
    """Return the report as lines of text; what nobody labelled is left out, and said so."""
    lines = [f"cases           {len(report.outcomes)}", *_unlabelled(report)]
    if report.figures.cases:
        lines += _severity_lines(report)
    if report.without("scope") < len(report.outcomes):
        lines.append(f"scope accuracy  {report.scope_accuracy():.3f}")
        lines += _mistaken((each.scope, each.assessed.scope.scope) for each in report.outcomes)
    if report.without("category") < len(report.outcomes):
        lines.append(f"category accuracy  {report.category_accuracy():.3f}")
        lines += _mistaken((each.category, each.assessed.category) for each in report.outcomes)
    if report.figures.cases:
        lines += _calibration_lines(report.figures)
    return lines


def _unlabelled(report: Report) -> Iterator[str]:
    for label in LABELS:
        if missing := report.without(label):
            yield f"without {label}  {missing}, not in its figures"


def _severity_lines(report: Report) -> Iterator[str]:
    yield f"accuracy        {report.accuracy():.3f}"
    yield f"macro-F1        {report.macro_f1():.3f}"
    for severity in report.figures.occurring():
        yield f"recall of {severity}     {report.recall(severity):.3f}"
        yield f"precision of {severity}  {report.precision(severity):.3f}"
    yield f"under-triage    {_listed(report.under_triage())}"
    yield f"over-triage     {_listed(report.over_triage())}"
    yield "confusion (rows: labelled, columns: assessed)"
    yield "     " + "".join(f"{severity:>5}" for severity in SEVERITIES)
    confusion = report.confusion()
    for row in SEVERITIES:
        yield f"    {row}" + "".join(f"{confusion[row, column]:>5}" for column in SEVERITIES)
    for tag, figures in report.figures.by_language().items():
        yield f"language {tag or '?':<9} {figures.accuracy():.3f} of {figures.cases}"


def _calibration_lines(figures: Figures) -> Iterator[str]:
    yield "calibration (confidence: cases, mean confidence, accuracy)"
    for band in figures.calibration():
        yield f"    {band.low:.1f}-{band.high:.1f}: {band.cases:>4}  {band.confidence:.2f}  {band.accuracy:.2f}"
    yield f"calibration error  {figures.calibration_error():.3f}"
    yield f"Brier score        {figures.brier():.3f}"


def _mistaken(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    wrong = Counter((labelled, assessed) for labelled, assessed in pairs if labelled and labelled != assessed)
    for (labelled, assessed), count in wrong.most_common():
        yield f"    {labelled} taken for {assessed}  {count}"


def _listed(outcomes: Sequence[Outcome]) -> str:
    return f"{len(outcomes)}  {' '.join(outcome.id for outcome in outcomes)}".rstrip()


def _share(hits: Iterable[bool]) -> float:
    counted = list(hits)
    return sum(counted) / len(counted) if counted else 0.0
