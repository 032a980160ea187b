"""Texts are found by their words in scripts with and without spaces (SH-1, CH-5), whatever people type (P-8)."""

import time

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts import searching

HOSTILE = [
    "",
    " ",
    "'",
    "'; DROP TABLE accounts_person; --",
    "& | ! <-> :* ( ) \\",
    "a:*B & !c",
    "foo:ABCD",
    "\\'\\",
    "\x00\ud800\u202e\u200b",
    "%_*?",
    "((((((((((",
    "!!mail",
    "<1000000>",
    "x" * 5_000,
    "信" * 5_000,
    "a" + "\u0301\u0323" * 25_000,
    "৴ x৴x 𞤀𞤁",
]


def found(stored: str, sought: str, make_query=searching.query) -> bool:
    """Ask PostgreSQL itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_tsvector('simple', %s) @@ to_tsquery('simple', %s)",
            [searching.document(stored), make_query(sought)],
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("stored", "sought"),
    [
        ("使用者無法傳送郵件", "郵件"),
        ("使用者無法傳送郵件", "無法傳送"),
        ("使用者無法傳送郵件", "件"),
        ("共用信箱的權限", "信箱 權限"),
        ("請信", "信"),
        ("Outlook無法連線到Exchange", "outlook 連線"),
        ("𠮷野家的信箱", "𠮷野"),
        ("メールを送信できません", "送信"),
        ("메일을 보낼 수 없습니다", "메일"),
        ("ไม่สามารถส่งอีเมลได้", "อีเมล"),
    ],
)
def test_two_characters_of_a_script_without_spaces_are_a_word(stored, sought):
    """SH-1"""
    assert found(stored, sought)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("stored", "sought"),
    [
        ("Shared mailboxes stopped working", "mailbox"),
        ("The mailbox is full", "mailboxes"),
        ("Password policies", "policy"),
        ("Autodiscover fails", "autod"),
        ("ＯＵＴＬＯＯＫ　２０１９", "outlook 2019"),
        ("Café naïve Straße", "CAFE strasse"),
        ("Error 0x80070005, 550 5.7.1", "0x80070005"),
        ("Delivery failed: 550 5.7.1", "5.7.1"),
        ("See SR-123456789", "sr-123456789"),
        ("Mail to ada@fabrikam.example bounced", "fabrikam"),
        ("foo_bar-baz/qux", "bar qux"),
    ],
)
def test_words_are_found_whatever_their_case_accents_width_or_number(stored, sought):
    """SH-1"""
    assert found(stored, sought)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("stored", "sought"),
    [
        ("使用者無法傳送郵件", "郵箱"),
        ("使用者無法傳送郵件", "送件"),
        ("Shared mailbox", "shared calendar"),
        ("Mailbox", "box"),
        ("italics", "it"),
    ],
)
def test_what_lacks_a_word_is_not_found(stored, sought):
    """SH-1"""
    assert not found(stored, sought)


@pytest.mark.django_db
def test_any_of_the_words_is_enough_where_that_is_asked():
    """SH-1"""
    assert found("Shared mailbox", "shared calendar", searching.query_any)
    assert not found("Shared mailbox", "public calendar", searching.query_any)


def test_words_that_say_little_count_only_when_there_are_no_others():
    """SH-1"""
    assert searching.telling_words("How do I get to the mailbox of a user?") == ["mailbox", "user"]
    assert searching.telling_words("how to") == ["how", "to"]


@pytest.mark.django_db
@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_breaks_a_search(text):
    """P-8"""
    began = time.perf_counter()

    assert found(text, "mailbox") is False
    found("mailbox", text)
    found("mailbox", text, searching.query_any)

    assert time.perf_counter() - began < 1


@pytest.mark.django_db
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=80))
@example(text="1e5 12abc ½ ™ Ⅷ ﬁ ß İ")
def test_every_text_finds_itself(text):
    """P-8, SH-1: both sides cut words alike, and PostgreSQL takes them as they are."""
    if searching.query(text):
        assert found(text, text)


@pytest.mark.django_db
@pytest.mark.parametrize("letter", ["a", "é", "信", "𐐀"])
def test_a_document_of_any_length_fits_in_a_tsvector(letter):
    """P-8"""
    words = " ".join(f"{letter * 60}{number}" for number in range(40_000))

    stored = searching.document(words)

    with connection.cursor() as cursor:
        cursor.execute("SELECT length(to_tsvector('simple', %s))", [stored])
        assert cursor.fetchone()[0] > 1_000
