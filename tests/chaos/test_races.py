"""Races between people and the clock: exactly one lawful outcome, and states and events agree (P-2, P-3, CH-4).

A few rounds in the ordinary test run, 200 of each kind with `make chaos`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import connections

from accounts import clock
from accounts.actors import Actor
from accounts.errors import Busy
from accounts.models import Event
from tests import factories
from tests.chaos import LONG
from tests.chaos.races import Act, Round, all_at_once, around, hold, run_around_instants
from tests.conftest import OwnDatabase
from tests.processes import eventually
from tests.tickets import making, policies
from tickets.errors import AlreadyTaken, IllegalTransition, ReopenWindowClosed
from tickets.models import Commitment, Message, ServiceRequest, Timer
from tickets.selectors.timers import GRACE
from tickets.services import closing, conversation, severity
from tickets.services.assignment import take_request
from tickets.services.closing import Ending, close_request, reopen_request
from tickets.services.sweeping import sweep
from tickets.verification import faults

ROUNDS = 200 if LONG else 12
TIMED_ROUNDS = 200 if LONG else 4
EVERY = 0.45 if LONG else 0.3  # seconds between two rounds
LASTS = 12.0  # seconds from the last instant until everything is over
WINDOW = timedelta(days=14)
HOUR = timedelta(hours=1)
SOLVED = Ending("solved", "Mail flows again.")


@pytest.fixture
def admin(own_database: OwnDatabase) -> Actor:
    """A customer's admin, under a policy that promises an A in 3 s and a B in 6 s."""
    for role in ("team_lead", "duty_manager"):
        factories.make_staff(role)
    policies.publish(version=2, enterprise_a="PT3S", enterprise_b="PT6S")
    organisation = factories.make_organisation()
    factories.make_subscription(organisation)
    return factories.actor(factories.make_person(organisation, "global_admin"))


@pytest.fixture
def engineers(own_database: OwnDatabase) -> list[Actor]:
    """Eight of them."""
    return [factories.actor(factories.make_staff("engineer")) for _ in range(8)]


@pytest.fixture(autouse=True)
def no_limits(settings: pytest.FixtureRequest) -> None:
    """Let the one organisation file as fast as the races go."""
    settings.RATE_LIMIT_FACTOR = 10_000  # type: ignore[attr-defined]


@pytest.fixture
def pool(own_database: OwnDatabase) -> Iterator[ThreadPoolExecutor]:
    """Eight threads, whose connections are closed in the end."""
    with ThreadPoolExecutor(8) as threads:
        yield threads
        list(threads.map(lambda _: connections.close_all(), range(32)))


def kinds(number: str, *wanted: str) -> list[str]:
    """The kinds of a request's events, in order."""
    return list(Event.objects.filter(number=number, kind__in=wanted).order_by("id").values_list("kind", flat=True))


def test_of_eight_engineers_who_take_a_request_exactly_one_has_it(
    admin: Actor, engineers: list[Actor], pool: ThreadPoolExecutor
) -> None:
    """DESIGN, roles; P-2"""
    for _ in range(ROUNDS):
        service_request = making.filed(admin, severity="C")
        takes = [partial(take_request, number=service_request.number, actor=engineer) for engineer in engineers]

        outcomes = all_at_once(takes, pool)

        assert [outcome.went_through for outcome in outcomes].count(True) == 1
        assert all(isinstance(outcome.refusal, AlreadyTaken) for outcome in outcomes if outcome.refusal)
        service_request.refresh_from_db()
        winner = engineers[[outcome.went_through for outcome in outcomes].index(True)]
        assert service_request.assignee_id == winner.person_id
        assert kinds(service_request.number, "request_taken") == ["request_taken"]
    assert list(faults()) == []


def test_closing_and_reopening_at_once_leaves_events_that_alternate_and_agree_with_the_state(
    admin: Actor, engineers: list[Actor], pool: ThreadPoolExecutor
) -> None:
    """CH-4; P-10"""
    for _ in range(ROUNDS):
        service_request = making.filed(admin, severity="C")
        number = service_request.number
        close_request(number=number, actor=engineers[0], ending=SOLVED)
        closes: list[Act] = [
            partial(close_request, number=number, actor=engineer, ending=SOLVED) for engineer in engineers[:4]
        ]
        reopens: list[Act] = [partial(reopen_request, number=number, actor=admin) for _ in range(4)]

        outcomes = all_at_once([act for pair in zip(closes, reopens, strict=True) for act in pair], pool)

        assert all(isinstance(outcome.refusal, IllegalTransition) for outcome in outcomes if outcome.refusal)
        happened = kinds(number, "request_closed", "request_reopened")
        turns = ["request_closed", "request_reopened"] * len(happened)
        assert happened == turns[: len(happened)]
        assert len(happened) == 1 + sum(outcome.went_through for outcome in outcomes)
        service_request.refresh_from_db()
        assert (service_request.state == "closed") == (happened[-1] == "request_closed")
    assert list(faults()) == []


