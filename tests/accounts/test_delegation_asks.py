"""Partners ask; customers grant, decline, or let it lapse; nobody learns who is a customer (PA-1)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest
from django.core import mail

from accounts import clock, selectors
from accounts.errors import (
    AskedAlready,
    AskSettled,
    DelegationAskNotFound,
    InvalidAddress,
    InvalidDelegation,
    InvalidReason,
    NotPermitted,
    TooMany,
)
from accounts.models import Delegation, DelegationAsk, Delivery, Event, MailDomain, Organisation, Person
from accounts.services.delegates import assign_delegates
from accounts.services.delegation_asks import (
    OPEN_FOR,
    ask_for_delegation,
    decline_ask,
    grant_ask,
    lapse_asks,
    withdraw_ask,
)
from accounts.services.delegations import latest_end
from tests.factories import actor, browser_of, make_delegation, make_organisation, make_partner, make_person
from tickets.services import relay
from tickets.services.sweeping import sweep

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
DAY, MICROSECOND = timedelta(days=1), timedelta(microseconds=1)
ASKS, PARTNERS = "/acting-for/asks/", "/organisation/partners/"


@pytest.fixture
def customer(db: None) -> Organisation:
    return make_organisation("lotus-foods", name="Lotus Foods")


@pytest.fixture
def partner(db: None) -> Organisation:
    return make_partner("north-star", name="North Star")


@pytest.fixture
def admin(customer: Organisation) -> Person:
    return make_person(customer, "global_admin", name="Mei-ling Chen")


@pytest.fixture
def lead(partner: Organisation) -> Person:
    return make_person(partner, "global_admin", name="Robin North")


def ask(lead: Person, **changes: object) -> DelegationAsk:
    wish = {
        "customer": "lotus-foods",
        "duties": ["exchange_admin", "reader"],
        "reason": "We move your mailboxes.",
        "wished_until": NOW + 300 * DAY,
        "actor": actor(lead),
        "now": NOW,
    }
    return ask_for_delegation(**{**wish, **changes})  # type: ignore[arg-type]


def grant(asked: DelegationAsk, admin: Person, **changes: object) -> Delegation:
    terms = {"duties": asked.duties, "expires_at": asked.wished_until, "actor": actor(admin), "now": NOW}
    return grant_ask(ask_id=asked.pk, **{**terms, **changes})  # type: ignore[arg-type]


def send_all() -> None:
    while relay.relay_deliveries():
        pass


# Asking ---------------------------------------------------------------------------------------------------------------


def test_a_partner_asks_and_the_customers_global_admins_hear_of_it(lead: Person, admin: Person) -> None:
    """PA-1, P-10: on record for each side, without the words"""
    make_person(admin.organisation, "billing_admin")

    asked = ask(lead)

    assert (asked.customer, asked.state, asked.lapses_at) == (admin.organisation, "open", NOW + OPEN_FOR)
    events = Event.objects.filter(kind="delegation_asked")
    assert {event.organisation_id for event in events} == {lead.organisation_id, admin.organisation_id}
    assert all("We move" not in str(event.data) for event in events)
    assert set(Delivery.objects.values_list("person", "channel")) == {(admin.pk, "mail"), (admin.pk, "portal")}


def test_the_mail_says_who_asks_for_what_and_why(lead: Person, admin: Person) -> None:
    """PA-1"""
    ask(lead, now=None, wished_until=clock.now() + 90 * DAY)
    send_all()

    (letter,) = mail.outbox
    assert letter.subject == "North Star asks to act for your organisation"
    assert "Exchange admin, Reader" in letter.body
    assert "We move your mailboxes." in letter.body
    assert "/organisation/partners/" in letter.body
    assert "North Star asks to act" in browser_of(admin).get("/notices/").content.decode()


def test_an_ask_that_was_withdrawn_is_not_mailed_any_more(lead: Person, admin: Person) -> None:
    """P-6"""
    asked = ask(lead, now=None, wished_until=clock.now() + 90 * DAY)
    withdraw_ask(ask_id=asked.pk, actor=actor(lead))
    send_all()

    assert not mail.outbox
    assert "North Star" not in browser_of(admin).get("/notices/").content.decode()


@pytest.mark.parametrize("address", ["nobody", "nobody.example", "north-star", "closed"])
def test_an_ask_that_reaches_nobody_looks_like_one_that_nobody_answers(
    lead: Person, admin: Person, address: str
) -> None:
    """PA-1, P-5: the same row, the same words on the page, the same end"""
    make_organisation("closed", is_active=False)
    now = clock.now()
    real, nobody = (ask(lead, customer=to, now=now, wished_until=now + 90 * DAY) for to in ("lotus-foods", address))

    page = browser_of(lead).get(ASKS).content.decode()
    assert nobody.customer is None
    assert page.count("Open</span>") == page.count("button-small") == 2
    assert "Lotus Foods" not in page
    lapse_asks(now=now + OPEN_FOR + MICROSECOND)
    states = DelegationAsk.objects.filter(pk__in=[real.pk, nobody.pk]).values_list("state", "settled_at")
    assert len(set(states)) == 1
    told = Delivery.objects.filter(notice="delegation_answered", person=lead, channel="mail")
    assert [each.context["ask"] for each in told.order_by("pk")] == [real.pk, nobody.pk]


def test_the_page_answers_alike_whether_there_is_such_a_customer(lead: Person, admin: Person) -> None:
    """PA-1, P-5"""
    day = (clock.now() + 90 * DAY).date().isoformat()
    answers = []
    for address in ("lotus-foods", "nobody-there"):
        form = {"customer": address, "duties": ["reader"], "last_day": day, "reason": "To help you."}
        response = browser_of(lead).post(ASKS, form, follow=True)
        answers.append((response.redirect_chain, "If there is such a customer" in response.content.decode()))

    assert answers == [([(ASKS, HTTPStatus.FOUND)], True)] * 2


def test_a_second_address_of_the_same_customer_is_not_given_away(
    lead: Person, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P-5: it is taken like any other, and reaches nobody while the first ask is open"""
    ask(lead)
    monkeypatch.setattr(selectors, "customer_addressed", lambda _address: admin.organisation)

    second = ask(lead, customer="lotus.example")

    assert (second.customer, second.state) == (None, "open")


