"""The arithmetic of how good an assessment is."""

import pytest

from severity.figures import Figures, Judged


def figures(*judged):
    return Figures(tuple(Judged(*one) for one in judged))


MIXED = figures(
    ("A", "A", 0.9, "en", 6),
    ("A", "B", 0.6, "en", 2),
    ("B", "B", 0.8, "en", 8),
    ("B", "C", 0.4, "de", 1),
    ("C", "B", 0.6, "de", 3),
    ("C", "C", 0.8, "de", 5),
)


def test_accuracy_confusion_and_triage_count_cases():
    """SE-1"""
    assert MIXED.cases == 25
    assert MIXED.accuracy() == 19 / 25
    assert MIXED.confusion()["A", "B"] == 2
    assert (MIXED.under_triage(), MIXED.over_triage()) == (3, 3)


@pytest.mark.parametrize(
    ("severity", "recall", "precision"), [("A", 6 / 8, 1.0), ("B", 8 / 9, 8 / 13), ("C", 5 / 8, 5 / 6)]
)
def test_recall_is_of_what_is_and_precision_of_what_was_said(severity, recall, precision):
    """SE-1"""
    assert MIXED.recall(severity) == pytest.approx(recall)
    assert MIXED.precision(severity) == pytest.approx(precision)
    assert MIXED.f1(severity) == pytest.approx(2 * recall * precision / (recall + precision))


def test_macro_f1_is_the_mean_of_the_severities_that_occur():
    """SE-1"""
    assert MIXED.macro_f1() == pytest.approx(sum(map(MIXED.f1, "ABC")) / 3)
    assert figures(("A", "A", 0.9), ("B", "A", 0.9)).macro_f1() == pytest.approx((2 / 3 + 0) / 2)


def test_each_language_has_figures_of_its_own():
    """SE-1"""
    assert {tag: (each.cases, each.accuracy()) for tag, each in MIXED.by_language().items()} == {
        "de": (9, pytest.approx(5 / 9)),
        "en": (16, pytest.approx(14 / 16)),
    }


def test_calibration_sets_confidence_beside_accuracy_band_by_band():
    """SE-1"""
    bands = {band.low: (band.cases, band.confidence, band.accuracy) for band in MIXED.calibration()}

    assert bands == {
        0.0: (1, 0.4, 0.0),
        0.6: (5, pytest.approx(0.6), 0.0),
        0.8: (13, pytest.approx(0.8), 1.0),
        0.9: (6, pytest.approx(0.9), 1.0),
    }
    assert MIXED.calibration_error() == pytest.approx((1 * 0.4 + 5 * 0.6 + 13 * 0.2 + 6 * 0.1) / 25)
    assert MIXED.brier() == pytest.approx((6 * 0.01 + 2 * 0.36 + 8 * 0.04 + 0.16 + 3 * 0.36 + 5 * 0.04) / 25)


@pytest.mark.parametrize(("confidence", "low"), [(0.4999, 0.0), (0.5, 0.5), (0.8999, 0.8), (0.9, 0.9), (1.0, 0.9)])
def test_a_band_begins_at_its_lower_edge(confidence, low):
    """SE-1: below 0.5 a person confirms."""
    assert [band.low for band in figures(("A", "A", confidence)).calibration()] == [low]


def test_of_no_case_there_is_nothing_to_tell():
    """SE-1"""
    nothing = figures()

    assert (nothing.cases, nothing.accuracy(), nothing.macro_f1(), nothing.brier(), nothing.calibration()) == (
        0,
        0.0,
        0.0,
        0.0,
        [],
    )
    assert (nothing.recall("A"), nothing.precision("A"), nothing.by_language()) == (0.0, 0.0, {})
