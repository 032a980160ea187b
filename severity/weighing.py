"""From answers and words to the facts of the table: what is likely, and what a cautious reader would not rule out."""

from dataclasses import dataclass
from math import exp, log

from severity.decision import Breadth, BusinessImpact, Facts, State
from severity.reading import Reading


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

MALFUNCTION = ("state.outage", "state.down", "state.partial", "state.impaired", "mail.flow", "mail.delay", "setting.ineffective")
ASKING = ("ask.question", "ask.sentence", "ask.request", "ask.documentation", "ask.presales", "ask.billing")
PURCHASE = ("ask.presales", "ask.billing")

SURE = 0.97  # An answer given is believed this much.
_ASKING_COUNTS = 0.8
_DEFAULT_IMPAIRED = 0.05  # With nothing understood, something is more likely wrong than not.


def _odds(signal: float) -> float:
    return -log(max(1e-6, 1.0 - signal))


def _sure(margin: float, *, steepness: float = 4.0) -> float:
    """Return the chance that a decision taken by `margin` is right."""
    return 1.0 / (1.0 + exp(-steepness * abs(margin)))


@dataclass(frozen=True, slots=True)
class Weighed:
    """Facts with the certainty of each, by the names that rows of the table depend on."""

    facts: Facts
    certainty: dict[str, float]


class TextFacts:
    """What the words alone say about each fact, as numbers that thresholds turn into facts."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        signal = reading.signal
        self.malfunction = _odds(signal(*MALFUNCTION))
        self.asking = _odds(signal(*ASKING))
        self.impaired_margin = self.malfunction - _ASKING_COUNTS * self.asking + _DEFAULT_IMPAIRED
        self.workaround = signal("workaround.stated") * (1 - 0.7 * signal("workaround.none"))
        self.outage = signal("state.outage")
        self.down = signal("state.outage", "state.down", "mail.flow")
        self.partial = signal("state.partial", "function.minor")
        self.mail = signal("mail.flow", "mail.delay")
        self.all = signal("breadth.all")
        self.many = signal("breadth.all", "breadth.several")
        self.one = signal("breadth.one")
        self.person = signal("breadth.person")
        self.we = signal("breadth.we")
        self.setting = signal("setting.ineffective")
        self.minor = signal("function.minor")
        self.severe = signal("impact.severe")
        self.deadline = signal("impact.deadline")
        self.trivial = signal("impact.trivial", "system.test")
        self.purchase = signal(*PURCHASE)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which strength on words count as a fact; the cautious reader believes sooner what raises."""

    impaired: float
    down: float
    many: float
    we: float
    severe: float
    workaround: float
    trivial: float
    minor: float


LIKELY = Thresholds(impaired=0.0, down=0.6, many=0.6, we=0.45, severe=0.55, workaround=0.6, trivial=0.6, minor=0.6)
CAUTIOUS = Thresholds(impaired=-0.35, down=0.5, many=0.45, we=0.4, severe=0.4, workaround=0.8, trivial=0.8, minor=0.75)


def weigh(text: TextFacts, impact: Impact, thresholds: Thresholds) -> Weighed:
    """Return the facts: an answer where there is one, else the words.

    Each fact depends on its own answer only and grows with it, so the table stays monotone (DESIGN, settled point 12).
    """
    cautious = thresholds is CAUTIOUS
    certainty: dict[str, float] = {}
    state = _state(text, impact, thresholds, certainty, cautious=cautious)
    breadth = _breadth(text, impact, thresholds, certainty, cautious=cautious)
    return Weighed(
        Facts(
            state=state,
            breadth=breadth,
            impact=_impact(text, impact, thresholds, certainty),
            has_workaround=_workaround(text, impact, thresholds, certainty),
            deadline_at_risk=_deadline(text, impact, thresholds),
            is_outage=text.outage >= thresholds.down or (impact.service_state == "down" and text.person < 0.3 and text.one < 0.5),
            is_mail_flow=text.mail >= thresholds.many,
            is_setting=text.setting >= 0.5,
            is_minor=text.minor >= thresholds.minor,
            is_trivial=text.trivial >= thresholds.trivial,
            is_purchase=text.purchase >= 0.6,
        ),
        certainty
        | {
            "setting": _sure(text.setting - 0.5),
            "minor": _sure(text.minor - thresholds.minor),
            "mail": _sure(text.mail - thresholds.many),
            "trivial": _sure(text.trivial - thresholds.trivial),
            "ask": _sure(text.impaired_margin),
        },
    )


