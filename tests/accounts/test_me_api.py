"""What people change of their own over the API: profile, notices, sessions."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from accounts import clock
from accounts.models import Event, Person, PersonSession
from tests.factories import api_of, browser_of, make_organisation, make_person, make_staff, reread

ME, NOTICES, SESSIONS = "/api/v1/me/", "/api/v1/me/notices/", "/api/v1/me/sessions/"
ANY = {"If-Match": "*"}


@pytest.fixture
def mei(db: None) -> Person:
    return make_person(make_organisation("lotus"), "global_admin", name="Mei", phone="+886 2 5550 0100")


@pytest.fixture
def api(mei: Person) -> APIClient:
    return api_of(mei)


def test_people_change_what_they_say_about_themselves_and_leave_the_rest(api: APIClient, mei: Person) -> None:
    read = api.get(ME)

    changed = api.patch(ME, {"language": "zh-hant", "phone": None}, headers={"If-Match": read["ETag"]})

    assert (changed.status_code, changed.json()["phone"], changed.json()["language"]) == (200, "", "zh-hant")
    assert (reread(mei).name, reread(mei).timezone) == ("Mei", "UTC")
    assert changed["ETag"].strip('"') == api.get(ME)["ETag"].strip('"').partition("-")[0]
    assert Event.objects.get(kind="profile_changed").data["fields"] == ["language", "phone"]


def test_whoever_was_slower_does_not_undo_what_they_have_not_read(api: APIClient, mei: Person) -> None:
    """Settled point 11"""
    profile, notices = api.get(ME)["ETag"], api.get(NOTICES)["ETag"]
    api.patch(ME, {"name": "Mei-Ling"}, headers=ANY)
    api.patch(NOTICES, {"by_mail": {"survey": False}}, headers=ANY)

    late = [
        api.patch(ME, {"name": "Mei"}, headers={"If-Match": profile}),
        api.patch(NOTICES, {"by_mail": {"survey": True}}, headers={"If-Match": notices}),
    ]

    assert [(each.status_code, each.json()["code"]) for each in late] == [(412, "version-mismatch")] * 2
    assert api.patch(ME, {"name": "Mei"}).status_code == 428
    assert api.patch(ME, {"name": "May"}, headers={"If-Match": late[0]["ETag"]}).status_code == 200
    assert (reread(mei).name, reread(mei).portal_only) == ("May", ["survey"])


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"phone": "call me"}, "#/phone"),
        ({"name": None}, "#/name"),
        ({"name": " "}, "#/name"),
        ({"language": "tlh"}, "#/language"),
        ({"email": "mei@example.org"}, "#/email"),
        ({"roles": ["global_admin"]}, "#/roles"),
    ],
)
def test_what_cannot_be_is_named_at_its_place(
    api: APIClient, mei: Person, body: dict[str, object], pointer: str
) -> None:
    """P-8"""
    refused = api.patch(ME, body, headers=ANY)

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, pointer)
    assert not Event.objects.filter(kind="profile_changed").exists()


def test_a_time_zone_has_to_exist(api: APIClient) -> None:
    refused = api.patch(ME, {"timezone": "Taipei"}, headers=ANY).json()
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("invalid-preference", "#/timezone")


def test_everybody_chooses_about_the_notices_of_their_side(api: APIClient) -> None:
    chosen = api.patch(NOTICES, {"by_mail": {"survey": False}}, headers=ANY)
    desk = api_of(make_staff("engineer"))

    assert chosen.json()["by_mail"] == {family: family != "survey" for family in chosen.json()["by_mail"]}
    assert "ladder" in desk.get(NOTICES).json()["by_mail"]
    refused = api.patch(NOTICES, {"by_mail": {"ladder": False}}, headers=ANY)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "#/by_mail/ladder")


def test_a_program_signs_its_owners_devices_out(api: APIClient, mei: Person) -> None:
    """P-6"""
    browser, other = browser_of(mei), browser_of(mei)
    rows = api.get(SESSIONS).json()["results"]
    assert [row["is_this"] for row in rows] == [False, False]

    gone = api.delete(f"{SESSIONS}{_public_id(browser)}/", headers=ANY)

    assert (gone.status_code, browser.get("/profile/").status_code, other.get("/profile/").status_code) == (
        204,
        302,
        200,
    )
    assert api.post(f"{SESSIONS}end/", {}).json() == {"ended": 1}
    assert other.get("/profile/").status_code == 302


def test_a_session_that_has_run_out_is_not_there_to_be_ended(api: APIClient, mei: Person) -> None:
    """P-4: whether it was swept or not"""
    browser, _other = browser_of(mei), browser_of(mei)
    public_id = _public_id(browser)
    PersonSession.objects.update(expire_date=clock.now())

    gone = api.delete(f"{SESSIONS}{public_id}/", headers=ANY)

    assert (gone.status_code, gone.json()["code"]) == (404, "session-not-found")
    assert api.post(f"{SESSIONS}end/", {}).json() == {"ended": 0}
    assert not Event.objects.filter(kind="sessions_ended").exists()


def test_sessions_of_others_are_as_good_as_none(api: APIClient, mei: Person) -> None:
    """P-5"""
    theirs = browser_of(make_person(mei.organisation, "global_admin"))
    answers = [
        getattr(api, method)(f"{SESSIONS}{public_id}/", headers=ANY)
        for method in ("get", "delete")
        for public_id in (_public_id(theirs), uuid.uuid4())
    ]

    assert {(each.status_code, each.json()["code"]) for each in answers} == {(404, "session-not-found")}
    assert theirs.get("/profile/").status_code == 200


def test_scopes_are_asked_for(mei: Person) -> None:
    reading = api_of(mei, "profile:read")

    assert [reading.get(each).status_code for each in (ME, NOTICES, SESSIONS)] == [200] * 3
    for each in (reading.patch(ME, {}), reading.patch(NOTICES, {}), reading.post(f"{SESSIONS}end/", {})):
        assert (each.status_code, each.json()["scope"]) == (403, "profile:write")


def _public_id(browser: object) -> uuid.UUID:
    """As the page of security shows it."""
    key = browser.session.session_key  # type: ignore[attr-defined]
    row = PersonSession.objects.get(session_key=key)
    PersonSession.objects.filter(pk=row.pk).update(seen_at=clock.now() - timedelta(minutes=1))
    assert row.public_id
    return row.public_id
