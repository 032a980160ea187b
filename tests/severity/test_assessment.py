"""The assessment of severity: the published examples, cases that nobody trained on, order, honesty, speed."""

import json
import subprocess
import sys
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from severity.assessment import CONFIRM_BELOW, Case, Impact, assess, decided, read
from severity.decision import RANK
from severity.evaluation import evaluate
from severity.weighing import Belief
from tests import pace

HERE = Path(__file__).parent


def rows(name):
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


PUBLISHED = rows("published_examples.jsonl")
UNSEEN = rows("unseen_cases.jsonl")  # two authors' cases: not trained on, but looked at when thresholds were chosen
LATER = rows("later_cases.jsonl")  # a third author's: written and measured when all was settled, and never tuned on


def assess_text(subject, body="", language=None, **answers):
    return assess(Case(subject=subject, description=body, language=language, impact=Impact(**answers)))


@cache
def unseen(*, with_form):
    return evaluate(UNSEEN, with_form=with_form)


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: row["id"])
def test_every_published_example_is_right_from_its_words_alone(row):
    """SE-2 SE-3 SE-4"""
    assessed = assess_text(row["subject"], row["body"], row["lang"])

    assert assessed.severity == row["severity"]
    assert assessed.scope.scope == "in_scope"
    assert any(evidence.weight >= 0.3 and evidence.source != "answer" for evidence in assessed.evidence)


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: row["id"])
def test_every_published_example_is_right_with_form_answers(row):
    """SE-1"""
    answers = {name: row.get(name) for name in Impact.__slots__}

    assert assess_text(row["subject"], row["body"], row["lang"], **answers).severity == row["severity"]


def test_the_time_of_day_counts_no_people():
    """SE-2: "08:30 no user" is not thirty users; a number of users is"""
    told = {
        words: {each.code: each.text for each in assess_text("Mail", words).evidence}
        for words in ("Since 08:30 no user can send mail.", "Since 08:30 some 30 users cannot send mail.")
    }

    assert [each.get("breadth.several") for each in told.values()] == [None, "some 30 users"]


def test_cases_that_nobody_trained_on_are_assessed_well_from_their_words():
    """SE-1 SE-2: the floor below which a change of words, model or thresholds must not fall."""
    report = unseen(with_form=False)

    assert report.accuracy() >= 0.9
    assert report.macro_f1() >= 0.9
    assert report.recall("A") >= 0.88
    assert report.scope_accuracy() >= 0.94
    assert report.figures.calibration_error() <= 0.08
    assert all(report.accuracy(language) >= 0.8 for language in report.languages())


def test_cases_that_came_later_are_assessed_as_well():
    """SE-1 SE-2: change thresholds for the others' sake, and see here whether that was any good."""
    words, answered = (evaluate(LATER, with_form=with_form) for with_form in (False, True))

    assert words.accuracy() >= 0.9
    assert words.recall("A") >= 0.95
    assert answered.accuracy() >= 0.97
    assert min(words.scope_accuracy(), answered.scope_accuracy()) >= 0.95
    assert not [one for one in words.outcomes if (one.severity, one.assessed.severity) == ("A", "C")]


def test_cases_that_nobody_trained_on_are_assessed_well_with_form_answers():
    """SE-1"""
    report = unseen(with_form=True)

    assert report.accuracy() >= 0.96
    assert report.recall("A") >= 0.96
    assert report.scope_accuracy() >= 0.94


@pytest.mark.parametrize("with_form", [False, True])
def test_hardly_any_critical_case_is_called_non_critical(with_form):
    """SE-2: missing an A is the worst mistake; from words alone one of 89 is missed, with answers none."""
    report = unseen(with_form=with_form)
    missed = [one.id for one in report.under_triage() if one.assessed.severity == "C" and one.severity == "A"]

    assert len(missed) <= (0 if with_form else 1), missed


def test_a_critical_case_that_is_not_seen_as_one_is_mostly_put_before_a_person():
    """SE-2, settled point 9: the higher candidate counts until a person has confirmed."""
    critical = [one for one in unseen(with_form=False).outcomes if one.severity == "A"]

    assert sum(one.assessed.candidate == "A" for one in critical) >= 0.94 * len(critical)
    assert all(one.assessed.needs_confirmation for one in critical if one.assessed.candidate != one.assessed.severity)


