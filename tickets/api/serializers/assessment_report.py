"""How good the assessment of severities is, on the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import InputSerializer, InstantField, LineField
from severity.figures import SEVERITIES, Figures
from tickets.models import Correction
from tickets.selectors.labels import Chosen, Mistake, Sorting

SORTED = [Correction.What.SCOPE.value, Correction.What.CATEGORY.value]
FROM_0_TO_1 = "From 0 to 1; null where there are no such cases."


class AssessmentReportFilters(InputSerializer):
    """Which decisions."""

    decisions = serializers.ChoiceField(
        ["decided"], required=False, help_text="Leaves out severities that engineers left unchanged."
    )
    language = LineField(required=False, default="", max_length=20, help_text="Of the requests, one of `languages`.")
    service = serializers.SlugField(required=False, default="", max_length=40, help_text="Code of their service.")
    engine = LineField(
        required=False, default="", max_length=40, help_text="The version of the assessment, one of `engines`."
    )


class SeverityFiguresOutput(serializers.Serializer[Any]):
    """How well one severity was told."""

    severity = serializers.ChoiceField(SEVERITIES)
    cases = serializers.IntegerField(help_text="Requests that have it after all.")
    recall = serializers.FloatField(allow_null=True, help_text="Of these, assessed so.")
    precision = serializers.FloatField(allow_null=True, help_text="Of those assessed so, right.")
    f1 = serializers.FloatField(allow_null=True)


class ConfusionOutput(serializers.Serializer[Any]):
    """How many requests were assessed so and have that severity after all."""

    severity = serializers.ChoiceField(SEVERITIES, help_text="That engineers decided, or left as it was.")
    assessed = serializers.ChoiceField(SEVERITIES)
    cases = serializers.IntegerField()


class LanguageFiguresOutput(serializers.Serializer[Any]):
    """The figures of the requests in one language."""

    language = serializers.CharField(help_text="BCP 47 tag")
    cases = serializers.IntegerField()
    accuracy = serializers.FloatField()
    macro_f1 = serializers.FloatField()
    too_low = serializers.IntegerField()
    too_high = serializers.IntegerField()


class BandOutput(serializers.Serializer[Any]):
    """Requests of which the assessment was about as sure: how sure, and how often right."""

    low = serializers.FloatField()
    high = serializers.FloatField(help_text="Not itself in the band, but for 1.")
    cases = serializers.IntegerField()
    confidence = serializers.FloatField(help_text="On average.")
    accuracy = serializers.FloatField()


class MistakeOutput(serializers.Serializer[Mistake]):
    """A request whose severity an engineer decided otherwise than it was assessed."""

    number = serializers.CharField()
    subject = serializers.CharField()
    organisation = serializers.CharField(help_text="Its name.")
    language = serializers.CharField(help_text="BCP 47 tag")
    assessed = serializers.ChoiceField(SEVERITIES)
    decided = serializers.ChoiceField(SEVERITIES)
    confidence = serializers.FloatField(help_text="How sure the assessment was, from 0 to 1.")
    at = InstantField(help_text="Of the decision.")


class SortingOutput(serializers.Serializer[Sorting]):
    """How often one code was corrected to another."""

    what = serializers.ChoiceField(SORTED)
    previous = serializers.CharField()
    corrected = serializers.CharField()
    requests = serializers.IntegerField()


class AssessmentReportOutput(serializers.Serializer[Any]):
    """What engineers decided about assessed requests, held against the assessment."""

    days = serializers.IntegerField(help_text="It is about decisions and answers of so many days until now.")
    cases = serializers.IntegerField()
    decided = serializers.IntegerField(help_text="Of these, an engineer decided the severity; the rest they left.")
    accuracy = serializers.FloatField(allow_null=True, help_text=FROM_0_TO_1)
    accuracy_of_decided = serializers.FloatField(allow_null=True, help_text=FROM_0_TO_1)
    macro_f1 = serializers.FloatField(allow_null=True, help_text=FROM_0_TO_1)
    too_low = serializers.IntegerField()
    too_high = serializers.IntegerField()
    calibration_error = serializers.FloatField(
        allow_null=True, help_text="How far confidence and accuracy lie apart, on average; 0 is best."
    )
    brier = serializers.FloatField(allow_null=True, help_text="The Brier score; 0 is best.")
    scopes_right = serializers.FloatField(allow_null=True, help_text=FROM_0_TO_1)
    categories_right = serializers.FloatField(allow_null=True, help_text=FROM_0_TO_1)
    severities = SeverityFiguresOutput(many=True)
    confusion = ConfusionOutput(many=True)
    by_language = LanguageFiguresOutput(many=True)
    calibration = BandOutput(many=True)
    newest_too_low = MistakeOutput(many=True, help_text="15 at most.")
    newest_too_high = MistakeOutput(many=True, help_text="15 at most.")
    corrections = SortingOutput(many=True, help_text="Of scopes and categories, the most frequent first.")
    languages = serializers.ListField(child=serializers.CharField(), help_text="Of which there are cases.")
    engines = serializers.ListField(child=serializers.CharField(), help_text="Of which there are cases.")


def shown(
    chosen: Chosen, *, days: int, too_low: list[Mistake], too_high: list[Mistake], sortings: list[Sorting]
) -> dict[str, Any]:
    """The report as it is written; a share of nothing is null."""
    figures, decided = chosen.figures, chosen.decided
    return {
        "days": days,
        "cases": figures.cases,
        "decided": decided.cases,
        "accuracy": _share(figures.accuracy(), figures.cases),
        "accuracy_of_decided": _share(decided.accuracy(), decided.cases),
        "macro_f1": _share(figures.macro_f1(), figures.cases),
        "too_low": figures.under_triage(),
        "too_high": figures.over_triage(),
        "calibration_error": _share(figures.calibration_error(), figures.cases),
        "brier": _share(figures.brier(), figures.cases),
        "scopes_right": chosen.share("scopes_right"),
        "categories_right": chosen.share("categories_right"),
        "severities": [_severity(figures, severity) for severity in SEVERITIES],
        "confusion": _confusion(figures),
        "by_language": [_language(tag, each) for tag, each in figures.by_language().items()],
        "calibration": figures.calibration(),
        "newest_too_low": too_low,
        "newest_too_high": too_high,
        "corrections": sortings,
        "languages": chosen.languages,
        "engines": chosen.engines,
    }


def _severity(figures: Figures, severity: str) -> dict[str, Any]:
    confusion = figures.confusion()
    is_so = sum(confusion[severity, other] for other in SEVERITIES)
    called_so = sum(confusion[other, severity] for other in SEVERITIES)
    return {
        "severity": severity,
        "cases": is_so,
        "recall": _share(figures.recall(severity), is_so),
        "precision": _share(figures.precision(severity), called_so),
        "f1": _share(figures.f1(severity), is_so + called_so),
    }


def _confusion(figures: Figures) -> list[dict[str, Any]]:
    counted = figures.confusion()
    return [
        {"severity": severity, "assessed": assessed, "cases": counted[severity, assessed]}
        for severity in SEVERITIES
        for assessed in SEVERITIES
    ]


def _language(tag: str, figures: Figures) -> dict[str, Any]:
    return {
        "language": tag,
        "cases": figures.cases,
        "accuracy": figures.accuracy(),
        "macro_f1": figures.macro_f1(),
        "too_low": figures.under_triage(),
        "too_high": figures.over_triage(),
    }


def _share(share: float, cases: int) -> float | None:
    return share if cases else None
