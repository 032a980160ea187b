"""Mail domains and single sign-on over the API, for an organisation's global admins."""

from __future__ import annotations

import time
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import clock
from accounts.models import Delivery, MailDomain, Person, SignOnIdentity, SingleSignOn
from accounts.signing_in.seals import unseal
from accounts.signing_in.sessions import BEGAN
from tests.factories import api_of, browser_of, make_organisation, make_person

DOMAINS, SIGN_ON = "/api/v1/domains/", "/api/v1/single-sign-on/"
SETTINGS = {"issuer": "https://login.contoso.example", "client_id": "portal", "secret": "hush hush"}
ANY = {"If-Match": "*"}


@pytest.fixture
def admin(db: None) -> Person:
    return make_person(make_organisation("contoso"), "global_admin")


@pytest.fixture
def api(admin: Person) -> APIClient:
    return api_of(admin)


def test_a_domain_is_put_down_proved_by_mail_and_given_up(api: APIClient, admin: Person) -> None:
    """P-2, settled point 11"""
    made, again = (api.post(DOMAINS, {"name": "Contoso.example"}, headers={"Idempotency-Key": "k"}) for _ in range(2))
    address = f"{DOMAINS}{made.json()['id']}/"
    asked = api.post(f"{address}prove/", {"mailbox": "postmaster"})
    read = api.get(address)["ETag"]
    confirmed = {"state": "confirmed", "confirmed_at": clock.now(), "confirmed_by": admin}
    MailDomain.objects.update(**confirmed)

    late = api.delete(address, headers={"If-Match": read})

    assert (made.status_code, made.json()["name"], again.json()) == (201, "contoso.example", made.json())
    assert (asked.status_code, asked.json()["state"]) == (200, "waiting")
    assert Delivery.objects.filter(notice="domain_proof").exists()
    assert (late.status_code, late.json()["code"]) == (412, "version-mismatch")
    assert api.delete(address).status_code == 428
    assert api.delete(address, headers={"If-Match": late["ETag"]}).status_code == 204
    assert api.get(address).json()["code"] == "domain-not-found"


@pytest.mark.parametrize(
    ("name", "code"), [("contoso", "invalid-domain"), ("gmail.com", "public-domain"), ("", "invalid-input")]
)
def test_what_is_no_domain_of_ones_own_is_refused(api: APIClient, name: str, code: str) -> None:
    refused = api.post(DOMAINS, {"name": name})

    assert (refused.status_code, refused.json()["code"], refused.json()["errors"][0]["pointer"]) == (
        400,
        code,
        "#/name",
    )


def test_the_secret_goes_in_and_never_comes_out(api: APIClient) -> None:
    """P-5"""
    assert api.get(SIGN_ON).json()["code"] == "sign-on-not-set"

    saved = api.put(SIGN_ON, SETTINGS, headers=ANY)
    without = {name: value for name, value in SETTINGS.items() if name != "secret"}
    kept = api.put(SIGN_ON, {**without, "roles_claim": "groups"}, headers={"If-Match": saved["ETag"]})
    late = api.put(SIGN_ON, without, headers={"If-Match": saved["ETag"]})

    assert (saved.status_code, kept.status_code, kept.json()["roles_claim"]) == (200, 200, "groups")
    assert (late.status_code, late.json()["code"], late.json()["current_version"]) == (412, "sign-on-changed", 2)
    assert unseal(SingleSignOn.objects.get().sealed_secret) == "hush hush"
    for each in (saved, kept, late, api.get(SIGN_ON)):
        assert "hush" not in each.content.decode()
        assert "secret" not in each.json()


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"issuer": "http://login.contoso.example"}, "#/issuer"),
        ({"secret": None}, "#/secret"),
        ({"tested_at": None}, "#/tested_at"),
    ],
)
def test_settings_that_cannot_be_are_named_at_their_place(api: APIClient, change: dict[str, Any], pointer: str) -> None:
    """P-8"""
    refused = api.put(SIGN_ON, SETTINGS | change, headers=ANY)

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, pointer)
    assert not SingleSignOn.objects.exists()


