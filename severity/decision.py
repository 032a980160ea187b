"""The severity table: the first row that fits decides (SE-2, SE-3, SE-4), over facts that are already weighed."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

Severity = Literal["A", "B", "C"]
RANK: dict[Severity, int] = {"C": 0, "B": 1, "A": 2}


class State(IntEnum):
    """How the service is, from best to worst."""

    AVAILABLE = 0
    DEGRADED = 1
    DOWN = 2


class Breadth(IntEnum):
    """Who is affected, from fewest to most; UNSTATED is compared with nothing."""

    UNSTATED = 0
    SINGLE = 1
    MULTIPLE = 2
    ALL = 3


class BusinessImpact(IntEnum):
    """What it does to the business; UNSTATED is compared with nothing."""

    UNSTATED = 0
    MINIMAL = 1
    MODERATE = 2
    SEVERE = 3


@dataclass(frozen=True, slots=True)
class Facts:
    """What the table looks at. The flags come from the text alone; answers move only the first five."""

    state: State
    breadth: Breadth = Breadth.UNSTATED
    impact: BusinessImpact = BusinessImpact.UNSTATED
    has_workaround: bool = False
    deadline_at_risk: bool = False
    is_mail_flow: bool = False
    is_setting: bool = False
    is_minor: bool = False
    is_trivial: bool = False
    is_test_system: bool = False
    is_purchase: bool = False

    @property
    def is_widespread(self) -> bool:
        """Several or all are affected."""
        return self.breadth >= Breadth.MULTIPLE

    @property
    def is_severe(self) -> bool:
        """Business is severely hit, or a deadline is about to be."""
        return self.impact is BusinessImpact.SEVERE or self.deadline_at_risk


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table."""

    code: str
    rule: str
    severity: Severity
    fits: Callable[[Facts], bool]


def _lost_by_many(facts: Facts) -> bool:
    return facts.state is State.DOWN and facts.is_widespread


def _trivial(facts: Facts) -> bool:
    """Tell whether the impact is minimal by the answers, or by words that no answer of more overrules."""
    unstated = facts.impact is BusinessImpact.UNSTATED
    minimal = facts.impact is BusinessImpact.MINIMAL
    by_words = unstated and (facts.is_test_system or (facts.is_trivial and not _lost_by_many(facts)))
    return (minimal or by_words) and not facts.deadline_at_risk


TABLE: tuple[Row, ...] = (
    Row("trivial", "SE-4", "C", lambda f: _trivial(f) and (f.is_test_system or not _lost_by_many(f))),
    Row("trivial_but_lost", "SE-3", "B", _trivial),
    Row("severe_but_available", "SE-3", "B", lambda f: not f.state and f.is_severe and f.is_widespread),
    Row("severe_one_available", "SE-3", "B", lambda f: not f.state and f.impact is BusinessImpact.SEVERE),
    Row("nothing_impaired", "SE-4", "C", lambda f: f.state is State.AVAILABLE),
    Row("lost_by_many", "SE-2", "A", _lost_by_many),
    Row("mail_flow", "SE-2", "A", lambda f: f.is_mail_flow and f.is_widespread),
    Row("severe_impact", "SE-2", "A", lambda f: f.is_severe and f.is_widespread),
    Row("severe_for_one", "SE-3", "B", lambda f: f.is_severe),
    Row("purchase", "BI-1", "C", lambda f: f.is_purchase and f.state is not State.DOWN and not f.is_widespread),
    Row("lost_by_one", "SE-3", "B", lambda f: f.state is State.DOWN and not f.has_workaround),
    Row("setting_without_effect", "SE-3", "B", lambda f: f.is_setting),
    Row("several_impaired", "SE-3", "B", lambda f: f.is_widespread),
    Row("moderate_impact", "SE-3", "B", lambda f: f.impact is BusinessImpact.MODERATE),
    Row("workaround", "SE-4", "C", lambda f: f.has_workaround),
    Row("minor_function", "SE-4", "C", lambda f: f.is_minor and f.state is State.DEGRADED),
    Row("one_impaired", "SE-3", "B", lambda f: True),
)


def decide(facts: Facts) -> Row:
    """Return the first row that fits (SE-1)."""
    return next(row for row in TABLE if row.fits(facts))
