"""How an organisation sets up single sign-on: saved, tested, switched on, and every change told to the other admins."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.errors import (
    InvalidSignOn,
    MappingNotFound,
    NotPermitted,
    PersonNotFound,
    SignOnChanged,
    SignOnFailed,
    SignOnIsOn,
    SignOnNotReady,
    SignOnNotSet,
    UnknownRole,
)
from accounts.models import Event, Organisation, Person, RoleMapping, SignOnIdentity, SingleSignOn
from accounts.services import sign_on_settings as services
from accounts.services.people import take_role
from accounts.signing_in.seals import seal, unseal
from tests.accounts.signing_on import arrive, callback, confirm, set_up, settings_for, start
from tests.factories import actor, browser_of, make_organisation, make_person
from tests.identity_provider import Forger
from tests.identity_provider.provider import query_of
from tickets.services import relay

PAGE = "/organisation/sign-in/"
ISSUER = "https://login.contoso.example"


@pytest.fixture(autouse=True)
def surroundings(db: None, settings: Any, own_redis: str) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": own_redis}}
    settings.PUBLIC_URL = "http://testserver"


@pytest.fixture
def organisation() -> Organisation:
    return make_organisation("contoso", name="Contoso")


@pytest.fixture
def admin(organisation: Organisation) -> Person:
    return make_person(organisation, "global_admin", name="Mei-ling Chen", email="root@contoso.example")


@pytest.fixture
def other(organisation: Organisation) -> Person:
    return make_person(organisation, "global_admin", email="other@contoso.example")


@pytest.fixture
def saved(admin: Person) -> SingleSignOn:
    return services.save_settings(wanted=settings_for(ISSUER), version=None, actor=actor(admin))


@pytest.fixture
def browser(admin: Person) -> Client:
    return browser_of(admin)


def pass_test(stands: SingleSignOn, admin: Person) -> SingleSignOn:
    return services.record_test(sign_on_id=stands.pk, version=stands.version, actor=actor(admin))


def kinds() -> list[str]:
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


# Saving ---------------------------------------------------------------------------------------------------------------


def test_the_secret_lies_encrypted_under_a_key_of_its_own(saved: SingleSignOn, settings: Any) -> None:
    assert "a secret" not in saved.sealed_secret
    assert unseal(saved.sealed_secret) == "a secret: with + and % and : in it"
    assert seal("same") != seal("same")
    settings.SINGLE_SIGN_ON_KEY = "another"
    with pytest.raises(SignOnFailed):
        unseal(saved.sealed_secret)


def test_an_empty_secret_keeps_the_present_one(saved: SingleSignOn, admin: Person) -> None:
    before = saved.sealed_secret

    changed = services.save_settings(
        wanted=settings_for(ISSUER, secret="", roles_claim="groups"), version=saved.version, actor=actor(admin)
    )

    assert (changed.sealed_secret, changed.roles_claim, changed.version) == (before, "groups", 2)


def test_without_any_secret_nothing_is_saved(admin: Person) -> None:
    with pytest.raises(InvalidSignOn):
        services.save_settings(wanted=settings_for(ISSUER, secret=""), version=None, actor=actor(admin))
    assert not SingleSignOn.objects.exists()


@pytest.mark.parametrize(
    "issuer", ["", "login.contoso.example", "http://login.contoso.example", "https://user@login.contoso.example",
               "https://login.contoso.example:22", "https://login.contoso.example/?a=b", "javascript:alert(1)"]
)  # fmt: skip
def test_an_issuer_that_we_would_never_ask_is_not_saved(admin: Person, issuer: str) -> None:
    with pytest.raises(InvalidSignOn):
        services.save_settings(wanted=settings_for(issuer), version=None, actor=actor(admin))


def test_a_change_of_somebody_else_is_not_overwritten(saved: SingleSignOn, admin: Person) -> None:
    services.save_settings(wanted=settings_for(ISSUER, creates_people=True), version=saved.version, actor=actor(admin))

    with pytest.raises(SignOnChanged):
        services.save_settings(wanted=settings_for(ISSUER), version=saved.version, actor=actor(admin))
    with pytest.raises(SignOnChanged):
        services.save_settings(wanted=settings_for(ISSUER), version=services.NOT_YET, actor=actor(admin))


def test_the_same_settings_again_change_nothing(saved: SingleSignOn, admin: Person) -> None:
    services.save_settings(wanted=settings_for(ISSUER, secret=""), version=None, actor=actor(admin))

    assert kinds() == ["single_sign_on_changed"]


def test_issuer_and_client_stay_while_people_sign_in_through_them(organisation: Organisation, admin: Person) -> None:
    confirm(organisation, admin, "contoso.example")
    on = set_up(admin, ISSUER)

    for wanted in (settings_for("https://evil.example"), settings_for(ISSUER, client_id="other")):
        with pytest.raises(SignOnIsOn):
            services.save_settings(wanted=wanted, version=None, actor=actor(admin))
    rotated = services.save_settings(wanted=settings_for(ISSUER, secret="new"), version=None, actor=actor(admin))
    assert rotated.enabled_at == on.enabled_at
    assert unseal(rotated.sealed_secret) == "new"


# Test, on and off -----------------------------------------------------------------------------------------------------


def test_it_is_switched_on_after_a_test_with_a_confirmed_domain_only(
    saved: SingleSignOn, organisation: Organisation, admin: Person
) -> None:
    with pytest.raises(SignOnNotReady) as refusal:
        services.switch_on(actor=actor(admin))
    assert refusal.value.lacks == "test"
    pass_test(saved, admin)
    with pytest.raises(SignOnNotReady) as refusal:
        services.switch_on(actor=actor(admin))
    assert refusal.value.lacks == "domain"
    confirm(organisation, admin, "contoso.example")

    assert services.switch_on(actor=actor(admin)).enabled_at
    assert services.switch_off(actor=actor(admin)).enabled_at is None
    assert kinds() == [
        "single_sign_on_changed", "single_sign_on_tested", "single_sign_on_switched_on", "single_sign_on_switched_off"
    ]  # fmt: skip


def test_the_database_has_nothing_on_that_was_not_tested(saved: SingleSignOn) -> None:
    with pytest.raises(IntegrityError, match="what_is_on_was_tested"), transaction.atomic():
        SingleSignOn.objects.update(enabled_at=clock.now())


@pytest.mark.parametrize(
    ("change", "again"),
    [
        ({"client_id": "x"}, True),
        ({"secret": "x"}, True),
        ({"trusts_address": True}, True),
        ({"creates_people": True}, False),
    ],
)
def test_another_connection_wants_another_test(
    saved: SingleSignOn, admin: Person, change: dict[str, Any], again: bool
) -> None:
    pass_test(saved, admin)

    changed = services.save_settings(
        wanted=settings_for(ISSUER, **{"secret": "", **change}), version=None, actor=actor(admin)
    )

    assert (changed.tested_at is None) is again


def test_a_test_of_earlier_settings_counts_for_nothing(saved: SingleSignOn, admin: Person) -> None:
    version = saved.version
    services.save_settings(wanted=settings_for(ISSUER, client_id="x"), version=None, actor=actor(admin))

    with pytest.raises(SignOnChanged):
        services.record_test(sign_on_id=saved.pk, version=version, actor=actor(admin))


# Who may, and who hears of it -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["service_support_admin", "user_admin", "reader"])
def test_only_global_admins_decide_how_people_sign_in(
    saved: SingleSignOn, organisation: Organisation, role: str
) -> None:
    """RO-1"""
    acting = actor(make_person(organisation, role))
    for act in (
        lambda: services.save_settings(wanted=settings_for(ISSUER), version=None, actor=acting),
        lambda: services.record_test(sign_on_id=saved.pk, version=saved.version, actor=acting),
        lambda: services.switch_on(actor=acting),
        lambda: services.switch_off(actor=acting),
        lambda: services.map_role(value="g", role="reader", actor=acting),
        lambda: services.unmap_role(mapping_id=1, actor=acting),
        lambda: services.release_identity(identity_id=1, actor=acting),
    ):
        with pytest.raises(NotPermitted):
            act()


def test_nothing_of_another_organisation_can_be_touched(saved: SingleSignOn, admin: Person) -> None:
    """P-5"""
    mapping = services.map_role(value="g", role="reader", actor=actor(admin))
    mei = make_person(admin.organisation, "reader")
    identity = SignOnIdentity.objects.create(
        organisation_id=saved.organisation_id, person=mei, issuer=ISSUER, subject="s"
    )
    rival = actor(make_person(make_organisation(), "global_admin"))
    with pytest.raises(SignOnNotSet):
        services.record_test(sign_on_id=saved.pk, version=saved.version, actor=rival)
    services.save_settings(wanted=settings_for(ISSUER), version=None, actor=rival)

    with pytest.raises(MappingNotFound):
        services.unmap_role(mapping_id=mapping.pk, actor=rival)
    with pytest.raises(PersonNotFound):
        services.release_identity(identity_id=identity.pk, actor=rival)
    with pytest.raises(SignOnNotSet):
        services.record_test(sign_on_id=saved.pk, version=1, actor=rival)
    assert RoleMapping.objects.count() == SignOnIdentity.objects.count() == 1


def test_the_other_global_admins_hear_of_every_change(
    saved: SingleSignOn, organisation: Organisation, admin: Person, other: Person
) -> None:
    confirm(organisation, admin, "contoso.example")
    pass_test(saved, admin)
    services.switch_on(actor=actor(admin))
    services.map_role(value="g", role="billing_admin", actor=actor(admin))
    services.switch_off(actor=actor(admin))
    while relay.relay_all():
        pass

    assert {message.to[0] for message in mail.outbox} == {other.email}
    assert [message.subject for message in mail.outbox] == [
        "Single sign-on was switched on", "Single sign-on was changed", "Single sign-on was switched off"
    ]  # fmt: skip
    assert "Mei-ling Chen switched on single sign-on" in str(mail.outbox[0].body)


def test_who_is_no_global_admin_any_more_hears_nothing(saved: SingleSignOn, admin: Person, other: Person) -> None:
    """P-6"""
    services.save_settings(wanted=settings_for(ISSUER, creates_people=True), version=None, actor=actor(admin))
    take_role(person_id=other.pk, role="global_admin", actor=actor(admin))

    relay.relay_all()

    assert not [message for message in mail.outbox if "Single sign-on" in message.subject]


# Roles from claims ----------------------------------------------------------------------------------------------------


def test_a_mapping_stands_once_and_only_for_roles_of_customers(saved: SingleSignOn, admin: Person) -> None:
    for _ in range(2):
        services.map_role(value="g", role="reader", actor=actor(admin))
    assert RoleMapping.objects.count() == 1
    for role in ("engineer", "owner"):
        with pytest.raises(UnknownRole):
            services.map_role(value="g", role=role, actor=actor(admin))
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleMapping.objects.create(sign_on=saved, value="g", role="engineer")


# Pages ----------------------------------------------------------------------------------------------------------------


FORM = {
    "issuer": ISSUER,
    "client_id": "portal",
    "secret": "hush",
    "address_claim": "email",
    "roles_claim": "",
    "version": 0,
}


def test_settings_are_saved_on_the_page_which_then_shows_the_redirect_address(browser: Client) -> None:
    response = browser.post(f"{PAGE}settings/", FORM)

    assert response["Location"] == f"{PAGE}#single-sign-on"
    page = browser.get(PAGE).content.decode()
    key = SingleSignOn.objects.get().callback_key
    assert f"http://testserver/login/organisation/{key}/callback/" in page
    assert "hush" not in page


def test_refused_settings_stay_in_the_form_but_for_the_secret(browser: Client) -> None:
    response = browser.post(f"{PAGE}settings/", {**FORM, "issuer": "http://login.contoso.example"})

    page = response.content.decode()
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'value="http://login.contoso.example"' in page
    assert "hush" not in page


def test_the_page_says_why_it_cannot_be_switched_on(browser: Client, saved: SingleSignOn) -> None:
    page = browser.post(f"{PAGE}on/", follow=True).content.decode()

    assert "Test the connection first" in page


def test_mappings_and_identities_on_the_page(browser: Client, saved: SingleSignOn, admin: Person) -> None:
    mei = make_person(admin.organisation, "reader", name="Mei")
    SignOnIdentity.objects.create(organisation_id=saved.organisation_id, person=mei, issuer=ISSUER, subject="s")
    assert browser.post(f"{PAGE}roles/", {"value": "", "role": "reader"}).status_code == 422
    browser.post(f"{PAGE}roles/", {"value": "<b>g</b>", "role": "reader"})
    page = browser.get(PAGE).content.decode()
    assert "&lt;b&gt;g&lt;/b&gt;" in page
    assert "Mei" in page

    browser.post(f"{PAGE}roles/{RoleMapping.objects.get().pk}/remove/")
    browser.post(f"{PAGE}people/{SignOnIdentity.objects.get().pk}/release/")
    assert not RoleMapping.objects.exists()
    assert not SignOnIdentity.objects.exists()


def test_the_page_costs_as_many_queries_for_many_as_for_one(
    browser: Client, saved: SingleSignOn, admin: Person
) -> None:
    def fill(count: int) -> int:
        for number in range(count):
            person = make_person(admin.organisation, "reader")
            SignOnIdentity.objects.create(
                organisation_id=saved.organisation_id, person=person, issuer=ISSUER, subject=f"{person.pk}"
            )
            RoleMapping.objects.create(sign_on=saved, value=f"{person.pk}-{number}", role="reader")
            confirm(admin.organisation, admin, f"d{person.pk}.example")
        with CaptureQueriesContext(connection) as queries:
            browser.get(PAGE)
        return len(queries)

    assert fill(1) == fill(25)


# The test itself ------------------------------------------------------------------------------------------------------


@pytest.fixture
def forger(settings: Any) -> Iterator[Forger]:
    settings.OUTGOING_ALLOW, settings.OUTGOING_PLAIN_HTTP = ["127.0.0.0/8"], True
    running = Forger()
    yield running
    running.close()


@pytest.fixture
def untested(admin: Person, forger: Forger) -> SingleSignOn:
    wanted = settings_for(forger.issuer, roles_claim="groups")
    return services.save_settings(wanted=wanted, version=None, actor=actor(admin))


def begin_test(browser: Client, forger: Forger) -> dict[str, str]:
    asked = query_of(browser.get(f"{PAGE}test/")["Location"])
    forger.token = forger.sign(asked["nonce"], email="root@contoso.example", groups=["g-1", "<i>"])
    return asked


def test_a_test_shows_what_the_issuer_says_and_signs_nobody_in(
    browser: Client, untested: SingleSignOn, forger: Forger, admin: Person
) -> None:
    asked = begin_test(browser, forger)

    response = arrive(browser, callback(untested, state=asked["state"], code="any"))

    assert response["Location"] == f"{PAGE}test/result/"
    page = browser.get(f"{PAGE}test/result/").content.decode()
    assert "The connection works" in page
    assert "root@contoso.example" in page
    assert "lies in no domain that you have confirmed" in page
    assert "&lt;i&gt;" in page
    untested.refresh_from_db()
    assert untested.tested_at
    assert not SignOnIdentity.objects.exists()
    assert kinds()[-1] == "single_sign_on_tested"


def test_a_test_that_fails_says_why_and_counts_for_nothing(
    browser: Client, untested: SingleSignOn, forger: Forger
) -> None:
    asked = begin_test(browser, forger)
    forger.token = forger.sign("another nonce")

    page = browser.get(arrive(browser, callback(untested, state=asked["state"], code="any"))["Location"])

    assert "The test did not succeed" in page.content.decode()
    untested.refresh_from_db()
    assert untested.tested_at is None


def test_whoever_is_no_global_admin_any_more_tests_nothing(
    browser: Client, untested: SingleSignOn, forger: Forger, admin: Person, other: Person
) -> None:
    """P-6"""
    asked = begin_test(browser, forger)
    take_role(person_id=admin.pk, role="global_admin", actor=actor(other))

    arrive(browser, callback(untested, state=asked["state"], code="any"))

    untested.refresh_from_db()
    assert untested.tested_at is None


def test_a_test_that_nobody_finishes_in_this_session_counts_for_nothing(
    browser: Client, untested: SingleSignOn, forger: Forger
) -> None:
    asked = begin_test(browser, forger)
    browser.post("/logout/")

    arrive(browser, callback(untested, state=asked["state"], code="any"))

    untested.refresh_from_db()
    assert untested.tested_at is None


def test_what_is_not_switched_on_signs_nobody_in_although_it_was_tested(
    untested: SingleSignOn, admin: Person, client: Client
) -> None:
    pass_test(untested, admin)

    assert start(client, untested).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("address", ["", "settings/", "on/", "off/", "roles/", "test/", "test/result/", "domains/"])
def test_others_see_nothing_of_the_pages(organisation: Organisation, address: str) -> None:
    """RO-1"""
    client = browser_of(make_person(organisation, "user_admin"))

    for call in (client.get, client.post):
        assert call(f"{PAGE}{address}").status_code == HTTPStatus.FORBIDDEN