def test_people_are_asked_to_confirm_now_and_then_only():
    """Settled point 9: a flag on everything would be a flag on nothing."""
    for with_form in (False, True):
        outcomes = unseen(with_form=with_form).outcomes

        assert sum(one.assessed.needs_confirmation for one in outcomes) <= 0.12 * len(outcomes)


def test_the_first_assessment_costs_little_memory():
    """SE-1: less than 150 MB, word lists and model included; measured in a process of its own."""
    program = (
        "import resource\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        "before = peak()\n"
        "from severity.assessment import Case, assess\n"
        "assess(Case(subject='Nobody can sign in', description='所有人都無法登入'))\n"
        "print(peak() - before)\n"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=HERE.parents[1]
    )

    assert float(ran.stdout) < 150


HARD = [
    ("What happens if all mailboxes go down?", "We want to prepare for an outage of Exchange Online.", "C"),
    ("如果所有信箱都無法使用會怎麼樣?", "我們想先準備應變計畫。", "C"),
    ("URGENT!!! CRITICAL!!!", "How do I change my signature?", "C"),
    ("Last month all mailboxes were down", "That was resolved. Now only my mailbox cannot be opened.", "B"),
    ("上個月所有人都無法登入", "當時已經修復,現在只有我一個人的信箱打不開。", "B"),
    ("Training tenant down", "None of the users of our training tenant can sign in.", "C"),
    ("Calls fail", "350 of 400 users cannot place calls.", "A"),
    ("無法撥打電話", "400 位使用者中有 350 位無法撥打電話。", "A"),
    ("No outage, just a question", "There is no outage. How can I export the list of users?", "C"),
    ("所有用户都无法收发邮件", "公司所有用户从早上起都无法收发邮件。", "A"),
    ("Nothing works, urgent!!!", "Just kidding, but where do I find the invoice? Please, it is urgent.", "C"),
    ("Phones", "Since seven the phones at reception and in both branches stay silent, callers hear engaged.", "A"),
    ("門市收不到訂單", "三家門市今天都收不到線上訂單的通知信,店長只好用紙本,損失很大。", "A"),
    ("昨天登入", "昨天下午大家都無法登入,現在已經恢復了,想請問原因。", "C"),
    ("Drill", "In our tabletop exercise nobody can sign in. Whom would we call, and what would you need?", "C"),
]


NUMBERS = [
    "12345",
    "08:30",
    "100%",
    "2026-11-28 18:00 10.0.0.1 443",
    "Please call me at +49 30 1234567890",
    "Order 4500012345",
]


@pytest.mark.parametrize("text", ["", *NUMBERS, "Email", "hi"])
def test_texts_that_say_nothing_get_nobody_out_of_bed(text):
    """SE-1"""
    assert assess_text(text, text).severity != "A"


@pytest.mark.parametrize("text", [number for number in NUMBERS if number != "100%"])  # which may well mean everybody
def test_numbers_beside_a_trouble_do_not_make_it_critical(text):
    """SE-1"""
    trouble = "Two people cannot open the calendar of a meeting room since this morning; others see it."

    assert assess_text("Problem", f"{trouble} {text}").severity == "B"


@pytest.mark.parametrize("text", ["", "See attached screenshot", "Help", "hi"])
def test_clear_answers_are_not_overruled_by_words_that_say_nothing(text):
    """SE-2: down for everybody is critical, whatever else is not said."""
    assert assess_text(text, text, service_state="down", users_affected="all_users").severity == "A"


@pytest.mark.parametrize("answer", ["all_users", "multiple_users", "single_user"])
def test_words_without_a_number_of_people_contradict_no_answer(answer):
    """SE-1: a contradiction needs words that say otherwise."""
    assessed = assess_text("SharePoint site down", "SharePoint site is down.", users_affected=answer)

    assert not [one for one in assessed.contradictions if one.answer == "users_affected"]


def test_the_end_of_a_longer_text_is_read():
    """SE-1: people state what is wrong first, or sum up last."""
    story = "We moved to a new building in spring and repainted the walls. " * 60
    trouble = "Now nobody in the whole company can send or receive mail."

    assert assess_text("Report", story + trouble).severity == "A"


