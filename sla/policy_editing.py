"""Small changes to policy documents, sound or not: each returns a new document, and only `read` judges it."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sla.vocabulary import KINDS, SEVERITIES, TIERS, is_above

Document = dict[str, Any]
CellKey = tuple[str, str, str]


def with_table(
    document: Mapping[str, Any], *, cells: Mapping[CellKey, tuple[str, str]], caps: Mapping[str, str]
) -> Document:
    """Set availability and target of cells, and the highest severity of kinds of support.

    Cells above a cap are left out. One that a lifted cap brings back says what the next lower severity says.
    """
    changed = copy.deepcopy(dict(document))
    known = {kind: cap for kind, cap in caps.items() if cap in SEVERITIES and cap != SEVERITIES[0]}
    changed["max_severity"] = known
    if not known:
        del changed["max_severity"]
    for kind in KINDS:
        for tier in TIERS:
            column = branch(changed, "rules", kind, tier)
            written = {severity: cells.get((kind, tier, severity), ("", "")) for severity in SEVERITIES}
            column.clear()
            column.update(_column(written, known.get(kind)))
    return changed


def _column(written: Mapping[str, tuple[str, str]], cap: str | None) -> dict[str, Any]:
    column: dict[str, Any] = {}
    for severity in reversed(SEVERITIES):
        availability, target = written[severity]
        if cap is not None and is_above(severity, cap):
            continue
        if availability or target:
            column[severity] = {"availability": availability, "target": target}
        elif column:
            column[severity] = dict(next(reversed(column.values())))
    return {severity: column[severity] for severity in SEVERITIES if severity in column}


def with_ladder(
    document: Mapping[str, Any], *, tier: str, severity: str, steps: Sequence[Mapping[str, Any]] | None
) -> Document:
    """Set the escalation steps for a tier and severity; None goes back to the default ladder."""
    changed = copy.deepcopy(dict(document))
    column = branch(changed, "ladders", tier)
    if steps is None:
        column.pop(severity, None)
    else:
        column[severity] = [dict(step) for step in steps]
    _drop_empty(changed, "ladders", tier)
    return changed


def with_regions(document: Mapping[str, Any], regions: Iterable[tuple[str, str]]) -> Document:
    """Set which countries and regions have other hours than `always` (SLA-4)."""
    changed = copy.deepcopy(dict(document))
    changed["regions"] = dict(regions)
    if not changed["regions"]:
        del changed["regions"]
    return changed


def with_calendar(document: Mapping[str, Any], *, name: str, calendar: Mapping[str, Any] | None) -> Document:
    """Set a named calendar; None takes it out."""
    changed = copy.deepcopy(dict(document))
    calendars = branch(changed, "calendars")
    if calendar is None:
        calendars.pop(name, None)
    else:
        calendars[name] = dict(calendar)
    return changed


def patched(document: object, patch: object) -> Any:
    """Return what a merge patch makes of a document (RFC 7396): null takes a member away, lists are replaced whole."""
    if not isinstance(patch, Mapping):
        return patch
    changed = dict(document) if isinstance(document, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            changed.pop(key, None)
        else:
            changed[key] = patched(changed.get(key), value)
    return changed


def branch(document: Any, *keys: str) -> Any:
    """Return the object that lies under some keys, making what is missing or is none."""
    for key in keys:
        if not isinstance(document.get(key), dict):
            document[key] = {}
        document = document[key]
    return document


def under(document: Any, *keys: str) -> Any:
    """Return what lies under some keys, None where nothing does."""
    for key in keys:
        document = document.get(key) if isinstance(document, Mapping) else None
    return document


def _drop_empty(document: Document, *keys: str) -> None:
    for depth in range(len(keys), 0, -1):
        parent, last = under(document, *keys[: depth - 1]) if depth > 1 else document, keys[depth - 1]
        if not parent[last]:
            del parent[last]
