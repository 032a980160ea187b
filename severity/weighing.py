"""From answers and words to the facts of the table: what is likely, and what a cautious reader would not rule out."""

from dataclasses import dataclass
from math import log

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

MALFUNCTION = (
    "state.outage",
    "state.down",
    "state.partial",
    "state.impaired",
    "mail.flow",
    "mail.delay",
    "setting.ineffective",
)
ASKING = ("ask.question", "ask.sentence", "ask.request", "ask.documentation", "ask.presales", "ask.billing")
PURCHASE = ("ask.presales", "ask.billing")

SURE = 0.97  # An answer given is believed this much.
YES_NO = ("yes", "no")
SETTING_FROM = 0.5
SETTING_OF_MINOR_FROM = 0.65  # "still shows the old picture" is a minor function rather than a setting.
PURCHASE_FROM = 0.6
CLEARLY_IMPAIRED = 1.0
_CLEARLY_SEVERE = 0.95
_LEAST = 1e-12
_HALF_SURE = 0.3  # The margin by which a decision is half-way from a guess to certainty.
_ASKING_COUNTS = 0.8
_DEFAULT_IMPAIRED = 0.05  # With nothing understood, something is more likely wrong than not.


def _sure(margin: float) -> float:
    """Return how sure a decision taken by `margin` is; it never stops growing, so every word that counts shows."""
    return 0.5 + 0.5 * abs(margin) / (abs(margin) + _HALF_SURE)


def _strength(signal: float) -> float:
    """Return a signal on the scale on which findings add up."""
    return -log(max(_LEAST, 1.0 - signal))


def _beyond(signal: float, threshold: float) -> float:
    """Return by how much a signal is beyond, or short of, its threshold."""
    return _strength(signal) - _strength(threshold)


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
        self.malfunction = reading.strength(*MALFUNCTION)
        self.asking = reading.strength(*ASKING)
        self.impaired_margin = self.malfunction - _ASKING_COUNTS * self.asking + _DEFAULT_IMPAIRED
        denied = signal("workaround.none")
        self.workaround = signal("workaround.stated") * (1 - 0.7 * denied) - 0.1 * denied
        self.outage = signal("state.outage")
        self.down = signal("state.outage", "state.down", "mail.flow")
        self.shared = reading.shared_failure
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
        self.is_impersonal = self.person < 0.3 and self.one < 0.5


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


LIKELY = Thresholds(impaired=0.0, down=0.6, many=0.6, we=0.45, severe=0.55, workaround=0.6, trivial=0.6, minor=0.65)
CAUTIOUS = Thresholds(impaired=-0.35, down=0.5, many=0.45, we=0.4, severe=0.4, workaround=0.9, trivial=0.8, minor=0.75)


def weigh(text: TextFacts, impact: Impact, thresholds: Thresholds) -> Weighed:
    """Return the facts: an answer where there is one, else the words.

    Each fact depends on its own answer only and grows with it, so the table stays monotone (DESIGN, settled point 12).
    """
    return _Scales(text, impact, thresholds).weighed()


