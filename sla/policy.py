"""Policies: which availability and target hold for a kind of support, tier and severity (SLA-1)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from sla import policy_document
from sla.business_time import BusinessCalendar
from sla.commitments import Availability, Cell
from sla.errors import CellUnknown
from sla.ladder import DEFAULT_LADDER, LadderStep
from sla.vocabulary import KINDS, TIERS, is_above

CellTable = Mapping[str, tuple[tuple[str, str], ...]]

# SLA-1, the table of SPEC.md: one row for each severity, columns in the order of TIERS.
# fmt: off
RESPONSE_TABLE: CellTable = {
    #      Business                    Enterprise              Frontline               Elevated
    "A": (("always", "PT1H"),         ("always", "PT1H"),     ("always", "PT1H"),     ("always", "PT1H")),
    "B": (("business_hours", "none"), ("always", "next_day"), ("always", "next_day"), ("always", "PT2H")),
    "C": (("business_hours", "none"), ("always", "none"),     ("always", "none"),     ("always", "PT4H")),
}
# fmt: on
# BI-2: pre-sales and billing, the same in every tier.
NO_COMMITMENT_TABLE: CellTable = {
    "A": (("business_hours", "none"),) * len(TIERS),
    "B": (("business_hours", "none"),) * len(TIERS),
    "C": (("business_hours", "none"),) * len(TIERS),
}
TABLES = {
    "technical": RESPONSE_TABLE,
    "presales": NO_COMMITMENT_TABLE,
    "billing": NO_COMMITMENT_TABLE,
    "advisory": RESPONSE_TABLE,
}

DEFAULT_POLICY: dict[str, object] = {
    "version": 1,
    "note": "The published service description.",
    "calendars": {},
    "rules": {
        kind: {
            tier: {
                severity: dict(zip(("availability", "target"), row[column], strict=True))
                for severity, row in TABLES[kind].items()
            }
            for column, tier in enumerate(TIERS)
        }
        for kind in KINDS
    },
}


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document that was checked whole."""

    version: int
    note: str
    cells: Mapping[tuple[str, str, str], Cell]
    calendars: Mapping[str, BusinessCalendar]
    max_severity: Mapping[str, str]
    ladders: Mapping[tuple[str, str], tuple[LadderStep, ...]]
    regions: Mapping[str, Availability]

    @classmethod
    def from_document(cls, document: object) -> Self:
        """Read a policy document; raises PolicyInvalid with all that is wrong, each with the path of its cell."""
        parts = policy_document.read(document)
        return cls(
            version=parts.version,
            note=parts.note,
            cells=parts.cells,
            calendars=parts.calendars,
            max_severity=parts.max_severity,
            ladders=parts.ladders,
            regions=parts.regions,
        )

    def counted_severity(self, *, kind: str, severity: str) -> str:
        """Return the severity that counts for a kind of support: the given one, or the kind's cap if that is lower."""
        cap = self.max_severity.get(kind)
        return cap if cap is not None and is_above(severity, cap) else severity

    def cell(self, *, kind: str, tier: str, severity: str, country: str | None = None) -> Cell:
        """Return what holds for a request, with the hours of its country or region in place of `always` (SLA-4).

        Raises CellUnknown.
        """
        try:
            cell = self.cells[kind, tier, self.counted_severity(kind=kind, severity=severity)]
        except (KeyError, ValueError):
            raise CellUnknown(f"{kind}.{tier}.{severity}") from None
        regional = self.regions.get(country) if country else None
        if cell.availability.is_always and regional is not None:
            return Cell(availability=regional, target=cell.target)
        return cell

    def ladder(self, *, tier: str, severity: str) -> tuple[LadderStep, ...]:
        """Return the escalation steps for a request with a due instant."""
        return self.ladders.get((tier, severity), DEFAULT_LADDER)


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs between two policy documents; None where a document has none."""

    path: str
    before: object
    after: object


def differences(old: Mapping[str, object], new: Mapping[str, object]) -> tuple[Difference, ...]:
    """Return what a new document changes, in the order of the old one and then of the new; version and note aside."""
    before, after = dict(_leaves(old)), dict(_leaves(new))
    return tuple(
        Difference(path=path, before=before.get(path), after=after.get(path))
        for path in dict.fromkeys([*before, *after])
        if before.get(path) != after.get(path)
    )


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield every value of a document that is no object itself; lists count as one value."""
    if not isinstance(value, Mapping):
        yield path, value
        return
    for key, inner in value.items():
        if path or key not in ("version", "note"):
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
