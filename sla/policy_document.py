"""Reading policy documents: checked whole, and everything that is wrong is named with the path of its cell."""

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sla.business_time import BusinessCalendar
from sla.commitments import CALENDAR_NAME, Availability, Cell, Target
from sla.errors import AvailabilityInvalid, CalendarInvalid, PolicyInvalid, PolicyProblem, TargetInvalid, shown
from sla.ladder import LadderStep, Recipient
from sla.vocabulary import KINDS, SEVERITIES, TIERS, is_above

REQUIRED_KEYS = ("version", "rules")
OPTIONAL_KEYS = ("note", "calendars", "max_severity", "ladders", "regions")
LONGEST_NOTE = 2000
HIGHEST_VERSION = 2_000_000_000
HIGHEST_PERCENT = 1000
MOST_STEPS = 60
COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
PERCENT = re.compile(r"([1-9]\d{0,3}) ?%", re.ASCII)


@dataclass(frozen=True, slots=True)
class PolicyParts:
    """What a sound document says."""

    version: int
    note: str
    calendars: Mapping[str, BusinessCalendar]
    cells: Mapping[tuple[str, str, str], Cell]
    max_severity: Mapping[str, str]
    ladders: Mapping[tuple[str, str], tuple[LadderStep, ...]]
    regions: Mapping[str, Availability]


def read(document: object) -> PolicyParts:
    """Return what a policy document says, or raise PolicyInvalid with all that is wrong."""
    reader = _Reader()
    parts = reader.policy(document)
    if reader.problems:
        raise PolicyInvalid(reader.problems)
    return parts


