"""People and invitations over the API (RO-1, P-5, P-6)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest
from django.core import mail

from accounts.models import Invitation, Organisation, Person
from tests import factories
from tests.factories import actor, api_of, make_organisation, make_person, reread
from tests.tickets import making
from tickets.services.relay import relay_deliveries

PEOPLE, INVITATIONS = "/api/v1/people/", "/api/v1/invitations/"
INVITE: dict[str, Any] = {
    "name": "Jun Lin",
    "email": "Jun.Lin@contoso.example",
    "roles": ["billing_admin"],
    "language": "zh-hant",
}


@pytest.fixture
def boss(organisation: Organisation) -> Person:
    return make_person(organisation, "global_admin", name="Ada")


def test_people_are_listed_found_and_read(boss: Person) -> None:
    bea = make_person(boss.organisation, "reader", name="Bea")
    make_person(boss.organisation, name="Cyd", is_active=False)
    make_person(make_organisation(), "reader", name="Eve")
    program = api_of(boss)

    def names(query: str = "") -> list[str]:
        return [row["name"] for row in program.get(f"{PEOPLE}{query}").json()["results"]]

    assert names() == ["Ada", "Bea", "Cyd"]
    assert names("?active=true") == ["Ada", "Bea"]
    assert names("?role=reader") == names("?q=be") == ["Bea"]
    assert names("?role=none") == ["Cyd"]
    one = program.get(f"{PEOPLE}{bea.pk}/").json()
    assert (one["email"], one["roles"], one["active"]) == (bea.email, ["reader"], True)


def test_roles_are_set_and_the_last_global_admin_stays(boss: Person) -> None:
    """RO-1"""
    bea, program = make_person(boss.organisation, "reader"), api_of(boss)

    changed = program.post(f"{PEOPLE}{bea.pk}/roles/", {"roles": ["exchange_admin"]}, format="json")
    mine = program.post(f"{PEOPLE}{boss.pk}/roles/", {"roles": []}, format="json")
    last = program.post(f"{PEOPLE}{boss.pk}/roles/", {"roles": [], "confirm_self": True}, format="json")
    staff = program.post(f"{PEOPLE}{bea.pk}/roles/", {"roles": ["engineer"]}, format="json")

    assert changed.json()["roles"] == ["exchange_admin"]
    assert (mine.status_code, mine.json()["code"]) == (HTTPStatus.CONFLICT, "confirm-yourself")
    assert (last.status_code, last.json()["code"]) == (HTTPStatus.CONFLICT, "last-global-admin")
    assert staff.status_code == HTTPStatus.BAD_REQUEST
    assert reread(boss).role_names == ["global_admin"]


def test_who_leaves_is_refused_and_hands_over(boss: Person) -> None:
    """RO-2, P-6"""
    leaver = make_person(boss.organisation, "exchange_admin")
    request, theirs = making.filed(actor(leaver)), api_of(leaver)

    left = api_of(boss).post(f"{PEOPLE}{leaver.pk}/deactivate/", {"hand_over_to": boss.pk}, format="json")

    assert left.json()["person"]["active"] is False
    assert left.json()["handed_over"] == {"done": 1, "left": 0}
    request.refresh_from_db()
    assert request.primary_contact_id == boss.pk
    assert theirs.get("/api/v1/me/").status_code == HTTPStatus.UNAUTHORIZED
    back = api_of(boss).post(f"{PEOPLE}{leaver.pk}/reactivate/", {}, format="json")
    assert back.json()["active"] is True
    assert theirs.get("/api/v1/me/").status_code == HTTPStatus.UNAUTHORIZED


def test_an_invitation_is_made_sent_again_and_withdrawn(boss: Person) -> None:
    program = api_of(boss)
    made = program.post(INVITATIONS, INVITE, format="json")
    assert made.status_code == HTTPStatus.CREATED
    assert (made.json()["email"], made.json()["state"]) == ("jun.lin@contoso.example", "waiting")
    one = f"{INVITATIONS}{made.json()['id']}/"

    again = program.post(f"{one}resend/", {}, format="json")

    assert (made["ETag"], again["ETag"]) == ('"1"', '"2"')
    assert [row["id"] for row in program.get(INVITATIONS).json()["results"]] == [made.json()["id"]]
    assert program.delete(one).status_code == HTTPStatus.PRECONDITION_REQUIRED
    assert program.delete(one, HTTP_IF_MATCH='"1"').status_code == HTTPStatus.PRECONDITION_FAILED
    assert program.delete(one, HTTP_IF_MATCH='"2"').status_code == HTTPStatus.NO_CONTENT
    assert program.get(one).status_code == HTTPStatus.NOT_FOUND
    while relay_deliveries():
        pass
    assert not mail.outbox


def test_the_answer_does_not_tell_who_has_an_account_elsewhere(boss: Person) -> None:
    """P-5"""
    make_person(make_organisation(), "reader", email="jun.lin@contoso.example")
    program, answers = api_of(boss), []
    for email in ("jun.lin@contoso.example", "jun.lee@contoso.example"):
        made = program.post(INVITATIONS, {**INVITE, "email": email}, format="json")
        body = {name: value for name, value in made.json().items() if name not in ("id", "email")}
        answers.append((made.status_code, body, made["ETag"]))

    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "nobody"},
        {"email": "a\u200bb@example.com"},
        {"roles": ["engineer"]},
        {"language": "tlh"},
        {"name": "A\u202eB"},
        {"expires_at": "2030-01-01T00:00:00Z"},
    ],
)
def test_an_invitation_that_cannot_be_is_refused(boss: Person, changes: dict[str, Any]) -> None:
    """P-8"""
    answer = api_of(boss).post(INVITATIONS, {**INVITE, **changes}, format="json")

    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", PEOPLE),
        ("get", PEOPLE + "{id}/"),
        ("post", PEOPLE + "{id}/roles/"),
        ("post", PEOPLE + "{id}/deactivate/"),
        ("post", PEOPLE + "{id}/reactivate/"),
        ("get", INVITATIONS),
        ("post", INVITATIONS),
        ("get", "/api/v1/service-principals/"),
        ("post", "/api/v1/service-principals/"),
    ],
)
@pytest.mark.parametrize("role", ["service_support_admin", "reader", "", "no scope"])
def test_only_global_admins_with_the_scope_get_in(boss: Person, method: str, address: str, role: str) -> None:
    """RO-1, P-6"""
    if role == "no scope":
        program = api_of(boss, "organisation:read", "organisation:write", "tokens:write")
    else:
        program = api_of(make_person(boss.organisation, *filter(None, [role])))

    answer = getattr(program, method)(address.format(id=boss.pk), {}, format="json")

    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert reread(boss).is_active


def test_people_of_others_are_not_there(boss: Person) -> None:
    """P-5"""
    stranger, program = make_person(make_organisation(), "reader"), api_of(boss)
    for act in ("roles", "deactivate", "reactivate"):
        body = {"roles": []} if act == "roles" else {}
        answers = [program.post(f"{PEOPLE}{pk}/{act}/", body, format="json") for pk in (stranger.pk, 10**9)]
        assert {answer.status_code for answer in answers} == {HTTPStatus.NOT_FOUND}
    assert program.get(f"{PEOPLE}{stranger.pk}/").status_code == HTTPStatus.NOT_FOUND
    hand_over = program.post(f"{PEOPLE}{boss.pk}/deactivate/", {"hand_over_to": stranger.pk}, format="json")
    assert hand_over.status_code in (HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND)
    assert factories.reread(stranger).role_names == ["reader"]
