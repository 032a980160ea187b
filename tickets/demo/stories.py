"""The stories of the demo as they are written down: what somebody files, what is said, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from severity.assessment import Impact

DATA = Path(__file__).resolve().parent.parent / "data" / "demo"
ROUND_TO = timedelta(minutes=5)  # people round the times they tell

Swap = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing said: `by` is engineer, customer, internal or call; `after` counts from what was said before."""

    by: str
    text: str
    after: timedelta

    @property
    def is_answer(self) -> bool:
        """Whether it is a public answer of the desk."""
        return self.by in ("engineer", "call")


@dataclass(frozen=True, slots=True)
class StoryEnd:
    """How it ends; `text` is the closing message, the question, the customer's last words, or why it came back."""

    kind: str
    text: str = ""
    after: timedelta = timedelta(0)
    referral: str = ""
    duplicate_of: str = ""
    closed: Turn | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day that a text tells, by how far it lies from the filing."""

    told: str
    after: timedelta
    form: str


@dataclass(frozen=True, slots=True)
class Moment:
    """What a story's words say about when it is filed, in the customer's time zone."""

    filed: time | None = None
    weekdays: tuple[int, ...] = ()
    swaps: tuple[Swap, ...] = ()
    clocks: tuple[Clock, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """One story in one wording; `organisations` are the slugs of those whom it fits."""

    key: str
    organisations: tuple[str, ...]
    language: str
    category: str
    service: str
    topic: str
    subject: str
    description: str
    severity: str
    claimed: str
    impact: Impact
    turns: tuple[Turn, ...]
    end: StoryEnd
    variants: tuple[tuple[Swap, ...], ...]
    moment: Moment

    @property
    def is_critical(self) -> bool:
        """Whether everybody works around the clock."""
        return self.severity == "A"

    @property
    def answers(self) -> str:
        """Everything the desk says in it."""
        return "\n".join([*(turn.text for turn in self.turns if turn.by != "customer"), self.end.text])

    @property
    def words(self) -> str:
        """What the customer files."""
        return f"{self.subject}\n{self.description}"

    def worded(self, variant: int) -> Story:
        """The story in the words of a variant; 0 is the story as it was written first."""
        return _swapped(self, self.variants[variant - 1]) if variant else self

    def filed_at(self, at: datetime, zone: ZoneInfo) -> Story:
        """The story with the times of day that go with its filing at `at`."""
        swaps = [(clock.told, _told(at + clock.after, clock.form, zone)) for clock in self.moment.clocks]
        return _swapped(self, swaps) if swaps else self


@cache
def stories() -> tuple[Story, ...]:
    """All stories, in the order of the file."""
    moments = read("moments")
    return tuple(_story(entry, moments.get(entry["key"], {})) for entry in read("stories"))


@cache
def read(name: str) -> Any:
    """One of the demo's data files."""
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def _story(entry: Mapping[str, Any], moment: Mapping[str, Any]) -> Story:
    story = Story(
        key=entry["key"],
        organisations=tuple([entry["organisation"]] if entry["organisation"] else entry["candidates"]),
        language=entry["language"],
        category=entry["category"],
        service=entry["service"],
        topic=entry["topic"],
        subject=entry["subject"],
        description=entry["description"],
        severity=entry["expected_severity"],
        claimed=entry["requested_severity"] or "",
        impact=Impact(**{name: value for name, value in (entry["impact"] or {}).items() if value}),
        turns=tuple(_turn(turn) for turn in entry["conversation"]),
        end=_end(entry["ending"]),
        variants=tuple(tuple((s["replace"], s["with"]) for s in variant) for variant in entry["variants"]),
        moment=_moment(moment),
    )
    return _swapped(story, story.moment.swaps)


def _turn(entry: Mapping[str, Any]) -> Turn:
    by, after = entry.get("by", "engineer"), timedelta(minutes=entry["after_minutes"])
    return Turn(by=by, text=entry["text"], after=after)


def _end(entry: Mapping[str, Any]) -> StoryEnd:
    return StoryEnd(
        kind=entry["kind"],
        text=entry["text"] or "",
        after=timedelta(minutes=entry.get("after_minutes", 0)),
        referral=entry.get("referral", ""),
        duplicate_of=entry.get("duplicate_of", ""),
        closed=_turn(entry["closed"]) if "closed" in entry else None,
    )


def _moment(entry: Mapping[str, Any]) -> Moment:
    return Moment(
        filed=time.fromisoformat(entry["filed"]) if "filed" in entry else None,
        weekdays=tuple(entry.get("weekdays", ())),
        swaps=tuple((swap["replace"], swap["with"]) for swap in entry.get("swaps", ())),
        clocks=tuple(
            Clock(told=clock["replace"], after=timedelta(minutes=clock["minutes"]), form=clock["form"])
            for clock in entry.get("clocks", ())
        ),
    )


def _swapped(story: Story, swaps: Iterable[Swap]) -> Story:
    """The story with words exchanged wherever they stand."""
    swaps = tuple(swaps)
    turns = tuple(replace(turn, text=_exchanged(turn.text, swaps)) for turn in story.turns)
    closed = story.end.closed and replace(story.end.closed, text=_exchanged(story.end.closed.text, swaps))
    return replace(
        story,
        subject=_exchanged(story.subject, swaps),
        description=_exchanged(story.description, swaps),
        turns=turns,
        end=replace(story.end, text=_exchanged(story.end.text, swaps), closed=closed),
    )


def _exchanged(text: str, swaps: Iterable[Swap]) -> str:
    for before, after in swaps:
        text = text.replace(before, after)
    return text


def _told(at: datetime, form: str, zone: ZoneInfo) -> str:
    """A time of day as people write it: `utc`, `24h`, `12h`, or `hour` (twelve hours, no minutes)."""
    step = timedelta(hours=1) if form == "hour" else ROUND_TO
    local = at.astimezone(UTC if form == "utc" else zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    rounded = midnight + round((local - midnight) / step) * step
    if form in ("utc", "24h"):
        return f"{rounded:%H:%M} UTC" if form == "utc" else f"{rounded:%H:%M}"
    half, hour = "a.m." if rounded.hour < 12 else "p.m.", rounded.hour % 12 or 12
    return f"{hour} {half}" if form == "hour" else f"{hour}:{rounded:%M} {half}"
