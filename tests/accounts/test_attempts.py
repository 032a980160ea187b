"""Attempts counted by many at once, and kept whatever becomes of the request."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction

from accounts import clock
from accounts.errors import TooMany
from accounts.models import RateCount
from accounts.services import sign_in
from accounts.signing_in import attempts
from accounts.signing_in.attempts import Attempt, Limit
from tests.conftest import OwnDatabase

ADDRESS = "192.0.2.1"


def in_threads(number: int, act: Callable[[], object]) -> list[object]:
    """What `number` threads got that began at the same moment; a refusal counts as an answer."""
    barrier, answers = threading.Barrier(number), []

    def run() -> None:
        barrier.wait()
        try:
            answers.append(act())
        except TooMany as refusal:
            answers.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_parallel_guesses_do_not_slip_past_the_limit(own_database: OwnDatabase) -> None:
    """RELIABILITY.md section 3: exactly five of twelve simultaneous guesses are looked at."""
    answers = in_threads(12, lambda: sign_in.begin_attempt(email="mei@example.com", address=ADDRESS))

    assert sum(isinstance(answer, Attempt) for answer in answers) == 5
    assert sum(isinstance(answer, TooMany) for answer in answers) == 7


def test_attempts_that_share_limits_in_any_order_never_wait_in_a_circle(own_database: OwnDatabase) -> None:
    first, second = (Limit(bucket, 100, sign_in.FAILURES_WITHIN) for bucket in ("a", "b"))
    orders = iter([[first, second], [second, first]] * 4)
    lock = threading.Lock()

    def act() -> Attempt:
        with lock:
            limits = next(orders)
        return attempts.begin(limits)

    answers = in_threads(8, act)

    assert len(answers) == 8
    assert sum(RateCount.objects.filter(bucket="a").values_list("count", flat=True)) == 8


def test_a_failure_stays_counted_when_the_request_is_rolled_back(own_database: OwnDatabase) -> None:
    sign_in.begin_attempt(email="mei@example.com", address=ADDRESS)

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        raise ZeroDivisionError

    assert sum(RateCount.objects.values_list("count", flat=True)) == 3


def test_an_attempt_cannot_be_counted_inside_a_transaction_that_might_forget_it(own_database: OwnDatabase) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        sign_in.begin_attempt(email="mei@example.com", address=ADDRESS)


def test_a_success_is_given_back_and_leaves_the_failures(own_database: OwnDatabase) -> None:
    for _ in range(4):
        sign_in.begin_attempt(email="mei@example.com", address=ADDRESS)

    for _ in range(3):
        attempts.give_back(sign_in.begin_attempt(email="mei@example.com", address=ADDRESS))
    sign_in.begin_attempt(email="mei@example.com", address=ADDRESS)

    with pytest.raises(TooMany):
        sign_in.begin_attempt(email="mei@example.com", address=ADDRESS)


@pytest.mark.parametrize(("ago", "free"), [(timedelta(minutes=15), True), (timedelta(minutes=14, seconds=57), False)])
def test_the_window_slides(own_database: OwnDatabase, ago: timedelta, free: bool) -> None:
    """No edge at which twice the number would fit: each failure counts for its own 15 minutes, and no longer."""
    for _ in range(5):
        guess()
    oldest = RateCount.objects.order_by("window_at").values_list("window_at", flat=True)[0]
    RateCount.objects.filter(window_at=oldest).update(window_at=clock.now() - ago)

    answers = [guess(), guess()]

    assert isinstance(answers[0], Attempt) is free
    assert isinstance(answers[1], TooMany)


def test_the_wait_is_that_of_the_attempt_that_fills_the_window(own_database: OwnDatabase) -> None:
    for _ in range(5):
        guess()
    oldest = RateCount.objects.order_by("window_at").values_list("window_at", flat=True)[0]
    RateCount.objects.filter(window_at=oldest).update(window_at=clock.now() - timedelta(minutes=10))

    refusal = guess()

    assert isinstance(refusal, TooMany)
    assert 295 <= refusal.retry_after <= 300


def guess() -> Attempt | TooMany:
    try:
        return sign_in.begin_attempt(email="mei@example.com", address=ADDRESS)
    except TooMany as refusal:
        return refusal
