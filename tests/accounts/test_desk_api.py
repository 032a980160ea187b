"""What support staff keep of customers, over the API: the same acts as on their pages (RO-3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import clock
from accounts.models import Delivery, ElevatedContract, Organisation, Subscription
from tests.factories import (
    api_of,
    make_delegation,
    make_elevated_contract,
    make_organisation,
    make_partner,
    make_person,
    make_staff,
    make_subscription,
)

ROOT, ANY = "/api/v1", {"If-Match": "*"}
SUBSCRIPTIONS, CONTRACTS, PLANS = f"{ROOT}/subscriptions/", f"{ROOT}/contracts/", f"{ROOT}/plans/"


@pytest.fixture
def lotus(db: None) -> Organisation:
    return make_organisation("lotus", country="TW")


@pytest.fixture
def api(db: None) -> APIClient:
    return api_of(make_staff("team_lead"))


def in_days(days: int) -> str:
    return (clock.now() + timedelta(days=days)).isoformat()


def test_a_customer_is_taken_in_once_closed_and_opened_again(api: APIClient) -> None:
    """RO-3, P-2, P-6"""
    body = {"slug": "isar", "name": "Isar Werke", "country": "DE", "subdivision": "BY", "timezone": "Europe/Berlin"}
    made, again = (api.post(f"{ROOT}/organisations/", body, headers={"Idempotency-Key": "k"}) for _ in range(2))
    taken = api.post(f"{ROOT}/organisations/", body)
    address = made["Location"].removeprefix("http://testserver").partition("/api/")[2]
    admin = api_of(make_person(Organisation.objects.get(slug="isar"), "global_admin"))

    closed = api.post(f"{ROOT}/organisations/isar/close/", {}, headers={"If-Match": made["ETag"]})
    shut_out = admin.get(f"{ROOT}/me/").status_code
    late = api.post(f"{ROOT}/organisations/isar/reopen/", {}, headers={"If-Match": made["ETag"]})
    reopened = api.post(f"{ROOT}/organisations/isar/reopen/", {})

    assert (made.status_code, again.json(), address) == (201, made.json(), "v1/organisations/isar/")
    assert (taken.status_code, taken.json()["code"]) == (409, "name-taken")
    assert (closed.json()["active"], shut_out, late.status_code) == (False, 401, 412)
    assert (reopened.json()["active"], admin.get(f"{ROOT}/me/").status_code) == (True, 200)


def test_a_trial_is_added_changed_and_bought(api: APIClient, lotus: Organisation) -> None:
    """CH-2, SLA-2"""
    admin = make_person(lotus, "global_admin")
    body = {"organisation": "lotus", "plan": "office_365_e3", "trial": True, "seats": 5, "ends_at": in_days(30)}
    made = api.post(SUBSCRIPTIONS, body)
    address = f"{SUBSCRIPTIONS}{made.json()['reference']}/"
    Subscription.objects.update(starts_at=clock.now() - timedelta(hours=1))

    changed = api.patch(address, {"seats": 7}, headers={"If-Match": made["ETag"]})
    late = api.patch(address, {"ends_at": None}, headers={"If-Match": made["ETag"]})
    bought = api.post(f"{address}buy/", {"seats": 9}, headers={"If-Match": changed["ETag"]})

    assert (made.status_code, made.json()["reference"]) == (201, "lotus-office-365-e3-trial")
    assert (changed.json()["seats"], changed.json()["ends_at"]) == (7, made.json()["ends_at"])
    assert (late.status_code, late.json()["current_version"]) == (412, 2)
    assert (bought.status_code, bought.json()["trial"], bought.json()["seats"]) == (201, False, 9)
    (running,) = api_of(admin).get(SUBSCRIPTIONS).json()["results"]
    (past,) = api_of(admin).get(SUBSCRIPTIONS, {"when": "past"}).json()["results"]
    assert (running["reference"], past["reference"]) == (bought.json()["reference"], made.json()["reference"])
    assert Delivery.objects.filter(person=admin, notice="terms_changed", channel="portal").count() == 3


def test_what_has_not_begun_goes_when_it_is_ended_and_the_answer_can_be_had_again(
    api: APIClient, lotus: Organisation
) -> None:
    """P-2, SLA-5"""
    kept = {"Idempotency-Key": "k"}
    subscription = make_subscription(lotus, reference="later", seats=1, starts_at=clock.now() + timedelta(days=3))
    contract = make_elevated_contract(lotus, starts_at=clock.now() + timedelta(days=3))
    addresses = [f"{SUBSCRIPTIONS}{subscription.reference}/end/", f"{CONTRACTS}{contract.pk}/end/"]

    answers = [
        [api.post(each, {}, headers=kept | {"Idempotency-Key": each[-20:]}) for _ in range(2)] for each in addresses
    ]

    for first, second in answers:
        assert (first.status_code, second.status_code, second.json()) == (200, 200, first.json())
        assert second["Idempotency-Replayed"] == "true"
    assert not Subscription.objects.exists()
    assert not ElevatedContract.objects.exists()


def test_elevated_support_is_given_and_somebody_else_looks_after_it(api: APIClient, lotus: Organisation) -> None:
    """EL-1, SLA-5"""
    first, second = make_staff("account_manager"), make_staff("account_manager")
    made = api.post(CONTRACTS, {"organisation": "lotus", "kind": "premier", "account_manager": first.pk})
    address = f"{CONTRACTS}{made.json()['id']}/"

    overlapping = api.post(CONTRACTS, {"organisation": "lotus", "kind": "premier"})
    changed = api.patch(address, {"account_manager": second.pk}, headers={"If-Match": made["ETag"]})
    nobody = api.patch(address, {"account_manager": make_staff("engineer").pk}, headers=ANY)

    assert (made.status_code, made.json()["account_manager"]["id"]) == (201, first.pk)
    assert (overlapping.status_code, overlapping.json()["code"]) == (409, "contract-overlaps")
    assert (changed.json()["account_manager"]["id"], changed.json()["ends_at"], changed["ETag"]) == (
        second.pk,
        None,
        '"2"',
    )
    assert nobody.status_code == 404
    assert api_of(make_person(lotus, "reader")).get(address).json()["kind"] == "premier"
    assert api_of(second).get(CONTRACTS, {"when": "running"}).json()["results"] == [api.get(address).json()]
    assert api_of(first).get(address).status_code == 404


def test_what_others_stand_on_is_not_changed_under_them(api: APIClient, lotus: Organisation) -> None:
    """EL-1, PA-1: a contract into the time of the next, and a partner that has customers"""
    soon = make_elevated_contract(lotus, ends_at=clock.now() + timedelta(days=9))
    make_elevated_contract(lotus, starts_at=clock.now() + timedelta(days=9))
    partner = make_partner("northlight")
    make_delegation(lotus, partner)

    longer = api.patch(f"{CONTRACTS}{soon.pk}/", {"ends_at": None}, headers=ANY)
    no_partner = api.patch(f"{ROOT}/organisations/northlight/", {"is_partner": False}, headers=ANY)

    assert (longer.status_code, longer.json()["code"]) == (409, "contract-overlaps")
    assert (no_partner.status_code, no_partner.json()["code"]) == (409, "partner-has-customers")


def test_a_plan_is_offered_retired_and_offered_again(api: APIClient) -> None:
    """SLA-1, SLA-2"""
    body: dict[str, Any] = {"code": "e9", "names": {"en": "E9", "zh-Hant": "E9"}, "family": "standalone"}
    wrong = api.post(PLANS, {**body, "tier": "business"})
    made = api.post(PLANS, {**body, "tier": "enterprise"})

    retired = api.post(f"{PLANS}e9/retire/", {})

    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (400, "#/tier")
    assert (made.status_code, made.json()["standalone"], made.json()["retired_at"]) == (201, True, None)
    assert retired.json()["retired_at"]
    assert api.post(f"{PLANS}e9/offer/", {}).json() == api.get(f"{PLANS}e9/").json() == made.json()
    assert api.get(f"{PLANS}e10/").json()["code"] == "plan-not-found"


def test_customers_and_engineers_change_nothing_of_it(lotus: Organisation) -> None:
    """RO-1, RO-3, P-5"""
    row = make_subscription(lotus, reference="lotus-e3", seats=1)
    foreign = api_of(make_person(make_organisation(), "global_admin"))
    for caller in (api_of(make_person(lotus, "global_admin")), api_of(make_staff("engineer")), foreign):
        refused = [
            caller.post(f"{ROOT}/organisations/", {}),
            caller.post(f"{ROOT}/organisations/lotus/close/", {}),
            caller.patch(f"{SUBSCRIPTIONS}lotus-e3/", {"seats": 2}, headers=ANY),
            caller.post(CONTRACTS, {}),
            caller.post(f"{PLANS}office_365_e3/retire/", {}),
        ]
        assert {(each.status_code, each.json()["code"]) for each in refused} == {(403, "not-permitted")}
    assert foreign.get(f"{SUBSCRIPTIONS}{row.reference}/").json()["code"] == "subscription-not-found"
    reading = api_of(make_staff("team_lead"), "desk:read")
    assert reading.post(CONTRACTS, {}).json()["scope"] == "desk:write"
