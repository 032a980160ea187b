"""Engagements over the API, for customers and for the desk (EL-1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import clock
from accounts.models import Organisation
from tests import factories
from tests.tickets import making
from tickets.api import engagement_examples as examples
from tickets.models import Engagement

LIST = "/api/v1/engagements/"


def days(first: int, last: int, *names: str) -> dict[str, str]:
    today = clock.now().date()
    return {name: (today + timedelta(days=day)).isoformat() for name, day in zip(names, (first, last), strict=True)}


def wish(**changes: Any) -> dict[str, Any]:
    body = {"kind": "incident_management", "subject": "Plan for the worst", "wish": "With us."}
    return {**body, **days(9, 12, "wished_from", "wished_until"), **changes}


@pytest.fixture
def customer(db: None) -> Organisation:
    organisation = factories.make_organisation("jade", name="Jade Harbour")
    factories.make_elevated_contract(organisation, account_manager=factories.make_staff("account_manager"))
    return organisation


@pytest.fixture
def ours(customer: Organisation) -> APIClient:
    return factories.api_of(factories.make_person(customer, "service_support_admin"))


@pytest.fixture
def desk(customer: Organisation) -> APIClient:
    return factories.api_of(customer.elevated_contracts.get().account_manager)  # type: ignore[arg-type]


def test_an_engagement_goes_its_way(ours: APIClient, desk: APIClient) -> None:
    """EL-1, P-2"""
    senior = factories.make_staff("senior_engineer")
    made, again = (ours.post(LIST, wish(), headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (made.status_code, again.json()["number"]) == (201, made.json()["number"])
    one = f"{LIST}{made.json()['number']}/"
    assert made["Location"].endswith(one)

    planned = desk.post(f"{one}plan/", {"lead": senior.pk, **days(9, 10, "starts_on", "ends_on")})
    written = ours.post(f"{one}entries/", {"body": "Good."})
    begun = desk.post(f"{one}begin/", {})
    done = desk.post(f"{one}complete/", {"message": "Rehearsed."}, headers={"If-Match": begun["ETag"]})

    assert [answer.status_code for answer in (planned, written, begun, done)] == [200, 201, 200, 200]
    assert (done.json()["state"], done.json()["lead"]["name"]) == ("completed", senior.name)
    assert [row["what"] for row in ours.get(f"{one}entries/").json()["results"]] == [
        "wish", "plan", "message", "begin", "complete",
    ]  # fmt: skip
    assert ours.get(LIST, {"ongoing": "true"}).json()["results"] == []
    assert ours.post(f"{one}entries/", {"body": "More."}).json()["code"] == "illegal-engagement-act"
    assert Engagement.objects.count() == 1


def test_a_stale_version_is_refused(ours: APIClient, desk: APIClient) -> None:
    one = f"{LIST}{ours.post(LIST, wish()).json()['number']}/"

    refused = desk.post(f"{one}call-off/", {"message": "No."}, headers={"If-Match": '"7"'})

    assert (refused.status_code, refused.json()["current_version"]) == (412, 1)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"kind": "party"}, "#/kind"),
        ({"kind": "workshop"}, "#/place"),
        ({"wished_until": "2020-01-01"}, "#/wished_until"),
        ({"subject": "a\u202eb"}, "#/subject"),
        ({"state": "planned"}, "#/state"),
    ],
)
def test_a_wrong_wish_is_refused_by_field(ours: APIClient, changes: dict[str, Any], pointer: str) -> None:
    response = ours.post(LIST, wish(**changes))

    assert response.status_code == 400
    assert pointer in {fault["pointer"] for fault in response.json()["errors"]}
    assert not Engagement.objects.exists()


def test_without_a_contract_there_are_none(db: None) -> None:
    """EL-1"""
    admin = factories.make_person(factories.make_organisation(), "global_admin")

    refused = factories.api_of(admin).post(LIST, wish())

    assert (refused.status_code, refused.json()["code"]) == (403, "no-elevated-support")


def test_customers_plan_nothing_and_the_desk_asks_for_nothing(ours: APIClient, desk: APIClient) -> None:
    """RO-1"""
    one = f"{LIST}{ours.post(LIST, wish()).json()['number']}/"

    assert ours.post(f"{one}plan/", {}).status_code == 403
    assert ours.post(f"{one}complete/", {"message": "x"}).status_code == 403
    assert desk.post(LIST, wish()).status_code == 403


def sendable(example: Any, **changes: Any) -> dict[str, Any]:
    """The body of an example, with days to come."""
    ahead = clock.now().date() + timedelta(days=9)
    body = {**example.value, **changes}
    return {name: ahead.isoformat() if name.endswith(("_from", "_until", "_on")) else body[name] for name in body}


def test_the_examples_can_be_sent(ours: APIClient, desk: APIClient, customer: Organisation) -> None:
    """Examples that do not work teach nothing"""
    lead = factories.make_staff("senior_engineer").pk
    factories.make_subscription(customer)
    request = making.filed(factories.actor(factories.make_person(customer, "global_admin"))).number
    first, second = (f"{LIST}{ours.post(LIST, sendable(examples.REQUEST[0])).json()['number']}/" for _ in range(2))
    answers = [
        desk.post(f"{first}plan/", sendable(examples.PLAN[0], lead=lead)),
        ours.post(f"{first}entries/", sendable(examples.WRITE[0])),
        ours.post(f"{first}requests/", sendable(examples.LINK[0], request=request)),
        desk.post(f"{first}begin/", sendable(examples.BEGIN[0])),
        desk.post(f"{first}complete/", sendable(examples.COMPLETE[0])),
        ours.post(f"{second}call-off/", sendable(examples.CALL_OFF[0])),
    ]
    shown = (examples.PLAN, examples.WRITE, examples.LINK, examples.BEGIN, examples.COMPLETE, examples.CALL_OFF)

    assert [answer.status_code for answer in answers] == [200, 201, 201, 200, 200, 200]
    for answer, example in zip(answers, shown, strict=True):
        assert set(answer.json()) - {"id"} == set(example[-1].value) - {"id"}
