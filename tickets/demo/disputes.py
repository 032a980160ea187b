"""Which admins of the demo dispute a severity, and what comes of it (SE-5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tickets.demo.hours import HOUR, MINUTE
from tickets.demo.scripts import Act, Run, Stage, Step
from tickets.demo.surroundings import World

SENIOR = "senior_engineer"
GOES_ON = (Stage.UNANSWERED, Stage.WORKING)
STANDING_AGO = (12 * MINUTE, 41 * MINUTE)  # two that nobody has settled yet, well within their hour
DECLINED_AGO, SETTLED_AFTER = 5 * HOUR, 24 * MINUTE


@dataclass(frozen=True, slots=True)
class Words:
    """What is written in a dispute."""

    statement: str
    declined: str


WORDS: Mapping[str, Words] = {
    "en": Words(
        "The whole accounts department waits for this: until it works, no invoice leaves the house.",
        "We understand that it presses. The service works and there is a way to go on meanwhile, so it stays as it is; "
        "we keep working on it.",
    ),
    "zh-Hant": Words(
        "整個會計部門都在等這個問題解決，目前無法開立任何發票。",
        "我們了解時間緊迫。服務目前可用，且有暫時的因應方式，因此維持原嚴重度，我們會持續處理。",
    ),
}


def dispute_steps(runs: Sequence[Run], world: World, *, now: datetime) -> Iterator[Step]:
    """Two disputes that stand at `now`, and one that a senior engineer has declined."""
    seniors = [member for member in world.staff if SENIOR in member.actor.roles]
    candidates = [run for run in runs if _may_be_disputed(run, now=now)]
    for run, ago in zip(candidates, STANDING_AGO, strict=False):
        yield Step(now - ago, Act.DISPUTE, run.filer, run)
    for run in candidates[len(STANDING_AGO) : len(STANDING_AGO) + 1]:
        yield Step(now - DECLINED_AGO, Act.DISPUTE, run.filer, run)
        yield Step(now - DECLINED_AGO + SETTLED_AFTER, Act.DECLINE, seniors[0], run)


def _may_be_disputed(run: Run, *, now: datetime) -> bool:
    """Whether it is still open, was filed before all of that, and its admins cannot set the severity themselves."""
    filed_before = run.filed_at < now - DECLINED_AGO - HOUR
    technical = run.terms.kind == "technical" and run.terms.tier != "elevated"
    return run.stage in GOES_ON and filed_before and technical and not run.story.is_critical


def words_of(run: Run) -> Words:
    """What is written in the dispute of a run, in the language of the request."""
    return WORDS.get(run.story.language, WORDS["en"])