def test_two_years_are_the_longest_wish(lead: Person, admin: Person) -> None:
    """PA-1: the same date two years on to the instant, and not a microsecond more"""
    assert ask(lead, wished_until=latest_end(NOW)).wished_until == datetime(2028, 11, 22, 10, 0, tzinfo=UTC)
    for wish in (latest_end(NOW) + MICROSECOND, NOW):
        with pytest.raises(InvalidDelegation):
            ask(lead, customer="another", wished_until=wish)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"duties": []}, InvalidDelegation),
        ({"duties": ["global_admin"]}, InvalidDelegation),
        ({"reason": " "}, InvalidReason),
        ({"reason": "x" * 1001}, InvalidReason),
        ({"reason": "a\u202eb"}, InvalidReason),
        ({"customer": "no such thing!"}, InvalidAddress),
        ({"customer": ""}, InvalidAddress),
        ({"customer": "x" * 300}, InvalidAddress),
    ],
)
def test_what_cannot_be_asked_is_not(
    lead: Person, admin: Person, changes: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        ask(lead, **changes)

    assert not DelegationAsk.objects.exists()


@pytest.mark.parametrize("typed", ["Lotus-Foods", " lotus-foods ", "someone@lotus-foods"])
def test_an_address_is_read_as_people_write_it(lead: Person, admin: Person, typed: str) -> None:
    assert ask(lead, customer=typed).customer == admin.organisation


@pytest.mark.parametrize(("state", "reached"), [("confirmed", True), ("waiting", False)])
def test_a_mail_domain_stands_for_its_organisation_once_proved(
    lead: Person, admin: Person, state: str, reached: bool
) -> None:
    """PA-1"""
    confirmed = {"confirmed_at": NOW} if state == "confirmed" else {}
    MailDomain.objects.create(
        organisation_id=admin.organisation_id, name="lotus.example", state=state, added_by=admin, **confirmed
    )

    assert (ask(lead, customer="Mei@Lotus.Example").customer == admin.organisation) is reached


def test_only_a_partners_global_admin_asks(lead: Person, admin: Person) -> None:
    """RO-1: neither its other people, nor customers, nor anybody on behalf of one"""
    make_delegation(admin.organisation, lead.organisation)  # type: ignore[arg-type]
    others = [
        actor(make_person(lead.organisation, "service_support_admin")),
        actor(make_person(make_organisation(), "global_admin")),
        actor(lead, customer=admin.organisation),
    ]
    for other in others:
        with pytest.raises(NotPermitted):
            ask(lead, actor=other)


def test_one_ask_at_a_time_to_an_address(lead: Person, admin: Person) -> None:
    first = ask(lead)
    with pytest.raises(AskedAlready):
        ask(lead)
    withdraw_ask(ask_id=first.pk, actor=actor(lead), now=NOW)

    assert ask(lead).state == "open"


def test_after_the_thirtieth_day_one_may_ask_again_swept_or_not(lead: Person, admin: Person) -> None:
    """P-4"""
    first = ask(lead)
    with pytest.raises(AskedAlready):
        ask(lead, now=NOW + OPEN_FOR)

    again = ask(lead, now=NOW + OPEN_FOR + MICROSECOND)

    first.refresh_from_db()
    assert (first.state, first.settled_at, again.state) == ("lapsed", NOW + OPEN_FOR, "open")


def test_asks_are_rationed_whomever_they_reach(lead: Person, admin: Person, settings: object) -> None:
    """PA-1: ten an hour of a partner, three a day to one address"""
    settings.RATE_LIMIT_FACTOR = 1  # type: ignore[attr-defined]
    for _ in range(3):
        withdraw_ask(ask_id=ask(lead, customer="nobody").pk, actor=actor(lead), now=NOW)
    with pytest.raises(TooMany):
        ask(lead, customer="nobody")
    for number in range(7):
        ask(lead, customer=f"nobody-{number}")
    with pytest.raises(TooMany):
        ask(lead)

    assert ask(lead, now=NOW + timedelta(hours=1)).state == "open"


# Answering ------------------------------------------------------------------------------------------------------------


def test_what_is_asked_for_is_granted_and_the_partner_hears_of_it(lead: Person, admin: Person) -> None:
    """PA-1, P-10"""
    asked = ask(lead)

    delegation = grant(asked, admin)

    asked.refresh_from_db()
    assert (asked.state, asked.delegation, asked.settled_by) == ("granted", delegation, admin)
    assert (delegation.duties, delegation.expires_at) == (asked.duties, asked.wished_until)
    assert Event.objects.filter(kind="delegation_ask_granted").count() == 2
    assert Delivery.objects.filter(notice="delegation_answered", person=lead).exists()


def test_less_may_be_granted_than_is_asked_for(lead: Person, admin: Person) -> None:
    """PA-1"""
    delegation = grant(ask(lead), admin, duties=["reader"], expires_at=NOW + 9 * DAY)

    assert (delegation.duties, delegation.expires_at) == (["reader"], NOW + 9 * DAY)


@pytest.mark.parametrize(
    "more",
    [
        {"duties": ["reader", "billing_admin"]},
        {"expires_at": NOW + 300 * DAY + MICROSECOND},
        {"duties": []},
        {"expires_at": NOW},
    ],
)
def test_more_than_is_asked_for_is_never_granted(lead: Person, admin: Person, more: dict[str, object]) -> None:
    """PA-1"""
    with pytest.raises(InvalidDelegation):
        grant(ask(lead), admin, **more)

    assert not Delegation.objects.exists()


def test_an_ask_is_open_through_its_last_instant(lead: Person, admin: Person) -> None:
    """PA-1, P-4: swept or not"""
    asked = ask(lead)
    with pytest.raises(AskSettled):
        grant(asked, admin, now=NOW + OPEN_FOR + MICROSECOND)

    assert grant(asked, admin, now=NOW + OPEN_FOR).duties == asked.duties


def test_an_ask_is_declined_with_a_reason(lead: Person, admin: Person) -> None:
    """PA-1"""
    asked = ask(lead, now=None, wished_until=clock.now() + 90 * DAY)
    with pytest.raises(InvalidReason):
        decline_ask(ask_id=asked.pk, reason="", actor=actor(admin))

    decline_ask(ask_id=asked.pk, reason="We have another partner.", actor=actor(admin))
    send_all()

    assert "We have another partner." in browser_of(lead).get(ASKS).content.decode()
    letter = next(message for message in mail.outbox if message.to == [lead.email])
    assert "declined" in letter.subject
    assert "Lotus Foods" not in letter.body


def test_what_is_settled_is_not_settled_again(lead: Person, admin: Person) -> None:
    asked = ask(lead)
    decline_ask(ask_id=asked.pk, reason="No.", actor=actor(admin), now=NOW)
    with pytest.raises(AskSettled):
        grant(asked, admin)
    with pytest.raises(AskSettled):
        withdraw_ask(ask_id=asked.pk, actor=actor(lead), now=NOW)


def test_asks_of_others_are_not_there(lead: Person, admin: Person) -> None:
    """P-5"""
    asked = ask(lead)
    stranger = actor(make_person(make_partner(), "global_admin"))
    for act in (
        lambda: withdraw_ask(ask_id=asked.pk, actor=stranger),
        lambda: decline_ask(ask_id=asked.pk, reason="No.", actor=stranger),
        lambda: grant(asked, admin, actor=stranger),
        lambda: decline_ask(ask_id=asked.pk, reason="No.", actor=actor(lead)),
    ):
        with pytest.raises(DelegationAskNotFound):
            act()


def test_the_sweep_lets_asks_lapse_once(lead: Person, admin: Person) -> None:
    """P-2, settled point 19"""
    asked = ask(lead)
    assert lapse_asks(now=NOW + OPEN_FOR) == 0
    assert sweep(now=NOW + OPEN_FOR + timedelta(seconds=9))["delegations"] == 1
    assert sweep(now=NOW + OPEN_FOR + DAY)["delegations"] == 0

    at = Event.objects.filter(kind="delegation_ask_lapsed", organisation=lead.organisation_id).values_list("at")
    assert list(at) == [(asked.lapses_at,)]


# Extending ------------------------------------------------------------------------------------------------------------


def test_what_a_partner_holds_gives_way_to_what_is_granted_anew(lead: Person, admin: Person) -> None:
    """PA-1: at the same instant, with the people who were assigned, in the duties that are left to them"""
    held = grant(ask(lead), admin)
    consultant = make_person(lead.organisation, "reader")
    people = {consultant.pk: ["reader", "exchange_admin"]}
    assign_delegates(delegation_id=held.pk, people=people, actor=actor(lead), now=NOW)
    later = NOW + 280 * DAY
    longer = ask(lead, now=later, wished_until=later + 700 * DAY)

    extended = grant(longer, admin, now=later, duties=["reader"])

    held.refresh_from_db()
    assert held.ended_at == extended.granted_at == later
    acting = actor(consultant, customer=admin.organisation, now=later)
    assert (acting.delegation_id, acting.roles) == (extended.pk, {"reader"})


def test_the_form_to_extend_holds_what_is_there(lead: Person, admin: Person) -> None:
    """PA-1: offered from 30 days before the end"""
    held = make_delegation(
        admin.organisation,
        lead.organisation,
        duties=["reader"],
        expires_at=clock.now() + 20 * DAY,  # type: ignore[arg-type]
    )
    client = browser_of(lead)
    assert f"{ASKS}?extend={held.pk}" in client.get("/acting-for/").content.decode()

    page = client.get(f"{ASKS}?extend={held.pk}").content.decode()

    assert 'value="lotus-foods"' in page
    assert re.search('value="reader"[^>]* checked', page)


# Pages ----------------------------------------------------------------------------------------------------------------


def test_the_customer_decides_on_the_page_of_its_partners(lead: Person, admin: Person) -> None:
    """PA-1"""
    asked = ask(lead, now=None, wished_until=clock.now() + 90 * DAY)
    client = browser_of(admin)
    assert "We move your mailboxes." in client.get(PARTNERS).content.decode()

    day = (clock.now() + 30 * DAY).date().isoformat()
    form = {f"grant-{asked.pk}-duties": ["reader"], f"grant-{asked.pk}-last_day": day}
    response = client.post(f"{PARTNERS}asks/{asked.pk}/grant/", form, follow=True)

    assert "The delegation is granted." in response.content.decode()
    assert Delegation.objects.get().duties == ["reader"]


def test_on_the_last_day_the_wish_bounds_the_end(lead: Person, admin: Person) -> None:
    """PA-1: the partner's midnight need not be the customer's"""
    wish = clock.now() + 90 * DAY
    asked = ask(lead, now=None, wished_until=wish)
    page = browser_of(admin).get(PARTNERS).content.decode()
    day = page.split('type="date"')[1].split('max="')[1][:10]

    form = {f"grant-{asked.pk}-duties": ["reader"], f"grant-{asked.pk}-last_day": day}
    browser_of(admin).post(f"{PARTNERS}asks/{asked.pk}/grant/", form)

    assert Delegation.objects.get().expires_at == wish


@pytest.mark.parametrize("what", ["grant", "decline"])
def test_a_form_that_comes_back_keeps_its_ask_open_and_says_why(lead: Person, admin: Person, what: str) -> None:
    asked = ask(lead, now=None, wished_until=clock.now() + 90 * DAY)

    form = {f"grant-{asked.pk}-last_day": "2199-01-01", f"decline-{asked.pk}-reason": " "}
    response = browser_of(admin).post(f"{PARTNERS}asks/{asked.pk}/{what}/", form)

    page = response.content.decode()
    assert response.status_code == HTTPStatus.OK
    assert "This field is required." in page
    assert not Delegation.objects.exists()


def test_a_reader_sees_what_partners_ask_and_decides_nothing(lead: Person, admin: Person) -> None:
    """RO-1"""
    asked = ask(lead, now=None, wished_until=clock.now() + 90 * DAY)
    client = browser_of(make_person(admin.organisation, "reader"))

    assert "grant-" not in client.get(PARTNERS).content.decode()
    response = client.post(f"{PARTNERS}asks/{asked.pk}/decline/", {f"decline-{asked.pk}-reason": "No."})
    assert response.status_code == HTTPStatus.FORBIDDEN


def test_the_page_of_asks_is_for_a_partners_global_admins(lead: Person, admin: Person) -> None:
    """RO-1"""
    consultant = make_person(lead.organisation, "service_support_admin")
    for person in (consultant, admin):
        assert browser_of(person).get(ASKS).status_code == HTTPStatus.FORBIDDEN
    assert browser_of(lead).get(ASKS).status_code == HTTPStatus.OK
