"""Policy documents laid out for pages: the response table, ladders, calendars and regions, with what is wrong where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from sla.errors import PolicyProblem
from sla.ladder import DEFAULT_LADDER, Recipient
from sla.policy_document import MOST_STEPS
from sla.policy_editing import under
from sla.policy_wording import (
    DAY_NAMES,
    KIND_NAMES,
    TIER_NAMES,
    availability_value_text,
    ladder_text,
    place_text,
    steps_text,
    target_value_text,
    value_text,
)
from sla.problem_wording import problem_sentence
from sla.vocabulary import KINDS, SEVERITIES, TIERS, is_above
from sla.wording import recipient_text

USUAL_TARGETS = ("none", "PT30M", "PT1H", "PT2H", "PT4H", "PT8H", "day+1", "day+2", "day+3")
BLANK_ROWS = 2


@dataclass(frozen=True, slots=True)
class CellView:
    """One cell of the table: as it stands in the document, in words, and what is wrong with it."""

    key: str
    label: str
    tier_name: str
    availability: str
    target: str
    availability_text: str
    target_text: str
    is_capped: bool = False
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RowView:
    """One severity of a kind of support."""

    severity: str
    cells: list[CellView]


@dataclass(frozen=True, slots=True)
class KindView:
    """The table of one kind of support."""

    code: str
    name: str
    cap: str
    rows: list[RowView]


@dataclass(frozen=True, slots=True)
class ProblemView:
    """One thing that is wrong, with the anchor of the cell that it is about if it has one."""

    place: str
    sentence: str
    anchor: str


def table_of(document: Mapping[str, Any], problems: Sequence[PolicyProblem] = ()) -> list[KindView]:
    """The response table, kind by kind (SLA-1)."""
    return [_kind(document, kind, problems) for kind in KINDS]


def _kind(document: Mapping[str, Any], kind: str, problems: Sequence[PolicyProblem]) -> KindView:
    cap = under(document, "max_severity", kind)
    cap = cap if cap in SEVERITIES else SEVERITIES[0]
    rows = [
        RowView(severity, [_cell(document, (kind, tier, severity), cap, problems) for tier in TIERS])
        for severity in SEVERITIES
    ]
    return KindView(code=kind, name=str(KIND_NAMES[kind]), cap=cap, rows=rows)


def _cell(
    document: Mapping[str, Any], place: tuple[str, str, str], cap: str, problems: Sequence[PolicyProblem]
) -> CellView:
    _kind_code, tier, severity = place
    path = ".".join(("rules", *place))
    availability = under(document, "rules", *place, "availability")
    target = under(document, "rules", *place, "target")
    return CellView(
        key="-".join(place),
        label=place_text(path),
        tier_name=str(TIER_NAMES[tier]),
        availability=_typed(availability),
        target=_typed(target),
        availability_text=availability_value_text(availability),
        target_text=target_value_text(availability, target),
        is_capped=is_above(severity, cap),
        problems=sentences_below(path, problems),
    )


def _typed(value: object) -> str:
    return "" if value is None else str(value)


def sentences_below(path: str, problems: Iterable[PolicyProblem]) -> list[str]:
    """What is wrong at a place or anywhere in it."""
    return [problem_sentence(each) for each in problems if each.path == path or each.path.startswith(f"{path}.")]


def problems_of(problems: Iterable[PolicyProblem]) -> list[ProblemView]:
    """All that is wrong, in words."""
    return [ProblemView(place_text(each.path), problem_sentence(each), _anchor(each.path)) for each in problems]


def _anchor(path: str) -> str:
    parts = path.split(".")
    return "-".join(parts[1:4]) if parts[0] == "rules" and len(parts) >= 4 else ""


def availability_choices(document: Mapping[str, Any], current: Iterable[str] = ()) -> list[tuple[str, str]]:
    """What a cell's availability may be: the two that always are, the document's calendars, and what is there now."""
    calendars = under(document, "calendars")
    names = [f"calendar:{name}" for name in calendars] if isinstance(calendars, Mapping) else []
    values = dict.fromkeys(["always", "business_hours", *names, *filter(None, current)])
    return [(value, availability_value_text(value)) for value in values]


@dataclass(frozen=True, slots=True)
class LadderView:
    """The escalation steps for a tier and severity, in words."""

    tier: str
    severity: str
    tier_name: str
    text: str
    is_default: bool
    problems: list[str]


def ladders_of(document: Mapping[str, Any], problems: Sequence[PolicyProblem] = ()) -> list[LadderView]:
    """Every ladder, row by row of tiers and severities."""
    return [_ladder(document, tier, severity, problems) for tier in TIERS for severity in SEVERITIES]


def _ladder(document: Mapping[str, Any], tier: str, severity: str, problems: Sequence[PolicyProblem]) -> LadderView:
    steps = under(document, "ladders", tier, severity)
    return LadderView(
        tier=tier,
        severity=severity,
        tier_name=str(TIER_NAMES[tier]),
        text=ladder_text(steps) if isinstance(steps, list) else steps_text(DEFAULT_LADDER),
        is_default=not isinstance(steps, list),
        problems=sentences_below(f"ladders.{tier}.{severity}", problems),
    )


@dataclass(frozen=True, slots=True)
class StepView:
    """One step in the form of a ladder: what was typed, and each recipient with whether it is chosen."""

    number: int
    percent: str
    recipients: list[tuple[str, str, bool]]


def steps_of(document: Mapping[str, Any], tier: str, severity: str) -> list[StepView]:
    """The steps of a ladder and some blank ones."""
    steps = under(document, "ladders", tier, severity)
    if not isinstance(steps, list):
        steps = [{"at": step.percent, "to": list(step.recipients)} for step in DEFAULT_LADDER]
    steps = [step for step in steps if isinstance(step, Mapping)][:MOST_STEPS] + [{}] * BLANK_ROWS
    return [_step(number, step) for number, step in enumerate(steps)]


def _step(number: int, step: Mapping[str, Any]) -> StepView:
    to = step.get("to") or []
    chosen = to if isinstance(to, list) else [to]
    recipients = [(each.value, recipient_text(each), each in chosen) for each in Recipient]
    return StepView(number, str(step.get("at", "")).rstrip(" %"), recipients)


@dataclass(frozen=True, slots=True)
class CalendarView:
    """A named calendar: its windows by day as they are typed, its holidays, and what is wrong with it."""

    name: str
    timezone: str
    days: list[tuple[str, str, str]]
    holidays: list[str]
    problems: list[str]

    @property
    def holiday_text(self) -> str:
        """The holidays, one in a line."""
        return "\n".join(self.holidays)


def calendars_of(document: Mapping[str, Any], problems: Sequence[PolicyProblem] = ()) -> list[CalendarView]:
    """The calendars that a document brings."""
    found = under(document, "calendars")
    names = list(found) if isinstance(found, Mapping) else []
    return [calendar_of(document, name, problems) for name in names]


def calendar_of(document: Mapping[str, Any], name: str, problems: Sequence[PolicyProblem] = ()) -> CalendarView:
    """One calendar, blank where there is none of that name."""
    windows = under(document, "calendars", name, "windows")
    holidays = under(document, "calendars", name, "holidays")
    texts = [
        (
            day,
            str(label),
            value_text(f"calendars.{name}.windows.{day}", spans) if (spans := under(windows, day)) else "",
        )
        for day, label in DAY_NAMES.items()
    ]
    path = f"calendars.{name}"
    where = [each for each in problems if each.path == path or each.path.startswith(f"{path}.")]
    return CalendarView(
        name=name,
        timezone=_typed(under(document, "calendars", name, "timezone")),
        days=texts,
        holidays=list(map(str, holidays)) if isinstance(holidays, list) else [],
        problems=[_fault_text(each) for each in where],
    )


def _fault_text(problem: PolicyProblem) -> str:
    return _("%(path)s: %(problem)s") % {"path": place_text(problem.path), "problem": problem_sentence(problem)}


def regions_of(document: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Countries and regions with other hours than around the clock: code, availability, in words (SLA-4)."""
    found = under(document, "regions")
    if not isinstance(found, Mapping):
        return []
    return [(code, _typed(value), availability_value_text(value)) for code, value in found.items()]
