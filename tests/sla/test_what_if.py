"""The published cases, through the functions and through the command; and lines that cannot be read."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from sla.business_time import BusinessCalendar
from sla.commitments import Cell, promise
from tests.sla.builders import ALL_DAY, OFFICE, at

CASES = [
    json.loads(line) for line in (Path(__file__).parent / "sla_cases.jsonl").read_text(encoding="utf-8").splitlines()
]


def run(*lines):
    """Answers by line, complaints and whether the command failed."""
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    out, err, failed = io.StringIO(), io.StringIO(), False
    try:
        call_command("sla_what_if", stdin=io.BytesIO(text.encode()), stdout=out, stderr=err)
    except CommandError:
        failed = True
    return [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue(), failed


def case(**changes):
    return {
        "id": "x",
        "policy": {"availability": "business_hours", "target": "PT1H"},
        "calendar": {"timezone": "Asia/Taipei", "windows": OFFICE, "holidays": []},
        "received_at": "2026-11-24T01:00:00Z",
        **changes,
    }


@pytest.mark.parametrize("published", CASES, ids=[case["id"] for case in CASES])
def test_every_published_case_has_its_due_instant(published):
    """SLA-1, SLA-6; DESIGN, Commitments"""
    calendar = BusinessCalendar.from_document(published["calendar"])
    cell = Cell.parse(**published["policy"])
    expected = published["expected"]

    promised = promise(cell=cell, received_at=at(published["received_at"]), calendar=calendar)

    assert promised.due_at == (at(expected["due_at"]) if expected["due_at"] else None)


def test_the_command_answers_all_published_cases():
    """SLA-1, SLA-6"""
    answers, complaints, failed = run(*CASES)

    assert len(CASES) == 90
    assert answers == [{"id": case["id"], **case["expected"]} for case in CASES]
    assert (complaints, failed) == ("", False)


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        (
            {"received_at": "2026-11-24T12:00:00.25+08:00"},
            ("2026-11-24T05:00:00.250000Z", True, "2026-11-24T04:00:00.250000Z"),
        ),
        ({"received_at": "2026-11-24T10:00:00Z"}, ("2026-11-25T02:00:00Z", False, "2026-11-25T01:00:00Z")),
        (
            {"policy": {"availability": "always", "target": "P1D"}},
            ("2026-11-25T01:00:00Z", True, "2026-11-24T01:00:00Z"),
        ),
        (
            {"policy": {"availability": "business_hours", "target": "PT0S"}, "received_at": "2026-11-24T10:00:00Z"},
            ("2026-11-24T10:00:00Z", False, "2026-11-25T01:00:00Z"),
        ),
        (
            {
                "policy": {"availability": "calendar:berlin", "target": "day+1"},
                "calendars": {"berlin": {"timezone": "Europe/Berlin", "windows": ALL_DAY, "holidays": ["2026-11-25"]}},
            },
            ("2026-11-26T23:00:00Z", True, "2026-11-24T01:00:00Z"),
        ),
        (
            {"policy": {"availability": "business_hours", "target": "none"}, "received_at": "2026-11-28T10:00:00Z"},
            (None, False, "2026-11-30T01:00:00Z"),
        ),
    ],
)
def test_a_line_is_answered_in_utc(changes, answer):
    answers, _, failed = run(case(**changes))

    assert answers == [dict(zip(("id", "due_at", "open_at_receipt", "next_open_at"), ("x", *answer), strict=True))]
    assert not failed


def test_a_line_may_name_tier_and_severity_of_the_default_policy_instead():
    """SLA-1, SLA-5"""
    line = case(tier="elevated", severity="B")
    del line["policy"]

    assert run(line)[0][0]["due_at"] == "2026-11-24T03:00:00Z"


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "null",
        "[" * 100_000,
        {"id": "x"},
        case(policy={}),
        case(policy="always"),
        case(policy={"availability": "always", "target": "1 hour"}),
        case(policy={"availability": "calendar:berlin", "target": "PT1H"}),
        case(calendar={"timezone": "Nowhere", "windows": OFFICE, "holidays": []}),
        case(calendar={"timezone": "UTC", "windows": {}, "holidays": []}),
        case(calendars=[]),
        case(received_at="2026-11-24T01:00:00"),
        case(received_at="yesterday"),
        case(received_at=None),
        case(received_at="9999-12-31T23:59:59Z"),
        {key: value for key, value in case(tier="gold", severity="B").items() if key != "policy"},
        {key: value for key, value in case(tier="business").items() if key != "policy"},
        {key: value for key, value in case().items() if key != "id"},
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_does_not_stop_the_others(line):
    """P-8"""
    answers, complaints, failed = run(case(id="before"), "", line, case(id="after"))

    assert [answer["id"] for answer in answers] == ["before", "after"]
    assert complaints.startswith("line 3: ")
    assert failed


def test_a_line_that_is_no_text_is_named():
    """P-8"""
    out, err = io.StringIO(), io.StringIO()

    with pytest.raises(CommandError):
        call_command("sla_what_if", stdin=io.BytesIO(b"\xff\xfe\xfd\n"), stdout=out, stderr=err)

    assert err.getvalue().startswith("line 1: ")
