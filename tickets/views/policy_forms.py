"""What was typed in the structured editor of a policy draft, read into a document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from sla.policy_document import MOST_STEPS
from sla.policy_editing import Document, with_calendar, with_ladder, with_regions, with_table
from sla.policy_text import MOST_MEMBERS
from sla.vocabulary import KINDS, SEVERITIES, TIERS
from tickets.views.policy_tables import BLANK_ROWS

MOST_STEP_ROWS, MOST_REGION_ROWS = MOST_STEPS + BLANK_ROWS, MOST_MEMBERS + BLANK_ROWS
DASH = re.compile(r"\s*[-–—]\s*")


def typed_table(document: Mapping[str, Any], data: QueryDict) -> Document:
    """The document with the cells, the caps and the note that were typed."""
    cells = {
        (kind, tier, severity): (
            data.get(f"availability-{kind}-{tier}-{severity}", "").strip(),
            data.get(f"target-{kind}-{tier}-{severity}", "").strip(),
        )
        for kind in KINDS
        for tier in TIERS
        for severity in SEVERITIES
    }
    caps = {kind: data.get(f"cap-{kind}", "") for kind in KINDS}
    return with_table(document, cells=cells, caps=caps) | {"note": data.get("note", "").strip()}


def typed_ladder(document: Mapping[str, Any], data: QueryDict, *, tier: str, severity: str) -> Document:
    """The document with the steps that were typed; one without a percentage is gone, none at all is the default."""
    if "default" in data:
        return with_ladder(document, tier=tier, severity=severity, steps=None)
    rows = [(data.get(f"at-{row}", "").strip(), data.getlist(f"to-{row}"), row) for row in range(MOST_STEP_ROWS)]
    steps = [
        {"at": int(at) if at.isascii() and at.isdigit() and len(at) < 6 else at, "to": to[0] if len(to) == 1 else to}
        for at, to, row in rows
        if at and f"remove-{row}" not in data
    ]
    return with_ladder(document, tier=tier, severity=severity, steps=steps)


def typed_calendar(document: Mapping[str, Any], data: QueryDict, *, name: str) -> Document:
    """The document with the calendar that was typed, under its old or another name; or without it."""
    if "remove" in data:
        return with_calendar(document, name=name, calendar=None)
    windows = {str(day): _windows(data.get(f"windows-{day}", "")) for day in range(7)}
    calendar = {
        "timezone": data.get("timezone", "").strip(),
        "windows": {day: spans for day, spans in windows.items() if spans},
        "holidays": data.get("holidays", "").replace(",", " ").split(),
    }
    wanted = data.get("name", "").strip() or name
    if name and wanted != name:
        document = with_calendar(document, name=name, calendar=None)
    return with_calendar(document, name=wanted, calendar=calendar)


def typed_regions(document: Mapping[str, Any], data: QueryDict) -> Document:
    """The document with the regions that were typed; one without a code is gone."""
    rows = [
        (data.get(f"country-{row}", "").strip().upper(), data.get(f"hours-{row}", ""))
        for row in range(MOST_REGION_ROWS)
    ]
    return with_regions(document, [(code, hours) for code, hours in rows if code])


def _windows(text: str) -> list[list[str]]:
    """Read "09:00–12:00, 13:00–18:00"; what is no pair of times stays, to be named as wrong."""
    return [DASH.split(part.strip()) for part in text.split(",") if part.strip()]
