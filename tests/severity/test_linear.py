"""The linear model: what it adds up, what it was trained on, and what it can never hold against anybody."""

import json
from math import log
from pathlib import Path

import pytest

from severity import lexicon
from severity.linear import Answers, Model, runs_of, shipped_model
from severity.questions import CATEGORIES, MATTERS, SCOPES
from severity.reading import Reading
from severity.training import CASES, digest

UNSEEN, LATER = (Path(__file__).parent / f"{name}_cases.jsonl" for name in ("unseen", "later"))
RAISING_WITH_YES = ("at_least_a", "at_least_b", "impaired", "down", "several", "severe")


def lines(*paths):
    return [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]


def answers(subject, body=""):
    return Answers(Reading(subject=subject, description=body))


@pytest.mark.parametrize("row", lines(UNSEEN)[::20], ids=lambda row: row["id"])
@pytest.mark.parametrize("question", ["at_least_a", "at_least_b", "scope.third_party"])
def test_the_parts_of_an_answer_add_up_to_it(row, question):
    """SE-5: the explanation is the computation."""
    asked = answers(row["subject"], row["body"])
    likelihood = asked.likelihood(question)

    bias = shipped_model().bias[shipped_model().questions.index(question)]

    assert bias + sum(part.amount for part in asked.parts(question)) == pytest.approx(
        log(likelihood / (1 - likelihood)), abs=1e-6
    )


def test_a_claim_of_urgency_is_no_word_that_counts():
    """SE-1: urgent by itself is no evidence."""
    plain, urgent = (
        answers(f"{claim}Calendar of the board room", "It shows the wrong week.") for claim in ("", "URGENT!!! ASAP! ")
    )

    assert urgent.likelihood("at_least_a") == plain.likelihood("at_least_a")
    assert not {"urgent", "asap"} & {run.words for run in runs_of(urgent.reading)}


@pytest.mark.parametrize("question", RAISING_WITH_YES)
def test_a_phrase_never_counts_against_what_its_list_means(question):
    """SE-1: whoever adds a phrase that raises can rely on it not lowering."""
    at = shipped_model().questions.index(question)
    for code, weights in shipped_model().features.items():
        direction = lexicon.features()[code].direction
        assert not (direction == "raises" and weights[at] < 0), code
        assert not (direction == "lowers" and weights[at] > 0), code


def test_the_model_answers_every_question():
    """SE-1"""
    asked = {f"matter.{m}" for m in MATTERS} | {f"scope.{s}" for s in SCOPES} | {f"category.{c}" for c in CATEGORIES}

    assert asked | set(RAISING_WITH_YES) | {"workaround"} == set(shipped_model().questions)
    assert all(len(weights) == len(shipped_model().questions) for _, weights in shipped_model().runs.values())


def test_the_model_was_trained_on_the_cases_beside_it():
    """SE-1: `make severity-model` makes it anew after a change of cases."""
    assert shipped_model().trained_on == digest()


def test_no_case_of_the_tests_was_trained_on():
    """SE-1: figures on known cases would say nothing."""
    known = {(row["subject"], row["body"]) for row in lines(*CASES)}

    assert not known & {(row["subject"], row["body"]) for row in lines(UNSEEN, LATER)}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_training_case_is_labelled_whole(path):
    """SE-1"""
    for row in lines(path):
        assert row["severity"] in ("A", "B", "C"), row["id"]
        assert row["scope"] in SCOPES, row["id"]
        assert row.get("category") in (*CATEGORIES, None), row["id"]
        assert row["subject"] or row["body"], row["id"]
    assert len({row["id"] for row in lines(path)}) == len(lines(path))


def test_there_are_hundreds_of_cases_in_both_languages():
    """SE-1: English and Traditional Chinese first."""
    languages = [row["lang"] for row in lines(*CASES)]

    assert min(languages.count("en"), languages.count("zh-Hant")) >= 300


def test_words_that_stand_twice_are_not_said_to_decide_alone():
    """SE-5: taking one of two away would change nothing."""
    rarity = 1e6  # so rare that the length of the text is its own
    tiny = Model(("yes",), (0.0,), {}, {"offline": (rarity, (2.0,))}, "")
    once, twice = (
        Answers(Reading(subject="offline", description=body), tiny) for body in ("since noon", "offline since noon")
    )

    assert [(part.amount, part.lost) for part in once.parts("yes")] == [pytest.approx((2.0, 2.0))]
    assert [(part.amount, part.lost) for part in twice.parts("yes")] == [pytest.approx((1.0, 0.0))] * 2
