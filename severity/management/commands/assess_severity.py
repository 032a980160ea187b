"""Assess requests given as JSON lines, or measure the assessment on labelled ones."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from severity.assessment import assess
from severity.evaluation import LABELS, Report, case_of, evaluate, lines_of


class Command(BaseCommand):
    """Read requests, print for each `{"id", "severity", "confidence", "scope", "category", "evidence"}` (SE-1)."""

    help = "Reads requests as JSON lines (id, subject, body, lang) and prints severity, scope and evidence."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--with-form", action="store_true", help="read the answers of the impact questions as well")
        parser.add_argument(
            "--evaluate", metavar="FILE", type=Path, help="measure on the labelled cases of FILE instead"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the command."""
        with_form: bool = options["with_form"]
        if path := options["evaluate"]:
            for line in lines_of(_measured(path, with_form=with_form)):
                self.stdout.write(line)
            return
        for row in _rows(sys.stdin):
            self.stdout.write(json.dumps(_answer(row, with_form=with_form), ensure_ascii=False))


def _answer(row: dict[str, Any], *, with_form: bool) -> dict[str, Any]:
    document = assess(case_of(row, with_form=with_form)).as_document()
    return {
        "id": row.get("id"),
        "severity": document["severity"],
        "confidence": document["confidence"],
        "scope": document["scope"]["scope"],
        "category": document["category"],
        "evidence": document["evidence"],
    }


def _measured(path: Path, *, with_form: bool) -> Report:
    rows = _rows_of_file(path)
    if not any(row.get(label) for row in rows for label in LABELS):
        raise CommandError(f"no line of {path} has a label: severity, scope or category, as a person decided them")
    try:
        return evaluate(rows, with_form=with_form)
    except ValueError as error:
        raise CommandError(str(error)) from error


def _rows_of_file(path: Path) -> list[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as lines:
            return list(_rows(lines))
    except OSError as error:
        raise CommandError(f"cannot read {path}: {error.strerror}") from error


def _rows(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise CommandError(f"line {number} is not JSON: {error}") from error
        if not isinstance(row, dict):
            raise CommandError(f"line {number} is not a JSON object")
        yield row