@pytest.mark.parametrize(("subject", "body", "severity"), HARD)
def test_tricky_wording_does_not_mislead(subject, body, severity):
    """SE-1"""
    assert assess_text(subject, body).severity == severity


def test_answers_that_agree_on_little_need_no_confirmation():
    """Settled point 9: agreeing answers outweigh a cautious reading of the words."""
    assessed = assess_text(
        "Two people cannot open the calendar of a meeting room",
        "Since this morning the room calendar shows an error for two people in sales. Others see it.",
        service_state="degraded",
        users_affected="multiple_users",
        business_impact="moderate",
        workaround="yes",
        deadline_at_risk="no",
    )

    assert (assessed.severity, assessed.candidate, assessed.needs_confirmation) == ("B", "B", False)


@pytest.mark.parametrize("row", UNSEEN[::5], ids=lambda row: row["id"])
def test_whatever_needs_confirmation_is_uncertain_or_contradicted_or_may_be_higher(row):
    """Settled point 9"""
    assessed = assess_text(row["subject"], row["body"], row["lang"])

    doubts = bool(assessed.contradictions) or assessed.candidate != assessed.severity
    assert assessed.needs_confirmation == (doubts or assessed.confidence < CONFIRM_BELOW)


def test_severe_impact_on_one_user_is_high():
    """SE-3, settled point 12"""
    assessed = assess_text("Mailbox", "", service_state="down", users_affected="single_user", business_impact="severe")

    assert assessed.severity == "B"


ORDERS = {
    "service_state": ("available", "degraded", "down"),
    "users_affected": ("single_user", "multiple_users", "all_users"),
    "business_impact": ("minimal", "moderate", "severe"),
    "workaround": ("yes", "no"),
    "deadline_at_risk": ("no", "yes"),
}
TEXTS = [
    ("", ""),
    ("Outlook search brings up nothing", "My search is broken."),
    ("How do I set a password that never expires?", ""),
    ("Nobody can send mail", "All users are unable to send or receive mail; production has stopped."),
    ("Profile picture is wrong", "Not urgent, purely cosmetic."),
    ("Invoice", "We were charged twice."),
    ("Setting does not take effect", "The retention policy is not applied; in PowerShell it works."),
    ("所有使用者均無法登入", "只有我可以用網頁版。"),
    ("測試環境當機", "測試租用戶無法登入,不急。"),
    ("只有我的信箱打不開", "其他人都正常。"),
    *((row["subject"], row["body"]) for row in UNSEEN[::200]),
]


@pytest.mark.parametrize(("subject", "body"), TEXTS)
def test_adding_impact_never_lowers_severity_or_candidate(subject, body):
    """SE-1, settled point 12: over every combination of answers, unknown included."""
    names = list(ORDERS)
    ranks = {}
    unanswered = Case(subject=subject, description=body)
    belief = Belief(read(unanswered))
    for values in product(*[(None, *ORDERS[name]) for name in names]):
        case = replace(unanswered, impact=Impact(**dict(zip(names, values, strict=True))))
        _, severity, candidate = decided(belief, case)
        ranks[values] = (RANK[severity], RANK[candidate])

    for values, rank in ranks.items():
        for position, name in enumerate(names):
            order = ORDERS[name]
            if values[position] is None or values[position] == order[-1]:
                continue
            higher = (*values[:position], order[order.index(values[position]) + 1], *values[position + 1 :])
            assert rank[0] <= ranks[higher][0], (values, higher)
            assert rank[1] <= ranks[higher][1], (values, higher)


@pytest.mark.parametrize("row", UNSEEN[::4], ids=lambda row: row["id"])
def test_the_candidate_is_never_below_the_severity(row):
    """Settled point 9"""
    assessed = assess_text(row["subject"], row["body"], row["lang"])

    assert RANK[assessed.candidate] >= RANK[assessed.severity]
    assert 0.0 <= assessed.confidence <= 1.0
    assert assessed.needs_confirmation or assessed.candidate == assessed.severity


