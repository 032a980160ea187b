"""What people type, as it is stored."""

import re

import pytest

from accounts import text
from accounts.text import clean_label, clean_line, clean_text


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  Mail is down \n", "Mail is down"),
        ("re\u0301sume\u0301", "résumé"),
        ("信件無法寄出", "信件無法寄出"),
        ("👩\u200d💻 می\u200cخواهم", "👩\u200d💻 می\u200cخواهم"),
        ("", ""),
    ],
)
def test_a_line_is_trimmed_and_composed_and_keeps_its_joiners(typed, stored):
    """RELIABILITY.md, Content"""
    assert clean_line(typed) == stored


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("a\x00b", "control_character"),
        ("a\x1bb", "control_character"),
        ("a\x85b", "control_character"),
        ("a\nb", "control_character"),
        ("a\tb", "control_character"),
        ("a\u2028b", "control_character"),
        ("invoice\u202egpj.exe", "bidi_control"),
        ("a\u2066b", "bidi_control"),
        ("a\ud800b", "surrogate"),
        ("a" + 31 * "\u0301", "stacked_marks"),
    ],
)
def test_a_line_with_characters_that_deceive_or_break_is_refused(typed, fault):
    """RELIABILITY.md, Content; P-8"""
    with pytest.raises(ValueError, match=f"^{fault}$"):
        clean_line(typed)


def test_text_keeps_its_lines_whatever_ended_them():
    assert clean_text("one\r\ntwo\rthree\u2028four\n\tfive\n") == "one\ntwo\nthree\nfour\n\tfive"


@pytest.mark.parametrize("marks", ["\u0301\u0323" * 250_000, "\u0301" * 250_000 + "\u0323" * 250_000])
def test_half_a_million_accents_are_refused_at_once(marks):
    """P-8: composing them would take minutes, since it is quadratic."""
    with pytest.raises(ValueError, match="stacked_marks"):
        clean_text(f"a{marks}")


def test_thirty_accents_on_one_letter_are_still_text():
    assert clean_text("a" + 30 * "\u0330").startswith("a")


@pytest.mark.parametrize("name", ["pay\u200broll.pdf", "a\ufeffb", "a\u00adb", "a\u200fb"])
def test_names_of_files_have_no_zero_width_characters(name):
    with pytest.raises(ValueError, match="zero_width"):
        clean_label(name)


@pytest.mark.parametrize(
    "value",
    [
        "x",
        " x ",
        "\tx\n",
        "\u3000x",
        "\u3000\tx\u2028\u3000\n",
        "x\ny",
        "x\ry",
        "x\u2028y",
        "\x00",
        "x\x85",
        "",
        " ",
        "\n",
        "\u3000",
        "\u202ex",
        "\u200bx",
        "e\u0301",
    ],
)
@pytest.mark.parametrize(
    ("clean", "patterns"),
    [
        (text.clean_text, text.TEXT_PATTERNS),
        (text.clean_line, text.LINE_PATTERNS),
        (text.clean_label, text.LABEL_PATTERNS),
    ],
)
def test_the_description_promises_what_is_taken(value, clean, patterns):
    """P-8: the patterns that the description of the API shows say what cleaning does"""
    try:
        cleaned = clean(value)
    except ValueError:
        cleaned = None
    with_a_letter, any_at_all = (bool(re.search(pattern.replace("$", r"\Z"), value)) for pattern in patterns)

    assert any_at_all == (cleaned is not None)
    assert with_a_letter == bool(cleaned)
