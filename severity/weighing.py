"""From words and answers to the table: every reading of the facts with its likelihood, and what answers make of it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from math import sqrt

from severity.decision import TABLE, Breadth, BusinessImpact, Facts, Row, Severity, State, decide
from severity.linear import Answers
from severity.questions import MATTERS, Matter, breadth_of


@dataclass(frozen=True, slots=True)
class Impact:
    """The answers of the impact questions; None is unknown (DESIGN, Assessment)."""

    service_state: str | None = None
    users_affected: str | None = None
    business_impact: str | None = None
    workaround: str | None = None
    deadline_at_risk: str | None = None


STATES = {"available": State.AVAILABLE, "degraded": State.DEGRADED, "down": State.DOWN}
BREADTHS = {"single_user": Breadth.SINGLE, "multiple_users": Breadth.MULTIPLE, "all_users": Breadth.ALL}
IMPACTS = {"minimal": BusinessImpact.MINIMAL, "moderate": BusinessImpact.MODERATE, "severe": BusinessImpact.SEVERE}
YES_NO = {"yes": True, "no": False}

_SAID_FROM = 0.5  # From this signal on the word lists have seen a setting without effect, or failing mail.
_LEAST = 1e-6
SEVERITIES: tuple[Severity, ...] = ("A", "B", "C")
_BELIEVED = 0.97  # How far answers are believed against the words.


@dataclass(frozen=True, slots=True)
class Odds:
    """How likely each severity is; the three add up to 1."""

    a: float
    b: float
    c: float

    def of(self, severity: Severity) -> float:
        """Return the likelihood of one severity."""
        return {"A": self.a, "B": self.b, "C": self.c}[severity]

    def mixed(self, other: "Odds", share: float) -> "Odds":
        """Return these odds with `share` of the other ones in them."""
        rest = 1.0 - share
        return Odds(rest * self.a + share * other.a, rest * self.b + share * other.b, rest * self.c + share * other.c)


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which likelihood on a severity, or a higher one, is assigned."""

    a: float
    b: float

    def severity(self, odds: Odds) -> Severity:
        """Return the highest severity that is likely enough."""
        if odds.a >= self.a:
            return "A"
        return "B" if odds.a + odds.b >= self.b else "C"


