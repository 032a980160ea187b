"""How good the assessment is, by what engineers decided in the last 90 days (SE-1, SE-5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from accounts.labels import in_active_language
from severity.figures import SEVERITIES, Figures
from tickets import wording
from tickets.models import Service
from tickets.selectors import catalogue, labels
from tickets.selectors.labels import Chosen, Narrowed, Tally
from tickets.views.assessment_pictures import hundredths, reliability_of
from tickets.views.base import RequestsView

NOTHING = "–"


class AssessmentView(RequestsView):
    """The figures of the last 90 days, narrowed if asked; what is unknown in the address is passed over."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw the page."""
        services = list(catalogue.services())
        asked = _narrowed(request.GET, services)
        narrowed, chosen = _choose(labels.tallies(self.actor, asked, now=self.now), asked)
        figures = chosen.figures
        context = {
            "days": labels.REPORTED.days,
            "filters": _filters(narrowed, chosen, services),
            "cases": figures.cases,
            "stats": _stats(chosen),
            "severities": _severities(figures),
            "confusion": _confusion(figures),
            "letters": SEVERITIES,
            "mistakes": [self._too_low(narrowed, figures), self._too_high(narrowed, figures)],
            "languages": _languages(figures),
            "bands": _bands(figures),
            "picture": reliability_of(figures.calibration()),
            "calibration_error": figures.calibration_error(),
            "brier": figures.brier(),
            "scopes_right": _hundredths(chosen.share("scopes_right")),
            "categories_right": _hundredths(chosen.share("categories_right")),
            "sortings": self._sortings(narrowed),
        }
        return self.render("tickets/assessment.html", context)

    def _too_low(self, narrowed: Narrowed, figures: Figures) -> dict[str, Any]:
        count = figures.under_triage()
        return {
            "title": _("Assessed too low"),
            "icon": "trending-down",
            "count": count,
            "rows": self._mistakes(narrowed, "under") if count else [],
            "empty": _("Nothing was assessed too low"),
        }

    def _too_high(self, narrowed: Narrowed, figures: Figures) -> dict[str, Any]:
        count = figures.over_triage()
        return {
            "title": _("Assessed too high"),
            "icon": "trending-up",
            "count": count,
            "rows": self._mistakes(narrowed, "over") if count else [],
            "empty": _("Nothing was assessed too high"),
        }

    def _mistakes(self, narrowed: Narrowed, direction: labels.Direction) -> list[dict[str, Any]]:
        found = labels.mistakes(self.actor, narrowed, direction, now=self.now)
        return [{**asdict(each), "sure": hundredths(each.confidence)} for each in found]

    def _sortings(self, narrowed: Narrowed) -> list[dict[str, Any]]:
        tables = {"scope": wording.SCOPES, "category": wording.CATEGORIES}
        return [
            {
                "what": wording.CORRECTED[each.what],
                "previous": wording.words(tables[each.what], each.previous),
                "corrected": wording.words(tables[each.what], each.corrected),
                "requests": each.requests,
            }
            for each in labels.sortings(self.actor, narrowed, now=self.now)
        ]


def _narrowed(query: QueryDict, services: Sequence[Service]) -> Narrowed:
    service = query.get("service", "")
    return Narrowed(
        language=query.get("language", ""),
        service=service if service in {each.code for each in services} else "",
        engine=query.get("engine", ""),
        decided_only=query.get("decisions") == "decided",
    )


def _choose(tallies: list[Tally], asked: Narrowed) -> tuple[Narrowed, Chosen]:
    """Narrow to language and engine, where the labels have them; also tell what is left of what was asked for."""
    every = labels.choose(tallies, Narrowed())
    narrowed = replace(
        asked,
        language=asked.language if asked.language in every.languages else "",
        engine=asked.engine if asked.engine in every.engines else "",
    )
    return narrowed, labels.choose(tallies, narrowed)


