"""Whom to give a request to: what the select says of each, and who comes first (RO-3, LA-1)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.factories import actor, browser_of, make_organisation, make_person, make_staff, make_subscription
from tests.tickets.making import filed
from tickets.selectors.people import engineers_for
from tickets.services.assignment import assign_request

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
BY_DAY = {"0": [["09:00", "17:00"]]}


@pytest.fixture
def admin():
    admin = make_person(make_organisation(timezone="Europe/Berlin"), "global_admin", language="en")
    make_subscription(admin.organisation)
    return admin


def test_who_fits_best_comes_first_and_the_words_say_why(admin):
    """RO-3, LA-1"""
    lead = make_staff("team_lead", name="Zoe", languages=["en"])
    make_staff("engineer", name="Off", languages=["en"], working_hours={"1": [["09:00", "17:00"]]})
    make_staff("engineer", name="Foreign", languages=["ja"], working_hours=BY_DAY, services=["exchange_online"])
    busy = make_staff("engineer", name="Busy", languages=["en"], working_hours=BY_DAY, services=["exchange_online"])
    make_staff("engineer", name="Free", languages=["en", "zh-Hant"], working_hours=BY_DAY, services=["exchange_online"])
    make_staff("engineer", name="Plain", languages=["en"], working_hours=BY_DAY)
    make_staff("billing_specialist", name="Nobody's")
    request = filed(actor(admin))
    assign_request(number=request.number, actor=actor(lead), assignee_id=busy.pk)

    described = [text for _, text in engineers_for(request, now=MONDAY)]

    assert described == [
        "Free: works now, speaks English / 繁體中文, knows Exchange Online, 0 open",
        "Busy: works now, speaks English, knows Exchange Online, 1 open",
        "Plain: works now, speaks English, 0 open",
        "Off: off now, speaks English, 0 open",
        "Zoe: speaks English, 0 open",
        "Foreign: works now, speaks 日本語, knows Exchange Online, 0 open",
    ]


def test_the_select_costs_one_query_however_many_there_are(admin, django_assert_num_queries):
    request = filed(actor(admin))
    for _ in range(12):
        make_staff("engineer", "senior_engineer", languages=["en"])
    assert request.service

    with django_assert_num_queries(1):
        assert len(engineers_for(request, now=MONDAY)) == 12


def test_the_page_of_a_request_shows_it(admin):
    engineer = make_staff("engineer", name="Ada", languages=["en"])
    request = filed(actor(admin))

    assert "Ada: speaks English, 0 open" in browser_of(engineer).get(f"/requests/{request.number}/").content.decode()
