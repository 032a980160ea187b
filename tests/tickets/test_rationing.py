"""Which mails of one person go out now, and which are told in a digest: the rule alone, without database or clock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.families import CRITICAL, ORDINARY, SECURITY, URGENT
from tickets.rationing import AN_HOUR_HOLDS, IN_FLIGHT, Waiting, ration, share


def mails(count, urgency=ORDINARY, *, first=1, **facts):
    """Mails about as many requests."""
    return [Waiting(id=i, number=f"SR-{i:09d}", urgency=urgency, **facts) for i in range(first, first + count)]


@pytest.mark.parametrize(("urgency", "most"), [(CRITICAL, 20), (URGENT, 17), (ORDINARY, 15)])
def test_a_quarter_of_the_hour_is_kept_for_what_presses(urgency, most):
    """RELIABILITY, outbox: at most 20, and an A is not stuck behind acknowledgements."""
    assert ration(mails(1, urgency), sent=most - 1) == ration(mails(1, urgency), sent=0)
    held = ration(mails(1, urgency), sent=most)

    assert (held.send, held.digest) == ([], [1])


def test_the_ladder_of_an_a_goes_before_everything_that_waits_longer():
    """RELIABILITY, outbox"""
    waiting = [*mails(5), *mails(2, URGENT, first=6), *mails(1, CRITICAL, first=8)]

    assert ration(waiting, sent=0).send == [8, 6]


def test_of_five_hundred_at_once_the_hour_lets_its_number_through_and_holds_the_rest_back():
    """RELIABILITY, outbox"""
    decided = ration(mails(500, CRITICAL), sent=0)

    assert (decided.send, decided.digest) == ([1, 2], list(range(21, 501)))


def test_what_an_accounts_safety_needs_is_never_held_back():
    """P-6: a link to reset a password does not wait for the end of the hour."""
    waiting = [Waiting(id=1, number="", urgency=SECURITY, counts=False)]

    assert ration(waiting, sent=1000).send == [1]


def test_the_mails_of_one_request_keep_their_order_and_the_urgent_one_hurries_those_before_it():
    """RELIABILITY, outbox: at most one in flight per receiver and request."""
    waiting = [
        Waiting(id=1, number="SR-000000001", urgency=ORDINARY),
        Waiting(id=2, number="SR-000000002", urgency=ORDINARY),
        Waiting(id=3, number="SR-000000002", urgency=CRITICAL),
    ]

    assert ration(waiting, sent=0).send == [2, 1]


def test_nothing_overtakes_a_mail_that_is_on_its_way_or_put_off():
    """RELIABILITY, outbox"""
    behind = Waiting(id=2, number="SR-000000001", urgency=CRITICAL)
    flying = Waiting(id=1, number="SR-000000001", urgency=ORDINARY, due=False, in_flight=True)
    put_off = Waiting(id=1, number="SR-000000001", urgency=ORDINARY, due=False)

    assert ration([flying, behind], sent=0).send == []
    assert ration([put_off, behind], sent=0).send == []


def test_a_mail_that_failed_too_often_lets_the_others_pass():
    """P-9: one poisoned mail does not silence its request."""
    poisoned = Waiting(id=1, number="SR-000000001", urgency=ORDINARY, due=False, steps_aside=True)

    assert ration([poisoned, Waiting(id=2, number="SR-000000001", urgency=ORDINARY)], sent=0).send == [2]


def test_what_is_put_off_is_neither_sent_nor_told_in_a_digest():
    assert ration(mails(30, due=False), sent=30).digest == []


@pytest.mark.parametrize("allowed", [1, 2, 3, 5, 20, 2000])
def test_every_urgency_has_a_share_of_any_number(allowed):
    """`RATE_LIMIT_FACTOR` scales the number; nobody's share vanishes, none exceeds the whole."""
    shares = [share(urgency, allowed=allowed) for urgency in (SECURITY, CRITICAL, URGENT, ORDINARY)]

    assert shares == sorted(shares, reverse=True)
    assert min(shares) >= 1
    assert max(shares) <= allowed


@st.composite
def waiting(draw):
    """Any mails of one person, of a few requests."""
    return [
        Waiting(
            id=i,
            number=draw(st.sampled_from(["", "SR-000000001", "SR-000000002", "SR-000000003"])),
            urgency=draw(st.sampled_from([CRITICAL, URGENT, ORDINARY])),
            due=draw(st.booleans()),
            steps_aside=draw(st.booleans()),
        )
        for i in range(draw(st.integers(0, 40)))
    ]


@given(waiting(), st.integers(0, 30))
def test_whatever_waits_never_too_many_never_twice_and_nobody_forgotten(mails, sent):
    """P-2, RELIABILITY: sending until nothing is due sends each mail once, in order, within the hour's number."""
    went: list[Waiting] = []
    told: set[int] = set()
    standing = {mail.id: mail for mail in mails}
    while True:
        decided = ration(list(standing.values()), sent=sent + len(went))
        assert len(decided.send) <= IN_FLIGHT
        assert not set(decided.send) & set(decided.digest)
        told |= {standing.pop(each).id for each in decided.digest}
        went += [standing.pop(each) for each in decided.send]
        if not (decided.send or decided.digest):
            break

    assert len(went) <= max(0, AN_HOUR_HOLDS - sent)
    for number in {mail.number for mail in went} - {""}:
        ids = [mail.id for mail in went if mail.number == number]
        assert ids == sorted(ids)
    left = [mail for mail in standing.values() if mail.due]
    blocked = {mail.number for mail in standing.values() if not mail.due and not mail.steps_aside}
    assert all(mail.number in blocked for mail in left)