def _filters(narrowed: Narrowed, chosen: Chosen, services: Sequence[Service]) -> list[dict[str, Any]]:
    return [
        {
            "name": "decisions",
            "label": _("Decisions"),
            "choices": [("decided", _("Decided only"))],
            "current": "decided" if narrowed.decided_only else "",
            "any": _("Decided or left unchanged"),
        },
        {
            "name": "language",
            "label": _("Language"),
            "choices": [(tag, _language(tag)) for tag in chosen.languages],
            "current": narrowed.language,
            "any": _("Any language"),
        },
        {
            "name": "service",
            "label": _("Service"),
            "choices": [(each.code, in_active_language(each.names)) for each in services],
            "current": narrowed.service,
            "any": _("Any service"),
        },
        {
            "name": "engine",
            "label": _("Version of the assessment"),
            "choices": [(version, version) for version in chosen.engines],
            "current": narrowed.engine,
            "any": _("Any version"),
        },
    ]


def _stats(chosen: Chosen) -> list[dict[str, Any]]:
    figures, decided = chosen.figures, chosen.decided
    split = {"decided": decided.cases, "unchanged": figures.cases - decided.cases}
    under, over = figures.under_triage(), figures.over_triage()
    return [
        {
            "label": _("Requests"),
            "value": figures.cases,
            "note": _("%(decided)d decided, %(unchanged)d left unchanged") % split,
            "icon": "inbox",
        },
        {
            "label": _("Accuracy"),
            "value": hundredths(figures.accuracy()),
            "note": _("of those decided: %(share)s") % {"share": _share(decided.accuracy(), decided.cases)},
            "icon": "target",
        },
        {"label": _("Macro-F1"), "value": wording.decimal(figures.macro_f1()), "note": _("best is 1"), "icon": "scale"},
        {
            "label": _("Assessed too low"),
            "value": under,
            "note": _share(under / max(1, figures.cases), figures.cases),
            "icon": "trending-down",
            "tone": "danger" if under else "",
        },
        {
            "label": _("Assessed too high"),
            "value": over,
            "note": _share(over / max(1, figures.cases), figures.cases),
            "icon": "trending-up",
        },
    ]


def _severities(figures: Figures) -> list[dict[str, Any]]:
    confusion = figures.confusion()
    rows = []
    for severity in SEVERITIES:
        is_so = sum(confusion[severity, other] for other in SEVERITIES)
        called_so = sum(confusion[other, severity] for other in SEVERITIES)
        rows.append(
            {
                "severity": severity,
                "cases": is_so,
                "recall": _share(figures.recall(severity), is_so),
                "precision": _share(figures.precision(severity), called_so),
                "f1": wording.decimal(figures.f1(severity)) if is_so or called_so else NOTHING,
            }
        )
    return rows


def _confusion(figures: Figures) -> list[dict[str, Any]]:
    """By decided severity, what was assessed; `look` says in words how it differs."""
    counted = figures.confusion()
    return [
        {
            "severity": decided,
            "cells": [
                {"count": counted[decided, assessed], "assessed": assessed, "look": _look(decided, assessed)}
                for assessed in SEVERITIES
            ],
        }
        for decided in SEVERITIES
    ]


def _look(decided: str, assessed: str) -> str:
    if decided == assessed:
        return "right"
    return "low" if assessed > decided else "high"


def _languages(figures: Figures) -> list[dict[str, Any]]:
    return [
        {
            "name": _language(tag),
            "cases": each.cases,
            "accuracy": hundredths(each.accuracy()),
            "macro_f1": wording.decimal(each.macro_f1()),
            "under": each.under_triage(),
            "over": each.over_triage(),
        }
        for tag, each in figures.by_language().items()
    ]


def _bands(figures: Figures) -> list[dict[str, Any]]:
    return [
        {
            "band": _("%(low)s to %(high)s") % {"low": hundredths(band.low), "high": hundredths(band.high)},
            "cases": band.cases,
            "confidence": hundredths(band.confidence),
            "accuracy": hundredths(band.accuracy),
        }
        for band in figures.calibration()
    ]


def _language(tag: str) -> str:
    return wording.LANGUAGE_NAMES.get(tag, tag)


def _hundredths(share: float | None) -> str:
    return NOTHING if share is None else hundredths(share)


def _share(share: float, cases: int) -> str:
    return hundredths(share) if cases else NOTHING
