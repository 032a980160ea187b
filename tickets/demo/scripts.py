"""One telling of a story as a list of steps: who does what, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum, auto
from random import Random

from django.conf import settings

from sla.ladder import no_reply_close_at
from tickets.demo.casting import colleague_of, engineer_of, lead_of
from tickets.demo.hours import HOUR, MINUTE, at_desk, in_business, near
from tickets.demo.stories import Story, Turn
from tickets.demo.surroundings import House, Member, World
from tickets.filing import Filing
from tickets.selectors.terms import Terms

QUICK = 2 * HOUR  # what is answered within this is taken at once
ATTACHED_SHARE, ASSIGNED_SHARE, HANDED_ON_SHARE, THANKED_SHARE = 0.12, 0.25, 0.06, 0.08
QUESTION_MARKS = "?？"


class Act(StrEnum):
    """What is done at a step; `telling` has a service for each."""

    FILE = auto()
    ATTACH = auto()
    TAKE = auto()
    ASSIGN = auto()
    RELEASE = auto()
    TRIAGE = auto()
    DISPUTE = auto()
    DECLINE = auto()
    REPLY = auto()
    ASK = auto()
    CALL = auto()
    NOTE = auto()
    WRITE = auto()
    CLOSE = auto()
    LAPSE = auto()
    WITHDRAW = auto()
    THANK = auto()
    REOPEN = auto()
    RATE = auto()
    READ = auto()


ANSWERS = (Act.REPLY, Act.ASK, Act.CALL, Act.CLOSE)


class Stage(StrEnum):
    """How far a story has come by now."""

    ENDED = auto()
    WAITING = auto()
    WORKING = auto()
    UNANSWERED = auto()
    REOPENED = auto()


@dataclass(eq=False)
class Run:
    """One telling of a story to one customer; the first `told` of its turns have happened by now."""

    index: int
    story: Story
    house: House
    stage: Stage
    told: int
    seed: str
    filer: Member
    filing: Filing
    terms: Terms
    proposed: str  # the severity that the engine reads in it
    late: bool = False
    original: Run | None = None
    followed: Run | None = None
    steps: list[Step] = field(default_factory=list)

    def chance(self, purpose: str = "") -> Random:
        """Chance that falls the same way at every asking."""
        return Random(f"{self.seed} {purpose}")  # noqa: S311  # for a story, nothing secret

    @property
    def filed_at(self) -> datetime:
        """When it is filed."""
        return self.steps[0].at

    @property
    def ends_at(self) -> datetime:
        """When the last thing happens that has happened by now."""
        return self.steps[-1].at

    def due_at(self, received_at: datetime) -> datetime | None:
        """The earliest instant that could be promised: as the engine reads it, or as the desk corrects it."""
        severities = {self.proposed, self.story.severity}
        promised = [self.terms.promise(each, received_at=received_at).due_at for each in severities]
        return min((due_at for due_at in promised if due_at), default=None)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody does at an instant."""

    at: datetime
    act: Act
    by: Member
    run: Run | None = None
    text: str = ""
    to: Member | None = None  # whom it is assigned to


def filing_time(run: Run, at: datetime) -> datetime:
    """The instant itself, or one near it at which this story can be filed."""
    moment, rng = run.story.moment, run.chance("filing")
    at = near(run.house, at, clock=moment.filed, weekdays=moment.weekdays)
    if moment.filed:
        return at + MINUTE * rng.uniform(0, 0.9)
    return at if run.story.is_critical else in_business(run.house, at, rng)


def script(run: Run, filed_at: datetime, world: World) -> list[Step]:
    """Everything that happens in a run filed at `filed_at`, in order."""
    steps = Script(run, filed_at, world).steps()
    return sorted(steps, key=lambda step: step.at)


