#!/usr/bin/env python3
"""Verify an exported audit trail of the support portal (P-10): `verify_audit.py FILE [--head SEQUENCE:HASH]`.

Needs Python 3.9 or later and nothing else; the portal imports the same file for its own records.

An export is one line of JSON for each record, in the order of the chain, between a first and a last line of its own.
Every line is canonical: keys sorted, no spaces, UTF-8, nothing escaped that need not be. The hash of a record is

    SHA-256 (canonical form of the record)

its place in the chain is

    SHA-256 ("PREVIOUS:SEQUENCE:RECORD"), with hashes in lower-case hexadecimal

where PREVIOUS is the hash of the place before, 64 zeros before the first. A record that an export withholds, because it
does not fit its filters, stands there with its hash alone, so that the chain goes on. Whoever rewrites a whole file can
compute every hash anew; against that stand the heads that the portal mails: give one with --head.

Exit status: 0 intact, 1 a fault was found, 2 the file cannot be read or does not answer the question.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

FORM = 1  # of exports
GENESIS = "0" * 64
HEX = re.compile("[0-9a-f]{64}")
INTACT, BROKEN, UNUSABLE = 0, 1, 2

ALTERED, MISSING, INSERTED, REORDERED = "altered", "missing", "inserted", "reordered"


class Fault(Exception):
    """The first thing that is wrong: what happened (`kind`) to which record (None: the first or last line)."""

    def __init__(self, kind: str, sequence: int | None, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.sequence = sequence
        self.detail = detail

    def __str__(self) -> str:
        named = "the export's own line" if self.sequence is None else f"record {self.sequence}"
        return f"{self.kind}: {named}: {self.detail}"


class Unusable(Exception):
    """The file cannot answer what was asked."""


@dataclass(frozen=True)
class Verified:
    """What an intact export holds."""

    chain: str
    first: int
    last: int
    shown: int
    head: str

    def __str__(self) -> str:
        count = self.last - self.first + 1
        if not count:
            return f"Intact, and empty: no record of {self.chain} lies in it."
        withheld = f", {count - self.shown} of them by hash only" if self.shown < count else ""
        return (
            f"Intact: records {self.first} to {self.last} of {self.chain}, {count} in all{withheld}.\n"
            f"Head: {self.last}:{self.head}"
        )


def canonical(document: Any) -> bytes:
    """The one way to write a document."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def record_hash(record: Mapping[str, Any]) -> str:
    """The hash of a record's content."""
    return hashlib.sha256(canonical(record)).hexdigest()


def chain_hash(previous: str, sequence: int, record: str) -> str:
    """The hash of a place in the chain, from that of the place before and the hash of the record."""
    return hashlib.sha256(f"{previous}:{sequence}:{record}".encode()).hexdigest()


# ── Lines of an export ──────────────────────────────────────────────────────────────────────────────────────────────


def first_line(*, chain: str, first: int, previous: str, exported_at: str) -> bytes:
    """The line before the records."""
    return _own_line(
        {"audit_export": FORM, "chain": chain, "exported_at": exported_at, "first": first, "previous": previous}
    )


def record_line(sequence: int, place: str, record: Mapping[str, Any]) -> bytes:
    """The line of a record that is shown."""
    return canonical({"hash": place, "record": record, "sequence": sequence}) + b"\n"


def withheld_line(sequence: int, place: str, record: Mapping[str, Any]) -> bytes:
    """The line of a record that does not fit the filters of the export."""
    return canonical({"hash": place, "record_hash": record_hash(record), "sequence": sequence}) + b"\n"


def last_line(*, last: int, head: str, shown: int) -> bytes:
    """The line behind the records."""
    return _own_line({"audit_export_ends": FORM, "head": head, "last": last, "shown": shown})


def _own_line(document: dict[str, Any]) -> bytes:
    return canonical({**document, "line_hash": record_hash(document)}) + b"\n"


def _read(raw: bytes) -> dict[str, Any] | None:
    """What a line says; None unless it is written exactly as an export writes it."""
    try:
        document = json.loads(raw)
        return document if isinstance(document, dict) and canonical(document) + b"\n" == raw else None
    except (ValueError, RecursionError):
        return None


def _own(raw: bytes, key: str) -> dict[str, Any] | None:
    """The first or last line, known by its key; a Fault where it was changed, None where it is another line."""
    document = _read(raw)
    if document is None and raw.startswith(f'{{"{key}'.encode()):
        raise Fault(ALTERED, None, "it is not as it was written")
    if document is None or key not in document:
        return None
    given = document.pop("line_hash", None)
    if document.get(key) != FORM or given != record_hash(document):
        raise Fault(ALTERED, None, "it is not as it was written")
    return document


# ── Verifying ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Place:
    """What one line claims."""

    sequence: int
    hash: str
    record: str
    is_shown: bool

    @classmethod
    def of(cls, raw: bytes) -> _Place | None:
        """The place that a line claims; None where it is no line of a record."""
        document = _read(raw)
        if document is None:
            return None
        shown = set(document) == {"hash", "record", "sequence"}
        if not shown and set(document) != {"hash", "record_hash", "sequence"}:
            return None
        sequence, place = document["sequence"], document["hash"]
        record = record_hash(document["record"]) if shown else document["record_hash"]
        if type(sequence) is not int or not isinstance(place, str) or not isinstance(record, str):
            return None
        return cls(sequence, place, record, shown)

    def follows(self, previous: str, sequence: int) -> bool:
        """Whether its hash is that of this place in the chain, whatever number it claims."""
        return bool(HEX.fullmatch(self.record)) and self.hash == chain_hash(previous, sequence, self.record)


