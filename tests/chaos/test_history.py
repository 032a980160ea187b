"""The judge itself: each doctored history is found out, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.chaos.history import Firing, Target, Write, judge_mails, judge_timers, judge_webhooks, judge_writes, share

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)
EPSILON = 10 * SECOND
ASKED = [f"key-{n}" for n in range(5)]
ANSWERED = [Write(key, f"place of {key}") for key in ASKED[:4]]
PRESENT = [Write(key, f"place of {key}") for key in ASKED]
TARGETS = [Target(f"timer-{n}", NOON + n * SECOND) for n in range(5)]
FIRINGS = [Firing(target.key, target.due, target.due + 4 * SECOND) for target in TARGETS]


def faults(verdict):
    return {name: list(keys) for name, keys in verdict.wrong.items() if keys}


def test_webhooks_may_come_twice_but_neither_never_nor_in_another_order() -> None:
    """P-2"""
    owed = {"SR-1": ["a", "b", "c"], "SR-2": ["d"]}
    right = [("SR-1", "a"), ("SR-2", "d"), ("SR-1", "b"), ("SR-1", "a"), ("SR-1", "c")]

    verdict = judge_webhooks(owed=owed, arrived=right)
    assert verdict.sound
    assert verdict.allowed == {"repeats": ["a"]}
    assert judge_webhooks(owed=owed, arrived=right[:-1]).wrong["lost"] == ["c"]
    assert judge_webhooks(owed=owed, arrived=[*right, ("SR-1", "x")]).wrong["unexpected"] == ["x"]
    assert judge_webhooks(owed=owed, arrived=right[::-1]).wrong["disordered"] == ["SR-1"]


def test_a_sound_history_of_writes_is_sound_and_an_unanswered_one_may_be_there():
    """P-1: recovered = unanswered but present, which is allowed."""
    verdict = judge_writes(asked=ASKED, answered=ANSWERED, present=PRESENT)

    assert verdict.sound
    assert verdict.allowed == {"recovered": ["key-4"]}


def test_an_unanswered_write_may_be_absent_too():
    """P-1: nobody was promised it."""
    assert judge_writes(asked=ASKED, answered=ANSWERED, present=PRESENT[:4]).sound


def test_a_replayed_answer_is_no_second_effect():
    """P-2: the same answer twice is what a repeated call gets."""
    assert judge_writes(asked=ASKED, answered=[*ANSWERED, ANSWERED[0]], present=PRESENT).sound


@pytest.mark.parametrize(
    ("answered", "present", "found"),
    [
        (ANSWERED, PRESENT[1:], {"lost": ["key-0"]}),
        (ANSWERED, [*PRESENT, Write("key-2", "somewhere else")], {"doubled": ["key-2"]}),
        (ANSWERED, [*PRESENT, PRESENT[2]], {"doubled": ["key-2"]}),
        (ANSWERED, [*PRESENT, Write("key-9", "place of key-9")], {"unexpected": ["key-9"]}),
        (ANSWERED, [Write("key-0", "somewhere else"), *PRESENT[1:]], {"foreign": ["key-0"]}),
        ([*ANSWERED, Write("key-1", "somewhere else")], PRESENT, {"foreign": ["key-1"]}),
    ],
    ids=["one lost", "one doubled", "one doubled in its place", "one unexpected", "a foreign survivor", "two answers"],
)
def test_a_doctored_history_of_writes_is_found_out(answered, present, found):
    """P-1, P-2"""
    assert faults(judge_writes(asked=ASKED, answered=answered, present=present)) == found


def test_a_sound_history_of_timers_is_sound_up_to_the_last_instant_of_its_targets():
    """P-3: a firing at the due instant and one at due + ε both fill the target."""
    edges = [Firing("timer-0", NOON, NOON), Firing("timer-1", TARGETS[1].due, TARGETS[1].due + EPSILON), *FIRINGS[2:]]

    verdict = judge_timers(TARGETS, edges, within=EPSILON)

    assert verdict.sound
    assert (verdict.lateness[0], verdict.lateness[-1]) == (timedelta(0), EPSILON)


@pytest.mark.parametrize(
    ("firings", "found"),
    [
        (FIRINGS[1:], {"lost": ["timer-0"]}),
        ([*FIRINGS, FIRINGS[3]], {"doubled": ["timer-3"]}),
        ([Firing("timer-0", NOON, NOON - MICROSECOND), *FIRINGS[1:]], {"early": ["timer-0"]}),
        ([Firing("timer-0", NOON, NOON + EPSILON + MICROSECOND), *FIRINGS[1:]], {"late": ["timer-0"]}),
        ([Firing("timer-0", NOON + MICROSECOND, NOON + SECOND), *FIRINGS[1:]], {"undated": ["timer-0"]}),
        ([*FIRINGS, Firing("timer-9", NOON, NOON + SECOND)], {"unexpected": ["timer-9"]}),
    ],
    ids=["one lost", "one doubled", "one early", "one late", "one undated", "one unexpected"],
)
def test_a_doctored_history_of_timers_is_found_out(firings, found):
    """P-3"""
    assert faults(judge_timers(TARGETS, firings, within=EPSILON)) == found


def test_a_target_that_was_overtaken_may_stay_empty_but_not_be_filled_twice():
    """P-3: an answer just after the instant may come before the sweep."""
    overtaken = [Target("timer-0", NOON, obligatory=False), *TARGETS[1:]]

    assert judge_timers(overtaken, FIRINGS[1:], within=EPSILON).allowed == {"overtaken": ["timer-0"]}
    assert judge_timers(overtaken, FIRINGS[1:], within=EPSILON).sound
    assert faults(judge_timers(overtaken, [*FIRINGS, FIRINGS[0]], within=EPSILON)) == {"doubled": ["timer-0"]}


def test_each_target_can_have_an_epsilon_of_its_own():
    """P-3: 10 s as a rule, 30 s while Redis is gone."""
    within = {target.key: EPSILON for target in TARGETS} | {"timer-1": 3 * SECOND}

    assert faults(judge_timers(TARGETS, FIRINGS, within=within)) == {"late": ["timer-1"]}


@pytest.mark.parametrize(
    ("arrived", "crashes", "found"),
    [
        (["a", "b"], 0, {}),
        (["a", "b", "b"], 1, {}),
        (["a", "b", "b"], 0, {"doubled": ["b"]}),
        (["a", "a", "b", "b", "b"], 2, {"doubled": ["b"]}),
        (["a"], 0, {"lost": ["b"]}),
        (["a", "b", "c"], 5, {"unexpected": ["c"]}),
    ],
)
def test_mails_are_owed_once_and_repeated_at_most_once_for_each_crash(arrived, crashes, found):
    """P-2"""
    assert faults(judge_mails(owed={"a", "b"}, arrived=arrived, crashes=crashes)) == found


def test_a_mail_on_its_way_may_have_arrived_or_not():
    """P-2: it is not yet marked as sent."""
    assert judge_mails(owed={"a"}, arrived=["a", "b"], crashes=0, on_their_way={"b", "c"}).sound
    assert faults(judge_mails(owed={"a"}, arrived=["b"], crashes=0, on_their_way={"b"})) == {"lost": ["a"]}


def test_a_verdict_reads_as_a_line_with_examples():
    """What a person sees first when something broke."""
    verdict = judge_timers(TARGETS, FIRINGS[1:], within=EPSILON)

    assert str(verdict).startswith("1 lost, 0 doubled, 0 early, 0 late, 0 undated, 0 unexpected")
    assert "lost: timer-0" in str(verdict)


def test_the_share_of_a_history_is_its_percentile():
    """P-3: p99"""
    assert share([n * SECOND for n in range(100)], 0.99) == 99.0
    assert share([], 0.99) == 0.0
