"""Bodies of JSON, and what we refuse in them (P-8)."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_portal.api.parsers import DEEPEST, MOST_KEYS, parse_json
from support_portal.api.refusals import BodyRefused


def refused(body):
    with pytest.raises(BodyRefused) as caught:
        parse_json(body)
    return caught.value.fault, caught.value.pointer


def nested(levels):
    return b"[" * levels + b"]" * levels


def test_ordinary_json_is_read():
    body = {"subject": "信件", "impact": {"workaround": None}, "numbers": [1, -2.5, 2**63 - 1], "on": True}

    assert parse_json(json.dumps(body).encode()) == body


def test_a_byte_order_mark_is_no_part_of_the_body():
    assert parse_json(b"\xef\xbb\xbf{}") == {}


@pytest.mark.parametrize(
    ("body", "fault", "pointer"),
    [
        (b"", "syntax", "#"),
        (b"{", "syntax", "#"),
        (b"{'a': 1}", "syntax", "#"),
        (b'{"a": 1,}', "syntax", "#"),
        (b'"\xff"', "not_utf8", "#"),
        ('{"a": "é"}'.encode("utf-16"), "not_utf8", "#"),
        (b'{"a": {"b": 1, "b": 2}}', "duplicate_key", "#/a/b"),
        (b'{"a": [1, NaN]}', "not_finite", "#/a/1"),
        (b'{"a": -Infinity}', "not_finite", "#/a"),
        (b'{"a": 1e999}', "number_too_big", "#/a"),
        (b'{"a": 9223372036854775808}', "number_too_big", "#/a"),
        (b'{"a": ' + b"9" * 5000 + b"}", "number_too_big", "#/a"),
        (b'{"a": "x\\u0000"}', "null_character", "#/a"),
        (b'{"a\\u0000": 1}', "null_character", "#"),
        (b'{"a": "\\ud800"}', "surrogate", "#/a"),
        (b'{"a": {"\\udfff": 1}}', "surrogate", "#/a"),
        (b'{"a/b": {"c~d": "\\u0000"}}', "null_character", "#/a~1b/c~0d"),
    ],
)
def test_what_is_lost_or_breaks_later_is_refused_with_its_place(body, fault, pointer):
    """RELIABILITY.md, API"""
    assert refused(body) == (fault, pointer)


@given(st.one_of(st.binary(max_size=200), st.text(alphabet='{}[]":,\\u0d8eE+-.19truefalsnNaIity \x00', max_size=200)))
def test_any_bytes_are_read_or_refused(body):
    """P-8"""
    with suppress(BodyRefused):
        parse_json(body if isinstance(body, bytes) else body.encode())


def test_a_surrogate_pair_is_a_character():
    assert parse_json(b'"\\ud83d\\ude00"') == "😀"


def test_32_levels_are_read_and_33_are_not():
    """RELIABILITY.md, section 3"""
    parse_json(nested(DEEPEST))

    assert refused(nested(DEEPEST + 1))[0] == "too_deep"


def test_a_hundred_thousand_levels_are_refused_as_calmly():
    assert refused(nested(100_000))[0] == "too_deep"


def test_1000_keys_are_read_and_1001_are_not():
    """RELIABILITY.md, section 3"""
    keys = {str(number): {} for number in range(MOST_KEYS)}
    parse_json(json.dumps(keys).encode())

    assert refused(json.dumps({"more": keys}).encode())[0] == "too_many_keys"