def verify(lines: Iterable[bytes], *, heads: Mapping[int, str] | None = None) -> Verified:
    """Check an export line by line in bounded memory, and against mailed heads (hash by sequence).

    Raises Fault naming the first record that was altered, is missing, was inserted or stands elsewhere; Unusable where
    a head lies outside of the export.
    """
    walk = iter(lines)
    begins = _begin(walk)
    first, previous = begins["first"], begins["previous"]
    sequence, shown = first, 0
    for raw in walk:
        place = _Place.of(raw)
        if place is None and (ends := _own(raw, "audit_export_ends")) is not None:
            _check_end(ends, last=sequence - 1, head=previous, shown=shown, rest=walk)
            _check_heads(heads or {}, first=first, last=sequence - 1)
            return Verified(begins["chain"], first, sequence - 1, shown, previous)
        if place is None or place.sequence != sequence or not place.follows(previous, sequence):
            raise _named(place, sequence, previous, walk)
        previous, shown = place.hash, shown + place.is_shown
        if heads and heads.get(sequence, previous) != previous:
            raise Fault(ALTERED, sequence, "it or one before it is not what it was when this head was mailed")
        sequence += 1
    raise Fault(MISSING, sequence, "the export breaks off before it")


def _begin(walk: Iterator[bytes]) -> dict[str, Any]:
    raw = next(walk, b"")
    begins = _own(raw, "audit_export")
    if begins is None:
        if _Place.of(raw) is None:
            raise Unusable("This is no export of an audit trail.")
        raise Fault(MISSING, None, "the first line is not there")
    return begins


def _check_end(ends: dict[str, Any], *, last: int, head: str, shown: int, rest: Iterator[bytes]) -> None:
    if ends["last"] > last:
        raise Fault(MISSING, last + 1, f"the export ends with record {ends['last']}, it says")
    if ends["last"] < last:
        raise Fault(INSERTED, ends["last"] + 1, f"the export ends with record {ends['last']}, it says")
    if ends["head"] != head:
        raise Fault(ALTERED, None, "it names another head than the records have")
    if ends["shown"] != shown:
        raise Fault(ALTERED, None, f"of {ends['shown']} records that were shown, {shown} are")
    if next(rest, None) is not None:
        raise Fault(INSERTED, last + 1, "it stands behind the last line")


def _check_heads(heads: Mapping[int, str], *, first: int, last: int) -> None:
    for sequence in sorted(heads):
        if sequence > last:
            raise Fault(MISSING, sequence, f"its hash was mailed, and the export ends with record {last}")
        if sequence < first:
            raise Unusable(f"Record {sequence}, whose hash was mailed, lies before this export begins.")


def _named(found: _Place | None, sequence: int, previous: str, rest: Iterator[bytes]) -> Fault:
    """What became of the record that should stand here, judged by whether it comes later all the same."""
    comes_later, found_again, ends_before = False, False, False
    for raw in rest:
        later = _Place.of(raw)
        if later is not None:
            comes_later = comes_later or (later.sequence == sequence and later.follows(previous, sequence))
            found_again = found_again or (found is not None and later.sequence == found.sequence)
        elif (ends := _own(raw, "audit_export_ends")) is not None:
            ends_before = (ends["last"], ends["head"]) == (sequence - 1, previous)
    if ends_before:
        return Fault(INSERTED, sequence, "the export ends before it, it says")
    if comes_later:
        if found is None or found.sequence <= sequence or found_again:
            return Fault(INSERTED, sequence, "a line that does not belong to the chain stands before it")
        return Fault(REORDERED, sequence, f"record {found.sequence} stands before it")
    if found is None or found.sequence <= sequence or found.follows(previous, sequence):
        return Fault(ALTERED, sequence, "its content or its hash is not what it was when it was sealed")
    return Fault(MISSING, sequence, f"record {found.sequence} follows the one before it")


# ── The command ─────────────────────────────────────────────────────────────────────────────────────────────────────


def head_given(text: str) -> tuple[int, str]:
    """A head as mails write it, `SEQUENCE:HASH`."""
    sequence, _, place = text.strip().partition(":")
    if not (sequence.isascii() and sequence.isdigit()) or not HEX.fullmatch(place):
        raise argparse.ArgumentTypeError("a head is written SEQUENCE:HASH, as the mail has it")
    return int(sequence), place


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("file", help="an export in NDJSON")
    parser.add_argument(
        "--head", action="append", type=head_given, default=[], metavar="SEQUENCE:HASH", help="a head that was mailed"
    )


def report(path: str, heads: Iterable[tuple[int, str]] = ()) -> tuple[int, str]:
    """Verify a file; the exit status and what to say."""
    try:
        with open(path, "rb") as lines:
            return INTACT, str(verify(lines, heads=dict(heads)))
    except Fault as fault:
        return BROKEN, str(fault)
    except (Unusable, OSError) as error:
        return UNUSABLE, str(error)


def main() -> None:
    """Run as a script."""
    parser = argparse.ArgumentParser(description="Verify an exported audit trail of the support portal.")
    add_arguments(parser)
    given = parser.parse_args()
    status, words = report(given.file, given.head)
    print(words, file=sys.stderr if status else sys.stdout)
    sys.exit(status)


if __name__ == "__main__":
    main()
