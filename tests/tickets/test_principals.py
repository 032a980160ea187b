"""Service principals: tokens that belong to the organisation, and what nobody can do with them (RO-1, P-6)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction

from accounts import clock, selectors
from accounts.errors import (
    InvalidExpiry,
    LastGlobalAdmin,
    NotPermitted,
    PersonNotFound,
    PrincipalClosed,
    PrincipalNotFound,
    ScopesTooWide,
    UnknownRole,
)
from accounts.models import ApiToken, Delivery, Event, Organisation, Person
from accounts.services import passwords, people, principals
from tests import factories
from tests.factories import actor, api_with, browser_of, make_organisation, make_person
from tests.tickets import making
from tickets.errors import UnknownChoice
from tickets.models import ServiceRequest
from tickets.services.filing import file_request

PAGE = "/organisation/tokens/"
FILE = "/api/v1/service-requests/"


@pytest.fixture
def boss(organisation: Organisation) -> Person:
    return make_person(organisation, "global_admin", name="Mei-ling Chen")


@pytest.fixture
def principal(boss: Person) -> Person:
    return principals.create_principal(name="Monitoring", roles=["service_support_admin"], actor=actor(boss))


def token_of(principal: Person, boss: Person, *scopes: str) -> str:
    issued = principals.issue_principal_token(
        principal_id=principal.pk,
        name="Probe",
        scopes=scopes or ("requests:read", "requests:write"),
        actor=actor(boss),
    )
    return issued.secret


# Nobody signs in as one ----------------------------------------------------------------------------------------------


def test_a_principal_is_nobody_who_signs_in(principal: Person) -> None:
    """RO-1: neither with a password, nor with a session, nor after a reset"""
    passwords.request_reset(email=principal.email, address="192.0.2.1")

    assert not principal.has_usable_password()
    assert authenticate(None, email=principal.email, password="") is None
    assert browser_of(principal).get("/profile/").status_code == HTTPStatus.FOUND
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"password": "argon2$something"},
        {"email": "monitoring@example.com"},
        {"email_confirmed_at": clock.now},
        {"organisation": None, "is_staff": True},
        {"is_service": False},
    ],
)
def test_the_database_keeps_it_so(principal: Person, changes: dict[str, object]) -> None:
    values = {name: value() if callable(value) else value for name, value in changes.items()}

    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.filter(pk=principal.pk).update(**values)


def test_a_principal_stands_in_no_list_of_people(boss: Person) -> None:
    """SH-2: nor does it keep an organisation its last global admin"""
    robot = principals.create_principal(name="Robot", roles=["global_admin"], actor=actor(boss))
    organisation_id = boss.organisation_id
    assert organisation_id

    for found in (
        selectors.people_of(actor(boss)),
        selectors.admins_of(organisation_id),
        selectors.global_admins_of(organisation_id),
    ):
        assert robot.pk not in {person.pk for person in found}
    with pytest.raises(LastGlobalAdmin):
        people.take_role(person_id=boss.pk, role="global_admin", actor=actor(boss))
    with pytest.raises(PersonNotFound):
        people.change_roles(person_id=robot.pk, roles=[], actor=actor(boss))
    assert "Robot" not in browser_of(boss).get("/organisation/people/?state=all").content.decode()
    assert "Robot" not in browser_of(make_person(boss.organisation)).get("/help/admins/").content.decode()


# What its tokens do --------------------------------------------------------------------------------------------------


def test_a_principal_files_and_a_human_is_the_primary_contact(principal: Person, boss: Person) -> None:
    """RO-2: the global admin who has been there longest, unless an admin is named"""
    make_person(boss.organisation, "global_admin")
    program = api_with(token_of(principal, boss))

    answer = program.post(FILE, _form(boss.organisation), format="json")

    assert answer.status_code == HTTPStatus.CREATED, answer.content
    filed = ServiceRequest.objects.get()
    assert (filed.opened_by_id, filed.primary_contact_id) == (principal.pk, boss.pk)
    assert filed.contact_phone == "+886 2 5550 0100"
    assert set(Delivery.objects.filter(notice="request_filed").values_list("person", flat=True)) == {boss.pk}
    assert Event.objects.get(kind="request_filed").actor_id == principal.pk


def test_a_principal_names_an_admin_as_the_contact(principal: Person, boss: Person) -> None:
    """RO-2"""
    colleague = make_person(boss.organisation, "exchange_admin", phone="+886 2 5550 0177")
    program = api_with(token_of(principal, boss))
    form = _form(boss.organisation)
    form["contact"] = {"person": colleague.email.upper()}

    assert program.post(FILE, form, format="json").status_code == HTTPStatus.CREATED

    filed = ServiceRequest.objects.get()
    assert (filed.primary_contact_id, filed.contact_phone) == (colleague.pk, "+886 2 5550 0177")


@pytest.mark.parametrize("role", ["reader", "sharepoint_admin", "nothing", "elsewhere", "closed", "principal"])
def test_nobody_is_named_who_may_not_write_on_it(principal: Person, boss: Person, role: str) -> None:
    """RO-2, P-5"""
    organisation = boss.organisation
    named = {
        "reader": lambda: make_person(organisation, "reader"),
        "sharepoint_admin": lambda: make_person(organisation, "sharepoint_admin"),
        "nothing": lambda: make_person(organisation),
        "elsewhere": lambda: make_person(make_organisation(), "global_admin"),
        "closed": lambda: make_person(organisation, "global_admin", is_active=False),
        "principal": lambda: principal,
    }[role]()
    form = _form(organisation)
    form["contact"] = {"person": named.email}

    answer = api_with(token_of(principal, boss)).post(FILE, form, format="json")

    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert answer.json()["errors"][0]["pointer"] == "#/contact/person"
    assert not ServiceRequest.objects.exists()


def test_a_person_names_another_contact_only_where_they_may_make_one(boss: Person) -> None:
    """RO-2"""
    colleague = make_person(boss.organisation, "exchange_admin")
    filing = making.filing(subscription=_reference(boss.organisation))
    for_colleague = replace(filing, contact=replace(filing.contact, person=colleague.email))
    assert file_request(actor=actor(boss), filing=for_colleague).primary_contact_id == colleague.pk
    for_boss = replace(filing, contact=replace(filing.contact, person=boss.email))
    with pytest.raises(NotPermitted):
        file_request(actor=actor(colleague), filing=for_boss)
    nobody = replace(filing, contact=replace(filing.contact, person="nobody@example.com"))
    with pytest.raises(UnknownChoice):
        file_request(actor=actor(boss), filing=nobody)


def test_tokens_outlive_whoever_made_them_and_end_with_the_principal(principal: Person, boss: Person) -> None:
    """P-6"""
    maker = make_person(boss.organisation, "global_admin")
    program = api_with(token_of(principal, maker))
    people.deactivate_person(person_id=maker.pk, actor=actor(boss))
    told = program.get("/api/v1/me/").json()
    assert (told["roles"], told["email"]) == (["service_support_admin"], None)  # no mail can ever get there

    principals.change_principal(principal_id=principal.pk, roles=["reader"], actor=actor(boss))
    assert program.get("/api/v1/me/").json()["roles"] == ["reader"]

    principals.end_principal(principal_id=principal.pk, actor=actor(boss))
    assert program.get("/api/v1/me/").status_code == HTTPStatus.UNAUTHORIZED
    assert not ApiToken.objects.filter(person=principal, revoked_at=None).exists()


def test_a_principal_that_has_ended_stays_so(principal: Person, boss: Person) -> None:
    principals.end_principal(principal_id=principal.pk, actor=actor(boss))

    with pytest.raises(PrincipalClosed):
        token_of(principal, boss)
    with pytest.raises(PrincipalClosed):
        principals.change_principal(principal_id=principal.pk, roles=["reader"], actor=actor(boss))
    assert Event.objects.filter(kind="principal_ended").count() == 1


def test_a_closed_organisation_has_no_programs(principal: Person, boss: Person) -> None:
    """P-6"""
    program = api_with(token_of(principal, boss))
    Organisation.objects.filter(pk=boss.organisation_id).update(is_active=False)

    assert program.get("/api/v1/me/").status_code == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize("role", ["engineer", "king"])
def test_a_principal_holds_roles_of_customers_alone(boss: Person, role: str) -> None:
    """P-6"""
    with pytest.raises(UnknownRole):
        principals.create_principal(name="Robot", roles=[role], actor=actor(boss))


@pytest.mark.parametrize("role", ["service_support_admin", "reader"])
def test_only_a_global_admin_looks_after_programs(principal: Person, boss: Person, role: str) -> None:
    """RO-1"""
    other = make_person(boss.organisation, role)

    with pytest.raises(NotPermitted):
        token_of(principal, other)
    assert browser_of(other).get(PAGE).status_code == HTTPStatus.FORBIDDEN
    assert PAGE not in browser_of(other).get("/organisation/").content.decode()


def test_principals_of_others_are_not_there(principal: Person) -> None:
    """P-5"""
    rival = make_person(make_organisation(), "global_admin")

    with pytest.raises(PrincipalNotFound):
        token_of(principal, rival)
    assert browser_of(rival).get(f"{PAGE}{principal.pk}/").status_code == HTTPStatus.NOT_FOUND
    assert browser_of(rival).post(f"{PAGE}{principal.pk}/end/").status_code == HTTPStatus.NOT_FOUND
    assert factories.reread(principal).is_active


# Over the API --------------------------------------------------------------------------------------------------------


def test_a_token_makes_none_with_more_rights_or_time_than_itself(principal: Person, boss: Person) -> None:
    """P-6"""
    token, secret = factories.make_token(boss, "people:read", "people:write", "requests:read")
    program, address = api_with(secret), f"/api/v1/service-principals/{principal.pk}/tokens/"

    narrow = program.post(address, {"name": "Reads", "scopes": ["requests:read"]}, format="json")
    wide = program.post(address, {"name": "Writes", "scopes": ["requests:write"]}, format="json")
    later = (token.expires_at + timedelta(seconds=1)).isoformat()
    long = program.post(address, {"name": "Long", "scopes": ["requests:read"], "expires_at": later}, format="json")

    assert narrow.status_code == HTTPStatus.CREATED
    assert api_with(narrow.json()["secret"]).get("/api/v1/me/").json()["token"]["scopes"] == ["requests:read"]
    assert (wide.status_code, long.status_code) == (HTTPStatus.FORBIDDEN, HTTPStatus.BAD_REQUEST)
    with pytest.raises(ScopesTooWide):
        principals.issue_principal_token(
            principal_id=principal.pk, name="x", scopes=["requests:write"], within=token, actor=actor(boss)
        )
    with pytest.raises(InvalidExpiry):
        principals.issue_principal_token(
            principal_id=principal.pk,
            name="x",
            scopes=["requests:read"],
            expires_at=clock.now() + timedelta(days=366),
            actor=actor(boss),
        )


def test_a_repeated_call_makes_one_token_and_tells_its_secret_once(principal: Person, boss: Person) -> None:
    """P-2"""
    program = factories.api_of(boss)
    address, form = f"/api/v1/service-principals/{principal.pk}/tokens/", {"name": "Probe", "scopes": ["requests:read"]}

    first, again = (program.post(address, form, format="json", HTTP_IDEMPOTENCY_KEY="one") for _ in range(2))

    assert first.json()["secret"].startswith("sp_")
    assert again.json()["secret"] is None
    assert again.json()["id"] == first.json()["id"]
    assert ApiToken.objects.filter(person=principal).count() == 1


def test_the_whole_life_of_a_principal_over_the_api(boss: Person) -> None:
    program = factories.api_of(boss, "people:read", "people:write", "requests:read")
    made = program.post("/api/v1/service-principals/", {"name": "CI", "roles": ["reader"]}, format="json")
    assert made.status_code == HTTPStatus.CREATED
    one = f"/api/v1/service-principals/{made.json()['id']}/"
    token = program.post(f"{one}tokens/", {"name": "t", "scopes": ["requests:read"]}, format="json").json()

    assert [row["name"] for row in program.get("/api/v1/service-principals/").json()["results"]] == ["CI"]
    assert program.post(f"{one}roles/", {"roles": ["billing_admin"]}, format="json").json()["roles"] == [
        "billing_admin"
    ]
    assert [row["id"] for row in program.get(f"{one}tokens/").json()["results"]] == [token["id"]]
    gone = program.delete(f"{one}tokens/{token['id']}/", HTTP_IF_MATCH='"1"')
    assert gone.status_code == HTTPStatus.NO_CONTENT
    assert api_with(token["secret"]).get("/api/v1/me/").status_code == HTTPStatus.UNAUTHORIZED
    assert program.post(f"{one}deactivate/", {}, format="json").json()["active"] is False
    assert program.get(one).json()["active"] is False


# Pages ---------------------------------------------------------------------------------------------------------------


def test_a_token_is_made_on_the_page_and_shown_once(boss: Person) -> None:
    client = browser_of(boss)
    made = client.post(PAGE, {"name": "Monitoring", "roles": ["service_support_admin"]})
    address = made["Location"]

    shown = client.post(f"{address}new/", {"name": "Probe", "scopes": ["requests:read"], "days": "90"})

    assert shown.status_code == HTTPStatus.CREATED
    secret = re.search(r'value="(sp_[\w-]{43})"', shown.content.decode())
    assert secret
    assert api_with(secret[1]).get("/api/v1/me/").status_code == HTTPStatus.OK
    assert secret[1] not in client.get(address).content.decode()
    token = ApiToken.objects.get()
    client.post(f"{address}{token.pk}/revoke/")
    assert api_with(secret[1]).get("/api/v1/me/").status_code == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize("changes", [{"name": ""}, {"roles": []}, {"roles": ["engineer"]}])
def test_a_form_that_is_refused_makes_nothing(boss: Person, changes: dict[str, object]) -> None:
    response = browser_of(boss).post(PAGE, {"name": "Monitoring", "roles": ["reader"], **changes})

    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert not Person.objects.filter(is_service=True).exists()


def test_scopes_of_support_staff_are_not_offered(principal: Person, boss: Person) -> None:
    page = browser_of(boss).get(f"{PAGE}{principal.pk}/").content.decode()

    assert 'value="requests:read"' in page
    assert 'value="queue:read"' not in page


def _form(organisation: Organisation | None) -> dict[str, object]:
    return {
        "subject": "Nobody can send mail",
        "description": "Since this morning no user can send or receive mail.",
        "category": "technical.configuration",
        "service": "exchange_online",
        "subscription": _reference(organisation),
        "contact": {"phone": "+886 2 5550 0100"},
    }


def _reference(organisation: Organisation | None) -> str:
    assert organisation
    return str(organisation.subscriptions.get().reference)
