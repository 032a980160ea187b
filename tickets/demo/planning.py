"""When each story began, so that today's desk looks like one: some overdue, some due soon, most well in time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import cycle
from random import Random

from accounts.models import Subscription
from severity.assessment import Assessment
from tickets.catalogue import kind_of
from tickets.demo.casting import filer_of, subscription_of
from tickets.demo.choosing import Part, choose
from tickets.demo.hours import DAY, HOUR, MINUTE, is_awake
from tickets.demo.scripts import Act, Run, Script, Stage, Step, filing_time, length_of, script
from tickets.demo.stories import Story
from tickets.demo.surroundings import HISTORY, World
from tickets.filing import Contact, Filing
from tickets.lifecycle import REOPEN_WINDOW
from tickets.selectors.prospects import assessed, case_of
from tickets.selectors.terms import Terms, terms_for

LATE_SHARE, RECENT_SHARE, TAKEN_SHARE, OVERDUE_SHARE = 0.06, 0.52, 0.4, 0.12
FOLLOW_UPS = 6
STEP_BACK = 5 * HOUR
SINCE_UPDATE = {"A": (0.3, 1.5), "B": (0.6, 17), "C": (1, 55)}  # hours since the last word of what is in progress

# What the queue shows of promised answers: how long until they are due, or since. The rest has this share of its time.
WISHES = (
    *(-18 * MINUTE, 9 * MINUTE, -95 * MINUTE, 21 * MINUTE, 34 * MINUTE, -4 * HOUR, 55 * MINUTE, 85 * MINUTE),
    *(110 * MINUTE, 3 * HOUR, -7 * HOUR, 5 * HOUR, 8 * HOUR, 12 * HOUR),
)
SHARES = (0.95, 0.6, 0.8, 0.45, 0.7)
# Where nothing is promised: how long it has waited.
AGES = tuple(hours * HOUR for hours in (0.2, 0.9, 2, 3.5, 5, 8, 14, 22, 30, 46, 60, 77))
# Which instants are tried: from how long ago, up to when, in steps of.
TRIED = ((4 * MINUTE, 5 * HOUR, 6 * MINUTE), (5 * HOUR, 84 * HOUR, 25 * MINUTE))
OUT_OF_HOURS, AT_NIGHT = 40 * MINUTE, 4 * HOUR  # by how much worse a wish may be met rather than then


def plan(world: World, *, now: datetime, seed: int, limit: int | None = None) -> list[Run]:
    """Every run with all its steps, ready to be told in the order of time."""
    parts = choose(Random(seed), limit=limit)  # noqa: S311  # chance for a story, nothing secret
    runs = Casting(world, now=now, seed=seed).cast(parts)
    fresh = [run for run in runs if run.stage in (Stage.UNANSWERED, Stage.REOPENED)]
    for run in runs:
        if run not in fresh:
            _place(run, world, now=now)
    _place_fresh(fresh, world, now=now)
    _link_follow_ups(runs)
    return runs


# ── Who plays ───────────────────────────────────────────────────────────────────────────────────────────────────────


class Casting:
    """Gives each part its people, its form and its terms; terms that come again are read once."""

    def __init__(self, world: World, *, now: datetime, seed: int) -> None:
        self._world, self._now, self._seed = world, now, seed
        self._terms = cache(partial(terms_for, now=now))

    def cast(self, parts: Iterable[Part]) -> list[Run]:
        """The runs of these parts; a duplicate whose original is missing is left out."""
        runs: list[Run] = []
        for part in sorted(parts, key=lambda part: bool(part.story.end.duplicate_of)):
            original = next((run for run in runs if run.story.key == part.story.end.duplicate_of), None)
            if original or not part.story.end.duplicate_of:
                runs.append(self._run(part, original, index=len(runs)))
        return runs

    def _run(self, part: Part, original: Run | None, *, index: int) -> Run:
        house, story = self._world.houses[part.slug], part.story
        seed = f"{self._seed} {story.key} {part.slug} {story.subject} {story.description}"
        rng = Random(seed)  # noqa: S311
        filer = filer_of(story, house, rng, apart_from=original.filer if original else None)
        subscription = subscription_of(story, house)
        filing = _filing(story, subscription, rng)
        terms = self._terms(house.organisation, kind=kind_of(story.category), subscription=subscription)
        run = Run(
            index=index,
            story=story,
            house=house,
            stage=part.stage,
            told=part.told,
            seed=seed,
            filer=filer,
            filing=filing,
            terms=terms,
            proposed=_proposed(filing, assessed(case_of(filing)), terms),
            original=original,
        )
        run.late = _is_told_late(run, now=self._now) or rng.random() < LATE_SHARE
        return run


def _filing(story: Story, subscription: Subscription | None, rng: Random) -> Filing:
    is_technical = kind_of(story.category) == "technical"
    return Filing(
        subject=story.subject,
        description=story.description,
        category=story.category,
        service=story.service,
        topic=story.topic,
        subscription=subscription.reference if subscription else "",
        impact=story.impact,
        contact=_contact(story, rng),
        severity=story.claimed,
        diagnostic_consent=is_technical and rng.random() < 0.5,
    )


def _contact(story: Story, rng: Random) -> Contact:
    chance = rng.random()
    if story.is_critical:
        method = "phone" if chance < 0.6 else "email"
    else:
        method = "email" if chance < 0.8 else "phone" if chance < 0.9 else "callback"
    translator = method != "email" and story.language not in ("en", "zh-Hant")
    return Contact(method=method, language=story.language, translator=translator)


def _proposed(filing: Filing, assessment: Assessment, terms: Terms) -> str:
    """The severity that will count at first: the claim, or the engine's candidate while nobody has confirmed it."""
    engine = assessment.candidate if assessment.needs_confirmation else assessment.severity
    return terms.policy.counted_severity(kind=terms.kind, severity=filing.severity or engine)


