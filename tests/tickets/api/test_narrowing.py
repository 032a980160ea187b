"""Lists, the queue and exports of one organisation and of one incident."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Organisation, Person
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import LIST, QUEUE, code_of, pointers_of
from tests.tickets.api.test_exports import room, rows_of  # noqa: F401 - `room` is a fixture
from tests.tickets.test_incidents import declared
from tickets.models import Incident, ServiceRequest
from tickets.services.incident_links import link_incident

MISSING = "INC-2000-99999"  # numbers begin with the year: none is from before the portal


@pytest.fixture
def incident(db: None) -> Incident:
    return declared(factories.actor(factories.make_staff("team_lead")))


@pytest.fixture
def linked(open_request: ServiceRequest, incident: Incident) -> ServiceRequest:
    engineer = factories.actor(factories.make_staff("engineer"))
    return link_incident(number=open_request.number, incident_number=incident.number, actor=engineer)


@pytest.fixture
def other(admin_person: Person) -> ServiceRequest:
    """Another request of the same customer, of no incident."""
    return making.filed(factories.actor(admin_person))


@pytest.fixture
def elsewhere(db: None) -> ServiceRequest:
    """A request of another customer."""
    organisation = factories.make_organisation("elsewhere")
    factories.make_subscription(organisation)
    return making.filed(factories.actor(factories.make_person(organisation, "global_admin")))


def numbers_of(answer: Any) -> set[str]:
    assert answer.status_code == 200, answer.content
    return {row["number"] for row in answer.json()["results"]}


def test_the_desk_reads_the_requests_of_one_customer_and_of_one_incident(
    staff: APIClient, organisation: Organisation, linked: Any, other: Any, elsewhere: Any, incident: Incident
) -> None:
    """P-5, settled point 16: in lists, in the queue and together with other filters"""
    theirs = {linked.number, other.number}

    for address in (LIST, QUEUE):
        assert numbers_of(staff.get(address)) == {*theirs, elsewhere.number}
        assert numbers_of(staff.get(address, {"organisation": organisation.slug})) == theirs
        assert numbers_of(staff.get(address, {"incident": incident.number})) == {linked.number}
        both = {"organisation": "elsewhere", "incident": incident.number}
        assert numbers_of(staff.get(address, both)) == set()
    assert numbers_of(staff.get(LIST, {"incident": incident.number, "open": "false"})) == set()
    assert numbers_of(staff.get(QUEUE, {"incident": incident.number, "view": "waiting"})) == set()


def test_an_export_holds_the_requests_of_one_incident(
    staff: APIClient, api: APIClient, linked: Any, other: Any, incident: Incident
) -> None:
    for caller in (staff, api):
        rows = rows_of(caller, filters={"incident": incident.number})
        assert [row["number"] for row in rows] == [linked.number]


def test_a_customer_names_the_incident_and_the_organisation_acted_for(
    api: APIClient, organisation: Organisation, linked: Any, other: Any, elsewhere: Any, incident: Incident
) -> None:
    """P-5, PA-1: so that a partner's program can say whom it means, and is refused where the token is another's"""
    assert numbers_of(api.get(LIST, {"incident": incident.number})) == {linked.number}
    assert numbers_of(api.get(LIST, {"organisation": organisation.slug})) == {linked.number, other.number}
    partner = factories.make_partner()
    factories.make_delegation(organisation, partner)
    agent = factories.make_person(partner, "service_support_admin")
    acting = factories.api_of(agent, organisation=organisation)
    assert numbers_of(acting.get(LIST, {"organisation": organisation.slug})) == {linked.number, other.number}
    assert code_of(acting.get(LIST, {"organisation": partner.slug})) == "organisation-not-found"


@pytest.mark.parametrize(
    ("name", "foreign", "missing", "code"),
    [
        ("organisation", "elsewhere", "nowhere", "organisation-not-found"),
        ("incident", "", MISSING, "incident-not-found"),
    ],
)
def test_what_is_of_others_answers_as_what_there_is_not(
    api: APIClient, linked: Any, elsewhere: Any, name: str, foreign: str, missing: str, code: str
) -> None:
    """P-5: in lists and for exports"""
    hidden = foreign or declared(factories.actor(factories.make_staff("team_lead")), countries=["DE"]).number
    answers = [api.get(LIST, {name: value}) for value in (hidden, missing)]
    answers += [
        api.post("/api/v1/exports/", {"kind": "requests", "file_format": "csv", "filters": {name: value}})
        for value in (hidden, missing)
    ]

    assert [(each.status_code, code_of(each)) for each in answers] == [(404, code)] * 4
    told = [{**each.json(), "request_id": "", "instance": ""} for each in answers]
    assert (told[0], told[2]) == (told[1], told[3])


def test_an_account_manager_names_customers_of_hers(linked: Any, elsewhere: Any) -> None:
    """EL-1, P-5"""
    manager = factories.make_staff("account_manager")
    factories.make_elevated_contract(elsewhere.organisation, account_manager=manager)
    caller = factories.api_of(manager)

    assert numbers_of(caller.get(LIST, {"organisation": "elsewhere"})) == {elsewhere.number}
    for address in (LIST, QUEUE):
        assert code_of(caller.get(address, {"organisation": linked.organisation.slug})) == "organisation-not-found"


@pytest.mark.parametrize(("name", "value"), [("organisation", "not a slug"), ("organisation", ""), ("incident", "")])
def test_what_is_no_name_is_refused_by_parameter(staff: APIClient, name: str, value: str) -> None:
    for address in (LIST, QUEUE):
        refused = staff.get(address, {name: value})
        assert (refused.status_code, pointers_of(refused)) == (400, [name])
