"""Notices about no request: a page of many reads what they are about together, and says what each says alone."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from accounts import clock, letters
from accounts.audit import About, Notice, record_event, send_notice
from accounts.letters.reading import Reading
from accounts.models import DelegationAsk, Delivery, Organisation, Person, WebhookEndpoint
from tests import factories
from tests.tickets import making
from tests.tickets.exporting import asked, written
from tests.tickets.test_budgets import cost_of
from tests.tickets.test_engagements import wish
from tests.tickets.test_incidents import declared
from tickets.letters import SITUATIONS
from tickets.models import EngagementEntry, IncidentUpdate
from tickets.selectors.notices import told
from tickets.services.engagements import request_engagement
from tickets.services.incident_links import link_incident

PAGE, INBOX = "/notices/", "/api/v1/me/inbox/"
UNREAD_BY_ANYBODY = {"organisation_closed"}  # whose people cannot sign in
_numbers = count(1)


@pytest.fixture
def house(db: None) -> Organisation:
    """A partner."""
    return factories.make_partner()


@pytest.fixture
def reader(house: Organisation) -> Person:
    return factories.make_person(house, "global_admin")


@pytest.fixture
def manager(db: None) -> Person:
    return factories.make_staff("account_manager")


@pytest.fixture
def lead(db: None) -> Person:
    return factories.make_staff("team_lead")


def tell(person: Person, organisation: Organisation | None, notice: str, **context: Any) -> None:
    about = About(organisation_id=organisation.pk if organisation else None)
    send_notice(record_event(notice, about=about, at=clock.now()), Notice(notice, [person], context), about=about)


def tell_of_house(person: Person, house: Organisation) -> None:
    """Something of every kind that an organisation's admin hears of."""
    now, other = clock.now(), factories.make_partner()
    wished: dict[str, Any] = {"duties": ["reader"], "reason": "We help.", "wished_until": now + timedelta(days=90)}
    wished |= {"asked_by": person, "lapses_at": now + timedelta(days=30), "addressed_to": other.slug}
    ask = DelegationAsk.objects.create(partner=other, customer=house, **wished)
    declined = {"state": "declined", "answer": "We do not know you.", "settled_at": now}
    answered = DelegationAsk.objects.create(partner=house, customer=other, **wished, **declined)
    endpoint = WebhookEndpoint.objects.create(
        organisation=house, url=f"https://{other.slug}.example/", types=[], switched_off_at=now, off_reason="gone"
    )
    tell(person, house, "delegation_asked", ask=ask.pk)
    tell(person, house, "delegation_answered", ask=answered.pk, state="declined")
    tell(person, house, "webhook_switched_off", endpoint=endpoint.pk, reason="gone")
    named = {"from": None, "to": factories.make_staff("account_manager").pk}
    tell(person, house, "terms_changed", what="contract_altered", kind="premier", account_manager=named)
    plan = ("office_365_e3", "office_365_e1")[next(_numbers) % 2]  # of which there are few
    tell(person, house, "terms_changed", what="subscription_altered", plan=plan, seats={"from": 5, "to": 6})
    tell(person, house, "organisation_reopened")


def tell_of_customer(person: Person, customer: Organisation, *, manager: Person, lead: Person) -> None:
    """Something of every kind that whoever works for a customer hears of, or whoever looks after them."""
    factories.make_subscription(customer)
    factories.make_elevated_contract(customer, account_manager=manager)
    admin = factories.actor(factories.make_person(customer, "global_admin"))
    engagement = request_engagement(wish=wish(subject=f"Workshop for {customer.slug}"), actor=admin)
    entry = EngagementEntry.objects.get(engagement=engagement)
    incident = declared(factories.actor(lead), title=f"Mail of {customer.slug}")
    update = IncidentUpdate.objects.get(incident=incident)
    request = making.filed(admin)
    link_incident(number=request.number, incident_number=incident.number, actor=factories.actor(lead))
    export = written(asked(factories.actor(person, customer=None if person.is_staff else customer), notify=False))
    tell(person, customer, "engagement_news", engagement=engagement.number, entry=entry.pk, what="wish")
    tell(person, customer, "incident_news", incident=incident.number, update=update.pk)
    tell(person, customer, "export_ready", export=export.pk)
    tell(person, customer, "export_failed", export=export.pk)


def appointed(house: Organisation) -> Organisation:
    customer = factories.make_organisation()
    factories.make_delegation(customer, house, duties=["global_admin", "service_support_admin"])
    return customer


def words(person: Person) -> list[tuple[str, str, str]]:
    """What a page of all notices says, which is what each of them says alone."""
    person = factories.reread(person)
    deliveries = list(Delivery.objects.filter(person=person, channel="portal", number="").order_by("pk"))
    together = [each.words for about in told(person, factories.actor(person), deliveries) for each in about.notices]
    alone = [
        letters.letter(each, reading=Reading(person, [each]), situations=SITUATIONS) or (letters.NOTHING, "")
        for each in deliveries
    ]
    assert together == [each for each, _ in alone]
    return [(each.notice, found.subject, found.text) for each, found in zip(deliveries, together, strict=True)]


def test_a_page_of_every_kind_of_notice_costs_the_same_for_one_customer_and_for_three(house, reader, manager, lead):
    """STYLE section 5"""
    browser, api, costs = factories.browser_of(reader), factories.api_of(reader), set()
    for _ in range(3):
        tell_of_house(reader, house)
        tell_of_customer(reader, appointed(house), manager=manager, lead=lead)
        costs.add((cost_of(browser, PAGE), cost_of(api, f"{INBOX}?page_size=100")))

    assert len(costs) == 1
    said = words(reader)
    assert {notice for notice, *_ in said} == set(SITUATIONS) - UNREAD_BY_ANYBODY
    named = {"delegation_asked", "delegation_answered", "webhook_switched_off", "engagement_news", "incident_news"}
    for kind in named | {"export_ready"}:
        assert len({(subject, text) for notice, subject, text in said if notice == kind}) == 3
    assert len({text for notice, _, text in said if notice == "terms_changed"}) == 3 + 2


def test_a_page_for_the_desk_costs_the_same_for_one_customer_and_for_three(manager, lead):
    """STYLE section 5"""
    browser, costs = factories.browser_of(manager), set()
    for _ in range(3):
        tell_of_customer(manager, factories.make_organisation(), manager=manager, lead=lead)
        costs.add(cost_of(browser, PAGE))

    assert len(costs) == 1
    assert len(words(manager)) == 5 * 3  # the wish, which they are told of anyway


def test_a_notice_of_one_customer_shows_nothing_of_another(house, reader, manager, lead):
    """PA-1, P-5: together, too, each is read as its reader acts for whom it went to"""
    mine, other = appointed(house), appointed(house)
    tell_of_customer(reader, mine, manager=manager, lead=lead)
    sent = {each.notice: each for each in Delivery.objects.filter(person=reader, channel="portal", number="")}
    for notice in ("engagement_news", "export_ready", "export_failed"):
        tell(reader, other, notice, **sent[notice].context)
    person = factories.reread(reader)
    deliveries = list(Delivery.objects.filter(person=reader, channel="portal", number="").order_by("pk"))

    shown = [each.delivery for about in told(person, factories.actor(reader), deliveries) for each in about.notices]

    assert {each.organisation_id for each in deliveries} == {mine.pk, other.pk}
    assert {each.organisation_id for each in shown} == {mine.pk}
    assert len(shown) == 4
