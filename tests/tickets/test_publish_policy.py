"""`manage.py publish_policy`: checked whole, compared, published; exit codes, standard input, and what it says."""

import io
import json
import sys

import pytest
from django.core.management import CommandError, call_command

from sla.models import PolicyVersion
from sla.selectors import policy_in_force
from tests.tickets import making
from tests.tickets.policies import document, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path):
    """Write a document to a file, and return its name."""

    def write(content):
        path = tmp_path / "policy.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return str(path)

    return write


def run(*arguments):
    """What the command prints."""
    out = io.StringIO()
    call_command("publish_policy", *arguments, stdout=out)
    return out.getvalue()


def test_a_sound_document_is_compared_and_put_in_force(admin, file):
    """SLA-1"""
    filed = making.filed(admin)

    text = run(file(document(version=2, enterprise_a="PT30M")))

    assert "Technical support · Enterprise · A: within 1 hour, around the clock, every day → within 30 minutes" in text
    assert "1 promise; 1 would have another outcome; breaches: 0 more, 0 fewer." in text
    assert "Against version 1: 1 difference." in text
    assert filed.number in text
    assert "Policy version 2 is in force." in text
    assert (policy_in_force().version, PolicyVersion.objects.get(version=2).published_by) == (2, "command line")


def test_a_dry_run_publishes_nothing(file):
    assert "Nothing was published" in run(file(document(version=2)), "--dry-run")
    assert policy_in_force().version == 1


def test_standard_input_is_read(monkeypatch):
    """A byte order mark does no harm."""
    content = b"\xef\xbb\xbf" + json.dumps(document(version=2)).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    assert "Policy version 2 is in force." in run("-")


def test_every_faulty_cell_is_named_and_nothing_changes(file):
    """DESIGN, Commitments"""
    wrong = document(version=2, enterprise_a="soon")
    wrong["rules"]["billing"]["elevated"]["C"]["availability"] = "calendar:desk"
    del wrong["rules"]["advisory"]["business"]["A"]

    with pytest.raises(CommandError) as refusal:
        run(file(wrong))

    for words in (
        "rules.technical.enterprise.A.target: “soon” is no target",
        "rules.billing.elevated.C.availability: the document brings no calendar named “desk”",
        "rules.advisory.business.A: is missing",
    ):
        assert words in str(refusal.value)
    assert refusal.value.returncode == 1
    assert policy_in_force().version == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [("{", "line 1, column 2"), ('{"note": "\\ud800"}', "cannot be stored"), ("[]", "must be an object")],
)
def test_what_is_no_document_is_refused_with_its_place(file, content, words):
    """P-8"""
    with pytest.raises(CommandError) as refusal:
        run(file(content))

    assert words in str(refusal.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CommandError) as refusal:
        run(str(tmp_path / "none.json"))

    assert "none.json cannot be read" in str(refusal.value)


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
@pytest.mark.parametrize("version", [2, 3])
def test_a_version_that_is_taken_is_refused_before_anything_is_computed(file, version, options):
    """SLA-1: a rehearsal says what the performance would say"""
    publish(version=3)
    out = io.StringIO()

    with pytest.raises(CommandError) as refusal:
        call_command("publish_policy", file(document(version=version, enterprise_a="PT30M")), *options, stdout=out)

    assert (out.getvalue(), refusal.value.returncode) == ("", 1)
    assert f"version {version} is not above the newest, 3" in str(refusal.value)


def test_a_version_that_is_taken_changes_nothing(file):
    publish(version=3)

    with pytest.raises(CommandError) as refusal:
        run(file(document(version=3, enterprise_a="PT30M")))

    assert "version 3 is not above the newest, 3" in str(refusal.value)
    assert str(policy_in_force().policy.cell(kind="technical", tier="enterprise", severity="A").target) == "PT1H"
