"""The word lists: every line can be used, and every feature has words and a sentence."""

import re
from pathlib import Path

import pytest

from severity import lexicon, wording
from severity.assessment import ENGINE_VERSION, Case, assess
from severity.decision import TABLE
from severity.folding import fold

RULES = {"SE-1", "SE-2", "SE-3", "SE-4", "SC-1", "SC-2", "SC-3", "SC-4", "SC-5", "PS-1", "BI-1", "TE-1", "TE-2", "TE-4"}


@pytest.mark.parametrize("language", lexicon.LANGUAGES)
def test_every_phrase_of_a_language_compiles(language):
    """TE-3's habit for words: adding a phrase is an edit to data."""
    phrases = lexicon.phrases(language)

    assert len(phrases) >= 50
    assert all(phrase.form.keys and phrase.pattern for phrase in phrases)


def test_every_feature_names_its_rule_and_direction():
    """SE-5: evidence cites the rule."""
    for feature in lexicon.features().values():
        assert feature.rule in RULES
        assert feature.direction in ("raises", "lowers", "neutral")
        assert 0.0 <= feature.weight <= 1.0


def test_every_feature_has_words_in_english_and_chinese():
    """SE-1: both languages work."""
    made_of_structure = {"ask.sentence"}
    for language in ("en", "zh"):
        worded = {phrase.feature.code for phrase in lexicon.phrases(language)}
        assert set(lexicon.features()) - worded <= made_of_structure


def test_whatever_counts_can_be_said_in_a_sentence():
    """SE-5"""
    counted = ("state.", "mail.", "setting.", "function.", "impact.", "system.", "workaround.", "ask.", "scope.")
    for code in lexicon.features():
        if code.startswith(counted) and code != "scope.vendor_side":
            assert code in wording.FEATURES
    assert {row.code for row in TABLE} == set(wording.ROWS)


@pytest.mark.parametrize("phrase", ["", "(a|b", "?x", "*", "~ x", "x|", "{nothing}"])
def test_a_phrase_that_cannot_be_used_is_refused_by_name(phrase):
    """SE-1: a slip in the data is found when it is loaded."""
    with pytest.raises((lexicon.LexiconError, KeyError)):
        lexicon.compile_phrase(phrase, {})


def test_folding_keeps_every_offset():
    """SE-5: quotes point into what was written."""
    for text in ("İstanbul ＡＢＣ　Ｄ", "无法登录", "ß ŒUVRE ﬁ", "a\u0000b\tc"):
        assert len(fold(text)) == len(text)
    assert fold("无法登录ＡＢＣ") == "無法登錄abc"


def test_rule_modules_read_no_clock_settings_or_database():
    """STYLE section 3: the core could be lifted into another program."""
    app = Path(lexicon.__file__).parents[1]
    for name in (
        "assessment",
        "classification",
        "decision",
        "evidence",
        "linear",
        "questions",
        "folding",
        "reading",
        "scope",
        "text",
        "weighing",
        "evaluation",
        "figures",
    ):
        source = (app / f"{name}.py").read_text(encoding="utf-8")
        assert not re.search(r"^(from|import) (django|time|datetime|random|socket|os)\b", source, re.M), name


def test_the_assessment_names_the_version_of_the_engine():
    """SE-5"""
    assert assess(Case(subject="x")).as_document()["engine_version"] == ENGINE_VERSION