def _is_told_late(run: Run, *, now: datetime) -> bool:
    """Whether the story itself is one of a late answer to something critical."""
    due_at, turns = run.due_at(now), run.story.turns
    return bool(run.story.is_critical and due_at and turns and now + turns[0].after > due_at)


# ── When the finished ones and those in progress began ──────────────────────────────────────────────────────────────


def _place(run: Run, world: World, *, now: datetime) -> None:
    """Let the run end (or stand still) as long ago as befits it."""
    if run.original:
        run.steps = script(run, run.original.filed_at + MINUTE * run.chance("place").uniform(8, 14), world)
        return
    age = min(_age(run), HISTORY - length_of(run) - 4 * DAY)
    start_at = now - age - length_of(run)
    latest = now - age + min(age / 2, 8 * HOUR)
    while not run.steps or run.ends_at > latest:
        run.steps = script(run, filing_time(run, start_at), world)
        start_at -= STEP_BACK


def _age(run: Run) -> timedelta:
    """How long ago the last thing happened."""
    rng = run.chance("age")
    if run.stage is Stage.WAITING:
        return DAY * rng.uniform(0.1, 4)
    if run.stage is Stage.WORKING:
        overdue = rng.random() < OVERDUE_SHARE
        return HOUR * rng.uniform(*SINCE_UPDATE[run.story.severity]) * (3 if overdue else 1)
    if rng.random() < RECENT_SHARE:
        return DAY * rng.uniform(0.02, 13.4)
    return REOPEN_WINDOW + DAY * rng.triangular(0.3, 44, 0.3)


# ── When those began that wait for an answer ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Option:
    """An instant at which a run could have been received; `measure` is what remains of its promise, or its age."""

    run: Run
    at: datetime
    measure: timedelta
    promised: bool
    penalty: timedelta

    def distance(self, wish: timedelta) -> timedelta:
        """How badly it meets a wish."""
        missed: timedelta = abs(self.measure - wish)
        return missed + self.penalty


