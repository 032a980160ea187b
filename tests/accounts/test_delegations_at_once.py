"""Two sides of a delegation act at the same moment: one answer stands, and nothing is half done (PA-1, P-2, P-6)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from accounts import clock
from accounts.errors import AskedAlready, AskSettled
from accounts.models import Delegation, DelegationAsk, Delivery, Event, Person
from accounts.services.delegation_asks import ask_for_delegation, grant_ask, withdraw_ask
from accounts.services.delegations import end_delegation
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import in_threads, path_of
from tickets.models import Message
from tickets.services.conversation import reply_publicly
from tickets.services.relay import relay_deliveries

THREADS = 8


@pytest.fixture
def admin(own_database: Any) -> Person:
    """The customer's global admin."""
    organisation = factories.make_organisation("lotus")
    factories.make_subscription(organisation)
    return factories.make_person(organisation, "global_admin")


@pytest.fixture
def leads(own_database: Any) -> list[Person]:
    """Two global admins of the partner."""
    partner = factories.make_partner("north-star")
    return [factories.make_person(partner, "global_admin") for _ in range(2)]


def ask(lead: Person) -> DelegationAsk:
    wish: dict[str, Any] = {"customer": "lotus", "duties": ["reader"], "reason": "To help."}
    until = clock.now() + timedelta(days=90)
    return ask_for_delegation(**wish, wished_until=until, actor=factories.actor(lead))


def outcomes(results: list[Any]) -> Counter[str]:
    return Counter(type(result).__name__ for result in results)


def test_of_two_who_ask_the_same_customer_at_once_one_has_asked(admin: Person, leads: list[Person]) -> None:
    """PA-1, P-2: the customer hears of it once"""
    results = in_threads(*[lambda: ask(leads[0]), lambda: ask(leads[1])])

    assert outcomes(results) == {DelegationAsk.__name__: 1, AskedAlready.__name__: 1}
    assert DelegationAsk.objects.count() == 1
    assert Delivery.objects.filter(notice="delegation_asked", channel="mail").count() == 1


@pytest.mark.parametrize("time", range(3))
def test_an_ask_is_granted_or_withdrawn_and_never_both(admin: Person, leads: list[Person], time: int) -> None:
    """PA-1: whichever comes first; the other is told that it is settled"""
    asked, boss, lead = ask(leads[0]), factories.actor(admin), factories.actor(leads[1])

    def grant() -> Any:
        return grant_ask(ask_id=asked.pk, duties=["reader"], expires_at=asked.wished_until, actor=boss)

    def withdraw() -> Any:
        return withdraw_ask(ask_id=asked.pk, actor=lead)

    granted, withdrawn = in_threads(grant, withdraw)

    asked.refresh_from_db()
    if asked.state == "granted":
        assert (type(granted), type(withdrawn)) == (Delegation, AskSettled)
        assert asked.delegation == granted
    else:
        assert (asked.state, type(granted), type(withdrawn)) == ("withdrawn", AskSettled, DelegationAsk)
        assert not Delegation.objects.exists()
    settled = Event.objects.filter(kind__in=["delegation_ask_granted", "delegation_ask_withdrawn"])
    assert settled.values("kind").distinct().count() == 1


def test_ending_a_delegation_while_its_people_act_leaves_nothing_half_done(admin: Person, leads: list[Person]) -> None:
    """PA-1, P-6, P-10: what was acknowledged is there and on record under it; the next request finds nothing"""
    customer = admin.organisation
    assert customer
    granted = factories.make_delegation(customer, leads[0].organisation, granted_by=admin)
    number = making.filed(factories.actor(admin)).number
    programs = [factories.api_of(lead, organisation=customer) for lead in leads * (THREADS // 2)]

    def write(program: Any) -> int:
        return int(program.post(path_of(number, "messages"), {"body": "From the partner."}, format="json").status_code)

    def end() -> Any:
        return end_delegation(delegation_id=granted.pk, actor=factories.actor(admin))

    *statuses, ended = in_threads(*[lambda program=program: write(program) for program in programs], end)

    assert ended.ended_at
    assert set(statuses) <= {201, 401, 403, 404}
    done = Message.objects.filter(body="From the partner.", on_behalf_of=customer)
    assert done.count() == statuses.count(201)
    on_record = Event.objects.filter(kind="customer_wrote", delegation=granted)
    assert on_record.count() == statuses.count(201)
    assert write(programs[0]) in {401, 403, 404}


def test_a_partners_people_are_mailed_nothing_that_waited_when_the_delegation_ended(
    admin: Person, leads: list[Person]
) -> None:
    """PA-1, P-6: in one go with the end itself, which they are told of"""
    customer = admin.organisation
    assert customer
    granted = factories.make_delegation(customer, leads[0].organisation, granted_by=admin)
    number = making.filed(factories.actor(leads[0], customer=customer)).number
    reply_publicly(number=number, actor=factories.actor(factories.make_staff("engineer")), body="Try again.")
    waiting = Delivery.objects.filter(person=leads[0], channel="mail", state="pending")
    assert waiting.filter(notice="reply_posted").exists()

    end_delegation(delegation_id=granted.pk, actor=factories.actor(admin))
    while relay_deliveries():
        pass

    told = Delivery.objects.filter(person=leads[0], channel="mail").values_list("notice", "state")
    assert {notice for notice, state in told if state == "sent"} == {"delegation_ended"}
    assert set(told.exclude(notice="delegation_ended").values_list("state", flat=True)) == {"cancelled"}
    assert not [letter for letter in mail.outbox if letter.to == [leads[0].email] and number in letter.body]
