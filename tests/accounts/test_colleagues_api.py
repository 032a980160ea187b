"""The support staff and its teams over the API: the same acts as on their pages (RO-3)."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Event, Person, Team
from tests.factories import api_of, make_organisation, make_person, make_staff, reread
from tests.tickets.api.calling import code_of, pointers_of, queries

TEAMS, PEOPLE = "/api/v1/staff/teams/", "/api/v1/staff/people/"
TERMS = {"names": {"en": "Exchange", "zh-Hant": "Exchange"}, "support_kinds": ["technical"]}
SKILLS = {"services": ["exchange_online"], "languages": ["en"], "hours": {"0": "9-12, 13-17:30", "6": ""}}
ANY = {"If-Match": "*"}


@pytest.fixture
def lead(db: None) -> Person:
    return make_staff("team_lead", name="Ingrid")


@pytest.fixture
def api(lead: Person) -> APIClient:
    return api_of(lead)


@pytest.fixture
def engineer(db: None) -> Person:
    return make_staff("engineer", name="Lukas")


def test_a_team_is_made_once_changed_retired_and_brought_back(api: APIClient) -> None:
    """P-2, P-10"""
    made, again = (api.post(TEAMS, {"code": "exchange", **TERMS}, headers={"Idempotency-Key": "k"}) for _ in range(2))
    path = f"{TEAMS}exchange/"
    taken = api.post(TEAMS, {"code": "exchange", **TERMS})

    changed = api.put(path, {**TERMS, "region": "emea"}, headers={"If-Match": made["ETag"]})
    late = api.put(path, TERMS, headers={"If-Match": made["ETag"]})
    retired, back = (api.post(f"{path}{act}/", {}) for act in ("retire", "bring-back"))

    assert (made.status_code, made.json()["region"], again.json()) == (201, None, made.json())
    assert (taken.status_code, code_of(taken)) == (409, "name-taken")
    assert (changed.status_code, changed.json()["region"]) == (200, "emea")
    assert (late.status_code, code_of(late), api.put(path, TERMS).status_code) == (412, "version-mismatch", 428)
    assert (bool(retired.json()["retired_at"]), back.json()["retired_at"]) == (True, None)
    assert retired["ETag"] != back["ETag"] == changed["ETag"] == late["ETag"]
    kinds = Event.objects.filter(kind__startswith="team_").order_by("id").values_list("kind", flat=True)
    assert [*kinds] == ["team_added", "team_changed", "team_retired", "team_brought_back"]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"code": "Ex change"}, "#/code"),
        ({"support_kinds": []}, "#/support_kinds"),
        ({"services": ["clippy"]}, "#/services"),
        ({"languages": ["tlh"]}, "#/languages"),
        ({"region": "moon"}, "#/region"),
        ({"names": {"en": " ", "zh-Hant": "x"}}, "#/names/en"),
        ({"retired_at": None}, "#/retired_at"),
    ],
)
def test_what_cannot_be_a_team_is_named_at_its_place(api: APIClient, wrong: dict[str, Any], pointer: str) -> None:
    """P-8"""
    before = Team.objects.count()

    refused = api.post(TEAMS, {"code": "exchange", **TERMS, **wrong})

    assert (refused.status_code, pointers_of(refused)) == (400, [pointer])
    assert Team.objects.count() == before


def test_a_colleague_leaves_and_comes_back(api: APIClient, engineer: Person) -> None:
    """P-6: out with the next call"""
    path, theirs = f"{PEOPLE}{engineer.pk}/", api_of(engineer)

    closed = api.post(f"{path}close/", {})
    found = [[row["name"] for row in api.get(PEOPLE, {"active": each}).json()["results"]] for each in ("true", "false")]
    opened = api.post(f"{path}open/", {})

    assert (closed.status_code, closed.json()["active"], theirs.get(path).status_code) == (200, False, 401)
    assert found == [["Ingrid"], ["Lukas"]]
    assert (opened.json()["active"], opened.json()["roles"]) == (True, ["engineer"])


def test_a_role_is_taken_and_a_team_chosen(api: APIClient, engineer: Person) -> None:
    path = f"{PEOPLE}{engineer.pk}/"

    joined = api.post(f"{path}team/", {"team": "technical-emea"})
    taken = api.post(f"{path}roles/take/", {"role": "engineer"})
    members = api.get(PEOPLE, {"team": "technical-emea", "q": "luk"}).json()["results"]
    left = api.post(f"{path}team/", {"team": None})

    assert (joined.json()["team"], taken.json()["roles"], left.json()["team"]) == ("technical-emea", [], None)
    assert members == [taken.json()]
    assert code_of(api.post(f"{path}team/", {"team": "nowhere"})) == "team-not-found"


def test_nobody_acts_on_themselves_and_somebody_always_remains(api: APIClient, lead: Person) -> None:
    """RO-3"""
    operator = make_staff("operator")
    boss, own, last = api_of(operator), f"{PEOPLE}{lead.pk}/", f"{PEOPLE}{operator.pk}/"

    assert code_of(api.post(f"{own}close/", {})) == code_of(api.post(f"{own}roles/take/", {"role": "team_lead"}))
    assert code_of(api.post(f"{own}close/", {})) == "own-account"
    assert code_of(boss.post(f"{own}close/", {})) == "last-of-role"
    assert code_of(api.post(f"{last}close/", {})) == "not-permitted"  # only operators decide about operators
    assert pointers_of(api.post(f"{last}roles/take/", {"role": "global_admin"})) == ["#/role"]
    assert reread(lead).is_active


def test_everybody_writes_down_their_own_skills_and_leads_those_of_others(api: APIClient, engineer: Person) -> None:
    """LA-1"""
    own, path = api_of(engineer), f"{PEOPLE}{engineer.pk}/skills/"
    read = own.get(path)

    written = own.put(path, SKILLS, headers=ANY)
    by_lead = api.put(path, {**SKILLS, "hours": {}}, headers={"If-Match": written["ETag"]})
    stale = own.put(path, SKILLS, headers={"If-Match": written["ETag"]})
    other = own.put(f"{PEOPLE}{make_staff('engineer').pk}/skills/", SKILLS, headers=ANY)

    assert read.json() == {"services": [], "languages": [], "hours": {}}
    assert written.json() == {**SKILLS, "hours": {"0": "09:00–12:00, 13:00–17:30"}}
    assert own.put(path, written.json(), headers=ANY).json() == written.json()
    assert (by_lead.json()["hours"], stale.status_code, code_of(other)) == ({}, 412, "not-permitted")
    wrong = {
        "#/hours": {"hours": {"0": "late"}},
        "#/hours/7": {"hours": {"7": "9-17"}},
        "#/services": {"services": ["clippy"]},
    }
    for pointer, fields in wrong.items():
        assert pointers_of(own.put(path, SKILLS | fields, headers=ANY)) == [pointer]


def test_the_lists_cost_as_many_queries_for_one_as_for_many(api: APIClient) -> None:
    for path in (PEOPLE, TEAMS):
        api.get(path)
        with queries() as first:
            api.get(path, {"page_size": 1})
        for number in range(3):
            make_staff("engineer", "duty_manager", name=f"N{number}")
        with queries() as then:
            assert len(api.get(path).json()["results"]) > 1
        assert len(first) == len(then)


def test_who_may_not(engineer: Person, lead: Person) -> None:
    """RO-3, P-5, scopes: strangers learn nothing of the staff, and people of customers are no staff"""
    stranger = make_person(make_organisation(), "global_admin")
    api, reading, outside = api_of(engineer), api_of(lead, "desk:read"), api_of(stranger)
    acts = [(f"{PEOPLE}{lead.pk}/{act}/", {}) for act in ("close", "open")] + [(TEAMS, {"code": "x", **TERMS})]

    for path, body in acts:
        assert code_of(api.post(path, body)) == code_of(outside.post(path, body)) == "not-permitted"
        assert reading.post(path, body).json()["scope"] == "desk:write"
    for path in (PEOPLE, TEAMS, f"{PEOPLE}{lead.pk}/", f"{PEOPLE}{lead.pk}/skills/"):
        assert (reading.get(path).status_code, code_of(outside.get(path))) == (200, "not-permitted")
    for missing in (stranger.pk, 2**70):
        assert code_of(reading.get(f"{PEOPLE}{missing}/")) == "person-not-found"
    assert code_of(reading.get(f"{TEAMS}nowhere/")) == "team-not-found"


@pytest.mark.parametrize("address", ["roles/give/", "roles/"])
def test_no_token_gives_roles_of_the_staff(api: APIClient, engineer: Person, address: str) -> None:
    """P-6: whoever lets somebody in shows on the page that it is they"""
    assert api.post(f"{PEOPLE}{engineer.pk}/{address}", {"role": "team_lead"}).status_code == 404
    assert api.post(PEOPLE, {"name": "A", "email": "a@b.example", "roles": ["engineer"]}).status_code == 405