def test_whoever_comes_at_the_instant_finds_one_lawful_outcome(
    admin: Actor, engineers: list[Actor], chance: random.Random, measured: Callable[[str], None]
) -> None:
    """CH-4, P-2, P-3: reopening, replying, changing the severity and writing, against the clock."""
    field = Field(admin, engineers, chance)
    races = [(field.reopen_against_archive, judge_reopen), (field.reply_against_breach, judge_reply)]
    races += [(field.severity_against_ladder, judge_ladder), (field.message_against_close, judge_message)]
    order = [races[number % len(races)] for number in range(TIMED_ROUNDS * len(races))]

    rounds = run_around_instants([make for make, _ in order], every=EVERY, lasts=LASTS)

    for made, (_, judge) in zip(rounds, order, strict=True):
        made.service_request.refresh_from_db()
        judge(made)
    assert not Timer.objects.filter(state="waiting", due_at__lt=clock.now() - 2 * GRACE).exists()
    assert list(faults()) == []
    through = sum(outcome.went_through for made in rounds for outcome in made.outcomes)
    busy = sum(isinstance(outcome.refusal, Busy) for made in rounds for outcome in made.outcomes)
    measured(f"{len(rounds)} rounds, {sum(len(made.outcomes) for made in rounds)} acts, {through} went through")
    measured(f"{busy} were told to come back; kinds of outcomes: {tally(rounds)}")


def tally(rounds: list[Round]) -> dict[str, int]:
    """How often the rounds ended in each state."""
    states = [made.service_request.state for made in rounds]
    return {state: states.count(state) for state in sorted(set(states))}


class Field:
    """Makes the rounds: each request with its instant, one to five who want something, others in their way."""

    def __init__(self, admin: Actor, engineers: list[Actor], chance: random.Random) -> None:
        self.admin, self.engineers, self.chance = admin, engineers, chance
        self.silent = [self._silent() for _ in range(TIMED_ROUNDS)]

    def _round(self, made: Round, acts: list[Act], *centres: float) -> Round:
        several = self.chance.choice((1, 1, 2, 5))
        note = partial(conversation.add_internal_note, number=made.service_request.number, body="Only looking.")
        rivals: list[Act] = [partial(note, actor=engineer) for engineer in self.engineers[several:5]]
        made.acts += [(around(self.chance, *centres), act) for act in (*acts[:several], *rivals)]
        slow = partial(hold, made.service_request, self.chance.uniform(0, 2.5))
        made.acts.append((self.chance.uniform(-1, 0.5), slow))
        return made

    def reopen_against_archive(self) -> Round:
        instant = clock.now() + timedelta(seconds=2.5)
        closed_at = instant - WINDOW
        filed = making.filed(self.admin, severity="C", now=closed_at - HOUR)
        close_request(number=filed.number, actor=self.engineers[0], ending=SOLVED, now=closed_at)
        reopens = [partial(closing.reopen_request, number=filed.number, actor=self.admin) for _ in range(5)]
        return self._round(Round(filed, instant, []), list(reopens), 0)

    def reply_against_breach(self) -> Round:
        filed = making.filed(self.admin)
        replies = [
            partial(conversation.reply_publicly, number=filed.number, actor=engineer, body="We are on it.")
            for engineer in self.engineers[:5]
        ]
        return self._round(Round(filed, _due(filed), []), list(replies), 0)

    def severity_against_ladder(self) -> Round:
        filed = making.filed(self.admin)
        changes = [
            partial(
                severity.change_severity,
                number=filed.number,
                actor=engineer,
                severity=self.chance.choice("ABC"),
                reason="As it turned out.",
            )
            for engineer in self.engineers[:5]
        ]
        return self._round(Round(filed, _due(filed), []), list(changes), 0, 4.2)

    def message_against_close(self) -> Round:
        """The customer was asked long ago and reminded; the instant of the closing is moved here."""
        silent = self.silent.pop()
        instant = clock.now() + timedelta(seconds=2.5)
        _move_closing(silent, to=instant)
        messages = [
            partial(conversation.add_customer_message, number=silent.number, actor=self.admin, body="The first one.")
            for _ in range(5)
        ]
        return self._round(Round(silent, instant, []), list(messages), 0, 4.2, 4.6)

    def _silent(self) -> ServiceRequest:
        """A request whose customer has not answered for long; the reminders have gone out."""
        asked_at = clock.now() - timedelta(days=60)
        filed = making.filed(self.admin, severity="C", now=asked_at)
        conversation.ask_customer(number=filed.number, actor=self.engineers[0], body="Which one?", now=asked_at)
        reminders = Timer.objects.filter(request=filed, kind="waiting_reminder").order_by("due_at")
        for due_at in list(reminders.values_list("due_at", flat=True)):
            sweep(now=due_at + GRACE)
        _move_closing(filed, to=clock.now() + WINDOW)
        return filed