def _text_state(text: TextFacts, thresholds: Thresholds) -> State:
    if text.impaired_margin <= thresholds.impaired:
        return State.AVAILABLE
    everyone = thresholds is CAUTIOUS and text.all >= 0.8 and text.impaired_margin > 0.8 and text.partial < 0.5
    if text.down < thresholds.down and not everyone:
        return State.DEGRADED
    usable_otherwise = text.workaround >= thresholds.workaround and text.outage < 0.8
    return State.DEGRADED if usable_otherwise else State.DOWN


def _state(text: TextFacts, impact: Impact, thresholds: Thresholds, certainty: dict[str, float], *, cautious: bool) -> State:
    said = _text_state(text, thresholds)
    if impact.service_state in STATES:
        certainty["state"] = SURE
        answered = STATES[impact.service_state]
        strong = cautious and text.impaired_margin > 1.0
        return max(answered, said) if strong else answered
    certainty["state"] = min(_sure(text.impaired_margin), _sure(text.down - thresholds.down) if said else 1.0)
    return said


def _breadth(text: TextFacts, impact: Impact, thresholds: Thresholds, certainty: dict[str, float], *, cautious: bool) -> Breadth:
    said, margin = _text_breadth(text, thresholds)
    if impact.users_affected in BREADTHS:
        certainty["breadth"] = SURE
        answered = BREADTHS[impact.users_affected]
        return max(answered, said) if cautious and text.many >= 0.8 else answered
    certainty["breadth"] = _sure(margin)
    return said


def _text_breadth(text: TextFacts, thresholds: Thresholds) -> tuple[Breadth, float]:
    if text.many >= thresholds.many and text.many >= text.one:
        return (Breadth.ALL if text.all >= thresholds.many else Breadth.MULTIPLE), text.many - max(0.3, text.one * 0.7)
    if text.one >= 0.6:
        return Breadth.SINGLE, text.one - text.many * 0.7
    if text.severe >= thresholds.severe and text.person < 0.4 and text.one < 0.4:
        return Breadth.MULTIPLE, text.severe - 0.3  # production, operations and sales are never one person's
    if text.we >= thresholds.we and text.down >= thresholds.down and text.person < 0.4:
        return Breadth.MULTIPLE, text.we - 0.3
    if text.person >= 0.45 or text.one >= 0.4:
        return Breadth.SINGLE, 0.4
    return Breadth.UNSTATED, 0.3 - text.many * 0.3


def _impact(text: TextFacts, impact: Impact, thresholds: Thresholds, certainty: dict[str, float]) -> BusinessImpact:
    if impact.business_impact in IMPACTS:
        certainty["impact"] = SURE
        return IMPACTS[impact.business_impact]
    certainty["impact"] = _sure(text.severe - thresholds.severe)
    if text.severe >= thresholds.severe and text.impaired_margin > thresholds.impaired:
        return BusinessImpact.SEVERE
    return BusinessImpact.UNSTATED


def _workaround(text: TextFacts, impact: Impact, thresholds: Thresholds, certainty: dict[str, float]) -> bool:
    if impact.workaround in ("yes", "no"):
        certainty["workaround"] = SURE
        return impact.workaround == "yes"
    certainty["workaround"] = _sure(text.workaround - thresholds.workaround)
    return text.workaround >= thresholds.workaround


def _deadline(text: TextFacts, impact: Impact, thresholds: Thresholds) -> bool:
    if impact.deadline_at_risk in ("yes", "no"):
        return impact.deadline_at_risk == "yes"
    return text.deadline >= thresholds.severe and text.impaired_margin > thresholds.impaired
