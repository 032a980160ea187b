"""Incidents over the API: read and followed by those whom they concern, declared and updated by the desk."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import Delivery, WebhookEndpoint
from tests import factories
from tests.tickets import making
from tickets.api import incident_examples as examples
from tickets.models import Commitment, Incident, ServiceRequest
from tickets.services.webhook_sender import payload_of

LIST = "/api/v1/incidents/"
BODY: dict[str, Any] = {
    "title": "Mail is down", "services": ["exchange_online"], "impact": "outage", "body": "We look for the cause.",
}  # fmt: skip


@pytest.fixture
def lead(db: None) -> APIClient:
    return factories.api_of(factories.make_staff("team_lead", name="Aiko Sato"))


@pytest.fixture
def one(lead: APIClient) -> str:
    """The address of an incident that goes on."""
    return f"{LIST}{lead.post(LIST, BODY).json()['number']}/"


def test_an_incident_goes_its_way(lead, api):
    """P-2: declared once, told in order, resolved; what is over stands in the list of what is over"""
    made, again = (lead.post(LIST, BODY, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (made.status_code, again.json()["number"], Incident.objects.count()) == (201, made.json()["number"], 1)
    one = f"{LIST}{made.json()['number']}/"
    assert made["Location"].endswith(one)

    changed = lead.patch(one, {"impact": "degradation"}, headers={"If-Match": made["ETag"]})
    known = lead.post(
        f"{one}updates/", {"state": "identified", "body": "A queue."}, headers={"If-Match": changed["ETag"]}
    )
    note = lead.post(f"{one}updates/", {"internal": True, "body": "The cable."})
    over = lead.post(f"{one}updates/", {"state": "resolved", "body": "It flows."})

    assert [answer.status_code for answer in (changed, known, note, over)] == [200, 201, 201, 201]
    shown = api.get(one).json()
    assert (shown["state"], shown["impact"], shown["last_update"]) == ("resolved", "degradation", "It flows.")
    assert shown["resolved_at"]
    said = api.get(f"{one}updates/").json()["results"]
    assert [(row["body"], row["author"], row["internal"]) for row in said] == [
        (BODY["body"], None, False), ("A queue.", None, False), ("It flows.", None, False),
    ]  # fmt: skip
    assert [row["author"]["name"] for row in lead.get(f"{one}updates/").json()["results"]] == ["Aiko Sato"] * 4
    for query, amount in (({"open": "true"}, 0), ({"open": "false"}, 1), ({"state": "resolved"}, 1), ({}, 1)):
        assert len(api.get(LIST, query).json()["results"]) == amount, query
    assert api.get(LIST, {"service": "sharepoint_online"}).json()["results"] == []


def test_notes_need_the_scope_of_the_desk_too(lead, one):
    """P-5, the second gate"""
    lead.post(f"{one}updates/", {"internal": True, "body": "The cable."})
    narrow = factories.api_of(factories.make_staff("engineer"), "incidents:read")

    assert [row["internal"] for row in narrow.get(f"{one}updates/").json()["results"]] == [False]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"impact": "huge"}, "#/impact"),
        ({"services": []}, "#/services"),
        ({"services": ["teleport"]}, "#/services"),
        ({"countries": ["Taiwan"]}, "#/countries/0"),
        ({"state": "resolved"}, "#/state"),
        ({"started_at": "2999-01-01T00:00:00Z"}, "#/started_at"),
        ({"title": "a\u202eb"}, "#/title"),
        ({"number": "INC-2026-00001"}, "#/number"),
    ],
)
def test_a_wrong_declaration_is_refused_by_field(lead, changes, pointer):
    response = lead.post(LIST, {**BODY, **changes})

    assert response.status_code == 400
    assert pointer in {fault["pointer"] for fault in response.json()["errors"]}
    assert not Incident.objects.exists()


def test_writes_name_the_version_and_follow_the_table(lead, one):
    assert lead.patch(one, {"impact": "outage"}).status_code == 428
    stale = lead.patch(one, {"impact": "advisory"}, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["current_version"]) == (412, 1)
    lead.post(f"{one}updates/", {"state": "resolved", "body": "It flows."})
    back = lead.post(f"{one}updates/", {"state": "monitoring", "body": "Hm."})
    assert (back.status_code, back.json()["code"]) == (409, "illegal-incident-act")
    both = lead.post(f"{one}updates/", {"state": "investigating", "internal": True, "body": "Hm."})
    assert (both.status_code, both.json()["errors"][0]["pointer"]) == (400, "#/internal")


def test_who_is_not_concerned_finds_a_missing_one(lead, api, organisation, one):
    """P-5: by the same answer"""
    organisation.subscriptions.update(ends_at="2026-01-02T00:00:00Z")
    missing = f"{LIST}INC-2000-99999/"  # numbers begin with the year: no incident is from before the portal

    for part in ("", "updates/", "requests/", "follow/"):
        theirs, none = api.get(f"{one}{part}"), api.get(f"{missing}{part}")
        assert (theirs.status_code, theirs.json()["code"]) == (404, "incident-not-found")
        assert {**theirs.json(), "instance": "", "request_id": ""} == {**none.json(), "instance": "", "request_id": ""}
    assert api.get(LIST).json()["results"] == []


def test_customers_and_engineers_declare_nothing(api, staff, one):
    """RO-1, RO-3"""
    for caller in (api, staff):
        assert caller.post(LIST, BODY).status_code == 403
        assert caller.post(f"{one}updates/", {"body": "x"}).status_code == 403
        assert caller.patch(one, {"impact": "outage"}, headers={"If-Match": "*"}).status_code == 403


def test_a_customer_follows_and_stops(reader, staff, one):
    assert reader.get(f"{one}follow/").json()["following"] is False
    assert reader.post(f"{one}follow/", {"following": True}).json()["following"] is True
    assert reader.get(f"{one}follow/").json()["following"] is True
    assert reader.post(f"{one}follow/", {"following": False}).json()["following"] is False
    assert staff.post(f"{one}follow/", {"following": True}).status_code == 403


def test_a_request_shows_the_incident_that_it_belongs_to(lead, staff, api, one, open_request):
    """SLA-1: and its promise runs on"""
    number, request = one.split("/")[-2], f"/api/v1/service-requests/{open_request.number}/"
    due_at = Commitment.objects.get(request=open_request).due_at
    assert api.get(request).json()["incident"] is None
    assert api.post(f"{request}incident/", {"incident": number}).status_code == 403
    linked = staff.post(f"{request}incident/", {"incident": number}, headers={"If-Match": '"1"'})
    assert (linked.status_code, linked["ETag"]) == (200, '"2"')

    reference = {"number": number, "title": BODY["title"], "impact": "outage", "state": "investigating"}
    assert api.get(request).json()["incident"] == reference
    assert api.get("/api/v1/service-requests/").json()["results"][0]["incident"] == reference
    assert staff.get("/api/v1/queue/").json()["results"][0]["incident"] == reference
    assert [row["number"] for row in api.get(f"{one}requests/").json()["results"]] == [open_request.number]
    assert "link_incident" in staff.get(request).json()["may"]
    assert Commitment.objects.get(request=open_request).due_at == due_at
    assert api.get(request).json()["commitment"]["state"] == "running"

    assert staff.post(f"{request}incident/", {"incident": "INC-2026-99999"}).json()["code"] == "incident-not-found"
    assert staff.post(f"{request}incident/", {"incident": None}).json()["incident"] is None


def test_many_are_linked_at_once_each_by_itself(lead, staff, admin_person, one, closed_now):
    """P-2: what is refused keeps none from being done, and a repetition does nothing twice"""
    actor, incident = factories.actor(admin_person), one.split("/")[-2]
    numbers = [making.filed(actor).number for _ in range(2)]
    body = {"numbers": [*numbers, closed_now.number], "link": {"incident": incident}}
    first, again = (
        staff.post("/api/v1/service-requests/bulk/", body, headers={"Idempotency-Key": "k"}) for _ in range(2)
    )

    assert (first.json()["done"], first.json()["refused"]) == (2, 1)
    assert first.json()["results"][2]["code"] == "illegal-transition"
    assert again.json() == first.json()
    assert ServiceRequest.objects.filter(incident__number=incident, version=2).count() == 2
    both = staff.post("/api/v1/service-requests/bulk/", {**body, "assign": {"assignee": "me"}})
    assert both.json()["errors"][0]["pointer"] == "#/assign"


@pytest.mark.parametrize(("service", "told"), [("exchange_online", True), ("sharepoint_online", False)])
def test_the_preview_tells_of_what_is_known_about_the_service(api, form, one, service, told):
    """SH-1's neighbour: before anything is filed"""
    preview = api.post("/api/v1/service-requests/preview/", {**form, "service": service}).json()

    assert [row["last_update"] for row in preview["incidents"]] == ([BODY["body"]] if told else [])
    assert api.post("/api/v1/service-requests/", form).status_code == 201