@pytest.mark.parametrize("row", [*PUBLISHED, *UNSEEN[::4]], ids=lambda row: row["id"])
def test_quotes_are_what_was_written_at_their_place(row):
    """SE-5: the evidence quotes."""
    assessed = assess_text(row["subject"], row["body"], row["lang"])
    written = {"subject": row["subject"], "description": row["body"]}

    for evidence in (*assessed.evidence, *assessed.scope.evidence):
        assert written[evidence.source][evidence.start : evidence.end] == evidence.text


@pytest.mark.parametrize("row", [*PUBLISHED, *UNSEEN[::4]], ids=lambda row: row["id"])
def test_removing_words_that_decided_changes_the_answer_or_its_confidence(row):
    """SE-5: the explanation is faithful."""
    assessed = assess_text(row["subject"], row["body"], row["lang"])

    for evidence in assessed.evidence:
        if evidence.decisive and evidence.weight > 0.01:
            written = {"subject": row["subject"], "description": row["body"]}
            whole = written[evidence.source]
            written[evidence.source] = whole[: evidence.start] + " " * len(evidence.text) + whole[evidence.end :]
            without = assess_text(written["subject"], written["description"], row["lang"])
            assert (without.severity, without.confidence) != (assessed.severity, assessed.confidence), evidence


def test_the_same_case_gives_the_same_document():
    """SE-1: deterministic."""
    row = UNSEEN[0]

    first = assess_text(row["subject"], row["body"]).as_document()

    assert first == assess_text(row["subject"], row["body"]).as_document()
    assert json.loads(json.dumps(first)) == first


def test_counterfactuals_hold_when_tried():
    """SE-1: what would change the answer really does."""
    given = {"service_state": "down", "users_affected": "single_user"}
    assessed = assess_text("Cannot open Outlook", "Outlook does not open.", **given)

    assert ("users_affected", "multiple_users", "A") in [
        (c.answer, c.value, c.severity) for c in assessed.counterfactuals
    ]
    for change in assessed.counterfactuals:
        tried = assess_text("Cannot open Outlook", "Outlook does not open.", **{**given, change.answer: change.value})
        assert tried.severity == change.severity


def test_an_answer_against_the_words_is_pointed_out_and_lowers_confidence():
    """SE-1: contradictions."""
    words = ("Nobody can sign in", "All employees are locked out of Office 365.")
    agreeing = assess_text(*words, service_state="down", users_affected="all_users")

    against = assess_text(*words, service_state="down", users_affected="single_user")

    assert [c.answer for c in against.contradictions] == ["users_affected"]
    assert against.confidence < agreeing.confidence
    assert against.needs_confirmation
    assert against.candidate == "A"


def test_an_unread_language_is_said_and_lowers_confidence():
    """SE-1: other languages fall back gracefully."""
    assessed = assess_text("Geen toegang", "Het is niet mogelijk om in te loggen en wij zijn van het net.", "nl")

    assert not assessed.language_known
    assert assessed.needs_confirmation


HOSTILE = [
    "\x00" * 50_000,
    "a" * 50_000,
    "cannot " * 7_000,
    "not all users cannot send mail if " * 1_500,
    "無法" * 25_000,
    "所有使用者無法登入,如果" * 4_000,
    "?" * 50_000,
    "İ" * 50_000,
    "e\u0301" * 25_000,
    "\u202e\u2066" * 25_000,
    "((((" * 12_500,
    "0" * 50_000,
    "the the the the in on at of for " * 1_500,
    "メール" * 16_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_of_50000_characters_is_assessed_in_time(text):
    """SE-1: under 50 ms, whatever is written."""
    assess_text("warm up", text)

    assert pace.best_cost(lambda: assess_text(text[:200], text)) < 0.05


def test_assessments_stay_within_their_budget():
    """SE-1: 99 % of assessments under 50 ms."""
    assess_text("warm up")
    times = [
        pace.best_cost(lambda row=row: assess_text(row["subject"], row["body"], row["lang"]), tries=3)
        for row in UNSEEN[::3]
    ]

    assert sorted(times)[int(len(times) * 0.99)] < 0.05


def test_lone_surrogates_and_empty_texts_do_no_harm():
    """SE-1"""
    assert assess_text("\ud800", "\udfff").severity in RANK
    assert assess_text("", "").severity in RANK