class Script:
    """The steps of one run, written down from its filing on."""

    def __init__(self, run: Run, filed_at: datetime, world: World) -> None:
        self.run, self.world, self.filed_at = run, world, filed_at
        self.story = run.story.filed_at(filed_at, run.house.zone)
        self.rng = run.chance("script")
        first = self.story.turns[0].after if self.story.turns else HOUR
        self.engineer = engineer_of(self.story, run.house, world, run.chance("engineer"), at=filed_at + first)

    def steps(self) -> list[Step]:
        """All of them, not yet sorted."""
        filed = [self._step(self.filed_at, Act.FILE, self.run.filer)]
        if self.rng.random() < ATTACHED_SHARE and self.run.terms.kind == "technical":
            filed.append(self._step(self.filed_at + MINUTE * self.rng.uniform(1, 3), Act.ATTACH, self.run.filer))
        said = list(self._said())
        answer = next((step for step in said if step.act in ANSWERS), None)
        return [*filed, *(self.taken(answer.at) if answer else ()), *said]

    def taken(self, answered_at: datetime) -> Iterator[Step]:
        """How the request comes to its engineer, and the look at its severity, between filing and answer (SE-5)."""
        whole, rng = answered_at - self.filed_at, self.rng
        if whole < QUICK:
            taken_at = self.filed_at + min(whole * rng.uniform(0.3, 0.6), MINUTE * rng.uniform(4, 9))
        else:
            taken_at = answered_at - MINUTE * rng.uniform(8, 50)
        if whole > QUICK and rng.random() < HANDED_ON_SHARE:
            colleague = colleague_of(self.engineer, self.world, rng)
            begun_at = self.filed_at + (taken_at - self.filed_at) * rng.uniform(0.3, 0.6)
            yield self._step(begun_at, Act.TAKE, colleague)
            yield self._step(begun_at + 7 * MINUTE, Act.RELEASE, colleague)
        if rng.random() < ASSIGNED_SHARE:
            lead = lead_of(self.engineer, self.world)
            yield Step(taken_at, Act.ASSIGN, lead, self.run, to=self.engineer)
        else:
            yield self._step(taken_at, Act.TAKE, self.engineer)
        yield self._step(taken_at + (answered_at - taken_at) * rng.uniform(0.2, 0.7), Act.TRIAGE, self.engineer)

    def _said(self) -> Iterator[Step]:
        """What is said, and how it ends if it has ended."""
        at, answered = self.filed_at, False
        for place, turn in enumerate(self.story.turns[: self.run.told]):
            at += turn.after
            if turn.by == "customer":
                at = self._customer_at(at)
                yield self._step(at, Act.WRITE, self.run.filer, turn.text)
                continue
            at = self._desk_at(at)
            if turn.is_answer and not answered:
                at, answered = self._in_time(at), True
            yield self._step(at, self._act_of(place, turn), self.engineer, turn.text)
        yield from self._ending(at)

    def _ending(self, at: datetime) -> Iterator[Step]:
        end, stage = self.story.end, self.run.stage
        if stage is Stage.WAITING and end.kind == "awaiting_customer":
            yield self._step(self._desk_at(at + end.after), Act.ASK, self.engineer, end.text)
        elif stage is Stage.REOPENED and end.closed:
            closed_at = self._desk_at(at + end.closed.after)
            yield self._step(closed_at, Act.CLOSE, self.engineer, end.closed.text)
            yield self._step(closed_at + end.after, Act.REOPEN, self.run.filer, end.text)
        elif stage is Stage.ENDED and end.kind == "no_reply":
            calendar, days = self.run.house.calendar, settings.WAITING_CLOSE_DAYS
            close_at = no_reply_close_at(asked_at=at, calendar=calendar, days=days)
            yield self._step(close_at + MINUTE, Act.LAPSE, self.engineer)
        elif stage is Stage.ENDED and end.kind == "withdrawn":
            yield self._step(self._customer_at(at + end.after), Act.WITHDRAW, self.run.filer, end.text)
        elif stage is Stage.ENDED and end.kind == "solved" and self.rng.random() < THANKED_SHARE:
            told_at = self._desk_at(at + end.after)
            yield self._step(told_at, Act.REPLY, self.engineer, end.text)
            thanked_at = self._customer_at(told_at + MINUTE * self.rng.uniform(10, 90))
            yield self._step(thanked_at, Act.THANK, self.run.filer)
        elif stage is Stage.ENDED:
            yield self._step(self._desk_at(at + end.after), Act.CLOSE, self.engineer, end.text)

    def _act_of(self, place: int, turn: Turn) -> Act:
        """A question that the customer answers next (or never) waits for them; the rest is what it says it is."""
        if turn.by in ("internal", "call"):
            return Act.NOTE if turn.by == "internal" else Act.CALL
        following = [later for later in self.story.turns[place + 1 :] if later.by != "internal"]
        if not following:
            return Act.ASK if self.story.end.kind == "no_reply" else Act.REPLY
        asks = any(mark in turn.text for mark in QUESTION_MARKS)
        return Act.ASK if asks and following[0].by == "customer" else Act.REPLY

    def _in_time(self, at: datetime) -> datetime:
        """The instant of the first answer: within the promise, or after it where this is a story of a late one."""
        due_at = self.run.due_at(self.filed_at)
        if due_at is None or (self.run.late and self.story.is_critical):
            return at
        whole = due_at - self.filed_at
        if self.run.late:
            return max(at, due_at + whole * self.rng.uniform(0.03, 0.3))
        return at if at <= due_at else self.filed_at + whole * self.rng.uniform(0.4, 0.9)

    def _desk_at(self, at: datetime) -> datetime:
        return at if self.story.is_critical else at_desk(self.engineer, at, self.rng)

    def _customer_at(self, at: datetime) -> datetime:
        return at if self.story.is_critical else in_business(self.run.house, at, self.rng)

    def _step(self, at: datetime, act: Act, by: Member, text: str = "") -> Step:
        return Step(at, act, by, self.run, text)


def length_of(run: Run) -> timedelta:
    """How long a run takes at least."""
    end = run.story.end
    turns = sum((turn.after for turn in run.story.turns[: run.told]), timedelta(0))
    return turns + (end.after if run.stage in (Stage.ENDED, Stage.WAITING) else timedelta(0))
