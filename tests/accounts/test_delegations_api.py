"""Delegations over the API, for both sides (PA-1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts import clock
from accounts.models import Delegation, DelegationAsk, Organisation, Person
from accounts.services.delegations import start_acting_for
from tests.factories import actor, api_of, make_delegation, make_organisation, make_partner, make_person

LIST, ASKS = "/api/v1/delegations/", "/api/v1/delegations/asks/"


@pytest.fixture
def customer(db: None) -> Organisation:
    return make_organisation("lotus-foods", name="Lotus Foods")


@pytest.fixture
def admin(customer: Organisation) -> Person:
    return make_person(customer, "global_admin")


@pytest.fixture
def lead(db: None) -> Person:
    return make_person(make_partner("north-star", name="North Star"), "global_admin")


@pytest.fixture
def theirs(lead: Person) -> APIClient:
    return api_of(lead)


@pytest.fixture
def ours(admin: Person) -> APIClient:
    return api_of(admin)


def in_days(days: int) -> str:
    return (clock.now() + timedelta(days=days)).isoformat()


def wish(**changes: Any) -> dict[str, Any]:
    body = {"customer": "lotus-foods", "duties": ["reader", "exchange_admin"], "reason": "To move your mail."}
    return {**body, "wished_until": in_days(300), **changes}


def test_an_ask_goes_its_way_from_the_partner_to_the_customer_and_back(theirs: APIClient, ours: APIClient) -> None:
    """PA-1, P-2"""
    made, again = (theirs.post(ASKS, wish_, headers={"Idempotency-Key": "k"}) for wish_ in [wish()] * 2)
    assert (made.status_code, again.json()) == (201, made.json())
    assert (made.json()["state"], made.json()["customer"]) == ("open", "lotus-foods")
    (received,) = ours.get(ASKS).json()["results"]

    terms = {"duties": ["reader"], "expires_at": in_days(30)}
    granted = ours.post(f"{ASKS}{received['id']}/grant/", terms)

    assert (granted.status_code, granted.json()["duties"]) == (201, ["reader"])
    answered = theirs.get(f"{ASKS}{made.json()['id']}/").json()
    assert (answered["state"], answered["delegation"]) == ("granted", granted.json()["id"])
    (held,) = theirs.get(LIST, {"side": "held", "in_force": "true"}).json()["results"]
    assert held["customer"] == {"slug": "lotus-foods", "name": "Lotus Foods"}


def test_an_ask_of_nobody_is_answered_alike(theirs: APIClient, ours: APIClient) -> None:
    """P-5"""
    real, nobody = (theirs.post(ASKS, wish(customer=to)) for to in ("lotus-foods", "lotus-foozs"))
    differing = {name for name, value in real.json().items() if nobody.json()[name] != value}

    assert real.status_code == nobody.status_code == 201
    assert differing <= {"id", "customer", "asked_at", "lapses_at", "wished_until"}


def test_asks_are_declined_and_withdrawn(theirs: APIClient, ours: APIClient) -> None:
    first, second = (theirs.post(ASKS, wish(customer=to)).json()["id"] for to in ("lotus-foods", "nobody"))

    declined = ours.post(f"{ASKS}{first}/decline/", {"reason": "No, thank you."})
    withdrawn = theirs.post(f"{ASKS}{second}/withdraw/", {})

    assert (declined.json()["state"], declined.json()["answer"]) == ("declined", "No, thank you.")
    assert withdrawn.json()["state"] == "withdrawn"
    assert ours.post(f"{ASKS}{first}/grant/", {"duties": ["reader"], "expires_at": in_days(3)}).status_code == 409
    assert theirs.get(ASKS, {"side": "made", "open": "true"}).json()["results"] == []
    assert len(theirs.get(ASKS, {"side": "made"}).json()["results"]) == 2


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"duties": ["global_admin"]}, "#/duties/0"),
        ({"customer": "!"}, "#/customer"),
        ({"reason": ""}, "#/reason"),
        ({"partner": "me"}, "#/partner"),
        ({"wished_until": "soon"}, "#/wished_until"),
    ],
)
def test_a_wrong_ask_is_refused_by_field(theirs: APIClient, changes: dict[str, Any], pointer: str) -> None:
    response = theirs.post(ASKS, wish(**changes))

    assert response.status_code == 400
    assert pointer in {fault["pointer"] for fault in response.json()["errors"]}
    assert not DelegationAsk.objects.exists()


def test_a_partner_is_appointed_and_dismissed(ours: APIClient, lead: Person) -> None:
    """PA-1, P-6"""
    made = ours.post(LIST, {"partner": "north-star", "duties": ["reader"], "expires_at": in_days(30)})
    assert made["Location"].endswith(f"{LIST}{made.json()['id']}/")

    ended = ours.post(f"{LIST}{made.json()['id']}/end/", {})

    assert (ended.status_code, ended.json()["in_force"]) == (200, False)
    assert len(ours.get(LIST, {"in_force": "false"}).json()["results"]) == 1


def test_the_partner_says_who_acts(theirs: APIClient, ours: APIClient, customer: Organisation, lead: Person) -> None:
    """PA-1: its people see the customers that they act for; the customer does not see who was chosen"""
    delegation = make_delegation(customer, lead.organisation, duties=["reader", "billing_admin"])  # type: ignore[arg-type]
    left_out = make_person(lead.organisation, "reader")
    path = f"{LIST}{delegation.pk}/people/"

    named = theirs.post(path, {"people": [{"person": lead.pk, "duties": ["reader"]}]})

    assert named.json()["people"] == [{"person": lead.pk, "name": lead.name, "duties": ["reader"]}]
    assert ours.get(f"{LIST}{delegation.pk}/").json()["people"] is None
    assert api_of(left_out).get(LIST).json()["results"] == []
    assert theirs.post(path, {"people": [{"person": lead.pk, "duties": ["skype_admin"]}]}).status_code == 400
    assert theirs.post(path, {"people": None}).json()["for_everybody"] is True
    assert api_of(left_out).get(LIST).json()["results"] != []


def test_what_was_done_is_listed_for_the_customer_alone(
    theirs: APIClient, ours: APIClient, customer: Organisation, lead: Person
) -> None:
    """PA-1, P-5, P-10"""
    delegation = make_delegation(customer, lead.organisation)  # type: ignore[arg-type]
    start_acting_for(actor=actor(lead, customer=customer))
    path = f"{LIST}{delegation.pk}/acts/"

    (done,) = ours.get(path).json()["results"]

    assert (done["kind"], done["actor"]) == ("acting_started", lead.name)
    assert theirs.get(path).status_code == 404
    assert api_of(make_person(customer, "reader")).get(path).status_code == 403


def test_on_behalf_of_a_customer_only_its_own_delegation_is_there(
    ours: APIClient, customer: Organisation, lead: Person
) -> None:
    """P-5: not the customer's other partners, and none of its asks"""
    mine = make_delegation(customer, lead.organisation)  # type: ignore[arg-type]
    rival = make_delegation(customer, make_partner("rival"))
    acting = api_of(lead, organisation=customer)

    assert [row["id"] for row in acting.get(LIST).json()["results"]] == [mine.pk]
    assert acting.get(f"{LIST}{rival.pk}/").status_code == 404
    assert acting.get(ASKS).status_code == 403
    assert acting.post(f"{LIST}{mine.pk}/end/", {}).status_code == 403


