"""Which support feature is available in which plan (FE-1)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from accounts.selectors import plans
from selfhelp.texts import in_language

FEATURES = Path(__file__).parent.parent / "data" / "features.json"


@dataclass(frozen=True, slots=True)
class Column:
    """A family of plans that are served alike, and the plans in it; or elevated support, which has no plans."""

    code: str
    name: str
    plans: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """Whether a column has a feature, and what is to be said of it."""

    code: str
    column: str
    available: bool
    note: str


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature with a cell for each column shown; `everywhere` stands for all of them where they do not differ."""

    name: str
    description: str
    cells: tuple[Cell, ...]

    @property
    def everywhere(self) -> Cell | None:
        """The one cell that says it all, unless some column differs or there is only one."""
        first = self.cells[0]
        same = all((cell.available, cell.note) == (first.available, first.note) for cell in self.cells)
        return first if same and len(self.cells) > 1 else None


@dataclass(frozen=True, slots=True)
class FeatureGroup:
    """Features that belong together."""

    code: str
    name: str
    features: tuple[Feature, ...]


@dataclass(frozen=True, slots=True)
class FeatureTable:
    """The comparison: every column there is, those shown, and the features in groups."""

    columns: tuple[Column, ...]
    shown: tuple[Column, ...]
    groups: tuple[FeatureGroup, ...]


def feature_table(*, language: str, column: str = "") -> FeatureTable:
    """The comparison of plans in `language`, of one column where `column` is the code of one (FE-1)."""
    document = _document()
    columns = _columns(document["columns"], language)
    shown = tuple(known for known in columns if known.code == column) or columns
    groups = tuple(
        FeatureGroup(
            code=group["code"],
            name=in_language(group["names"], language),
            features=tuple(
                _feature(row, shown, language) for row in document["features"] if row["group"] == group["code"]
            ),
        )
        for group in document["groups"]
    )
    return FeatureTable(columns=columns, shown=shown, groups=groups)


def _columns(rows: Sequence[dict[str, Any]], language: str) -> tuple[Column, ...]:
    names = {plan.code: in_language(plan.names, language) for plan in plans()}
    return tuple(
        Column(
            code=row["code"],
            name=in_language(row["names"], language),
            plans=tuple(names[code] for code in row["plans"] if code in names),
        )
        for row in rows
    )


def _feature(row: dict[str, Any], columns: Sequence[Column], language: str) -> Feature:
    cells = (_cell(column, row["availability"][column.code], language) for column in columns)
    return Feature(
        name=in_language(row["names"], language),
        description=in_language(row["descriptions"], language),
        cells=tuple(cells),
    )


def _cell(column: Column, availability: dict[str, Any], language: str) -> Cell:
    return Cell(
        code=column.code,
        column=column.name,
        available=availability["available"],
        note=in_language(availability["note"] or {}, language),
    )


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(FEATURES.read_text(encoding="utf-8"))
    return document
