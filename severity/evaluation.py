"""How good the assessment is on labelled cases: accuracy, macro-F1, confusion, triage, languages, calibration."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from severity.assessment import Assessment, Case, Impact, assess

SEVERITIES = ("A", "B", "C")
FORM_FIELDS = ("service_state", "users_affected", "business_impact", "workaround", "deadline_at_risk")
_BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0001)


def case_of(row: Mapping[str, Any], *, with_form: bool) -> Case:
    """Return the case of one line: subject, body and language, and the form answers if asked; nothing else is read."""
    answers = {name: row.get(name) for name in FORM_FIELDS} if with_form else {}
    return Case(
        subject=str(row.get("subject") or ""),
        description=str(row.get("body") or ""),
        language=row.get("lang"),
        impact=Impact(**answers),
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """A labelled case and what the engine said."""

    id: str
    language: str
    severity: str
    scope: str
    assessed: Assessment


@dataclass(frozen=True, slots=True)
class Report:
    """The figures over a set of outcomes."""

    outcomes: tuple[Outcome, ...]

    def accuracy(self, language: str | None = None) -> float:
        """Share of right severities, in all or in one language."""
        chosen = [outcome for outcome in self.outcomes if language in (None, outcome.language)]
        return _share(outcome.severity == outcome.assessed.severity for outcome in chosen)

    def scope_accuracy(self) -> float:
        """Share of right scopes."""
        return _share(outcome.scope == outcome.assessed.scope.scope for outcome in self.outcomes if outcome.scope)

    def confusion(self) -> Counter[tuple[str, str]]:
        """Count by (labelled, assessed)."""
        return Counter((outcome.severity, outcome.assessed.severity) for outcome in self.outcomes)

    def recall(self, severity: str) -> float:
        """Share of the cases of `severity` that were found."""
        return _share(o.assessed.severity == severity for o in self.outcomes if o.severity == severity)

    def macro_f1(self) -> float:
        """Mean of the F1 of the severities that occur."""
        confusion = self.confusion()
        occurring = [s for s in SEVERITIES if any(confusion[s, other] + confusion[other, s] for other in SEVERITIES)]
        return sum(_f1(confusion, severity) for severity in occurring) / max(1, len(occurring))

    def under_triage(self) -> list[Outcome]:
        """Outcomes assessed lower than labelled, the worst mistakes."""
        return [outcome for outcome in self.outcomes if outcome.assessed.severity > outcome.severity]

    def over_triage(self) -> list[Outcome]:
        """Outcomes assessed higher than labelled."""
        return [outcome for outcome in self.outcomes if outcome.assessed.severity < outcome.severity]

    def languages(self) -> Counter[str]:
        """Count by language."""
        return Counter(outcome.language for outcome in self.outcomes)

    def calibration(self) -> list[tuple[float, float, int, float, float]]:
        """Return (from, to, cases, mean confidence, accuracy) for each band of confidence."""
        bands = []
        for low, high in pairwise(_BINS):
            band = [outcome for outcome in self.outcomes if low <= outcome.assessed.confidence < high]
            if band:
                mean = sum(outcome.assessed.confidence for outcome in band) / len(band)
                bands.append(
                    (low, min(high, 1.0), len(band), mean, _share(o.severity == o.assessed.severity for o in band))
                )
        return bands


def evaluate(rows: Iterable[Mapping[str, Any]], *, with_form: bool) -> Report:
    """Assess every row and return the report; labels are read only to compare."""
    return Report(
        tuple(
            Outcome(
                id=str(row.get("id", "")),
                language=str(row.get("lang", "")),
                severity=str(row["severity"]),
                scope=str(row.get("scope", "")),
                assessed=assess(case_of(row, with_form=with_form)),
            )
            for row in rows
        )
    )


def lines_of(report: Report) -> Sequence[str]:
    """Return the report as lines of text."""
    confusion = report.confusion()
    lines = [
        f"cases           {len(report.outcomes)}",
        f"accuracy        {report.accuracy():.3f}",
        f"macro-F1        {report.macro_f1():.3f}",
        f"recall of A     {report.recall('A'):.3f}",
        f"scope accuracy  {report.scope_accuracy():.3f}",
        f"under-triage    {_listed(report.under_triage())}",
        f"over-triage     {_listed(report.over_triage())}",
        "confusion (rows: labelled, columns: assessed)",
        "     " + "".join(f"{severity:>5}" for severity in SEVERITIES),
    ]
    lines += [f"    {row}" + "".join(f"{confusion[row, column]:>5}" for column in SEVERITIES) for row in SEVERITIES]
    lines += [
        f"language {tag:<9} {report.accuracy(tag):.3f} of {count}" for tag, count in sorted(report.languages().items())
    ]
    lines.append("calibration (confidence: cases, mean confidence, accuracy)")
    lines += [
        f"    {low:.1f}-{high:.1f}: {count:>4}  {mean:.2f}  {right:.2f}"
        for low, high, count, mean, right in report.calibration()
    ]
    return lines


def _listed(outcomes: Sequence[Outcome]) -> str:
    return f"{len(outcomes)}  {' '.join(outcome.id for outcome in outcomes)}".rstrip()


def _share(hits: Iterable[bool]) -> float:
    counted = list(hits)
    return sum(counted) / len(counted) if counted else 0.0


def _f1(confusion: Counter[tuple[str, str]], severity: str) -> float:
    right = confusion[severity, severity]
    wrong = sum(confusion[severity, other] + confusion[other, severity] for other in SEVERITIES if other != severity)
    return 2 * right / (2 * right + wrong) if right or wrong else 0.0
