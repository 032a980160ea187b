"""Requests find engineers who speak their language (LA-1)."""

from copy import copy

import pytest

from tests import factories
from tests.tickets import making
from tests.tickets.conftest import MONDAY
from tests.tickets.test_budgets import QUEUE, TAGS, costs, is_constant
from tickets.filing import Contact
from tickets.models import ServiceRequest
from tickets.selectors.queue import queue_page
from tickets.services.assignment import take_request


@pytest.fixture
def engineer_person(db):
    """An engineer who speaks Japanese and English."""
    return factories.make_staff("engineer", languages=["ja", "en"])


def test_engineers_find_what_nobody_has_in_the_languages_they_speak(admin, engineer_person):
    """LA-1: routes by language"""
    rows = {
        language: making.filed(admin, contact=Contact(language=language), now=MONDAY)
        for language in ("ja", "en", "zh-Hant", "ko")
    }
    engineer, silent = factories.actor(engineer_person), factories.actor(factories.make_staff("engineer"))

    def found(actor):
        return {row.number for row in queue_page(actor, now=MONDAY, view="spoken").rows}

    assert found(engineer) == {rows["ja"].number, rows["en"].number}
    assert found(silent) == set()
    take_request(number=rows["en"].number, actor=engineer, now=MONDAY)
    assert found(engineer) == {rows["ja"].number}


def test_it_costs_the_same_for_one_request_and_for_a_hundred(admin, engineer_person):
    """STYLE section 5; at most 9 queries."""
    making.filed(admin)
    row = copy(ServiceRequest.objects.get())
    browser = factories.browser_of(engineer_person)

    assert is_constant(costs(row, browser, "/queue/?view=spoken"), budget=QUEUE + TAGS)
