"""Subscriptions, plans and elevated contracts as support staff keep them: nothing reaches back."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from accounts import clock, selectors
from accounts.errors import (
    ContractNotFound,
    ContractOverlaps,
    InvalidParticulars,
    NameTaken,
    OrganisationClosed,
    PersonNotFound,
    PlanNotFound,
    RecordChanged,
    SubscriptionNotFound,
)
from accounts.models import ElevatedContract, Event, Organisation, Person, Plan, Subscription
from accounts.permissions import ACTS, STAFF_ROLES
from accounts.services import contracts, plans, subscriptions
from accounts.services.organisations import close_organisation
from tests.conftest import OwnDatabase
from tests.factories import (
    actor,
    browser_of,
    make_elevated_contract,
    make_organisation,
    make_person,
    make_staff,
    make_subscription,
)
from tests.tickets.making import filed
from tests.waiting import waits_for

DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
def lead(db: None) -> Person:
    return make_staff("team_lead")


@pytest.fixture
def customer(db: None) -> Organisation:
    return make_organisation("isar-werke", timezone="Europe/Berlin", country="US")


@pytest.fixture
def admin(customer: Organisation) -> Person:
    return make_person(customer, "global_admin")


def text_of(response) -> str:
    return response.content.decode()


def subscribe(lead: Person, **given) -> Subscription:
    common = {"slug": "isar-werke", "plan": "office_365_e3", "trial": False, "seats": 10, "actor": actor(lead)}
    return subscriptions.add_subscription(**{**common, **given})


def contract_of(lead: Person, **given) -> ElevatedContract:
    return contracts.add_contract(**{"slug": "isar-werke", "kind": "premier", "actor": actor(lead), **given})


def mails() -> list[str]:
    from tickets.services.relay import relay_all

    relay_all()
    return [message.body for message in mail.outbox]


# Subscriptions -------------------------------------------------------------------------------------------------------


def test_a_subscription_begins_now_and_has_a_reference_of_its_own(lead, customer):
    """CH-2, P-10"""
    first, second = subscribe(lead, now=NOW), subscribe(lead, now=NOW)
    trial = subscribe(lead, trial=True, now=NOW)

    assert [each.reference for each in (first, second, trial)] == [
        "isar-werke-office-365-e3",
        "isar-werke-office-365-e3-2",
        "isar-werke-office-365-e3-trial",
    ]
    assert first.starts_at == NOW
    event = Event.objects.filter(kind="subscription_added").earliest("id")
    assert (event.organisation, event.data["plan"], event.data["seats"]) == (customer, "office_365_e3", 10)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"seats": 0}, "seats"),
        ({"seats": 10_000_001}, "seats"),
        ({"starts_at": NOW - INSTANT}, "starts_at"),
        ({"ends_at": NOW}, "ends_at"),
        ({"starts_at": NOW + DAY, "ends_at": NOW + DAY}, "ends_at"),
    ],
)
def test_a_subscription_neither_reaches_back_nor_ends_before_it_starts(lead, customer, given, field):
    with pytest.raises(InvalidParticulars) as refusal:
        subscribe(lead, now=NOW, **given)

    assert refusal.value.field == field
    assert not Subscription.objects.exists()


def test_at_the_edge_it_may(lead, customer):
    subscribe(lead, now=NOW, starts_at=NOW, ends_at=NOW + INSTANT)
    subscribe(lead, now=NOW, seats=1)
    subscribe(lead, now=NOW, seats=10_000_000)


@pytest.mark.parametrize(("plan", "trial"), [("no_such", False), ("education", True)])
def test_a_plan_must_be_on_offer_and_one_to_try(lead, customer, plan, trial):
    with pytest.raises(PlanNotFound):
        subscribe(lead, plan=plan, trial=trial)


def test_a_retired_plan_is_subscribed_to_no_more_and_runs_on(lead, customer):
    """SLA-2"""
    running = subscribe(lead)
    plans.retire_plan(code="office_365_e3", actor=actor(lead))

    with pytest.raises(PlanNotFound):
        subscribe(lead)
    assert list(selectors.running_subscriptions(customer.pk, now=clock.now())) == [running]
    plans.offer_plan_again(code="office_365_e3", actor=actor(lead))
    subscribe(lead)


def test_a_closed_organisation_gets_nothing_new(lead, customer):
    close_organisation(slug=customer.slug, actor=actor(lead))

    with pytest.raises(OrganisationClosed):
        subscribe(lead)
    with pytest.raises(OrganisationClosed):
        contract_of(lead)


def test_seats_and_end_change_and_the_admins_are_told(lead, admin):
    """P-10"""
    row = subscribe(lead, now=NOW)
    end = NOW + 30 * DAY

    subscriptions.change_subscription(
        reference=row.reference, seats=25, ends_at=end, version=1, actor=actor(lead), now=NOW + DAY
    )

    row.refresh_from_db()
    assert (row.seats, row.ends_at, row.version) == (25, end, 2)
    event = Event.objects.get(kind="subscription_altered")
    assert event.data["seats"] == {"from": 10, "to": 25}
    assert event.data["ends_at"] == {"from": None, "to": end.isoformat()}
    assert "Seats: 25 instead of 10." in mails()[-1]


def test_the_same_again_changes_nothing(lead, customer):
    row = subscribe(lead)

    subscriptions.change_subscription(reference=row.reference, seats=10, ends_at=None, actor=actor(lead))

    assert not Event.objects.filter(kind="subscription_altered").exists()


@pytest.mark.parametrize("ends_in", [timedelta(0), -DAY])
def test_an_end_is_to_come(lead, customer, ends_in):
    row = subscribe(lead, now=NOW)

    with pytest.raises(InvalidParticulars):
        subscriptions.change_subscription(
            reference=row.reference, seats=10, ends_at=NOW + DAY + ends_in, actor=actor(lead), now=NOW + DAY
        )


def test_a_change_for_an_old_version_and_of_what_is_over_is_refused(lead, customer):
    row = subscribe(lead, now=NOW)
    with pytest.raises(RecordChanged):
        subscriptions.change_subscription(
            reference=row.reference, seats=9, ends_at=None, version=2, actor=actor(lead), now=NOW
        )
    subscriptions.end_subscription(reference=row.reference, actor=actor(lead), now=NOW + DAY)
    with pytest.raises(SubscriptionNotFound):
        subscriptions.change_subscription(
            reference=row.reference, seats=9, ends_at=None, actor=actor(lead), now=NOW + DAY
        )
    row.refresh_from_db()
    assert (row.seats, row.ends_at) == (10, NOW + DAY)


def test_what_has_not_begun_can_be_called_off(lead, admin):
    coming = subscribe(lead, now=NOW, starts_at=NOW + DAY)
    subscriptions.end_subscription(reference=coming.reference, actor=actor(lead), now=NOW)
    planned = contract_of(lead, now=NOW, starts_at=NOW + DAY)
    contracts.end_contract(slug="isar-werke", contract_id=planned.pk, actor=actor(lead), now=NOW)

    assert not Subscription.objects.exists()
    assert not ElevatedContract.objects.exists()
    assert Event.objects.filter(kind__in=("subscription_ended", "contract_ended")).count() == 2


def test_a_trial_becomes_a_paid_row_of_its_own(lead, customer):
    """BI-1, SLA-2"""
    trial = subscribe(lead, trial=True, seats=5, ends_at=NOW + 9 * DAY, now=NOW)

    bought = subscriptions.buy_after_trial(reference=trial.reference, seats=40, actor=actor(lead), now=NOW + DAY)

    trial.refresh_from_db()
    assert (trial.trial, trial.seats, trial.ends_at) == (True, 5, NOW + DAY)
    assert (bought.trial, bought.seats, bought.starts_at, bought.ends_at) == (False, 40, NOW + DAY, None)
    assert (bought.bought_after, bought.plan) == (trial, trial.plan)
    with pytest.raises(SubscriptionNotFound):
        subscriptions.buy_after_trial(reference=trial.reference, seats=1, actor=actor(lead), now=NOW + DAY)
    with pytest.raises(SubscriptionNotFound):
        subscriptions.buy_after_trial(reference=bought.reference, seats=1, actor=actor(lead), now=NOW + DAY)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [{"seats": 0}, {"starts_at": NOW, "ends_at": NOW}, {"trial": True, "bought_after": "it"}],
    ids=["seats", "span", "trial"],
)
def test_the_database_refuses_what_cannot_be(wrong):
    organisation = make_organisation()
    before = make_subscription(organisation, trial=True)
    wrong = {name: before if value == "it" else value for name, value in wrong.items()}

    with pytest.raises(IntegrityError), transaction.atomic():
        make_subscription(organisation, **wrong)


# Contracts -----------------------------------------------------------------------------------------------------------


def test_a_contract_names_who_looks_after_the_organisation(lead, admin):
    """EL-1, P-10"""
    manager, other = make_staff("account_manager", name="Victoria"), make_staff("account_manager", name="Amir")
    row = contract_of(lead, account_manager_id=manager.pk, now=NOW)

    contracts.change_contract(
        slug="isar-werke",
        contract_id=row.pk,
        account_manager_id=other.pk,
        ends_at=None,
        actor=actor(lead),
        now=NOW + DAY,
    )

    event = Event.objects.get(kind="contract_altered")
    assert event.data["account_manager"] == {"from": manager.pk, "to": other.pk}
    told = mails()
    assert "Your support account manager is Victoria." in told[0]
    assert "Your support account manager is Amir." in told[1]


@pytest.mark.parametrize("roles", [("engineer",), ("team_lead",)])
def test_only_an_account_manager_looks_after_one(lead, customer, roles):
    with pytest.raises(PersonNotFound):
        contract_of(lead, account_manager_id=make_staff(*roles).pk)


@pytest.mark.parametrize(("country", "may"), [("US", True), ("CA", True), ("GB", True), ("DE", False), ("TW", False)])
def test_professional_direct_is_offered_in_three_countries(lead, country, may):
    """EL-1"""
    make_organisation("there", country=country)
    if may:
        contract_of(lead, slug="there", kind="professional_direct")
    else:
        with pytest.raises(InvalidParticulars):
            contract_of(lead, slug="there", kind="professional_direct")
        contract_of(lead, slug="there", kind="migration")


def test_no_two_contracts_at_a_time(lead, customer):
    """SLA-5"""
    contract_of(lead, now=NOW, ends_at=NOW + 10 * DAY)
    for starts, ends in ((NOW, None), (NOW + 9 * DAY, NOW + 11 * DAY), (NOW + 10 * DAY - INSTANT, None)):
        with pytest.raises(ContractOverlaps):
            contract_of(lead, now=NOW, starts_at=starts, ends_at=ends)

    following = contract_of(lead, kind="migration", now=NOW, starts_at=NOW + 10 * DAY)

    assert selectors.elevated_contract_of(customer.pk, now=NOW + 10 * DAY) == following
    first = ElevatedContract.objects.earliest("id")
    with pytest.raises(ContractOverlaps):
        contracts.change_contract(
            slug="isar-werke",
            contract_id=first.pk,
            account_manager_id=None,
            ends_at=NOW + 20 * DAY,
            actor=actor(lead),
            now=NOW,
        )


@pytest.mark.django_db
def test_the_database_holds_contracts_apart():
    """SLA-5"""
    organisation = make_organisation()
    make_elevated_contract(organisation, ends_at=NOW)
    make_elevated_contract(organisation, starts_at=NOW)
    for wrong in ({"starts_at": NOW - INSTANT, "ends_at": NOW}, {"starts_at": NOW, "ends_at": NOW}, {"kind": "gold"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            make_elevated_contract(organisation, **wrong)


def test_of_two_who_end_what_has_not_begun_at_once_the_second_finds_nothing(own_database: OwnDatabase) -> None:
    make_organisation("isar-werke")
    leads = [make_staff("team_lead") for _ in range(2)]
    coming = subscribe(leads[0], starts_at=clock.now() + DAY)

    def end(lead: Person) -> Subscription:
        return subscriptions.end_subscription(reference=coming.reference, actor=actor(lead))

    assert waits_for(lambda: end(leads[0]), lambda: end(leads[1])) == SubscriptionNotFound
    assert Event.objects.filter(kind="subscription_ended").count() == 1


def test_of_two_contracts_at_once_one_is_stored(own_database: OwnDatabase):
    """SLA-5: two leads press the button at the same moment."""
    make_organisation("isar-werke", country="US")
    leads = [actor(make_staff("team_lead")) for _ in range(2)]
    start, outcomes = threading.Barrier(2), []

    def add(who) -> None:
        try:
            start.wait(10)
            contracts.add_contract(slug="isar-werke", kind="premier", actor=who)
            outcomes.append("added")
        except ContractOverlaps:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=add, args=(who,)) for who in leads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sorted(outcomes) == ["added", "refused"]
    assert ElevatedContract.objects.count() == 1


def test_a_contract_of_another_organisation_is_not_found(lead, customer):
    """P-5"""
    theirs = make_elevated_contract(make_organisation())

    with pytest.raises(ContractNotFound):
        contracts.end_contract(slug=customer.slug, contract_id=theirs.pk, actor=actor(lead))
    assert browser_of(lead).get(f"/staff/organisations/isar-werke/contracts/{theirs.pk}/").status_code == 404


# Promises ------------------------------------------------------------------------------------------------------------


def test_promises_keep_their_tier_whatever_becomes_of_contract_and_subscription(lead, admin, capsys):
    """SLA-1, SLA-2, SLA-5: and `manage.py verify` finds nothing."""
    now = clock.now()
    row = subscribe(lead, now=now - 3 * DAY)
    plain = filed(actor(admin), severity="B", now=now - 2 * DAY)
    contract = contract_of(lead, now=now - 2 * DAY + INSTANT)
    elevated = filed(actor(admin), severity="B", now=now - DAY)
    before = [(each.tier, each.due_at) for each in (plain, elevated)]
    assert [tier for tier, _ in before] == ["enterprise", "elevated"]

    contracts.end_contract(slug="isar-werke", contract_id=contract.pk, actor=actor(lead))
    subscriptions.end_subscription(reference=row.reference, actor=actor(lead))
    plans.retire_plan(code="office_365_e3", actor=actor(lead))

    for each in (plain, elevated):
        each.refresh_from_db()
    assert [(each.tier, each.due_at) for each in (plain, elevated)] == before
    call_command("verify")
    assert "All invariants hold; 2 promises recomputed." in capsys.readouterr().out


# Plans ---------------------------------------------------------------------------------------------------------------


def test_a_plan_is_added_in_a_tier_of_the_table(lead):
    """SLA-1, P-10"""
    names = {"en": "Office 365 E5", "zh-Hant": "Office 365 E5"}
    common = {"names": names, "trialable": True, "actor": actor(lead)}
    plan = plans.add_plan(code="office_365_e5", family="enterprise", tier="enterprise", **common)

    assert Plan.objects.get(code="office_365_e5") == plan
    assert Event.objects.get(kind="plan_added").data == {"plan": "office_365_e5", "tier": "enterprise"}
    with pytest.raises(NameTaken):
        plans.add_plan(code="office_365_e5", family="business", tier="business", **common)
    for family, tier in (("business", "elevated"), ("standalone", "business"), ("gold", "business")):
        with pytest.raises(InvalidParticulars):
            plans.add_plan(code="other", family=family, tier=tier, **common)


# Pages ---------------------------------------------------------------------------------------------------------------

PAGE = "/staff/organisations/isar-werke"
LATER = {"first_day": "2090-01-01", "last_day": "2090-12-31"}


def test_a_lead_sells_changes_and_ends_through_the_pages(lead, customer):
    browser = browser_of(lead)
    typed = {"plan": "office_365_e3", "kind": "paid", "seats": "7", **LATER}

    assert browser.post(f"{PAGE}/subscriptions/new/", typed)["Location"] == f"{PAGE}/"
    row = Subscription.objects.get()
    # days are those of Berlin
    assert (row.starts_at, row.ends_at) == (
        datetime(2089, 12, 31, 23, tzinfo=UTC),
        datetime(2090, 12, 31, 23, tzinfo=UTC),
    )
    page = f"{PAGE}/subscriptions/{row.reference}/"
    form = browser.get(page).context["form"]
    kept = {"seats": "8", "last_day": str(form["last_day"].value()), "version": row.version}
    assert browser.post(page, kept).status_code == 302
    row.refresh_from_db()
    assert (row.seats, row.ends_at) == (8, datetime(2090, 12, 31, 23, tzinfo=UTC))
    assert browser.post(f"{page}end/").status_code == 302
    assert not Subscription.objects.exists()


def test_a_trial_is_bought_through_the_page(lead, customer):
    browser, trial = browser_of(lead), make_subscription(customer, trial=True)
    page = f"{PAGE}/subscriptions/{trial.reference}/"
    assert "Turn the trial into a paid subscription" in text_of(browser.get(page))

    refused = browser.post(f"{page}buy/", {"buy-plan": "office_365_e3", "buy-seats": "0", "version": "1"})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    done = browser.post(f"{page}buy/", {"buy-plan": "office_365_e1", "buy-seats": "30", "version": "1"})

    assert done.status_code == 302
    assert Subscription.objects.get(trial=False).plan.code == "office_365_e1"


def test_a_contract_is_made_changed_and_ended_through_the_pages(lead, customer):
    browser, manager = browser_of(lead), make_staff("account_manager")
    typed = {"kind": "premier", "account_manager": manager.pk, **LATER}

    assert browser.post(f"{PAGE}/contracts/new/", typed).status_code == 302
    row = ElevatedContract.objects.get()
    overlap = browser.post(f"{PAGE}/contracts/new/", typed)
    assert overlap.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "one elevated contract at a time" in text_of(overlap)
    page = f"{PAGE}/contracts/{row.pk}/"
    stale = browser.post(page, {"account_manager": "", "last_day": "", "version": "9"})
    assert stale.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert browser.post(page, {"account_manager": "", "last_day": "", "version": "1"}).status_code == 302
    row.refresh_from_db()
    assert (row.account_manager, row.ends_at) == (None, None)
    assert browser.post(f"{page}end/").status_code == 302
    assert not ElevatedContract.objects.exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"first_day": "2001-01-01"}, "what was promised before stays as it was"),
        ({"last_day": "2089-01-01"}, "Let it end after it starts."),
        ({"first_day": "soon"}, "Enter a valid date."),
        ({"first_day": "9999-12-31"}, "Choose a day between 2000 and 2100."),
        ({"last_day": "9999-12-31"}, "Choose a day between 2000 and 2100."),
        ({"seats": "-1"}, "greater than or equal to 1"),
        ({"plan": "x"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(lead, customer, typed, said):
    """P-8"""
    given = {"plan": "office_365_e3", "kind": "paid", "seats": "7", **LATER, **typed}

    refused = browser_of(lead).post(f"{PAGE}/subscriptions/new/", given)

    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert said in text_of(refused)
    assert not Subscription.objects.exists()


def test_plans_are_added_and_retired_through_the_page(lead):
    browser = browser_of(lead)
    typed = {"name_en": "E5", "name_zh_hant": "E5", "slug": "office_365_e5", "family": "enterprise"}

    assert browser.post("/staff/plans/", {**typed, "tier": "frontline"}).status_code == 302
    assert browser.post("/staff/plans/", {**typed, "tier": "frontline"}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    standalone = browser.post("/staff/plans/", {**typed, "slug": "x", "family": "standalone", "tier": "business"})
    assert "Standalone plans are handled as the Enterprise tier" in text_of(standalone)
    assert browser.post("/staff/plans/office_365_e5/retire/").status_code == 302
    assert Plan.objects.get(code="office_365_e5").retired_at
    assert browser.post("/staff/plans/office_365_e5/offer/").status_code == 302
    assert browser.post("/staff/plans/nothing/retire/").status_code == 404


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_each_role_changes_what_the_table_says(role, customer):
    """RO-3, cell by cell"""
    browser = browser_of(make_staff(role))
    sold, contract = make_subscription(customer), make_elevated_contract(customer)
    for address in (
        "subscriptions/new/",
        f"subscriptions/{sold.reference}/",
        f"subscriptions/{sold.reference}/buy/",
        f"subscriptions/{sold.reference}/end/",
        "contracts/new/",
        f"contracts/{contract.pk}/",
        f"contracts/{contract.pk}/end/",
    ):
        answer = browser.post(f"{PAGE}/{address}", {})
        assert (answer.status_code == HTTPStatus.FORBIDDEN) is (role not in ACTS["manage_contracts"]), address
    assert browser.get("/staff/plans/").status_code == 200
    for address in ("", "office_365_e3/retire/", "office_365_e3/offer/"):
        answer = browser.post(f"/staff/plans/{address}", {})
        assert (answer.status_code == HTTPStatus.FORBIDDEN) is (role not in ACTS["manage_plans"]), address


@pytest.mark.parametrize("address", ["subscriptions/new/", "subscriptions/x/", "contracts/new/", "contracts/1/"])
def test_customers_change_nothing_of_it(admin, address):
    """P-5"""
    browser = browser_of(admin)

    assert browser.get(f"{PAGE}/{address}").status_code == 403
    assert browser.post(f"{PAGE}/{address}").status_code == 403
    assert browser.get("/staff/plans/").status_code == 403


@pytest.mark.parametrize("change", [{"tier": "business"}, {"standalone": True}])
def test_the_database_lets_no_plan_change_its_tier(db: None, change: dict[str, Any]) -> None:
    """SLA-1, SLA-2: promises go by it; all else of a plan can change"""
    plans = Plan.objects.filter(code="office_365_e3")

    with pytest.raises(IntegrityError, match="keeps its tier"), transaction.atomic():
        plans.update(**change)

    assert plans.update(retired_at=clock.now(), tier="enterprise", standalone=False) == 1
