"""What a support account manager sees and hears of, through HTTP: the customers of their contracts alone (EL-1)."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail

from accounts import clock
from accounts.models import Delivery, ElevatedContract
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import LIST, path_of
from tickets.services.conversation import add_internal_note, reply_publicly
from tickets.services.relay import relay_deliveries
from tickets.services.sweeping import sweep

WORD = "periscope"


@pytest.fixture
def desk(db: None) -> SimpleNamespace:
    """Two customers with elevated support; the manager looks after the first, somebody else after the second."""
    manager = factories.make_staff("account_manager", name="Jing Zhou")
    rival = factories.make_staff("account_manager")
    for role in ("engineer", "team_lead", "duty_manager"):
        factories.make_staff(role)
    numbers = []
    for who in (manager, rival):
        organisation = factories.make_organisation()
        factories.make_subscription(organisation)
        factories.make_elevated_contract(organisation, account_manager=who)
        admin = factories.actor(factories.make_person(organisation, "global_admin"))
        filed = making.filed(admin, subject=f"The {WORD} is stuck", now=clock.now() - timedelta(hours=3))
        numbers.append(filed.number)
    return SimpleNamespace(
        manager=manager, ours=numbers[0], theirs=numbers[1], engineer=factories.make_staff("engineer")
    )


@pytest.mark.parametrize("address", ["/requests/", f"/requests/?q={WORD}", "/queue/", "/staff/customers/"])
def test_lists_and_searches_show_the_requests_of_their_customers_alone(desk: Any, address: str) -> None:
    """EL-1, P-5"""
    page = factories.browser_of(desk.manager).get(address).content.decode()

    assert desk.ours in page
    assert desk.theirs not in page


def test_a_request_of_somebody_elses_customer_is_as_one_that_does_not_exist(desk: Any) -> None:
    """EL-1, P-5: searched by its number, opened, and everything that hangs on it"""
    browser, api = factories.browser_of(desk.manager), factories.api_of(desk.manager)
    for parts in ((), ("messages",), ("events",), ("commitments",), ("attachments",)):
        assert api.get(path_of(desk.ours, *parts)).status_code == 200, parts
        ours, none = api.get(path_of(desk.theirs, *parts)), api.get(path_of("SR-000000000", *parts))
        assert (ours.status_code, none.status_code) == (404, 404), parts
    assert browser.get(f"/requests/{desk.ours}/").status_code == 200
    assert browser.get(f"/requests/{desk.theirs}/").status_code == 404
    found = browser.get(f"/requests/?q={desk.theirs}").content.decode()
    assert f'href="/requests/{desk.theirs}/"' not in found


@pytest.mark.parametrize("query", [{}, {"q": WORD}, {"open": "true"}, {"severity": "A"}, {"ordering": "due_at"}])
def test_the_api_lists_and_searches_the_same(desk: Any, query: dict[str, str]) -> None:
    """EL-1, P-5"""
    answer = factories.api_of(desk.manager).get(LIST, query).json()

    assert [row["number"] for row in answer["results"]] == [desk.ours]


def test_what_is_shown_ends_with_the_contract(desk: Any) -> None:
    """EL-1, P-6: at its end exactly, on pages and over the API"""
    browser, api = factories.browser_of(desk.manager), factories.api_of(desk.manager)
    ElevatedContract.objects.filter(account_manager=desk.manager).update(ends_at=clock.now())

    assert browser.get(f"/requests/{desk.ours}/").status_code == 404
    assert api.get(path_of(desk.ours)).status_code == 404
    assert api.get(LIST).json()["results"] == []


def test_the_ladder_mails_them_at_200_per_cent_with_a_link_that_opens(desk: Any) -> None:
    """EL-1: and nobody who looks after others; the words and the page are theirs to read"""
    sweep()
    while relay_deliveries():
        pass

    letters = [letter for letter in mail.outbox if letter.to == [desk.manager.email]]
    assert [desk.ours in letter.body for letter in letters] == [True]
    assert f"/requests/{desk.ours}/" in letters[0].body
    assert factories.browser_of(desk.manager).get(f"/requests/{desk.ours}/").status_code == 200
    told = Delivery.objects.filter(person=desk.manager).values_list("number", flat=True)
    assert set(told) == {desk.ours}


def test_a_mail_of_the_ladder_that_waits_is_not_sent_once_the_contract_has_ended(desk: Any) -> None:
    """EL-1, P-6"""
    sweep()
    ElevatedContract.objects.filter(account_manager=desk.manager).update(ends_at=clock.now())

    while relay_deliveries():
        pass

    assert not [letter for letter in mail.outbox if letter.to == [desk.manager.email]]


def test_they_follow_the_conversation_with_its_notes_and_change_nothing_of_it(desk: Any) -> None:
    """EL-1: who looks after a customer reads along"""
    engineer = factories.actor(desk.engineer)
    reply_publicly(number=desk.ours, actor=engineer, body="A public canary.")
    add_internal_note(number=desk.ours, actor=engineer, body="An internal canary.")
    page = factories.browser_of(desk.manager).get(f"/requests/{desk.ours}/").content.decode()

    assert "A public canary." in page
    assert "An internal canary." in page