def test_endpoints_hear_of_it_where_it_concerns_them(lead, organisation):
    """P-5, P-2: the desk of all, a customer of theirs; each once, as the first type that it chose"""
    elsewhere = factories.make_organisation()
    factories.make_subscription(elsewhere, "sharepoint_online_plan_1")
    every = ["incident.declared", "incident.updated", "incident.resolved"]
    chosen = [(organisation, every), (organisation, every[1:2]), (elsewhere, every), (None, every), (organisation, [])]
    endpoints = [
        WebhookEndpoint.objects.create(
            organisation=owner, url="https://hooks.example.com/", types=types or ["request.created"], sealed_secret="x"
        )
        for owner, types in chosen
    ]
    one = f"{LIST}{lead.post(LIST, BODY).json()['number']}/"
    lead.post(f"{one}updates/", {"body": "Still."})
    lead.post(f"{one}updates/", {"body": "A note.", "internal": True})
    lead.post(f"{one}updates/", {"state": "resolved", "body": "It flows."})

    heard = [
        list(Delivery.objects.filter(endpoint=endpoint).order_by("id").values_list("notice", flat=True))
        for endpoint in endpoints
    ]
    assert heard == [every, [every[1]] * 3, [], every, []]
    last = payload_of(Delivery.objects.filter(endpoint=endpoints[0]).latest("id"))
    data: Any = last["data"]
    assert (last["type"], data["state"], data["organisation"]) == ("incident.resolved", "resolved", organisation.slug)
    assert data["url"].endswith(one)
    assert "It flows." not in str(last)
    assert payload_of(Delivery.objects.filter(endpoint=endpoints[3]).latest("id"))["data"]["organisation"] is None  # type: ignore[index]


def test_the_examples_can_be_sent(lead, api):
    """Examples that do not work teach nothing"""
    made = lead.post(LIST, examples.DECLARE[0].value)
    one = f"{LIST}{made.json()['number']}/"
    answers = [
        lead.patch(one, examples.CHANGE[0].value, headers={"If-Match": "*"}),
        *(lead.post(f"{one}updates/", example.value) for example in examples.UPDATE[:2]),
        *(api.post(f"{one}follow/", example.value) for example in examples.FOLLOW[:2]),
    ]

    assert made.status_code == 201, made.content
    assert [answer.status_code for answer in answers] == [200, 201, 201, 200, 200]
    assert set(made.json()) == set(examples.INCIDENT)
    assert set(answers[1].json()) == set(examples.UPDATED)


def test_a_list_costs_the_same_for_one_and_for_many(lead, api):
    """STYLE section 5"""
    api.get(LIST)  # notes the use of its token
    costs = []
    for amount in (1, 6):
        for _ in range(amount):
            lead.post(LIST, BODY)
        with CaptureQueriesContext(connection) as queries:
            api.get(LIST)
        costs.append(len(queries))
    assert costs[0] == costs[1]