class _Scales:
    """Weighs one case with one set of thresholds, noting how sure each fact is."""

    def __init__(self, text: TextFacts, impact: Impact, thresholds: Thresholds) -> None:
        self.text = text
        self.answers = impact
        self.at = thresholds
        self.cautious = thresholds is CAUTIOUS
        self.certainty = {
            "ask": _sure(text.impaired_margin),
            "setting": _sure(_beyond(text.setting, SETTING_FROM)),
            "minor": _sure(_beyond(text.minor, thresholds.minor)),
            "mail": _sure(_beyond(text.mail, thresholds.many)),
            "trivial": _sure(_beyond(text.trivial, thresholds.trivial)),
        }

    def weighed(self) -> Weighed:
        text, at = self.text, self.at
        facts = Facts(
            state=self._state(),
            breadth=self._breadth(),
            impact=self._impact(),
            has_workaround=self._has_workaround(),
            deadline_at_risk=self._deadline_at_risk(),
            is_outage=text.outage >= at.down or (self.answers.service_state == "down" and text.is_impersonal),
            is_mail_flow=text.mail >= at.many,
            is_setting=text.setting >= (SETTING_OF_MINOR_FROM if text.minor >= at.minor else SETTING_FROM),
            is_minor=text.minor >= at.minor,
            is_trivial=text.trivial >= at.trivial,
            is_purchase=text.purchase >= PURCHASE_FROM,
        )
        return Weighed(facts, self.certainty)

    def _state(self) -> State:
        said = self._said_state()
        if self.answers.service_state in STATES:
            self.certainty["state"] = SURE
            answered = STATES[self.answers.service_state]
            doubted = self.cautious and self.text.impaired_margin > CLEARLY_IMPAIRED and not self._agree_on_little
            return max(answered, said) if doubted else answered
        self.certainty["state"] = _sure(self.text.impaired_margin)
        if said is not State.AVAILABLE:
            self.certainty["state"] *= _sure(_beyond(self.text.down, self.at.down))
        return said

    @property
    def _agree_on_little(self) -> bool:
        """Tell whether the answers agree that this is not critical; they then outweigh a cautious reading of words."""
        answers = self.answers
        mild = answers.business_impact in ("minimal", "moderate") and answers.deadline_at_risk == "no"
        return mild and (answers.workaround == "yes" or self.text.shared < LIKELY.many)

    def _said_state(self) -> State:
        text, at = self.text, self.at
        if text.impaired_margin <= at.impaired:
            return State.AVAILABLE
        if text.down < at.down and text.shared < at.many:
            return State.DEGRADED
        usable_otherwise = text.workaround >= at.workaround and text.outage < 0.8
        return State.DEGRADED if usable_otherwise else State.DOWN

    def _breadth(self) -> Breadth:
        said, margin = self._said_breadth()
        if self.answers.users_affected in BREADTHS:
            self.certainty["breadth"] = SURE
            answered = BREADTHS[self.answers.users_affected]
            return max(answered, said) if self.cautious and self.text.many >= 0.8 else answered
        self.certainty["breadth"] = _sure(margin)
        return said

    def _said_breadth(self) -> tuple[Breadth, float]:
        """Return who the words say is affected, and by what margin."""
        text, at = self.text, self.at
        if text.many >= at.many and text.many >= text.one:
            return (Breadth.ALL if text.all >= at.many else Breadth.MULTIPLE), _strength(text.many) - max(
                0.35, 0.7 * _strength(text.one)
            )
        if text.severe >= _CLEARLY_SEVERE and text.person < 0.4:
            return Breadth.MULTIPLE, 0.35  # "a mailbox" may be named, but three lines stand still
        if text.one >= 0.6:
            return Breadth.SINGLE, _strength(text.one) - 0.7 * _strength(text.many)
        if text.severe >= at.severe and text.person < 0.4 and text.one < 0.4:
            return Breadth.MULTIPLE, _strength(
                text.severe
            ) - 0.35  # production, operations and sales are never one person's
        if text.we >= at.we and text.down >= at.down and text.person < 0.4:
            return Breadth.MULTIPLE, _strength(text.we) - 0.35
        if text.person >= 0.45 or text.one >= 0.4:
            return Breadth.SINGLE, 0.5
        return Breadth.UNSTATED, 0.6 - 0.3 * _strength(text.many)

    def _impact(self) -> BusinessImpact:
        if self.answers.business_impact in IMPACTS:
            self.certainty["impact"] = SURE
            return IMPACTS[self.answers.business_impact]
        self.certainty["impact"] = _sure(_beyond(self.text.severe, self.at.severe))
        severe = self.text.severe >= self.at.severe and self.text.impaired_margin > self.at.impaired
        return BusinessImpact.SEVERE if severe else BusinessImpact.UNSTATED

    def _has_workaround(self) -> bool:
        if self.answers.workaround in YES_NO:
            self.certainty["workaround"] = SURE
            return self.answers.workaround == "yes"
        self.certainty["workaround"] = _sure(_beyond(self.text.workaround, self.at.workaround))
        return self.text.workaround >= self.at.workaround

    def _deadline_at_risk(self) -> bool:
        if self.answers.deadline_at_risk in YES_NO:
            return self.answers.deadline_at_risk == "yes"
        return self.text.deadline >= self.at.severe and self.text.impaired_margin > self.at.impaired