def _move_closing(service_request: ServiceRequest, *, to: datetime) -> None:
    close = Timer.objects.filter(request=service_request, kind="waiting_close", state="waiting")
    assert close.update(due_at=to, next_attempt_at=to) == 1


def _due(filed: ServiceRequest) -> datetime:
    assert filed.due_at
    return filed.due_at


def judge_reopen(made: Round) -> None:
    """CH-4: reopened in time, or archived; who was through with asking before the end was heard."""
    number = made.service_request.number
    happened = kinds(number, "request_reopened", "request_archived")
    assert happened in (["request_reopened"], ["request_archived"]), number
    if happened == ["request_reopened"]:
        assert made.service_request.state in ("awaiting_response", "in_progress")
        assert Event.objects.get(number=number, kind="request_reopened").at <= made.instant
    else:
        assert made.service_request.state == "archived"
        in_time = [outcome.refusal for outcome in made.outcomes if outcome.over < made.instant.timestamp()]
        assert not any(isinstance(refusal, ReopenWindowClosed | IllegalTransition) for refusal in in_time), number


def judge_reply(made: Round) -> None:
    """P-3: answered in time and kept, or the breach recorded once at the due instant, with its step."""
    commitment = Commitment.objects.get(request=made.service_request)
    assert kinds(made.service_request.number, "first_response") == ["first_response"]
    assert made.service_request.state == "in_progress"
    kept = commitment.responded_at is not None and commitment.responded_at <= made.instant
    breaches = list(Event.objects.filter(ref=f"commitment:{commitment.pk}", kind="commitment_breached"))
    assert [event.at for event in breaches] == ([] if kept else [made.instant])
    step = Timer.objects.get(commitment=commitment, kind="response", step="100")
    assert step.state == ("cancelled" if kept else "fired")


def _swept_and(holds: Callable[[], bool]) -> bool:
    sweep()
    return holds()


def judge_ladder(made: Round) -> None:
    """P-3: every promise that passed unanswered is told of once, at its own due instant, whatever came in between."""
    now = clock.now()
    promised = list(Commitment.objects.filter(request=made.service_request).order_by("cycle", "revision"))
    for commitment, after in zip(promised, [*promised[1:], None], strict=True):
        if after and after.reason == "raised" and commitment.due_at and commitment.ended_at < commitment.due_at:
            continue  # a stricter one took its place in time, and is watched instead
        found = Event.objects.filter(ref=f"commitment:{commitment.pk}", kind="commitment_breached")
        passed = commitment.due_at is not None and commitment.due_at < now - 2 * GRACE
        if passed:  # the race may have ended before its sweep, or while a try that failed waits for the next one
            timers = Timer.objects.filter(request=made.service_request).values()
            told_at_last = partial(_swept_and, found.exists)
            eventually(told_at_last, within=60, what=lambda: f"{vars(commitment)} {list(timers)}")  # noqa: B023
        breaches = list(found)
        told = passed or bool(breaches)  # one that passed just now may be told of already
        assert [event.at for event in breaches] == ([commitment.due_at] if told else []), made.service_request.number
        assert all(event.at < clock.now() for event in breaches)


def judge_message(made: Round) -> None:
    """RO-3: the customer was heard and the request goes on, or it was closed once and nothing came after."""
    number = made.service_request.number
    closed = kinds(number, "request_closed")
    heard = Message.objects.filter(request=made.service_request, body="The first one.").count()
    if made.service_request.state == "closed":
        assert closed == ["request_closed"]
        assert heard == 0, number
        assert Event.objects.get(number=number, kind="request_closed").at == made.instant
    else:
        assert (closed, made.service_request.state) == ([], "in_progress")
        assert heard >= 1
