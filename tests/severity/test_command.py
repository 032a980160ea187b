"""The command assess_severity."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

LABELS = {
    "severity": "A",
    "scope": "developer",
    "category": "billing",
    "evidence": "x",
    "source": "x",
    "text_origin": "x",
}
FORM = {"service_state": "down", "users_affected": "all_users"}


def run(monkeypatch, lines, *options):
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(json.dumps(line) for line in lines)))
    out = io.StringIO()
    call_command("assess_severity", *options, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_each_line_is_answered_in_order(monkeypatch):
    """SE-1"""
    answers = run(
        monkeypatch, [{"id": "1", "subject": "SharePoint site down", "body": ""}, {"id": "2", "subject": "How to?"}]
    )

    assert [answer["id"] for answer in answers] == ["1", "2"]
    assert set(answers[0]) == {"id", "severity", "confidence", "scope", "category", "evidence"}
    assert answers[0]["severity"] == "A"


def test_labels_are_not_read(monkeypatch):
    """SE-1: nothing but the words, and the form where asked, may count."""
    words = {"id": "1", "subject": "My Outlook does not start", "body": "It closes at once.", "lang": "en"}

    assert run(monkeypatch, [words]) == run(monkeypatch, [words | LABELS | FORM])


def test_form_answers_are_read_when_asked_for(monkeypatch):
    """SE-1"""
    words = {"id": "1", "subject": "My Outlook does not start", "body": "It closes at once.", "lang": "en"}

    assert run(monkeypatch, [words | FORM], "--with-form")[0]["severity"] == "A"


def test_the_category_that_was_filed_is_an_answer_of_the_form(monkeypatch):
    """BI-1: where money is the matter, a fault of its page is none of a service."""
    words = {"id": "1", "subject": "Invoice", "body": "The page of the invoices shows an error.", "lang": "en"}
    filed = words | {"filed_category": "billing"}

    assert [answer["severity"] for answer in run(monkeypatch, [words, filed], "--with-form")] == ["B", "C"]
    assert run(monkeypatch, [words]) == run(monkeypatch, [filed])


def test_evaluation_prints_the_figures(tmp_path):
    """SE-1"""
    file = tmp_path / "cases.jsonl"
    row = {"id": "1", "lang": "en", "subject": "site down", "body": "", "severity": "A", "scope": "in_scope"}
    file.write_text(json.dumps(row) + "\n", encoding="utf-8")
    out = io.StringIO()

    call_command("assess_severity", "--evaluate", str(file), stdout=out)

    assert "accuracy        1.000" in out.getvalue()
    assert "macro-F1        1.000" in out.getvalue()
    assert "calibration" in out.getvalue()


def evaluated(folder, *rows):
    file = folder / "cases.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    out = io.StringIO()
    call_command("assess_severity", "--evaluate", str(file), stdout=out)
    return out.getvalue().splitlines()


DOWN = {"id": "1", "lang": "en", "subject": "SharePoint site down", "body": ""}


def test_evaluation_tells_of_scope_and_category_and_what_was_taken_for_what(tmp_path):
    """SE-1, SC-6"""
    labels = {"severity": "A", "scope": "third_party", "category": "billing"}

    lines = evaluated(tmp_path, DOWN | labels)

    assert "scope accuracy  0.000" in lines
    assert "    third_party taken for in_scope  1" in lines
    assert "category accuracy  0.000" in lines
    assert {line.partition("  ")[0] for line in lines} >= {"calibration error", "Brier score", "precision of A"}


def test_a_case_counts_for_the_labels_that_it_has(tmp_path):
    """SE-1: a corrected scope says nothing about the severity."""
    lines = evaluated(tmp_path, DOWN | {"severity": "A"}, DOWN | {"id": "2", "scope": "in_scope", "severity": None})

    assert "cases           2" in lines
    assert "without severity  1, not in its figures" in lines
    assert "without scope  1, not in its figures" in lines
    assert "accuracy        1.000" in lines
    assert "language en        1.000 of 1" in lines
    assert not any(line.startswith("category accuracy") for line in lines)


def test_lines_without_any_label_are_refused(tmp_path):
    """SE-1"""
    with pytest.raises(CommandError, match=r"no line of .* has a label: severity, scope or category"):
        evaluated(tmp_path, DOWN, DOWN | {"id": "2"})


def test_a_severity_that_is_none_is_named(tmp_path):
    """SE-1"""
    with pytest.raises(CommandError, match="1: there is no severity 'high'"):
        evaluated(tmp_path, DOWN | {"severity": "high"})


@pytest.mark.parametrize("text", ["not json\n", "[1]\n"])
def test_a_broken_line_is_named(monkeypatch, text):
    """SE-1"""
    monkeypatch.setattr("sys.stdin", io.StringIO(text))

    with pytest.raises(CommandError, match="line 1"):
        call_command("assess_severity", stdout=io.StringIO())
