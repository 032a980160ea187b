"""Exports of the audit trail that prove themselves: every single edit is found, and named (P-10)."""

import io
import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.audit import verify_audit
from accounts.audit.verify_audit import Fault, chain_hash, record_hash, verify

SCRIPT = Path(__file__).parents[2] / "tools" / "verify_audit.py"
WITHHELD = {2, 7}
FIRST = 5


def record(number: int) -> dict[str, Any]:
    """A record as exports hold them, in scripts that tell bytes from characters."""
    return {
        "kind": "role_given",
        "data": {"from": [], "to": ["reader"], "person": number},
        "ref": "臺北 é\u2028",
        "salt": "s" * 32,
    }


def export(
    count: int = 9, *, first: int = FIRST, withheld: frozenset[int] | set[int] = frozenset(WITHHELD)
) -> list[bytes]:
    """The lines of an export that begins in the middle of its chain."""
    previous, lines = "a" * 64 if first > 1 else verify_audit.GENESIS, []
    begin = verify_audit.first_line(
        chain="contoso", first=first, previous=previous, exported_at="2026-11-26T09:00:00.000000Z"
    )
    for index in range(count):
        sequence = first + index
        previous = chain_hash(previous, sequence, record_hash(record(index)))
        write = verify_audit.withheld_line if index in withheld else verify_audit.record_line
        lines.append(write(sequence, previous, record(index)))
    shown = sum(index not in withheld for index in range(count))
    return [begin, *lines, verify_audit.last_line(last=first + count - 1, head=previous, shown=shown)]


def fault_of(lines: list[bytes], heads: dict[int, str] | None = None) -> tuple[str, int | None]:
    with pytest.raises(Fault) as found:
        verify(lines, heads=heads)
    return found.value.kind, found.value.sequence


LINES = export()
LAST = FIRST + 8


def test_an_untouched_export_is_intact():
    """P-10"""
    found = verify(LINES)

    assert (found.chain, found.first, found.last, found.shown) == ("contoso", FIRST, LAST, 7)
    assert str(found).startswith(
        f"Intact: records 5 to 13 of contoso, 9 in all, 2 of them by hash only.\nHead: {LAST}:"
    )


def test_an_empty_export_is_intact():
    """P-10"""
    assert str(verify(export(0))) == "Intact, and empty: no record of contoso lies in it."


@settings(deadline=None, max_examples=400)
@given(st.data())
def test_any_byte_that_is_changed_names_its_record(data):
    """P-10"""
    line = data.draw(st.integers(0, len(LINES) - 1))
    place = data.draw(st.integers(0, len(LINES[line]) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != LINES[line][place]))
    changed = LINES[line][:place] + bytes([other]) + LINES[line][place + 1 :]
    whole = b"".join([*LINES[:line], changed, *LINES[line + 1 :]])
    named = _named(list(io.BytesIO(whole)))

    if line == 0:
        assert named in (None, FIRST)
    elif line == len(LINES) - 1:
        assert named in (None, LAST + 1)
    else:
        assert named == FIRST + line - 1


def _named(lines: list[bytes]) -> int | None:
    try:
        verify(lines)
    except Fault as fault:
        return fault.sequence
    except verify_audit.Unusable:
        return None  # the first line is no first line any more
    raise AssertionError("a change that nobody noticed")


@pytest.mark.parametrize("index", range(1, 10))
def test_a_record_that_was_taken_out_is_named(index):
    """P-10"""
    assert fault_of(LINES[:index] + LINES[index + 1 :]) == ("missing", FIRST + index - 1)


@given(st.integers(1, 9), st.integers(1, 10))
def test_a_record_that_was_put_in_again_is_named(which, where):
    """P-10: in front of `where`, which is where the chain breaks; right behind itself it is the next place."""
    lines = [*LINES[:where], LINES[which], *LINES[where:]]

    kind, sequence = fault_of(lines)

    assert kind == "inserted"
    assert sequence == FIRST + where - 1 + (which == where)


@given(st.integers(1, 10))
def test_a_line_that_was_made_up_is_named(where):
    """P-10"""
    forged = verify_audit.record_line(FIRST + where - 1, "b" * 64, record(99))

    assert fault_of([*LINES[:where], forged, *LINES[where:]]) == ("inserted", FIRST + where - 1)


@pytest.mark.parametrize(("one", "other"), [*pairwise(range(1, 10)), (1, 9), (3, 6)])
def test_records_that_changed_places_are_named(one, other):
    """P-10"""
    lines = list(LINES)
    lines[one], lines[other] = lines[other], lines[one]

    assert fault_of(lines) == ("reordered", FIRST + one - 1)


