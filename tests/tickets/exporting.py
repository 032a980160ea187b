"""Exports for tests: asked for, and written as the workers write them."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

from accounts.actors import Actor
from tickets.models import Export
from tickets.services import exporting
from tickets.services.exports import Wish, ask_for_export, path_of


def asked(actor: Actor, kind: str = "requests", file_format: str = "ndjson", **more: Any) -> Export:
    """An export that waits for its turn."""
    return ask_for_export(wish=Wish(kind=kind, file_format=file_format, **more), actor=actor)


def written(export: Export) -> Export:
    """The same after the workers had all the time they want."""
    exporting.write_exports(within=timedelta(minutes=1))
    return Export.objects.get(pk=export.pk)


def lines_of(export: Export) -> list[dict[str, Any]]:
    """The rows of a file of NDJSON."""
    return [json.loads(line) for line in path_of(export).read_text().split("\n")[:-1]]


def cells_of(content: bytes) -> list[list[str]]:
    """The rows of a CSV file, headings first."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
