"""The support staff and its teams over the API: the same acts as on their pages (RO-3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import clock
from accounts.models import DutyShift, Event, Person, Team
from accounts.services.invitations import invite_admin, invite_staff
from tests.factories import actor, api_of, browser_of, make_organisation, make_person, make_staff, reread
from tests.tickets.api.calling import code_of, pointers_of, queries

TEAMS, PEOPLE = "/api/v1/staff/teams/", "/api/v1/staff/people/"
TERMS = {"names": {"en": "Exchange", "zh-Hant": "Exchange"}, "support_kinds": ["technical"]}
SKILLS = {"services": ["exchange_online"], "languages": ["en"], "hours": {"0": "9-12, 13-17:30", "6": ""}}
INVITATIONS = "/api/v1/staff/invitations/"
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


def test_a_team_tells_how_many_belong_to_it_and_who_is_there(api: APIClient, engineer: Person) -> None:
    """RO-3: by their hours and by the rota; the page tells the same"""
    now = clock.now()
    hours = {"week": {str(day): [["00:00", "24:00"]] for day in range(7)}, "never": {}}
    team = Team.objects.get(code="technical-emea")
    never = {str((now.weekday() + 3) % 7): [["09:00", "09:01"]]}
    for name, given, active in (
        ("Ada", hours["week"], True),
        ("Ben", never, True),
        ("Cem", {}, True),
        ("Dag", {}, False),
    ):
        make_staff("engineer", name=name, team=team, working_hours=given, timezone="UTC", is_active=active)
    ada = Person.objects.get(name="Ada")
    hour = timedelta(hours=1)
    shift = DutyShift.objects.create(role="on_call", team=team, person=ada, starts_at=now - hour, ends_at=now + hour)

    told = api.get(f"{TEAMS}technical-emea/").json()

    on_duty = {"id": ada.pk, "name": "Ada", "role": "on_call", "until": f"{shift.ends_at:%Y-%m-%dT%H:%M:%S}"}
    assert (told["members"], told["at_work"]) == (3, 1)
    assert [{**each, "until": each["until"][:19]} for each in told["on_duty"]] == [on_duty]
    assert told in api.get(TEAMS).json()["results"]
    rows = api.get(PEOPLE, {"team": "technical-emea"}).json()["results"]
    assert [(row["name"], row["works_now"], row["on_duty"]) for row in rows] == [
        ("Ada", True, ["on_call"]), ("Ben", False, []), ("Cem", None, []),
    ]  # fmt: skip
    browser = browser_of(engineer)
    [row] = [row for row in browser.get("/staff/teams/").context["rows"] if row["row"].code == "technical-emea"]
    assert (row["crew"].members, row["crew"].at_work, [each.person for each in row["crew"].on_duty]) == (3, 1, [ada])


def test_invitations_of_the_desk_are_listed_sent_again_and_withdrawn(api: APIClient, lead: Person) -> None:
    """RO-3, P-5: those to the staff, and those to one customer"""
    host = make_organisation("contoso")
    told = {"email": "new@desk.example", "name": "Noor", "language": "en"}
    mine = invite_staff(roles=["engineer"], actor=actor(lead), **told)
    theirs = invite_admin(slug="contoso", actor=actor(lead), **{**told, "email": "it@contoso.example"})
    own = f"{INVITATIONS}{mine.pk}/"

    [staff], [customer] = (api.get(INVITATIONS, query).json()["results"] for query in ({}, {"organisation": host.slug}))
    assert (staff["name"], staff["organisation"], staff["state"], staff["roles"]) == (
        "Noor",
        None,
        "waiting",
        ["engineer"],
    )
    assert (customer["id"], customer["organisation"]) == (theirs.pk, "contoso")
    assert code_of(api.get(INVITATIONS, {"organisation": "nowhere"})) == "organisation-not-found"
    again, replayed = (api.post(f"{own}resend/", {}, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (again.status_code, again["ETag"], replayed.json()) == (200, '"2"', again.json())
    assert code_of(api.delete(own)) == "if-match-required"
    assert api.delete(own, headers={"If-Match": '"1"'}).status_code == 412
    assert api.delete(own, headers={"If-Match": again["ETag"]}).status_code == 204
    assert code_of(api.get(own)) == code_of(api.post(f"{own}resend/", {})) == "invitation-not-found"


def test_who_decides_about_customers_alone_finds_no_invitation_to_the_staff(lead: Person, engineer: Person) -> None:
    """P-5, P-6: a duty manager keeps organisations, a team lead the staff too; engineers neither"""
    told = {"email": "new@desk.example", "name": "Noor", "language": "en"}
    mine = invite_staff(roles=["engineer"], actor=actor(lead), **told)
    manager = api_of(make_staff("duty_manager"))

    assert manager.get(INVITATIONS).json()["results"] == []
    for answer in (
        manager.get(f"{INVITATIONS}{mine.pk}/"),
        manager.post(f"{INVITATIONS}{mine.pk}/resend/", {}),
        manager.delete(f"{INVITATIONS}{mine.pk}/", headers=ANY),
    ):
        assert (answer.status_code, code_of(answer)) == (404, "invitation-not-found")
    assert api_of(engineer).get(INVITATIONS).status_code == 403