class Belief:
    """What the words make likely: every combination of facts, with its share of the whole.

    The model is asked for each fact, which the table turns into a severity, and for the severity itself: two opinions,
    of which the first knows what a way round or a single user means and the second sees what the facts leave out. Both
    have an equal say (their geometric mean). The combinations of each severity then share what it got; so the words
    alone lead to that severity, and an answer, which replaces one fact in every combination, leads on from there.
    Replacing a fact by a higher one never lowers the row of any combination: more impact never lowers the severity
    (DESIGN, settled point 12).
    """

    def __init__(self, answers: Answers) -> None:
        signal = answers.reading.signal
        self._fixed = Facts(
            state=State.DEGRADED,
            is_setting=signal("setting.ineffective") >= _SAID_FROM,
            is_mail_flow=signal("mail.flow", "mail.delay") >= _SAID_FROM,
        )
        combinations = list(self._combinations(answers))
        by_facts: dict[Severity, float] = defaultdict(float)
        for facts, likelihood in combinations:
            by_facts[_row(facts).severity] += likelihood
        self.odds = _both_opinions(_outright(answers), Odds(by_facts["A"], by_facts["B"], by_facts["C"]))
        shares = (
            (facts, likelihood / by_facts[_row(facts).severity] * self.odds.of(_row(facts).severity))
            for facts, likelihood in combinations
        )
        self.readings = tuple((facts, share) for facts, share in shares if share >= _LEAST)

    def _combinations(self, answers: Answers) -> Iterator[tuple[Facts, float]]:
        impaired = answers.likelihood("impaired")
        down = min(impaired, answers.likelihood("down"))
        states = ((State.AVAILABLE, 1.0 - impaired), (State.DEGRADED, impaired - down), (State.DOWN, down))
        several, severe, workaround = (
            ((False, 1.0 - yes), (True, yes)) for yes in map(answers.likelihood, ("several", "severe", "workaround"))
        )
        test = answers.reading.signal("system.test")
        tests = ((False, 1.0 - test), (True, test)) if test else ((False, 1.0),)
        matters = answers.shares([f"matter.{matter}" for matter in MATTERS])
        for state, many, hit, way_round, tried, matter in product(states, several, severe, workaround, tests, MATTERS):
            likelihood = state[1] * many[1] * hit[1] * way_round[1] * tried[1] * matters[f"matter.{matter}"]
            facts = replace(
                self._fixed,
                state=state[0],
                breadth=breadth_of(several=many[0]),
                impact=BusinessImpact.SEVERE if hit[0] else BusinessImpact.UNSTATED,
                has_workaround=way_round[0],
                is_minor=matter is Matter.MINOR,
                is_trivial=matter is Matter.TRIVIAL,
                is_test_system=tried[0],
                is_purchase=matter is Matter.PURCHASE,
            )
            yield facts, max(likelihood, _LEAST**2)

    def rows(self, impact: Impact, *, is_purchase: bool = False) -> dict[Row, float]:
        """Return the share of each row of the table, with the answers in the place of what the words say."""
        shares: dict[Row, float] = defaultdict(float)
        for facts, share in self.readings:
            shares[_row(_answered(facts, impact, is_purchase))] += share
        return shares

    def weighed(self, impact: Impact, *, is_purchase: bool = False) -> "Weighed":
        """Return the odds and rows under these answers."""
        rows = self.rows(impact, is_purchase=is_purchase)
        total = sum(rows.values()) or 1.0
        shares: dict[Severity, float] = {"A": 0.0, "B": 0.0, "C": 0.0}
        for row, share in rows.items():
            shares[row.severity] += share / total
        odds = Odds(shares["A"], shares["B"], shares["C"])
        return Weighed(rows, odds if impact == Impact() else odds.mixed(self.odds, 1.0 - _BELIEVED))


def _outright(answers: Answers) -> Odds:
    """Return the odds that the model sees in the words without asking for facts."""
    at_least_a = answers.likelihood("at_least_a")
    at_least_b = max(at_least_a, answers.likelihood("at_least_b"))
    return Odds(at_least_a, at_least_b - at_least_a, 1.0 - at_least_b)


def _both_opinions(one: Odds, other: Odds) -> Odds:
    """Return the geometric mean of two opinions."""
    a, b, c = (sqrt((one.of(s) + _LEAST) * (other.of(s) + _LEAST)) for s in SEVERITIES)
    total = a + b + c
    return Odds(a / total, b / total, c / total)


@dataclass(frozen=True, slots=True)
class Weighed:
    """The share of every row of the table, and what they come to."""

    rows: dict[Row, float]
    odds: Odds

    def row_of(self, severity: Severity) -> Row:
        """Return the likeliest row that gives this severity, the most general one where none does by itself."""
        general = next(row for row in reversed(TABLE) if row.severity == severity)
        fitting = [row for row in self.rows if row.severity == severity]
        return max(fitting, key=lambda row: (self.rows[row], row.code), default=general)


@lru_cache(maxsize=4_096)
def _row(facts: Facts) -> Row:
    return decide(facts)


@lru_cache(maxsize=8_192)
def _answered(facts: Facts, impact: Impact, is_purchase: bool) -> Facts:
    """Return the facts with each answer in the place of its own fact."""
    return replace(
        facts,
        state=STATES.get(impact.service_state or "", facts.state),
        breadth=BREADTHS.get(impact.users_affected or "", facts.breadth),
        impact=IMPACTS.get(impact.business_impact or "", facts.impact),
        has_workaround=YES_NO.get(impact.workaround or "", facts.has_workaround),
        deadline_at_risk=YES_NO.get(impact.deadline_at_risk or "", facts.deadline_at_risk),
        is_purchase=facts.is_purchase or is_purchase,
    )
