"""Places and changes of policy documents in words."""

import copy
import time

import pytest

from sla.errors import PolicyInvalid
from sla.ladder import DEFAULT_LADDER
from sla.policy import DEFAULT_POLICY
from sla.policy_text import ordered, read_text, write_text
from sla.policy_wording import difference_lines, place_text, steps_text

DEFAULT_IN_WORDS = steps_text(DEFAULT_LADDER)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", "the document"),
        ("version", "Version"),
        ("rules.technical.enterprise.B.target", "Technical support · Enterprise · B · target"),
        ("calendars.desk.windows.0.1", "Calendar · desk · Monday · Tuesday"),
        ("calendars.desk.timezone", "Calendar · desk · time zone"),
        ("ladders.business.A.0.at", "Escalation · Business · A · step 1 · at"),
        ("max_severity.billing", "Highest severity · Billing and subscriptions"),
        ("regions.CU", "Region · CU"),
        ("surprise", "surprise"),
    ],
)
def test_a_place_is_told_in_words(path, words):
    assert place_text(path) == words


def test_a_changed_cell_is_one_line_whatever_of_it_changed():
    """SLA-1"""
    changed = copy.deepcopy(dict(DEFAULT_POLICY))
    changed["rules"]["technical"]["business"]["C"] = {"availability": "business_hours", "target": "day+3"}
    changed["rules"]["technical"]["enterprise"]["B"] = {"availability": "business_hours", "target": "PT8H"}

    (first, was, becomes), (second, *_) = [
        (place, *change.split(" → ")) for place, change in difference_lines(DEFAULT_POLICY, changed)
    ]

    assert (first, second) == ("Technical support · Business · C", "Technical support · Enterprise · B")
    assert was == "no committed response time, in local business hours"
    assert becomes == "by the end of business day 3 after receipt, in local business hours"


def test_version_and_note_are_no_difference():
    assert difference_lines(DEFAULT_POLICY, {**DEFAULT_POLICY, "version": 9, "note": "Another"}) == []


def test_a_ladder_a_cap_and_a_region_are_told_in_words():
    """RO-3, SLA-4"""
    changed = dict(DEFAULT_POLICY) | {
        "ladders": {"business": {"A": [{"at": "50%", "to": ["team", "team_lead"]}]}},
        "regions": {"CU": "business_hours"},
    }

    assert difference_lines(DEFAULT_POLICY, changed) == [
        ("Escalation · Business · A", f"{DEFAULT_IN_WORDS} → 50 %: the team, the team lead"),
        ("Region · CU", "nothing → in local business hours"),
    ]


def test_a_ladder_that_is_left_out_is_the_default_one():
    """RO-3: taking it out brings back the default, and writing the default down changes nothing"""
    steps = [{"at": f"{step.percent}%", "to": list(step.recipients)} for step in DEFAULT_LADDER]
    own = dict(DEFAULT_POLICY) | {"ladders": {"business": {"A": [{"at": "50%", "to": ["team"]}], "B": steps}}}

    assert difference_lines(own, DEFAULT_POLICY) == [
        ("Escalation · Business · A", f"50 %: the team → {DEFAULT_IN_WORDS}"),
    ]


def test_a_document_that_was_written_reads_the_same():
    text = write_text(DEFAULT_POLICY)

    assert read_text(text) == DEFAULT_POLICY
    assert '"A": {"availability": "always", "target": "PT1H"}' in text


def test_keys_come_back_in_the_order_of_the_table():
    """SLA-1: the database sorts them by length."""
    shuffled = {"rules": {"billing": {"elevated": {"C": 1, "A": 2}, "business": 3}, "technical": 4}, "version": 1}

    assert str(ordered(shuffled)) == str(
        {"version": 1, "rules": {"technical": 4, "billing": {"business": 3, "elevated": {"A": 2, "C": 1}}}}
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[" * 33 + "]" * 33, "text_too_deep"),
        ('{"a": ' * 900 + "1" + "}" * 900, "text_too_deep"),
        ("{" + ", ".join(f'"{key}": 1' for key in range(251)) + "}", "too_many_members"),
        ("{" + ", ".join(f'"{key}": 1' for key in [*range(20_000), 19_999]) + "}", "key_twice"),
    ],
    ids=["deep", "deeper", "wide", "wide and a key twice"],
)
def test_a_text_that_nobody_can_show_is_refused_at_once(text, code):
    """P-8: pages copy, compare and write documents level by level, and show a calendar once for every region"""
    started = time.perf_counter()
    with pytest.raises(PolicyInvalid) as refusal:
        read_text(text)

    assert [problem.code for problem in refusal.value.problems] == [code]
    assert time.perf_counter() - started < 1


def test_a_text_as_deep_and_as_wide_as_can_be_is_read():
    deep, wide = "[" * 32 + "]" * 32, "{" + ", ".join(f'"{key}": 1' for key in range(250)) + "}"

    assert write_text(read_text(deep))
    assert len(read_text(wide)) == 250