def test_foreign_delegations_and_asks_are_not_there(theirs: APIClient, customer: Organisation, lead: Person) -> None:
    """P-5"""
    delegation = make_delegation(customer, lead.organisation)  # type: ignore[arg-type]
    ask = theirs.post(ASKS, wish()).json()["id"]
    stranger = api_of(make_person(make_organisation(), "global_admin"))
    calls = [
        (stranger.get, f"{LIST}{delegation.pk}/", None),
        (stranger.post, f"{LIST}{delegation.pk}/end/", {}),
        (stranger.get, f"{ASKS}{ask}/", None),
        (stranger.post, f"{ASKS}{ask}/decline/", {"reason": "No."}),
        (stranger.post, f"{ASKS}{ask}/withdraw/", {}),
    ]
    for call, path, body in calls:
        assert call(path, body).status_code == 404, path
    assert Delegation.objects.get(pk=delegation.pk).ended_at is None


def test_the_list_costs_the_same_for_many(ours: APIClient, customer: Organisation) -> None:
    ours.get(LIST)  # notes that the token is in use
    counts = []
    for number in (1, 9):
        for _ in range(number):
            make_delegation(customer, make_partner())
        with CaptureQueriesContext(connection) as queries:
            assert ours.get(LIST).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_scopes_are_asked_for(admin: Person) -> None:
    reading = api_of(admin, "delegations:read")

    assert reading.get(LIST).status_code == 200
    assert reading.post(LIST, {}).json()["code"] == "scope-missing"
    assert api_of(admin, "organisation:read").get(LIST).json()["code"] == "scope-missing"


def test_whoever_was_slower_does_not_undo_what_they_have_not_read(
    theirs: APIClient, ours: APIClient, customer: Organisation, lead: Person
) -> None:
    """Settled point 11; P-5: the customer's version stays as it is when the partner names others"""
    address = f"{LIST}{make_delegation(customer, lead.organisation, duties=['reader']).pk}/"
    only_lead = {"people": [{"person": lead.pk, "duties": ["reader"]}]}
    both = {
        "people": [*only_lead["people"], {"person": make_person(lead.organisation, "reader").pk, "duties": ["reader"]}]
    }
    first = theirs.post(f"{address}people/", only_lead, headers={"If-Match": theirs.get(address)["ETag"]})
    read = ours.get(address)["ETag"]

    second = theirs.post(f"{address}people/", both, headers={"If-Match": first["ETag"]})
    late = theirs.post(f"{address}people/", {"people": None}, headers={"If-Match": first["ETag"]})
    ended = ours.post(f"{address}end/", {}, headers={"If-Match": read})
    again = ours.post(f"{address}end/", {}, headers={"If-Match": read})

    assert (first.status_code, second.status_code, late.status_code) == (200, 200, 412)
    assert (late.json()["code"], late["ETag"]) == ("version-mismatch", second["ETag"])
    assert (ended.status_code, again.status_code, again["ETag"]) == (200, 412, ended["ETag"])
    assert ours.get(address)["ETag"].startswith(ended["ETag"].rstrip('"') + "-")


def test_an_ask_is_answered_as_it_was_read(theirs: APIClient, ours: APIClient) -> None:
    """Settled point 11, P-5"""
    made, unheard = theirs.post(ASKS, wish()), theirs.post(ASKS, wish(customer="lotus-foozs"))
    address, read = f"{ASKS}{made.json()['id']}/", made["ETag"]
    declined = {"reason": "Not this year."}

    stale = ours.post(f"{address}decline/", declined, headers={"If-Match": '"2"'})
    answered = ours.post(f"{address}decline/", declined, headers={"If-Match": ours.get(address)["ETag"]})
    late = theirs.post(f"{address}withdraw/", {}, headers={"If-Match": read})

    assert (made["ETag"], stale.status_code, answered.status_code) == (unheard["ETag"], 412, 200)
    assert (late.status_code, late["ETag"]) == (412, answered["ETag"])
