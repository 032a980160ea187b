"""Engagements under elevated support, on both sides' pages (EL-1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.errors import NotPermitted
from accounts.models import Delegation, ElevatedContract, Event, Organisation, Person
from tests import factories
from tests.factories import actor, browser_of, make_elevated_contract, make_organisation, make_person, make_staff
from tests.tickets import making
from tickets.engagements import TRANSITIONS, EngagementAct, EngagementKind, EngagementState, allows
from tickets.errors import (
    EngagementNotFound,
    IllegalEngagementAct,
    InvalidEngagement,
    InvalidText,
    NoElevatedSupport,
    RequestNotFound,
    VersionMismatch,
)
from tickets.models import Engagement, EngagementEntry
from tickets.selectors.engagements import customers_looked_after, engagement_of, visible_engagements
from tickets.services import relay
from tickets.services.engagements import (
    Plan,
    Wish,
    begin_engagement,
    call_off_engagement,
    complete_engagement,
    link_request,
    plan_engagement,
    request_engagement,
    write_on_engagement,
)

PAGE, DESK = "/organisation/engagements/", "/staff/engagements/"
DAY = timedelta(days=1)


@pytest.fixture
def customer(db: None) -> Organisation:
    return make_organisation("jade", name="Jade Harbour")


@pytest.fixture
def manager(db: None) -> Person:
    return make_staff("account_manager", name="Jing Zhou")


@pytest.fixture
def contract(customer: Organisation, manager: Person) -> ElevatedContract:
    return make_elevated_contract(customer, account_manager=manager)


@pytest.fixture
def admin(customer: Organisation, contract: ElevatedContract) -> Person:
    factories.make_subscription(customer)
    return make_person(customer, "global_admin", name="Mei Chen")


@pytest.fixture
def senior(db: None) -> Person:
    return make_staff("senior_engineer", name="Aiko Sato")


def wish(**changes: Any) -> Wish:
    today = clock.now().date()
    usual = Wish(
        kind="workshop",
        subject="Workshop on retention",
        wish="For **twelve** people.",
        wished_from=today + 9 * DAY,
        wished_until=today + 12 * DAY,
        place="Kaohsiung",
    )
    return replace(usual, **changes)


def plan(senior: Person, **changes: Any) -> Plan:
    today = clock.now().date()
    return replace(Plan(lead=senior.pk, starts_on=today + 9 * DAY, ends_on=today + 10 * DAY), **changes)


@pytest.fixture
def requested(admin: Person) -> Engagement:
    return request_engagement(wish=wish(), actor=actor(admin))


@pytest.fixture
def planned(requested: Engagement, manager: Person, senior: Person) -> Engagement:
    return plan_engagement(number=requested.number, plan=plan(senior), actor=actor(manager))


def send_all() -> dict[str, list[str]]:
    while relay.relay_deliveries():
        pass
    sent: dict[str, list[str]] = {}
    for message in mail.outbox:
        sent.setdefault(message.to[0], []).append(message.subject)
    return sent


# States ---------------------------------------------------------------------------------------------------------------

ALLOWED = {
    ("requested", "plan"), ("requested", "call_off"),
    ("planned", "plan"), ("planned", "begin"), ("planned", "complete"), ("planned", "call_off"),
    ("under_way", "plan"), ("under_way", "complete"), ("under_way", "call_off"),
}  # fmt: skip


@pytest.mark.parametrize("state", EngagementState)
@pytest.mark.parametrize("act", EngagementAct)
def test_each_act_is_allowed_where_the_table_says(state: EngagementState, act: EngagementAct) -> None:
    """EL-1"""
    assert allows(state, act) is ((state.value, act.value) in ALLOWED)
    assert len(TRANSITIONS) == len(ALLOWED)


# Asking ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", EngagementKind)
@pytest.mark.parametrize("contract_kind", ElevatedContract.Kind.values)
def test_every_kind_is_offered_under_every_contract(
    admin: Person, contract: ElevatedContract, kind: EngagementKind, contract_kind: str
) -> None:
    """EL-1"""
    ElevatedContract.objects.filter(pk=contract.pk).update(kind=contract_kind)

    made = request_engagement(wish=wish(kind=kind.value), actor=actor(admin))

    assert (made.kind, made.state, made.contract) == (kind.value, "requested", contract)
    assert made.number.startswith("EN-")


def test_the_account_manager_is_told_of_a_wish_and_what_it_says_stays_out_of_the_record(
    requested: Engagement, manager: Person
) -> None:
    """EL-1, P-10"""
    lead = make_staff("team_lead")
    sent = send_all()

    assert sent == {manager.email: ["Jade Harbour asks for an engagement: Workshop on retention"]}
    assert "For **twelve** people." in mail.outbox[0].body
    assert lead.email not in sent
    event = Event.objects.get(kind="engagement_requested")
    assert event.data == {"engagement": requested.number, "kind": "workshop"}


def test_without_an_account_manager_the_team_leads_are_told(admin: Person, contract: ElevatedContract) -> None:
    """EL-1"""
    ElevatedContract.objects.filter(pk=contract.pk).update(account_manager=None)
    lead = make_staff("team_lead")

    request_engagement(wish=wish(), actor=actor(admin))

    assert set(send_all()) == {lead.email}


@pytest.mark.parametrize("ends", [-1, 0, 1])
def test_a_contract_counts_until_its_end(admin: Person, contract: ElevatedContract, ends: int) -> None:
    """EL-1, P-6: at its end it is over"""
    now = clock.now()
    ElevatedContract.objects.filter(pk=contract.pk).update(ends_at=now + ends * timedelta(microseconds=1))
    if ends > 0:
        assert request_engagement(wish=wish(), actor=actor(admin), now=now).pk
        return
    with pytest.raises(NoElevatedSupport):
        request_engagement(wish=wish(), actor=actor(admin), now=now)
    assert not Engagement.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "party"}, "kind"),
        ({"place": " "}, "place"),
        ({"language": "tlh"}, "language"),
        ({"wished_from": date(2020, 1, 1)}, "wished_from"),
        ({"wished_until": date(2020, 1, 1)}, "wished_until"),
        ({"wished_until": date(2199, 1, 1)}, "wished_until"),
    ],
)
def test_what_cannot_be_is_refused_by_field(admin: Person, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidEngagement) as refusal:
        request_engagement(wish=wish(**changes), actor=actor(admin))

    assert refusal.value.field == field
    assert not Engagement.objects.exists()


@pytest.mark.parametrize("changes", [{"subject": " "}, {"subject": "a\nb"}, {"wish": ""}, {"wish": "x" * 10_001}])
def test_texts_are_checked(admin: Person, changes: dict[str, Any]) -> None:
    """P-7"""
    with pytest.raises(InvalidText):
        request_engagement(wish=wish(**changes), actor=actor(admin))


@pytest.mark.parametrize("role", ["reader", "exchange_admin", "billing_admin"])
def test_those_whose_reach_is_bounded_ask_for_nothing(admin: Person, role: str) -> None:
    """RO-1"""
    with pytest.raises(NotPermitted):
        request_engagement(wish=wish(), actor=actor(make_person(admin.organisation, role)))


# Following up ---------------------------------------------------------------------------------------------------------


def test_an_engagement_goes_its_way_and_each_side_hears_of_the_other(
    requested: Engagement, admin: Person, manager: Person, senior: Person
) -> None:
    """EL-1, P-10"""
    number, desk = requested.number, actor(manager)
    plan_engagement(number=number, plan=plan(senior, message="Aiko comes."), actor=desk)
    write_on_engagement(number=number, body="We look forward to it.", actor=actor(admin))
    begin_engagement(number=number, actor=actor(senior))
    done = complete_engagement(number=number, message="Twelve people know more.", actor=actor(senior))

    assert (done.state, done.lead, done.version) == ("completed", senior, 5)
    assert done.ended_at
    whats = EngagementEntry.objects.filter(engagement=done).order_by("id").values_list("what", flat=True)
    assert list(whats) == ["wish", "plan", "message", "begin", "complete"]
    sent = send_all()
    assert sent[admin.email] == [
        f"Engagement {did}: Workshop on retention" for did in ("planned", "begun", "completed")
    ]
    assert sent[senior.email] == [
        "Engagement planned: Workshop on retention",
        "News on the engagement: Workshop on retention",
    ]
    moved = Event.objects.filter(kind="engagement_completed").get().data
    assert (moved["from"], moved["to"]) == ("under_way", "completed")


@pytest.mark.parametrize("side", ["customer", "desk"])
def test_either_side_calls_it_off_with_a_reason(planned: Engagement, admin: Person, manager: Person, side: str) -> None:
    """EL-1"""
    who = actor(admin if side == "customer" else manager)
    with pytest.raises(InvalidText):
        call_off_engagement(number=planned.number, message=" ", actor=who)

    assert call_off_engagement(number=planned.number, message="No budget.", actor=who).state == "called_off"


def test_what_has_ended_stays_as_it_is(planned: Engagement, admin: Person, manager: Person, senior: Person) -> None:
    call_off_engagement(number=planned.number, message="No.", actor=actor(manager))
    for act in (
        lambda: write_on_engagement(number=planned.number, body="And yet", actor=actor(admin)),
        lambda: plan_engagement(number=planned.number, plan=plan(senior), actor=actor(manager)),
        lambda: call_off_engagement(number=planned.number, message="No.", actor=actor(admin)),
    ):
        with pytest.raises(IllegalEngagementAct):
            act()


def test_a_senior_engineer_leads_and_nobody_else(requested: Engagement, manager: Person, senior: Person) -> None:
    """EL-1"""
    for nobody in (make_staff("engineer").pk, 0, make_staff("senior_engineer", is_active=False).pk):
        with pytest.raises(InvalidEngagement):
            plan_engagement(number=requested.number, plan=plan(senior, lead=nobody), actor=actor(manager))
    with pytest.raises(NotPermitted):
        plan_engagement(number=requested.number, plan=plan(senior), actor=actor(senior))


def test_of_two_who_read_the_same_version_one_has_to_read_again(planned: Engagement, manager: Person) -> None:
    begin_engagement(number=planned.number, actor=actor(manager), version=2)
    with pytest.raises(VersionMismatch):
        complete_engagement(number=planned.number, message="Done.", actor=actor(manager), version=2)


def test_requests_of_the_same_customer_belong_to_it(requested: Engagement, admin: Person) -> None:
    """EL-1, P-5"""
    ours = making.filed(actor(admin))
    other = make_person(make_organisation(), "global_admin")
    factories.make_subscription(other.organisation)  # type: ignore[arg-type]
    theirs = making.filed(actor(other))
    for _ in range(2):
        link_request(number=requested.number, request_number=ours.number.lower(), actor=actor(admin))
    with pytest.raises(RequestNotFound):
        link_request(number=requested.number, request_number=theirs.number, actor=actor(admin))

    assert Event.objects.filter(kind="engagement_request_linked").count() == 1
    assert ours.number in browser_of(admin).get(f"{PAGE}{requested.number}/").content.decode()


def test_the_database_keeps_entries_with_their_tenant(requested: Engagement, admin: Person) -> None:
    """P-5"""
    EngagementEntry.objects.create(
        organisation=make_organisation(), engagement=requested, what="message", author=admin, at=clock.now()
    )
    with pytest.raises(IntegrityError, match="same_tenant"):
        connection.check_constraints()


# Who sees it ----------------------------------------------------------------------------------------------------------


def test_each_sees_the_engagements_within_reach(requested: Engagement, admin: Person, manager: Person) -> None:
    """P-5, RO-1"""
    organisation = admin.organisation
    seeing = [
        admin,
        make_person(organisation, "reader"),
        manager,
        make_staff("senior_engineer"),
        make_staff("team_lead"),
    ]
    not_seeing = [
        make_person(organisation, "exchange_admin"),
        make_person(make_organisation(), "global_admin"),
        make_staff("account_manager"),
        make_staff("engineer"),
        make_staff("operator"),
    ]
    assert all(visible_engagements(actor(person)).exists() for person in seeing)
    assert not any(visible_engagements(actor(person)).exists() for person in not_seeing)


def test_an_account_managers_reach_ends_with_the_contract(
    requested: Engagement, manager: Person, contract: ElevatedContract
) -> None:
    """P-6"""
    ElevatedContract.objects.filter(pk=contract.pk).update(ends_at=clock.now())

    with pytest.raises(EngagementNotFound):
        engagement_of(actor(manager), requested.number)
    assert browser_of(manager).get(f"{DESK}{requested.number}/").status_code == HTTPStatus.NOT_FOUND
    assert not send_all()


def test_a_partner_asks_on_behalf_and_hears_nothing_after_the_end(
    customer: Organisation, contract: ElevatedContract, manager: Person, senior: Person
) -> None:
    """PA-1, P-6: a mail that waited is cancelled"""
    partner = factories.make_partner()
    delegation = factories.make_delegation(customer, partner)
    consultant = make_person(partner, "reader")
    made = request_engagement(wish=wish(), actor=actor(consultant, customer=customer))
    assert made.on_behalf_of == customer
    plan_engagement(number=made.number, plan=plan(senior), actor=actor(manager))
    Delegation.objects.filter(pk=delegation.pk).update(ended_at=clock.now())

    assert consultant.email not in send_all()


# Pages ----------------------------------------------------------------------------------------------------------------


def wished(**changes: str) -> dict[str, str]:
    today = clock.now().date()
    form = {
        "kind": "workshop",
        "subject": "Workshop on retention",
        "wish": "For twelve people.",
        "wished_from": (today + 9 * DAY).isoformat(),
        "wished_until": (today + 12 * DAY).isoformat(),
        "place": "Kaohsiung",
        "language": "zh-hant",
    }
    return {**form, **changes}


def test_the_page_asks_for_an_engagement(admin: Person) -> None:
    """EL-1"""
    client = browser_of(admin)
    assert "Ask for an engagement" in client.get(PAGE).content.decode()

    response = client.post(f"{PAGE}new/", wished())

    made = Engagement.objects.get()
    assert response["Location"] == f"{PAGE}{made.number}/"
    assert made.language == "zh-Hant"
    assert made.number in client.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"place": ""}, "Say where the workshop shall take place."),
        ({"wished_until": "2020-01-01"}, "Let it end on or after its first day"),
        ({"wished_from": "2020-01-01"}, "Choose a day from today on."),
        ({"kind": "party"}, "Select a valid choice."),
    ],
)
def test_a_form_that_comes_back_keeps_what_was_typed(admin: Person, changes: dict[str, str], said: str) -> None:
    response = browser_of(admin).post(f"{PAGE}new/", wished(**changes))

    page = response.content.decode()
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert said in page
    assert "For twelve people." in page
    assert not Engagement.objects.exists()


def test_without_elevated_support_the_page_says_what_it_is(db: None) -> None:
    """EL-1"""
    admin = make_person(make_organisation(), "global_admin")
    client = browser_of(admin)

    page = client.get(PAGE).content.decode()

    assert "Engagements come with elevated support" in page
    assert "Ask for an engagement" not in page
    assert "This needs elevated support" not in page
    response = client.post(f"{PAGE}new/", wished())
    assert "part of Premier, Professional Direct and migration services" in response.content.decode()


def test_the_desk_plans_on_its_page(requested: Engagement, manager: Person, senior: Person) -> None:
    """EL-1"""
    client = browser_of(manager)
    page = client.get(f"{DESK}{requested.number}/").content.decode()
    assert "<strong>twelve</strong>" in page
    day = (clock.now().date() + 9 * DAY).isoformat()

    form = {"plan-lead": str(senior.pk), "plan-starts_on": day, "plan-ends_on": day, "plan-message": "See you."}
    response = client.post(f"{DESK}{requested.number}/plan/", form, follow=True)

    assert "Aiko Sato" in response.content.decode()
    assert Engagement.objects.get().state == "planned"


def test_what_cannot_be_planned_keeps_the_form_open(requested: Engagement, manager: Person) -> None:
    response = browser_of(manager).post(f"{DESK}{requested.number}/plan/", {"plan-message": "Kept words"})

    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "Kept words" in response.content.decode()


@pytest.mark.parametrize("act", ["entry", "link", "plan", "begin", "complete", "call-off", "nonsense"])
def test_strangers_find_nothing(requested: Engagement, act: str) -> None:
    """P-5"""
    stranger = make_person(make_organisation(), "global_admin")
    forms = {
        "body": "x", "plan-lead": "1", "plan-starts_on": "2027-01-01", "plan-ends_on": "2027-01-01",
        "complete-message": "x", "call-off-message": "x", "link-request_number": "SR-000000001",
    }  # fmt: skip
    client = browser_of(stranger)

    assert client.get(f"{PAGE}{requested.number}/").status_code == HTTPStatus.NOT_FOUND
    assert client.post(f"{PAGE}{requested.number}/{act}/", forms).status_code == HTTPStatus.NOT_FOUND
    assert client.get(DESK).status_code == HTTPStatus.FORBIDDEN


def test_an_account_manager_sees_the_customers_they_look_after(
    requested: Engagement, admin: Person, manager: Person, contract: ElevatedContract
) -> None:
    """EL-1: open and overdue requests, engagements, the contract's end; and no others"""
    filed = making.filed(actor(admin))
    make_elevated_contract(make_organisation(name="Somebody else's"))
    now = clock.now() + 100 * DAY

    (mine,) = customers_looked_after(actor(manager), now=now)

    assert (mine.organisation, mine.open, mine.late, mine.engagements) == (admin.organisation, 1, 1, 1)
    page = browser_of(manager).get("/staff/customers/").content.decode()
    assert "Jade Harbour" in page
    assert "Somebody else" not in page
    assert filed.number not in page  # not overdue yet
    assert browser_of(make_staff("team_lead")).get("/staff/customers/").status_code == HTTPStatus.FORBIDDEN
    ElevatedContract.objects.filter(pk=contract.pk).update(ends_at=clock.now())
    assert "Jade Harbour" not in browser_of(manager).get("/staff/customers/").content.decode()


@pytest.mark.parametrize("address", [PAGE, DESK, "/staff/customers/"])
def test_lists_cost_the_same_for_many(requested: Engagement, admin: Person, manager: Person, address: str) -> None:
    client = browser_of(admin if address == PAGE else manager)
    client.get(address)
    counts = []
    for number in (0, 4):
        for _ in range(number):
            request_engagement(wish=wish(), actor=actor(admin))
            other = make_organisation()
            make_elevated_contract(other, account_manager=manager)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == HTTPStatus.OK
        counts.append(len(queries))

    assert counts[0] == counts[1]
