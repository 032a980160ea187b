"""Suggestions fit the problem and stay silent otherwise (SH-1)."""

import pytest

from selfhelp.relevance import LEAST_SCORE, Subject, scores

SHARED = Subject(("Create a shared mailbox", "建立共用信箱"), ("shared mailbox", "automapping", "共用信箱"), "exchange")
PASSWORD = Subject(
    ("Set a password that never expires", "密碼永不過期"), ("password", "never expires", "永不過期"), "identity"
)
INVOICE = Subject(("Understand an invoice", "了解帳單"), ("invoice", "bill", "帳單", "發票"), "subscription")
SUBJECTS = (SHARED, PASSWORD, INVOICE)


def fitting(text, *, service=None, total=30):
    found = scores(text, SUBJECTS, total=total, service=service)
    return [subject for subject, score in zip(SUBJECTS, found, strict=True) if score >= LEAST_SCORE]


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("How do I open a shared mailbox?", SHARED),
        ("Shared mailboxes do not appear", SHARED),
        ("共用信箱沒有出現", SHARED),
        ("User passwords that never expire", PASSWORD),
        ("如何設定永不過期的使用者密碼", PASSWORD),
        ("Where is my invoice", INVOICE),
    ],
)
def test_a_text_is_matched_with_the_article_about_it(text, subject):
    """SH-1"""
    assert fitting(text) == [subject]


@pytest.mark.parametrize("text", ["", "\n", "The printer in the hall is out of paper", "會議室的投影機壞了", "& | !"])
def test_a_text_about_something_else_is_matched_with_nothing(text):
    """SH-1"""
    assert fitting(text) == []


def test_half_a_phrase_is_no_match():
    """SH-1"""
    assert fitting("I shared a calendar") == []


def test_the_first_line_tells_more_than_the_rest():
    """SH-1"""
    first, rest = "Shared mailbox is missing", "My password was changed yesterday."

    of_first, of_rest, _ = scores(f"{first}\n{rest}", SUBJECTS, total=30)
    assert of_first > of_rest

    of_first, of_rest, _ = scores(f"{rest}\n{first}", SUBJECTS, total=30)
    assert scores("Shared mailbox is missing", SUBJECTS, total=30)[0] > of_first
    assert of_rest > 0


def test_an_article_about_the_chosen_service_comes_before_others():
    """SH-1"""
    text = "password invoice"
    plain, chosen = scores(text, SUBJECTS, total=30), scores(text, SUBJECTS, total=30, service="subscription")

    assert chosen[2] > plain[2]
    assert chosen[1] == plain[1]


def test_a_word_that_many_articles_share_tells_less():
    """SH-1"""
    rare = scores("invoice", [INVOICE, SHARED], total=30)[0]
    common = scores("invoice", [INVOICE, INVOICE, INVOICE], total=30)[0]

    assert rare > common


def test_nothing_to_choose_from_is_no_fault():
    """SH-1"""
    assert scores("invoice", [], total=0) == []