class _Reader:
    """Reads a document part by part and gathers what is wrong; what cannot be read is left out of the result."""

    def __init__(self) -> None:
        self.problems: list[PolicyProblem] = []
        self.calendar_names: Container[str] = ()

    def policy(self, document: object) -> PolicyParts:
        parts = self._members(document, "", required=REQUIRED_KEYS, optional=OPTIONAL_KEYS)
        calendars = parts.get("calendars", {})
        self.calendar_names = calendars.keys() if isinstance(calendars, dict) else ()
        max_severity = dict(self._max_severity(parts.get("max_severity", {})))
        return PolicyParts(
            version=self._version(parts["version"]) if "version" in parts else 0,
            note=self._note(parts.get("note", "")),
            calendars=dict(self._calendars(calendars)),
            cells=dict(self._cells(parts["rules"], max_severity)) if "rules" in parts else {},
            max_severity=max_severity,
            ladders=dict(self._ladders(parts.get("ladders", {}))),
            regions=dict(self._regions(parts.get("regions", {}))),
        )

    def _problem(self, path: str, code: str, **params: object) -> None:
        self.problems.append(PolicyProblem(path, code, params))

    def _object(self, value: object, path: str) -> Mapping[str, object]:
        if isinstance(value, dict):
            return value
        self._problem(path, "not_an_object")
        return {}

    def _members(
        self, value: object, path: str, *, required: tuple[str, ...] = (), optional: tuple[str, ...] = ()
    ) -> Mapping[str, object]:
        """Return the known members of an object, and name those that are unknown or missing."""
        if not isinstance(value, dict):
            self._problem(path, "not_an_object")
            return {}
        known = required + optional
        for key in value:
            if key not in known:
                self._problem(_join(path, key), "unknown_key")
        for key in required:
            if key not in value:
                self._problem(_join(path, key), "missing")
        return {key: value[key] for key in known if key in value}

    def _version(self, value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= HIGHEST_VERSION:
            return value
        self._problem("version", "version_not_positive")
        return 0

    def _note(self, value: object) -> str:
        if isinstance(value, str) and len(value) <= LONGEST_NOTE and "\0" not in value:
            return value
        self._problem("note", "note_not_text", most=LONGEST_NOTE)
        return ""

    def _calendars(self, value: object) -> Iterator[tuple[str, BusinessCalendar]]:
        for name, document in self._object(value, "calendars").items():
            path = _join("calendars", name)
            if not CALENDAR_NAME.fullmatch(name):
                self._problem(path, "calendar_name_unreadable")
            try:
                yield name, BusinessCalendar.from_document(document)
            except CalendarInvalid as refusal:
                self.problems += [problem.below(path) for problem in refusal.problems]

    def _cells(self, value: object, max_severity: Mapping[str, str]) -> Iterator[tuple[tuple[str, str, str], Cell]]:
        for kind, tiers in self._members(value, "rules", required=KINDS).items():
            for tier, column in self._members(tiers, f"rules.{kind}", required=TIERS).items():
                path = f"rules.{kind}.{tier}"
                for severity, document in self._column(column, path, max_severity.get(kind)).items():
                    if cell := self._cell(document, f"{path}.{severity}"):
                        yield (kind, tier, severity), cell

    def _column(self, value: object, path: str, cap: str | None) -> Mapping[str, object]:
        """Return the cells of one tier; those above the cap of their kind must be left out."""
        capped = tuple(severity for severity in SEVERITIES if cap is not None and is_above(severity, cap))
        required = tuple(severity for severity in SEVERITIES if severity not in capped)
        column = self._members(value, path, required=required, optional=capped)
        for severity in capped:
            if severity in column:
                self._problem(f"{path}.{severity}", "cell_above_cap", cap=cap)
        return {severity: cell for severity, cell in column.items() if severity in required}

    def _cell(self, value: object, path: str) -> Cell | None:
        cell = self._members(value, path, required=("availability", "target"))
        availability = target = None
        if "availability" in cell:
            availability = self._availability(cell["availability"], f"{path}.availability")
        if "target" in cell:
            target = self._target(cell["target"], f"{path}.target")
        return Cell(availability=availability, target=target) if availability and target else None

    def _availability(self, value: object, path: str) -> Availability | None:
        try:
            availability = Availability.parse(value)
        except AvailabilityInvalid:
            self._problem(path, "availability_unreadable", value=shown(value))
            return None
        if availability.calendar_name is not None and availability.calendar_name not in self.calendar_names:
            self._problem(path, "calendar_unknown", name=availability.calendar_name)
        return availability

    def _target(self, value: object, path: str) -> Target | None:
        try:
            target = Target.parse(value)
        except TargetInvalid:
            self._problem(path, "target_unreadable", value=shown(value))
            return None
        if target.within == timedelta(0):
            self._problem(path, "target_zero")
        return target

    def _max_severity(self, value: object) -> Iterator[tuple[str, str]]:
        for kind, severity in self._members(value, "max_severity", optional=KINDS).items():
            if severity in SEVERITIES:
                yield kind, str(severity)
            else:
                self._problem(f"max_severity.{kind}", "severity_unknown", value=shown(severity))

    def _ladders(self, value: object) -> Iterator[tuple[tuple[str, str], tuple[LadderStep, ...]]]:
        for tier, column in self._members(value, "ladders", optional=TIERS).items():
            for severity, steps in self._members(column, f"ladders.{tier}", optional=SEVERITIES).items():
                yield (tier, severity), self._ladder(steps, f"ladders.{tier}.{severity}")

    def _ladder(self, value: object, path: str) -> tuple[LadderStep, ...]:
        """Read steps; those at the same percentage are one."""
        if not isinstance(value, list) or not value:
            self._problem(path, "ladder_not_a_list")
            return ()
        if len(value) > MOST_STEPS:
            self._problem(path, "ladder_too_long", most=MOST_STEPS)
            return ()
        told: dict[int, list[Recipient]] = {}
        for index, document in enumerate(value):
            step = self._members(document, f"{path}.{index}", required=("at", "to"))
            if "at" in step and "to" in step:
                percent = self._percent(step["at"], f"{path}.{index}.at")
                told.setdefault(percent, []).extend(self._recipients(step["to"], f"{path}.{index}.to"))
        return tuple(LadderStep(percent, tuple(dict.fromkeys(told[percent]))) for percent in sorted(told))

    def _percent(self, value: object, path: str) -> int:
        """Read a whole number of per cent, 50 or "50%"."""
        if isinstance(value, str) and (match := PERCENT.fullmatch(value)):
            value = int(match[1])
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= HIGHEST_PERCENT:
            return value
        self._problem(path, "percent_unreadable", value=shown(value), most=HIGHEST_PERCENT)
        return 0

    def _recipients(self, value: object, path: str) -> list[Recipient]:
        """Read one recipient or a list of them."""
        recipients = value if isinstance(value, list) else [value]
        known = [recipient for recipient in recipients if recipient in list(Recipient)]
        if not recipients or len(known) < len(recipients):
            self._problem(path, "recipient_unknown", value=shown(value), known=", ".join(Recipient))
        return [Recipient(recipient) for recipient in known]

    def _regions(self, value: object) -> Iterator[tuple[str, Availability]]:
        for country, availability in self._object(value, "regions").items():
            path = _join("regions", country)
            if not COUNTRY.fullmatch(country):
                self._problem(path, "country_unreadable")
            if read_availability := self._availability(availability, path):
                yield country, read_availability


def _join(path: str, key: object) -> str:
    return f"{path}.{shown(key)}" if path else shown(key)
