"""The judge of a history, in the manner of Jepsen: plain values in, a verdict out; it starts nothing and asks nobody.

Of writes: *lost* were acknowledged and are absent, *doubled* are there twice, *unexpected* were never asked for,
*foreign* are there, but not where the answer said, *recovered* got no answer and are there all the same (allowed).
Of timers: each due instant opens a target `[due, due + ε]`, which exactly one firing has to fill.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Write:
    """A write under its key: where an answer said that it is, or where it was found afterwards."""

    key: str
    place: str


@dataclass(frozen=True, slots=True)
class Target:
    """An instant at which something is to happen; one that is not `obligatory` may have been overtaken lawfully."""

    key: str
    due: datetime
    obligatory: bool = True


@dataclass(frozen=True, slots=True)
class Firing:
    """Something that happened: the instant that it is dated at, and when everybody could see it."""

    key: str
    at: datetime
    seen: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong, by the name of the fault; and what is remarkable but allowed."""

    wrong: Mapping[str, Sequence[str]]
    allowed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    lateness: Sequence[timedelta] = ()

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not any(self.wrong.values())

    def __str__(self) -> str:
        counts = [f"{len(keys)} {name}" for name, keys in (*self.wrong.items(), *self.allowed.items())]
        examples = [f"{name}: {', '.join(keys[:3])}" for name, keys in self.wrong.items() if keys]
        return "; ".join([", ".join(counts), *examples])


def judge_writes(*, asked: Collection[str], answered: Iterable[Write], present: Iterable[Write]) -> Verdict:
    """Hold the answers against what is there (P-1, P-2)."""
    promised, found = _places(answered), _places(present)
    times = Counter(key for key, places in found.items() for _ in places)
    known = set(asked)
    return Verdict(
        wrong={
            "lost": sorted(promised.keys() - found.keys()),
            "doubled": sorted(key for key, count in times.items() if count > 1),
            "unexpected": sorted(found.keys() - known),
            "foreign": sorted(key for key, places in promised.items() if key in found and _differ(places, found[key])),
        },
        allowed={"recovered": sorted((found.keys() & known) - promised.keys())},
    )


def _places(writes: Iterable[Write]) -> dict[str, list[str]]:
    places: dict[str, list[str]] = defaultdict(list)
    for write in writes:
        places[write.key].append(write.place)
    return places


def _differ(answers: Iterable[str], found: Collection[str]) -> bool:
    """Whether some answer named a place at which nothing was found; two answers to one key have to agree."""
    return not set(answers) <= set(found)


def judge_timers(
    targets: Iterable[Target], firings: Iterable[Firing], *, within: timedelta | Mapping[str, timedelta]
) -> Verdict:
    """Hold the firings against the targets (P-3); `within` is ε, for all or for each key."""
    wanted = {target.key: target for target in targets}
    happened: dict[str, list[Firing]] = defaultdict(list)
    for firing in firings:
        happened[firing.key].append(firing)
    hits = [(wanted[key], firing) for key, some in happened.items() if key in wanted for firing in some]
    return Verdict(
        wrong={
            "lost": sorted(key for key, target in wanted.items() if target.obligatory and key not in happened),
            "doubled": sorted(key for key, some in happened.items() if len(some) > 1),
            "early": sorted(target.key for target, firing in hits if firing.seen < target.due),
            "late": sorted(t.key for t, firing in hits if firing.seen > t.due + _epsilon(within, t.key)),
            "undated": sorted(target.key for target, firing in hits if firing.at != target.due),
            "unexpected": sorted(happened.keys() - wanted.keys()),
        },
        allowed={"overtaken": sorted(key for key, t in wanted.items() if not t.obligatory and key not in happened)},
        lateness=sorted(firing.seen - target.due for target, firing in hits),
    )


def _epsilon(within: timedelta | Mapping[str, timedelta], key: str) -> timedelta:
    return within if isinstance(within, timedelta) else within[key]


def judge_mails(
    *, owed: Collection[str], arrived: Iterable[str], crashes: int, on_their_way: Collection[str] = ()
) -> Verdict:
    """Hold the mails that arrived against the outbox, by Message-ID: at most one repeat for each crash (P-2).

    Those `on_their_way` may have arrived or not.
    """
    times = Counter(arrived)
    repeats = sorted(message_id for message_id, count in times.items() for _ in range(count - 1))
    return Verdict(
        wrong={
            "lost": sorted(set(owed) - times.keys()),
            "unexpected": sorted(times.keys() - set(owed) - set(on_their_way)),
            "doubled": repeats[crashes:],
        },
        allowed={"repeats": repeats[:crashes]},
    )


def judge_webhooks(*, owed: Mapping[str, Sequence[str]], arrived: Iterable[tuple[str, str]]) -> Verdict:
    """Hold what a receiver got, request and id as they came, against what each request owes it, in order (P-2).

    Repeats are allowed; what came first of each has to be in order.
    """
    known = {each for ids in owed.values() for each in ids}
    came: dict[str, list[str]] = defaultdict(list)
    seen, repeats = set[str](), []
    for number, message_id in arrived:
        (repeats if message_id in seen else came[number]).append(message_id)
        seen.add(message_id)
    right = {number: [each for each in ids if each in seen] for number, ids in owed.items()}
    real = {number: [each for each in ids if each in known] for number, ids in came.items()}
    return Verdict(
        wrong={
            "lost": sorted(known - seen),
            "unexpected": sorted(seen - known),
            "disordered": sorted(number for number, ids in real.items() if ids != right.get(number, [])),
        },
        allowed={"repeats": repeats},
    )


def share(lateness: Sequence[timedelta], part: float) -> float:
    """The lateness, in seconds, that this part of all firings does not exceed."""
    ordered = sorted(each.total_seconds() for each in lateness)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0
