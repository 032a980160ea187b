"""The one clock: the database's, asked once for each transaction of a service."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.transactions import service

pytestmark = pytest.mark.django_db
PAST = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@service
def inner(*, now=None):
    return now


@service
def outer(*, now=None):
    return now, clock.now(), inner()


def test_what_a_service_calls_has_the_same_now_without_asking_again():
    """STYLE, time and deadlines: a service asks the database's clock once, first thing"""
    with CaptureQueriesContext(connection) as queries:
        instants = outer()

    assert len(set(instants)) == 1
    assert sum("now()" in query["sql"] for query in queries) == 1


def test_a_now_that_was_handed_in_is_that_services_alone():
    """Tests hand in instants; what does not take one goes by the database's clock"""
    given, asked, called = outer(now=PAST)

    assert given == PAST
    assert asked == called == clock.now()


def test_the_clock_is_asked_again_after_the_service():
    outer()
    with CaptureQueriesContext(connection) as queries:
        clock.now()

    assert len(queries) == 1
