"""Which stories are told to whom, in which words, and how far each of them has come by now."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from random import Random

from tickets.catalogue import kind_of
from tickets.demo.scripts import Stage
from tickets.demo.stories import Story, stories

TOTAL = 312
BROKEN_OFF = 46  # so many with an end have not come to it yet
UNANSWERED, UNANSWERED_OF_ONE = 20, 2  # so many of them not even to an answer, and of one customer
CLOSABLE = ("solved", "workaround", "out_of_scope")


@dataclass(frozen=True, slots=True)
class Part:
    """A story in one wording for the customer `slug`; the first `told` of its turns have happened by now."""

    story: Story
    slug: str
    stage: Stage
    told: int
    again: bool = False

    @property
    def may_be_broken_off(self) -> bool:
        """Whether it can be left unfinished: no hour or weekday is told in it, and nothing burns."""
        ordinary = self.story.end.kind in CLOSABLE and not self.story.is_critical
        return ordinary and not self.story.moment.filed and not self.story.moment.weekdays


def choose(rng: Random, *, limit: int | None = None) -> list[Part]:
    """The parts of the demo: every story for everybody whom it fits, and some once more in other words."""
    parts = [part for story in stories() for part in _first_tellings(story)]
    more = [part for story in stories() if story.end.kind in CLOSABLE for part in _other_tellings(story)]
    parts += rng.sample(more, k=max(0, min(len(more), TOTAL - len(parts))))
    parts = _break_off(parts, rng)
    return parts if limit is None else _mixed(parts)[:limit]


def _first_tellings(story: Story) -> list[Part]:
    """Once for each customer, in the words that are in turn."""
    return [_part(story, place, slug) for place, slug in enumerate(story.organisations)]


def _other_tellings(story: Story) -> list[Part]:
    """The same trouble at the same customers, in other words."""
    return [
        replace(_part(story, place + shift, slug), again=True)
        for place, slug in enumerate(story.organisations)
        for shift in range(1, len(story.variants) + 1)
    ]


def _part(story: Story, place: int, slug: str) -> Part:
    worded = story.worded(place % (len(story.variants) + 1))
    return Part(worded, slug, _stage_of(story), len(story.turns))


def _stage_of(story: Story) -> Stage:
    match story.end.kind:
        case "open":
            return Stage.WORKING if story.turns else Stage.UNANSWERED
        case "awaiting_customer":
            return Stage.WAITING
        case "reopened":
            return Stage.REOPENED
        case _:
            return Stage.ENDED


def _break_off(parts: list[Part], rng: Random) -> list[Part]:
    """Leave some of those with an end unfinished, at first those told again: some unanswered, some in the middle."""
    able = sorted((part for part in parts if part.may_be_broken_off), key=lambda part: (not part.again, rng.random()))
    broken = sorted(able[:BROKEN_OFF], key=_promises_most)
    unanswered = _few_of_each(broken)[:UNANSWERED]
    begun = [part for part in broken if part not in unanswered]
    return [
        *(part for part in parts if part not in broken),
        *(replace(part, stage=Stage.UNANSWERED, told=0) for part in unanswered),
        *(replace(part, stage=Stage.WORKING, told=rng.randint(1, len(part.story.turns))) for part in begun),
    ]


def _few_of_each(parts: list[Part]) -> list[Part]:
    """The parts without those by which one customer would fill the queue."""
    seen: Counter[str] = Counter()
    few = []
    for part in parts:
        seen[part.slug] += 1
        if seen[part.slug] <= UNANSWERED_OF_ONE:
            few.append(part)
    return few


def _promises_most(part: Part) -> tuple[bool, str]:
    """Technical ones first, the more severe before the others: those are the ones with a due instant."""
    return kind_of(part.story.category) != "technical", part.story.severity


def _mixed(parts: list[Part]) -> list[Part]:
    """The same parts in an order of which any beginning holds something of everything."""
    groups: defaultdict[tuple[str, str, str], list[Part]] = defaultdict(list)
    for part in parts:
        groups[part.story.end.kind, part.stage, part.story.severity].append(part)
    return [part for part in chain(*zip_longest(*groups.values())) if part]
