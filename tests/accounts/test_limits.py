"""Counters of rate limits."""

from datetime import timedelta

import pytest
from django.db import connection

from accounts import clock, limits
from accounts.limits import Limit
from accounts.models import RateCount

MINUTE = timedelta(minutes=1)
PAIR = [Limit("token", "t", 2, MINUTE), Limit("organisation", "o", 3, MINUTE)]


@pytest.mark.django_db
def test_several_limits_are_counted_in_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        standings = limits.count_all(PAIR)

    assert [standing.left for standing in standings] == [1, 2]
    assert all(1 <= standing.resets_in <= 60 for standing in standings)


@pytest.mark.django_db
def test_the_limit_itself_is_within_it_and_one_more_is_not():
    for _ in range(2):
        within = limits.count_all(PAIR)
    beyond = limits.count_all(PAIR)

    assert [standing.exceeded for standing in within] == [False, False]
    assert [standing.exceeded for standing in beyond] == [True, False]


@pytest.mark.django_db
def test_rate_limit_factor_multiplies_every_limit(settings):
    settings.RATE_LIMIT_FACTOR = 10

    assert [limit.allowed for limit in PAIR] == [20, 30]


@pytest.mark.django_db
def test_a_new_window_begins_at_zero():
    limits.count_all(PAIR)
    RateCount.objects.update(window_at=clock.now() - MINUTE)

    assert limits.count_all(PAIR)[0].left == 1


@pytest.mark.django_db
def test_counters_of_long_ago_are_purged():
    limits.count_all(PAIR)
    RateCount.objects.filter(bucket="t").update(window_at=clock.now() - timedelta(days=2))

    assert limits.purge() == 1
    assert RateCount.objects.get().bucket == "o"


def test_counting_leaves_other_commits_durable(own_database):
    """P-1: only the count itself does not wait for the disk."""
    limits.count_all(PAIR)

    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone()[0] == "on"