def test_it_is_switched_on_once_it_was_tested_and_off_again(api: APIClient, admin: Person) -> None:
    """P-6"""
    api.put(SIGN_ON, SETTINGS, headers=ANY)
    untested = api.post(f"{SIGN_ON}switch-on/", {})
    SingleSignOn.objects.update(tested_at=clock.now())
    without_domain = api.post(f"{SIGN_ON}switch-on/", {})
    MailDomain.objects.create(
        organisation=admin.organisation,
        name="contoso.example",
        state="confirmed",
        added_by=admin,
        confirmed_at=clock.now(),
    )

    on = api.post(f"{SIGN_ON}switch-on/", {})
    locked = api.put(SIGN_ON, {**SETTINGS, "client_id": "another"}, headers=ANY)
    stale = api.post(f"{SIGN_ON}switch-off/", {}, headers={"If-Match": '"1"'})
    off = api.post(f"{SIGN_ON}switch-off/", {}, headers={"If-Match": on["ETag"]})

    assert {untested.json()["code"], without_domain.json()["code"]} == {"sign-on-not-ready"}
    assert (on.status_code, locked.json()["code"], stale.status_code) == (200, "sign-on-is-on", 412)
    assert (bool(on.json()["enabled_at"]), off.json()["enabled_at"]) == (True, None)


def test_claims_give_roles_and_people_are_bound_anew(api: APIClient, admin: Person) -> None:
    """RO-1"""
    api.put(SIGN_ON, SETTINGS, headers=ANY)
    mapped = api.post(f"{SIGN_ON}roles/", {"value": "support", "role": "reader"})
    bound = SignOnIdentity.objects.create(
        organisation=admin.organisation, person=admin, issuer=SETTINGS["issuer"], subject="of theirs"
    )
    people, mapping = f"{SIGN_ON}people/{bound.pk}/", f"{SIGN_ON}roles/{mapped.json()['id']}/"
    stranger = api_of(make_person(make_organisation(), "global_admin"))
    stranger.put(SIGN_ON, SETTINGS, headers=ANY)

    foreign = [stranger.delete(each, headers=ANY).json()["code"] for each in (people, mapping)]

    assert foreign == ["person-not-found", "mapping-not-found"]
    assert api.get(f"{SIGN_ON}roles/").json()["results"] == [api.get(mapping).json()]
    assert api.get(people).json()["person"] == {"id": admin.pk, "name": admin.name}
    assert [api.delete(each, headers=ANY).status_code for each in (people, mapping)] == [204, 204]
    assert [api.get(each).status_code for each in (people, mapping)] == [404, 404]


def test_who_may_not(admin: Person) -> None:
    """RO-1, scopes"""
    reader, reading = api_of(make_person(admin.organisation, "reader")), api_of(admin, "sign-in:read")

    assert {reader.get(each).status_code for each in (DOMAINS, SIGN_ON, f"{SIGN_ON}roles/")} == {403}
    assert reading.get(DOMAINS).status_code == 200
    assert reading.put(SIGN_ON, SETTINGS, headers=ANY).json()["scope"] == "sign-in:write"


def test_a_browser_left_open_opens_no_lasting_doors(admin: Person) -> None:
    """P-6: the pages ask anew who sits there; the same session gets no further over the API"""
    browser = browser_of(admin)
    session = browser.session
    session[BEGAN] = int(time.time()) - 3600
    session.save()
    doors: list[tuple[str, str, dict[str, Any]]] = [
        ("put", SIGN_ON, SETTINGS),
        ("post", "/api/v1/tokens/", {"name": "Robot", "scopes": ["requests:read"]}),
        (
            "post",
            "/api/v1/invitations/",
            {"name": "A", "email": "a@b.example", "roles": ["global_admin"], "language": "en"},
        ),
        ("post", f"/api/v1/people/{admin.pk}/roles/", {"roles": ["global_admin"]}),
    ]

    refused = [
        getattr(browser, method)(address, body, content_type="application/json", headers=ANY)
        for method, address, body in doors
    ]

    assert {(each.status_code, each.json()["code"]) for each in refused} == {(403, "proof-required")}
    assert browser.get("/api/v1/me/").status_code == 200