def _place_fresh(runs: Sequence[Run], world: World, *, now: datetime) -> None:
    """Give each wish of the queue to the run that meets it best; the others are well in time."""
    options = {run: list(_options(run, now=now)) for run in runs}
    promised = [run for run in runs if options[run][0].promised]
    chosen = [*_granted(WISHES, promised, options)]
    chosen += _granted(cycle(AGES), [run for run in runs if run not in promised], options)
    for run, share in zip([run for run in promised if run not in {each.run for each in chosen}], cycle(SHARES)):
        wish = share * max(option.measure for option in options[run])
        chosen.append(min(options[run], key=partial(Option.distance, wish=wish)))
    for option in chosen:
        option.run.steps = _received(option.run, option.at, world, now=now)


def _granted(
    wishes: Iterable[timedelta], runs: Iterable[Run], options: Mapping[Run, Sequence[Option]]
) -> Iterator[Option]:
    """For each wish the best option of the runs that have none yet, as long as there are any."""
    left = list(runs)
    for wish in wishes:
        if not left:
            return
        best = min((option for run in left for option in options[run]), key=partial(Option.distance, wish=wish))
        left.remove(best.run)
        yield best


def _options(run: Run, *, now: datetime) -> Iterator[Option]:
    """The instants at which the run could have been received, none of them on the stroke of another's."""
    rng = run.chance("options")
    severity = run.story.severity if run.stage is Stage.REOPENED else run.proposed
    for age in _ages():
        at = now - age - MINUTE * rng.uniform(0, 5)
        due_at = run.terms.promise(severity, received_at=at).due_at
        yield Option(run, at, due_at - now if due_at else now - at, due_at is not None, _penalty(run, at))


def _ages() -> Iterator[timedelta]:
    for age, longest, step in TRIED:
        while age < longest:
            yield age
            age += step


def _penalty(run: Run, at: datetime) -> timedelta:
    """Critical things happen at any hour; for the rest people are at their desks, or awake at least."""
    if run.story.is_critical or run.house.calendar.is_open(at):
        return timedelta(0)
    return OUT_OF_HOURS if is_awake(run.house, at) else AT_NIGHT


def _received(run: Run, at: datetime, world: World, *, now: datetime) -> list[Step]:
    """The steps of a run that is received (for the second time, if it was reopened) at `at`."""
    if run.stage is Stage.REOPENED:
        return _reopened(run, at, world)
    written = Script(run, at, world)
    steps = [step for step in written.steps() if step.act in (Act.FILE, Act.ATTACH) and step.at < now]
    if run.chance("taken").random() < TAKEN_SHARE:
        steps += [step for step in written.taken(now - MINUTE) if step.at < now]
    return sorted(steps, key=lambda step: step.at)


def _reopened(run: Run, at: datetime, world: World) -> list[Step]:
    """A run that was closed some time before and is reopened at `at`, within its window (CH-4)."""
    start_at = at - run.story.end.after - length_of(run)
    while True:
        *before, reopening = script(run, filing_time(run, start_at), world)
        if before[-1].at <= at - run.story.end.after * 0.9:
            return [*before, Step(at, reopening.act, reopening.by, run, reopening.text)]
        start_at -= STEP_BACK


def _link_follow_ups(runs: Sequence[Run]) -> None:
    """Let some that came again after the reopen window name what they follow up (CH-4)."""
    pairs = [(run, earlier) for run in runs for earlier in runs if _follows(run, earlier)]
    for run, earlier in pairs[:FOLLOW_UPS]:
        run.followed = earlier


def _follows(run: Run, earlier: Run) -> bool:
    same = run.story.key == earlier.story.key and run.house is earlier.house
    return same and earlier.stage is Stage.ENDED and earlier.ends_at + REOPEN_WINDOW < run.filed_at
