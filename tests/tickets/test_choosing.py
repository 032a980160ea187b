"""Which request an engineer takes next: the rule, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tickets.choosing import LONG_BROKEN, LONG_UNPROMISED, Engineer, Reason, Urgency, Waiting, choose, reasons

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)
SPEAKER = Engineer(languages=frozenset({"zh-Hant"}), services=frozenset({"exchange_online"}))


def promised(pk, due_at, **changes):
    common = {"language": "zh-Hant", "service": "exchange_online", "severity": "B", "created_at": NOW - 3 * HOUR}
    return Waiting(**{"pk": pk, "due_at": due_at, "owed_at": due_at, **common, **changes})


def unpromised(pk, owed_at, **changes):
    return replace(promised(pk, owed_at, **changes), due_at=None)


@pytest.mark.parametrize(
    ("waiting", "urgency"),
    [
        (promised(1, NOW), Urgency.SOON),
        (promised(1, NOW - MICROSECOND), Urgency.BROKEN),
        (promised(1, NOW + HOUR), Urgency.SOON),
        (promised(1, NOW + HOUR + MICROSECOND), Urgency.LATER),
        (promised(1, NOW - LONG_BROKEN), Urgency.BROKEN),
        (promised(1, NOW - LONG_BROKEN - MICROSECOND), Urgency.NEGLECTED),
        (unpromised(1, NOW), Urgency.LATER),
        (unpromised(1, NOW - MICROSECOND), Urgency.SOON),
        (unpromised(1, NOW - LONG_UNPROMISED), Urgency.SOON),
        (unpromised(1, NOW - LONG_UNPROMISED - MICROSECOND), Urgency.NEGLECTED),
    ],
)
def test_urgency_has_its_boundaries(waiting, urgency):
    """Settled point 16: at its instant a promise is not broken"""
    assert waiting.urgency(NOW) is urgency


def test_what_is_broken_comes_before_what_is_due_and_that_before_the_rest():
    """Settled point 16"""
    later, soon, broken = promised(1, NOW + 3 * HOUR), promised(2, NOW + HOUR), promised(3, NOW - MICROSECOND)

    assert choose([later, soon, broken], SPEAKER, now=NOW) == broken
    assert choose([later, soon], SPEAKER, now=NOW) == soon
    assert choose([], SPEAKER, now=NOW) is None


@pytest.mark.parametrize(
    "better",
    [{}, {"severity": "A"}, {"created_at": NOW - 4 * HOUR}, {"pk": 1}],
    ids=["language", "severity", "age", "number"],
)
def test_among_what_is_as_urgent_language_severity_and_age_decide(better):
    """RO-3, LA-1"""
    due_at = NOW + HOUR
    other = promised(2, due_at, language="fr") if not better else promised(2, due_at)
    preferred = replace(promised(3, due_at), **better)

    assert choose([other, preferred], SPEAKER, now=NOW) == preferred


def test_a_language_weighs_more_than_a_service_and_an_offer_to_seniors_more_than_both():
    """LA-1"""
    stranger = promised(1, NOW + HOUR, service="teams")
    foreign = promised(2, NOW + HOUR, language="fr")
    offered = promised(3, NOW + HOUR, senior_wanted=True)

    assert choose([offered, foreign, stranger], SPEAKER, now=NOW) == stranger
    assert choose([offered, foreign], SPEAKER, now=NOW) == foreign
    assert choose([offered, foreign], replace(SPEAKER, is_senior=True), now=NOW) == offered


def test_skills_that_nobody_has_entered_count_for_and_against_nothing():
    """RO-3"""
    first, second = promised(1, NOW + HOUR, language="fr", service="teams"), promised(2, NOW + HOUR)

    assert choose([second, first], Engineer(), now=NOW) == first
    assert set(reasons(first, Engineer(), now=NOW)) == {Reason.PROMISE_DUE, Reason.SEVERITY, Reason.AGE}


def test_nothing_starves_however_much_else_is_broken():
    """Settled point 16: one without a commitment, of no language of the engineer's, is the next one in the end."""
    alone = unpromised(1, NOW, language="fr", service="teams", severity="C")
    at = NOW + LONG_UNPROMISED + 2 * HOUR

    def others(now):
        return [promised(pk, now - pk * timedelta(seconds=40), severity="A") for pk in range(2, 90)]

    assert choose([*others(NOW + HOUR), alone], SPEAKER, now=NOW + HOUR) != alone
    assert choose([*others(at), alone], SPEAKER, now=at) == alone
    assert Reason.NEGLECTED in set(reasons(alone, SPEAKER, now=at))


@pytest.mark.parametrize(
    ("waiting", "first"),
    [
        (promised(1, NOW - MICROSECOND), Reason.PROMISE_BROKEN),
        (promised(1, NOW), Reason.PROMISE_DUE),
        (unpromised(1, NOW), Reason.LOOK_OWED),
        (unpromised(1, NOW, begun=True), Reason.UPDATE_OWED),
        (promised(1, NOW + HOUR, owed_at=NOW, disputed=True), Reason.DISPUTED),
    ],
)
def test_the_first_reason_is_what_is_owed(waiting, first):
    """Settled point 16, SLA-6: no promise is spoken of where there is none"""
    assert next(reasons(waiting, SPEAKER, now=NOW)) is first


@pytest.mark.parametrize(
    ("engineer", "told"),
    [
        (Engineer(), set()),
        (Engineer(in_hand=2), {Reason.LOAD}),
        (Engineer(in_hand=1, owes_at=NOW - MICROSECOND), {Reason.LOAD, Reason.OWN_OWED_FIRST}),
        (Engineer(in_hand=1, owes_at=NOW), {Reason.LOAD}),
        (Engineer(works_now=False), {Reason.OFF_DUTY}),
        (Engineer(works_now=False, on_duty=True), set()),
        (Engineer(works_now=True), set()),
    ],
)
def test_load_and_duty_are_told_and_hold_nothing_back(engineer, told):
    """RO-3: off duty, too, whoever asks is given what is most urgent"""
    best = promised(1, NOW)

    assert choose([promised(2, NOW + HOUR), best], engineer, now=NOW) == best
    assert set(reasons(best, engineer, now=NOW)) == {Reason.PROMISE_DUE, Reason.SEVERITY, Reason.AGE} | told