@given(st.integers(1, 9), st.sampled_from(["data", "kind", "salt", "ref"]))
def test_content_that_was_changed_in_good_form_is_named(which, key):
    """P-10"""
    document = json.loads(LINES[which])
    if "record" not in document:
        document["record_hash"] = "c" * 64
    else:
        document["record"][key] = "other"
    lines = [*LINES[:which], verify_audit.canonical(document) + b"\n", *LINES[which + 1 :]]

    assert fault_of(lines) == ("altered", FIRST + which - 1)


@given(st.integers(1, 9), st.integers(-3, 40))
def test_a_number_that_was_changed_is_named(which, number):
    """P-10"""
    document = json.loads(LINES[which])
    if document["sequence"] == number:
        return
    document["sequence"] = number
    lines = [*LINES[:which], verify_audit.canonical(document) + b"\n", *LINES[which + 1 :]]

    assert fault_of(lines) == ("altered", FIRST + which - 1)


def test_an_export_that_breaks_off_says_where():
    """P-10"""
    assert fault_of(LINES[:-1]) == ("missing", LAST + 1)
    assert fault_of(LINES[:4]) == ("missing", FIRST + 3)
    assert fault_of([*LINES[:4], LINES[-1]]) == ("missing", FIRST + 3)


def test_a_record_behind_the_last_line_is_named():
    """P-10"""
    assert fault_of([*LINES, LINES[3]]) == ("inserted", LAST + 1)


def test_a_record_that_is_hidden_afterwards_is_found():
    """P-10: its content is gone, its hash still fits; the export says how many it shows."""
    hidden = verify_audit.withheld_line(FIRST, json.loads(LINES[1])["hash"], record(0))

    assert fault_of([LINES[0], hidden, *LINES[2:]]) == ("altered", None)


def test_a_file_that_was_rewritten_as_a_whole_fails_against_a_mailed_head():
    """P-10: that is what heads are mailed for."""
    mailed = {FIRST + 4: json.loads(LINES[5])["hash"]}
    forged = export(first=FIRST, withheld={1})

    assert verify(LINES, heads=mailed)
    assert verify(forged)
    lines = [verify_audit.first_line(chain="contoso", first=FIRST, previous="b" * 64, exported_at="")]
    previous = "b" * 64
    for index in range(9):
        previous = chain_hash(previous, FIRST + index, record_hash(record(index)))
        lines.append(verify_audit.record_line(FIRST + index, previous, record(index)))
    lines.append(verify_audit.last_line(last=LAST, head=previous, shown=9))
    assert verify(lines)
    assert fault_of(lines, mailed) == ("altered", FIRST + 4)


def test_a_head_beyond_the_end_means_that_records_are_missing_and_one_before_it_cannot_be_judged():
    """P-10"""
    assert fault_of(LINES, {LAST + 1: "d" * 64}) == ("missing", LAST + 1)
    with pytest.raises(verify_audit.Unusable):
        verify(LINES, heads={FIRST - 1: "d" * 64})


@pytest.mark.parametrize("content", [b"", b"\n", b"{}\n", b"not json\n", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_export_is_called_so(content, tmp_path):
    """P-8"""
    file = tmp_path / "other"
    file.write_bytes(content)

    assert verify_audit.report(str(file))[0] == verify_audit.UNUSABLE
    assert verify_audit.report(str(tmp_path / "absent"))[0] == verify_audit.UNUSABLE


@pytest.mark.parametrize(
    ("lines", "head", "status", "words"),
    [
        (LINES, "", 0, "Intact: records 5 to 13 of contoso"),
        (LINES[:3] + LINES[4:], "", 1, "missing: record 7: record 8 follows the one before it"),
        (LINES, f"6:{'0' * 64}", 1, "altered: record 6"),
        (LINES, "6:zz", 2, "SEQUENCE:HASH"),
    ],
)
def test_the_script_runs_alone_and_the_command_says_the_same(lines, head, status, words, tmp_path):
    """P-10: the standard library, and nothing of ours."""
    file = tmp_path / "audit.ndjson"
    file.write_bytes(b"".join(lines))
    arguments = [str(file), *(["--head", head] if head else [])]
    alone = tmp_path / "verify_audit.py"
    alone.write_bytes(SCRIPT.read_bytes())

    ran = subprocess.run(
        [sys.executable, "-I", "-S", alone, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ},
    )

    assert (ran.returncode, words in ran.stdout + ran.stderr) == (status, True)
    if status == 1:
        with pytest.raises(SystemExit) as ended:
            call_command("verify_audit", *arguments)
        assert ended.value.code == 1
