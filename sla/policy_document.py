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
COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
PERCENT = re.compile(r"([1-9]\d{0,3}) ?%", re.ASCII)

Object = Mapping[str, object]


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
        top = self._object(document, "")
        self._only_keys(top, "", REQUIRED_KEYS + OPTIONAL_KEYS)
        for key in REQUIRED_KEYS:
            if key not in top:
                self._problem(key, "missing")
        calendars = self._object(top.get("calendars", {}), "calendars")
        self.calendar_names = calendars.keys()
        max_severity = dict(self._max_severity(top.get("max_severity", {})))
        return PolicyParts(
            version=self._version(top.get("version", 1)),
            note=self._note(top.get("note", "")),
            calendars=dict(self._calendars(calendars)),
            cells=dict(self._cells(top.get("rules", {}), max_severity)) if "rules" in top else {},
            max_severity=max_severity,
            ladders=dict(self._ladders(top.get("ladders", {}))),
            regions=dict(self._regions(top.get("regions", {}))),
        )

    def _problem(self, path: str, code: str, **params: object) -> None:
        self.problems.append(PolicyProblem(path, code, params))

    def _object(self, value: object, path: str) -> Object:
        if isinstance(value, dict):
            return value
        self._problem(path, "not_an_object")
        return {}

    def _only_keys(self, value: Object, path: str, known: Container[str]) -> None:
        for key in value:
            if key not in known:
                self._problem(_join(path, key), "unknown_key")

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

    def _calendars(self, calendars: Object) -> Iterator[tuple[str, BusinessCalendar]]:
        for name, document in calendars.items():
            path = _join("calendars", name)
            if not CALENDAR_NAME.fullmatch(name):
                self._problem(path, "calendar_name_unreadable")
            try:
                yield name, BusinessCalendar.from_document(document)
            except CalendarInvalid as refusal:
                self.problems += [problem.below(path) for problem in refusal.problems]

    def _cells(self, value: object, max_severity: Mapping[str, str]) -> Iterator[tuple[tuple[str, str, str], Cell]]:
        rules = self._object(value, "rules")
        self._only_keys(rules, "rules", KINDS)
        for kind in KINDS:
            tiers = self._part(rules, "rules", kind)
            self._only_keys(tiers, f"rules.{kind}", TIERS)
            for tier in TIERS if kind in rules else ():
                cells = self._part(tiers, f"rules.{kind}", tier)
                if tier in tiers:
                    for severity, cell in self._column(cells, f"rules.{kind}.{tier}", max_severity.get(kind)):
                        yield (kind, tier, severity), cell

    def _column(self, cells: Object, path: str, cap: str | None) -> Iterator[tuple[str, Cell]]:
        self._only_keys(cells, path, SEVERITIES)
        for severity in SEVERITIES:
            if cap is not None and is_above(severity, cap):
                if severity in cells:
                    self._problem(f"{path}.{severity}", "cell_above_cap", cap=cap)
                continue
            document = self._part(cells, path, severity)
            if severity in cells and (cell := self._cell(document, f"{path}.{severity}")):
                yield severity, cell

    def _part(self, value: Object, path: str, key: str) -> Object:
        if key in value:
            return self._object(value[key], f"{path}.{key}")
        self._problem(f"{path}.{key}", "missing")
        return {}

    def _cell(self, cell: Object, path: str) -> Cell | None:
        self._only_keys(cell, path, ("availability", "target"))
        availability, target = None, None
        if "availability" in cell:
            availability = self._availability(cell["availability"], f"{path}.availability")
        else:
            self._problem(f"{path}.availability", "missing")
        if "target" in cell:
            target = self._target(cell["target"], f"{path}.target")
        else:
            self._problem(f"{path}.target", "missing")
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
        caps = self._object(value, "max_severity")
        self._only_keys(caps, "max_severity", KINDS)
        for kind, severity in caps.items():
            if severity not in SEVERITIES:
                self._problem(f"max_severity.{kind}", "severity_unknown", value=shown(severity))
            elif kind in KINDS:
                yield kind, str(severity)

    def _ladders(self, value: object) -> Iterator[tuple[tuple[str, str], tuple[LadderStep, ...]]]:
        ladders = self._object(value, "ladders")
        self._only_keys(ladders, "ladders", TIERS)
        for tier, severities in ladders.items():
            path = _join("ladders", tier)
            columns = self._object(severities, path)
            self._only_keys(columns, path, SEVERITIES)
            for severity, steps in columns.items():
                yield (tier, severity), self._ladder(steps, _join(path, severity))

    def _ladder(self, value: object, path: str) -> tuple[LadderStep, ...]:
        if not isinstance(value, list) or not value:
            self._problem(path, "ladder_not_a_list")
            return ()
        told: dict[int, list[Recipient]] = {}
        for index, step in enumerate(value):
            here = f"{path}.{index}"
            entry = self._object(step, here)
            self._only_keys(entry, here, ("at", "to"))
            percent = self._percent(entry.get("at"), f"{here}.at")
            told.setdefault(percent, []).extend(self._recipients(entry.get("to"), f"{here}.to"))
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
