"""A repeated call is answered, not repeated (P-2)."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from accounts import clock, idempotency
from accounts.errors import Busy, InvalidKey, KeyInUse, KeyReused
from accounts.idempotency import Answer, Call
from accounts.models import IdempotencyKey, Organisation
from tests import factories


@pytest.fixture
def admin(db):
    return factories.make_person(factories.make_organisation(), "global_admin")


def call_of(person, *, key="key-1", organisation_id=0, path="/api/v1/tokens/", digest="d" * 64):
    return Call(person.pk, organisation_id or person.organisation_id, key, "POST", path, digest)


def claim(call):
    return idempotency.claim(call, now=clock.now())


def test_a_stored_answer_comes_back_for_the_same_call(admin):
    """P-2"""
    answer = Answer(status=201, body='{"number": "SR-000000001"}', headers={"ETag": '"1"'})
    assert claim(call_of(admin)) is None
    idempotency.keep(call_of(admin), answer)

    assert claim(call_of(admin)) == answer


@pytest.mark.parametrize("other", [{"path": "/api/v1/other/"}, {"digest": "e" * 64}])
def test_the_same_key_for_something_else_is_refused(admin, other):
    idempotency.keep(call_of(admin), Answer(status=201, body=""))

    with pytest.raises(KeyReused):
        claim(call_of(admin, **other))


def test_the_key_of_a_colleague_or_of_another_customer_is_another_key(admin):
    """P-5: double submit, key of a colleague"""
    colleague = factories.make_person(admin.organisation, "global_admin")
    customer = factories.make_organisation()
    idempotency.keep(call_of(admin), Answer(status=201, body=""))

    assert claim(call_of(colleague)) is None
    assert claim(call_of(admin, organisation_id=customer.pk)) is None


@pytest.mark.parametrize(("age", "kept"), [(timedelta(hours=48, microseconds=-1), True), (timedelta(hours=48), False)])
def test_an_answer_is_kept_for_48_hours(admin, age, kept):
    idempotency.keep(call_of(admin), Answer(status=201, body=""))
    now = IdempotencyKey.objects.get().created_at + age

    assert (idempotency.claim(call_of(admin), now=now) is not None) == kept
    assert IdempotencyKey.objects.exists() == kept


def test_old_answers_are_purged(admin):
    idempotency.keep(call_of(admin), Answer(status=201, body=""))
    stored_at = IdempotencyKey.objects.get().created_at

    assert idempotency.purge(now=stored_at + timedelta(hours=48, microseconds=-1)) == 0
    assert idempotency.purge(now=stored_at + timedelta(hours=48)) == 1


@pytest.mark.parametrize("key", ["a", "A-1_~!", "x" * 64])
def test_visible_ascii_makes_a_key(key):
    assert idempotency.check_key(key) == key


@pytest.mark.parametrize("key", ["", "x" * 65, "a b", "ключ", "a\n", "\x7f", "a\x00"])
def test_anything_else_makes_no_key(key):
    with pytest.raises(InvalidKey):
        idempotency.check_key(key)


def test_a_new_key_is_a_key():
    assert idempotency.check_key(idempotency.new_key())


def form(person, work, *, key="form-key", fingerprint="new/subject=mail"):
    return idempotency.once(
        person_id=person.pk, organisation_id=person.organisation_id, key=key, fingerprint=fingerprint, work=work
    )


def test_a_form_sent_twice_does_its_work_once(admin):
    """P-2"""
    numbers = iter(["SR-000000001", "SR-000000002"])

    first = form(admin, lambda: next(numbers))
    second = form(admin, lambda: next(numbers))

    assert (first.result, first.replayed) == ("SR-000000001", False)
    assert (second.result, second.replayed) == ("SR-000000001", True)


def test_a_form_that_was_changed_needs_a_new_key(admin):
    form(admin, lambda: "SR-000000001")

    with pytest.raises(KeyReused):
        form(admin, lambda: "SR-000000002", fingerprint="new/subject=calendar")


def test_work_that_fails_leaves_the_key_free_and_nothing_behind(admin):
    """P-2"""

    def fail():
        factories.make_organisation("half-made")
        raise Busy

    with pytest.raises(Busy):
        form(admin, fail)

    assert not Organisation.objects.filter(slug="half-made").exists()
    assert form(admin, lambda: "SR-000000001").replayed is False


def in_thread(function):
    """Run in a thread of its own, with a connection of its own."""

    def run():
        try:
            return function()
        finally:
            connection.close()

    return run


def test_two_calls_at_once_do_the_work_once_and_the_second_is_told_to_wait(own_database):
    """P-2"""
    admin = factories.make_person(factories.make_organisation(), "global_admin")
    at_work, may_end = threading.Event(), threading.Event()

    def first():
        with transaction.atomic():
            assert claim(call_of(admin)) is None
            at_work.set()
            assert may_end.wait(10)
            idempotency.keep(call_of(admin), Answer(status=201, body="once"))

    with ThreadPoolExecutor() as pool:
        working = pool.submit(in_thread(first))
        assert at_work.wait(10)
        with transaction.atomic(), pytest.raises(KeyInUse):
            claim(call_of(admin))
        may_end.set()
        working.result()

    with transaction.atomic():
        assert claim(call_of(admin)) == Answer(status=201, body="once")


def test_a_double_click_waits_for_the_first_and_gets_its_result(own_database):
    """P-2"""
    admin = factories.make_person(factories.make_organisation(), "global_admin")
    done = []
    together = threading.Barrier(4)

    def click():
        together.wait(10)
        return form(admin, lambda: done.append(1) or "SR-000000001")

    with ThreadPoolExecutor() as pool:
        outcomes = [each.result() for each in [pool.submit(in_thread(click)) for _ in range(4)]]

    assert len(done) == 1
    assert {outcome.result for outcome in outcomes} == {"SR-000000001"}
    assert sorted(outcome.replayed for outcome in outcomes) == [False, True, True, True]
