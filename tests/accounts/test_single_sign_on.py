"""Signing in through an organisation's own issuer: a walk through a real OpenID Connect provider, and attacks on it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from accounts import clock
from accounts.models import Event, MailDomain, Organisation, Person, SignOnIdentity, SingleSignOn
from accounts.services import sign_on_settings
from accounts.services.domains import remove_domain
from accounts.services.people import give_role
from accounts.signing_in import claims, issuers
from tests.accounts.signing_on import arrive, callback, confirm, set_up, settings_for, signed_in, start
from tests.accounts.test_second_factors import give_app
from tests.factories import PASSWORD, actor, browser_of, make_organisation, make_person, make_staff, reread
from tests.identity_provider import Forger, Provider
from tests.identity_provider.forger import key_called
from tests.identity_provider.provider import SECRET, query_of

SESSION = "_auth_user_id"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    running = Provider(tmp_path_factory.mktemp("provider"))
    yield running
    running.close()


@pytest.fixture
def forger() -> Iterator[Forger]:
    running = Forger()
    yield running
    running.close()


@pytest.fixture(autouse=True)
def surroundings(db: None, settings: Any, own_redis: str) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": own_redis}}  # what issuers publish is kept
    settings.PUBLIC_URL = "http://testserver"
    settings.OUTGOING_ALLOW, settings.OUTGOING_PLAIN_HTTP = ["127.0.0.0/8"], True


@pytest.fixture
def organisation() -> Organisation:
    return make_organisation("contoso", name="Contoso")


@pytest.fixture
def admin(organisation: Organisation) -> Person:
    admin = make_person(organisation, "global_admin", email="root@contoso.example", password=PASSWORD)
    confirm(organisation, admin, "contoso.example")
    return admin


@pytest.fixture
def mei(organisation: Organisation) -> Person:
    return make_person(organisation, "exchange_admin", email="mei@contoso.example", password=PASSWORD)


@pytest.fixture
def stands(admin: Person, provider: Provider) -> SingleSignOn:
    """Single sign-on of Contoso, on, at the real provider."""
    on = set_up(admin, provider.issuer)
    provider.client(f"http://testserver/login/organisation/{on.callback_key}/callback/")
    return on


@pytest.fixture
def walk(provider: Provider, stands: SingleSignOn) -> Callable[..., HttpResponse]:
    """The whole way of a browser, as one of the provider's users."""

    def go(client: Client, username: str, *, after: str = "") -> HttpResponse:
        return arrive(client, provider.answer(start(client, stands, after=after)["Location"], username))

    return go


def fault_in(response: Any) -> str:
    """The words of the page that says why nobody was signed in; the code stands neither in it nor in its address."""
    if response.status_code == HTTPStatus.FOUND:
        assert response["Location"] == "/login/organisation/failed/"
        response = response.client.get(response["Location"])
    assert response.status_code == HTTPStatus.FORBIDDEN
    return str(response.content.decode())


def kinds() -> list[str]:
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


# The whole way --------------------------------------------------------------------------------------------------------


def test_somebody_signs_in_through_their_organisation(
    provider: Provider, stands: SingleSignOn, mei: Person, client: Client
) -> None:
    subject = provider.user("mei", email="Mei@Contoso.example")

    offer = client.post("/login/organisation/", {"login": "mei@contoso.example", "next": "/profile/?a=1"})
    link = f"/login/organisation/{stands.callback_key}/?next=%2Fprofile%2F%3Fa%3D1"
    assert f'href="{link}"' in offer.content.decode()
    away = client.get(link)
    asked = query_of(away["Location"])
    assert away["Location"].startswith(f"{provider.issuer}/identity/o/authorize?")
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    assert asked["redirect_uri"] == f"http://testserver/login/organisation/{stands.callback_key}/callback/"
    response = arrive(client, provider.answer(away["Location"], "mei"))

    assert response["Location"] == "/profile/?a=1"
    assert response["Referrer-Policy"] == "no-referrer"
    assert signed_in(client) == mei.pk
    identity = SignOnIdentity.objects.get()
    assert (identity.person_id, identity.subject, identity.issuer) == (mei.pk, subject, provider.issuer)
    assert kinds()[-2:] == ["identity_bound", "signed_in"]


def test_the_session_is_a_new_one(walk: Any, provider: Provider, mei: Person, client: Client) -> None:
    provider.user("mei", email=mei.email)
    client.get("/login/organisation/")
    session = client.session
    session["planted"] = "yes"
    session.save()
    before = session.session_key

    walk(client, "mei")

    assert client.session.session_key != before


def test_nobody_keeps_the_session_of_somebody_else(walk: Any, provider: Provider, mei: Person, stands: Any) -> None:
    """Who comes back while another account is signed in finds nothing of it."""
    provider.user("mei", email=mei.email)
    client = Client()
    away = start(client, stands)["Location"]
    other = make_person(make_organisation(), "reader")
    client.force_login(other)
    session = client.session
    session["planted"] = 1
    session.save()

    response = arrive(client, provider.answer(away, "mei"))

    assert response["Location"] == "/"
    assert signed_in(client) == mei.pk
    assert "planted" not in client.session


def test_no_secret_and_no_code_stands_in_the_database_or_the_page(
    walk: Any, provider: Provider, mei: Person, admin: Person, stands: SingleSignOn, client: Client
) -> None:
    assert SECRET not in f"{vars(SingleSignOn.objects.get())} {[vars(event) for event in Event.objects.all()]}"
    assert SECRET not in browser_of(admin).get("/organisation/sign-in/").content.decode()


# Who is let in --------------------------------------------------------------------------------------------------------


def test_an_address_that_the_issuer_does_not_vouch_for_opens_nothing(
    walk: Any, provider: Provider, mei: Person, client: Client
) -> None:
    provider.user("mei", email=mei.email, verified=False)

    assert "does not vouch for your mail address" in fault_in(walk(client, "mei"))
    assert signed_in(client) is None
    assert not SignOnIdentity.objects.exists()


def test_an_organisation_can_trust_an_address_of_its_issuer(
    walk: Any, provider: Provider, mei: Person, admin: Person, client: Client
) -> None:
    """As Microsoft Entra ID wants it, which sends no email_verified"""
    wanted = settings_for(provider.issuer, trusts_address=True, address_claim="upn", secret="")
    sign_on_settings.save_settings(wanted=wanted, version=None, actor=actor(admin))
    provider.user("mei", claims={"upn": mei.email})

    assert walk(client, "mei")["Location"] == "/"
    assert signed_in(client) == mei.pk


@pytest.mark.parametrize(
    "address", ["mei@fabrikam.example", "mei@sub.contoso.example", "mei@contoso.example.evil.example"]
)
def test_an_address_of_another_domain_opens_nothing(
    walk: Any, provider: Provider, organisation: Organisation, address: str, client: Client
) -> None:
    """Although the person is of this very organisation: its issuer speaks for its own domains only."""
    make_person(organisation, "exchange_admin", email=address)
    provider.user("mei", email=address)

    assert "lies in no domain that your organisation has confirmed" in fault_in(walk(client, "mei"))
    assert signed_in(client) is None


def test_the_domain_of_another_organisation_opens_nothing(
    walk: Any, provider: Provider, organisation: Organisation, client: Client
) -> None:
    """P-5: nor does it for the other's people"""
    fabrikam = make_organisation("fabrikam")
    theirs = make_person(fabrikam, "global_admin", email="root@fabrikam.example")
    confirm(fabrikam, theirs, "fabrikam.example")
    provider.user("root", email=theirs.email)

    assert "lies in no domain" in fault_in(walk(client, "root"))
    assert signed_in(client) is None


def test_a_person_of_another_organisation_is_not_told_from_nobody(
    walk: Any, provider: Provider, client: Client
) -> None:
    """P-5: their address lies in our domain, and still they are theirs"""
    theirs = make_person(make_organisation("fabrikam"), "global_admin", email="guest@contoso.example")
    provider.user("guest", email=theirs.email)
    provider.user("nobody", email="nobody@contoso.example")

    foreign, missing = (fault_in(walk(client, name)) for name in ("guest", "nobody"))

    assert "There is no account for you yet" in foreign
    assert "There is no account for you yet" in missing
    assert signed_in(client) is None


def test_staff_of_the_desk_never_come_in_through_a_customers_issuer(
    walk: Any, provider: Provider, client: Client
) -> None:
    make_person(None, "operator", is_staff=True, email="desk@contoso.example")
    provider.user("desk", email="desk@contoso.example")

    assert "There is no account for you yet" in fault_in(walk(client, "desk"))


def test_a_closed_account_stays_closed(walk: Any, provider: Provider, mei: Person, client: Client) -> None:
    """P-6, also for somebody who was bound before"""
    provider.user("mei", email=mei.email)
    walk(client, "mei")
    Person.objects.filter(pk=mei.pk).update(is_active=False)

    assert signed_in(client) is None
    assert "There is no account for you yet" in fault_in(walk(Client(), "mei"))


# The subject counts ---------------------------------------------------------------------------------------------------


def test_an_address_that_passed_to_somebody_else_takes_no_account_with_it(
    walk: Any, provider: Provider, mei: Person, admin: Person, client: Client
) -> None:
    provider.user("mei", email=mei.email)
    walk(client, "mei")
    provider.user("mei", email="mei.chen@contoso.example")
    provider.user("successor", email=mei.email)

    assert "belongs to another identity" in fault_in(walk(Client(), "successor"))
    identity = SignOnIdentity.objects.get()
    sign_on_settings.release_identity(identity_id=identity.pk, actor=actor(admin))
    assert walk(Client(), "successor")["Location"] == "/"


def test_whoever_is_bound_is_the_same_person_under_another_address(
    walk: Any, provider: Provider, mei: Person, organisation: Organisation, client: Client
) -> None:
    provider.user("mei", email=mei.email)
    walk(client, "mei")
    other = make_person(organisation, "billing_admin", email="other@contoso.example")
    provider.user("mei", email=other.email)
    again = Client()
    walk(again, "mei")

    assert signed_in(again) == mei.pk


def test_whoever_is_bound_still_needs_an_address_in_a_domain_that_still_stands(
    walk: Any, provider: Provider, mei: Person, client: Client
) -> None:
    """P-6"""
    provider.user("mei", email=mei.email)
    walk(client, "mei")
    MailDomain.objects.update(state="removed", removed_at=clock.now())

    assert "lies in no domain" in fault_in(walk(Client(), "mei"))


# New people, and roles ------------------------------------------------------------------------------------------------


@pytest.fixture
def with_groups(stands: SingleSignOn, provider: Provider, admin: Person) -> SingleSignOn:
    """The claim `groups` gives roles, and everybody gets an account."""
    wanted = settings_for(provider.issuer, roles_claim="groups", creates_people=True, secret="")
    sign_on_settings.save_settings(wanted=wanted, version=None, actor=actor(admin))
    for value, role in (("g-mail", "exchange_admin"), ("g-money", "billing_admin"), ("g-all", "global_admin")):
        sign_on_settings.map_role(value=value, role=role, actor=actor(admin))
    return SingleSignOn.objects.get()


def roles_of(person: Person) -> set[str]:
    return {*reread(person).role_names}


def test_people_without_an_account_get_one_where_the_organisation_wants_that(
    walk: Any, provider: Provider, with_groups: SingleSignOn, organisation: Organisation, client: Client
) -> None:
    provider.user("wei", name="Wei Huang", email="wei@contoso.example", claims={"groups": ["g-mail", "g-other"]})

    walk(client, "wei")

    wei = Person.objects.get(email="wei@contoso.example")
    assert (wei.organisation, wei.name, wei.timezone) == (organisation, "Wei Huang", organisation.timezone)
    assert not wei.has_usable_password()
    assert wei.email_confirmed_at
    assert roles_of(wei) == {"exchange_admin"}
    assert signed_in(client) == wei.pk
    assert kinds()[-4:] == ["person_created", "identity_bound", "role_given", "signed_in"]


def test_without_that_nobody_gets_an_account(walk: Any, provider: Provider, stands: Any, client: Client) -> None:
    provider.user("wei", email="wei@contoso.example")

    assert "There is no account for you yet" in fault_in(walk(client, "wei"))
    assert not Person.objects.filter(email="wei@contoso.example").exists()


@pytest.mark.parametrize("name", ["=cmd()|a", "\u202egnp.exe", "x" * 500, "", "\u0000"])
def test_a_name_that_deceives_is_not_kept(walk: Any, provider: Provider, with_groups: Any, name: str) -> None:
    """P-7"""
    provider.user("wei", email="wei@contoso.example", claims={"name": name})

    walk(Client(), "wei")

    assert Person.objects.get(email="wei@contoso.example").name in (name[:120], "wei")
    assert "\u202e" not in Person.objects.get(email="wei@contoso.example").name


def test_roles_of_the_mapping_come_and_go_with_each_sign_in_and_others_stay(
    walk: Any, provider: Provider, with_groups: SingleSignOn, mei: Person, admin: Person
) -> None:
    """RO-1, P-10"""
    give_role(person_id=mei.pk, role="reader", actor=actor(admin))
    for groups, roles in (
        (["g-money"], {"billing_admin", "reader"}),
        (["g-mail", "g-money"], {"exchange_admin", "billing_admin", "reader"}),
        ("g-mail", {"exchange_admin", "reader"}),
        (["G-MAIL"], {"reader"}),
        ({"g-mail": True}, {"reader"}),
        (["g-all"], {"global_admin", "reader"}),
        (None, {"reader"}),
    ):
        provider.user("mei", email=mei.email, claims={} if groups is None else {"groups": groups})
        walk(Client(), "mei")
        assert roles_of(mei) == roles, groups
    changed = Event.objects.filter(kind__in=["role_given", "role_taken"], data__person=mei.pk).exclude(actor=admin)
    assert changed.count() == 7
    assert all(event.data["sign_on"] == with_groups.pk for event in changed)


def test_a_mapping_that_is_removed_takes_its_role_at_the_next_sign_in(
    walk: Any, provider: Provider, with_groups: SingleSignOn, mei: Person, admin: Person
) -> None:
    """RO-1, P-6: from whoever had it by the claim, unless another value gives it; what was given by hand stays."""
    wei = make_person(mei.organisation, "billing_admin", email="wei@contoso.example")
    sign_on_settings.map_role(value="g-other", role="exchange_admin", actor=actor(admin))
    for name, person, groups in (
        ("mei", mei, ["g-mail", "g-money"]),
        ("wei", wei, ["g-mail", "g-money", "g-other"]),
    ):
        provider.user(name, email=person.email, claims={"groups": groups})
        walk(Client(), name)
        assert roles_of(person) == {"exchange_admin", "billing_admin"}

    for mapping in with_groups.mappings.filter(value__in=["g-mail", "g-money"]):
        sign_on_settings.unmap_role(mapping_id=mapping.pk, actor=actor(admin))
    assert roles_of(mei) == {"exchange_admin", "billing_admin"}
    for name in ("mei", "wei"):
        walk(Client(), name)

    assert roles_of(mei) == set()
    assert roles_of(wei) == {"billing_admin", "exchange_admin"}  # by hand, and by another value
    taken = Event.objects.filter(kind="role_taken", data__person=mei.pk).values_list("data__role", flat=True)
    assert set(taken) == {"exchange_admin", "billing_admin"}


def test_where_no_claim_gives_roles_any_more_they_stay_for_the_admins_to_decide(
    walk: Any, provider: Provider, with_groups: SingleSignOn, mei: Person, admin: Person
) -> None:
    """RO-1"""
    provider.user("mei", email=mei.email, claims={"groups": ["g-mail"]})
    walk(Client(), "mei")
    wanted = settings_for(provider.issuer, roles_claim="", secret="")
    sign_on_settings.save_settings(wanted=wanted, version=None, actor=actor(admin))

    walk(Client(), "mei")

    assert roles_of(mei) == {"exchange_admin"}


def test_too_many_groups_to_name_change_nothing(
    walk: Any, provider: Provider, with_groups: SingleSignOn, mei: Person
) -> None:
    claims = {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://graph.example"}}}
    provider.user("mei", email=mei.email, claims=claims)

    walk(Client(), "mei")

    assert roles_of(mei) == {"exchange_admin"}


def test_the_last_global_admin_stays_one_whatever_the_claims_say(
    walk: Any, provider: Provider, with_groups: SingleSignOn, admin: Person, client: Client
) -> None:
    """RO-1"""
    provider.user("root", email=admin.email, claims={"groups": []})

    walk(client, "root")

    assert roles_of(admin) == {"global_admin"}
    assert "role_kept" in kinds()
    make_person(admin.organisation, "global_admin")
    walk(Client(), "root")
    assert roles_of(admin) == set()


def test_no_claim_gives_global_admin_unless_it_was_mapped(
    walk: Any, provider: Provider, with_groups: SingleSignOn, mei: Person
) -> None:
    with_groups.mappings.filter(role="global_admin").delete()
    provider.user(
        "mei", email=mei.email, claims={"groups": ["global_admin", "g-all", "g-mail"], "role": "global_admin"}
    )

    walk(Client(), "mei")

    assert roles_of(mei) == {"exchange_admin"}


# Attacks on the way ---------------------------------------------------------------------------------------------------


def test_an_answer_that_this_browser_never_asked_for_signs_nobody_in(
    provider: Provider, stands: SingleSignOn, mei: Person, client: Client
) -> None:
    """Login CSRF: the attacker's own answer, followed by somebody else's browser"""
    provider.user("mei", email=mei.email)
    attacker = Client()
    answer = provider.answer(start(attacker, stands)["Location"], "mei")

    assert "not begun in this browser" in fault_in(arrive(client, answer))
    start(client, stands)  # nor with a sign-in of one's own that waits
    assert "not begun in this browser" in fault_in(arrive(client, answer))
    assert signed_in(client) is None


@pytest.mark.parametrize("state", ["", "x" * 43, "\x00", "x" * 3000])
def test_a_wrong_state_signs_nobody_in(stands: SingleSignOn, state: str, client: Client) -> None:
    start(client, stands)

    assert "not begun in this browser" in fault_in(arrive(client, callback(stands, state=state, code="abc")))
    assert signed_in(client) is None


def test_an_answer_counts_once(provider: Provider, stands: SingleSignOn, mei: Person, client: Client) -> None:
    provider.user("mei", email=mei.email)
    answer = provider.answer(start(client, stands)["Location"], "mei")
    arrive(client, answer)
    client.post("/logout/")

    assert "not begun in this browser" in fault_in(arrive(client, answer))


def test_a_code_that_was_used_is_worth_nothing(
    provider: Provider, stands: SingleSignOn, mei: Person, client: Client
) -> None:
    """Replayed under a fresh state"""
    provider.user("mei", email=mei.email)
    used = query_of(provider.answer(start(client, stands)["Location"], "mei"))["code"]
    other = Client()
    fresh = query_of(start(other, stands)["Location"])["state"]

    assert "took this sign-in back" in fault_in(arrive(other, callback(stands, state=fresh, code=used)))
    assert signed_in(other) is None


def test_a_sign_in_that_was_begun_too_long_ago_is_over(
    provider: Provider, stands: SingleSignOn, mei: Person, client: Client
) -> None:
    provider.user("mei", email=mei.email)
    answer = provider.answer(start(client, stands)["Location"], "mei")
    session = client.session
    begun = session["sign_on_begun"]
    for each in begun.values():
        each["at"] -= 601
    session.save()

    assert "too long ago" in fault_in(arrive(client, answer))


def test_only_so_many_sign_ins_wait_in_one_browser(stands: SingleSignOn, client: Client) -> None:
    for _ in range(8):
        start(client, stands)

    assert len(client.session["sign_on_begun"]) == 5


def test_an_answer_for_one_organisation_counts_for_no_other(
    provider: Provider, stands: SingleSignOn, mei: Person, client: Client
) -> None:
    """Issuer mix-up: each has a redirect address of its own"""
    rival = make_organisation("fabrikam")
    theirs = make_person(rival, "global_admin", email="root@fabrikam.example")
    confirm(rival, theirs, "fabrikam.example")
    other = set_up(theirs, provider.issuer)
    provider.user("mei", email=mei.email)
    answer = query_of(provider.answer(start(client, stands)["Location"], "mei"))

    assert "not begun in this browser" in fault_in(arrive(client, callback(other, **answer)))


def test_what_is_switched_off_midway_opens_nothing(
    provider: Provider, stands: SingleSignOn, mei: Person, admin: Person, client: Client
) -> None:
    """P-6; nor after it was switched on again"""
    provider.user("mei", email=mei.email)
    for again in (False, True):
        fresh = Client()
        answer = provider.answer(start(fresh, stands)["Location"], "mei")
        sign_on_settings.switch_off(actor=actor(admin))
        if again:
            SingleSignOn.objects.update(enabled_at=clock.now().replace(microsecond=1))
        assert "this very moment" in fault_in(arrive(fresh, answer))
        assert signed_in(fresh) is None
        SingleSignOn.objects.update(enabled_at=clock.now())


@pytest.mark.parametrize("error", ["access_denied", "login_required", "<script>alert(1)</script>"])
def test_who_gives_up_at_the_issuer_is_told_so_in_our_own_words(
    stands: SingleSignOn, error: str, client: Client
) -> None:
    """P-7"""
    state = query_of(start(client, stands)["Location"])["state"]

    response = arrive(client, callback(stands, state=state, error=error, error_description=error))

    page = fault_in(response)
    assert state not in page

    assert "given up at your organisation" in page
    assert error not in page


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "http://testserver@evil.example/",
    ],
)
def test_single_sign_on_never_leads_to_another_site(
    walk: Any, provider: Provider, mei: Person, elsewhere: str, client: Client
) -> None:
    provider.user("mei", email=mei.email)

    assert walk(client, "mei", after=elsewhere)["Location"] == "/"


def test_the_next_page_travels_in_the_session_and_not_through_the_issuer(stands: SingleSignOn, client: Client) -> None:
    assert "phone" not in start(client, stands, after="/phone/")["Location"]


# Forged tokens --------------------------------------------------------------------------------------------------------


@pytest.fixture
def forged(admin: Person, forger: Forger) -> SingleSignOn:
    """Single sign-on at an issuer whose tokens the test writes."""
    return set_up(admin, forger.issuer)


def bring(client: Client, forged: SingleSignOn, forger: Forger, make: Callable[[str], str]) -> HttpResponse:
    """Sign in with the token that `make` writes for this sign-in's nonce."""
    asked = query_of(start(client, forged)["Location"])
    forger.token = make(asked["nonce"])
    return arrive(client, callback(forged, state=asked["state"], code="any"))


def test_a_token_that_is_right_in_every_respect_opens_a_session(
    forged: SingleSignOn, forger: Forger, mei: Person, client: Client
) -> None:
    """The neighbour from which each refusal below differs in one fact"""
    response = bring(client, forged, forger, lambda nonce: forger.sign(nonce))

    assert response["Location"] == "/"
    assert signed_in(client) == mei.pk
    _path, body, headers = next(asked for asked in forger.asked if asked[0] == "/token")
    assert "code_verifier=" in body
    assert SECRET not in body
    assert headers["Authorization"].startswith("Basic ")


def unsigned(forger: Forger, nonce: str) -> str:
    header, payload, _ = forger.sign(nonce).split(".")
    return f"{encoded(json.loads(base64.urlsafe_b64decode(header + '==')) | {'alg': 'none'})}.{payload}."


def encoded(head: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(head).encode()).rstrip(b"=").decode()


def tampered(forger: Forger, nonce: str) -> str:
    _, payload, _ = forger.sign(nonce, email="root@contoso.example").split(".")
    header, _, signature = forger.sign(nonce).split(".")
    return f"{header}.{payload}.{signature}"


def with_public_key_as_secret(forger: Forger, nonce: str) -> str:
    """HS256 under what everybody can read: the old confusion of algorithms."""
    public = json.dumps(forger._document("/keys")["keys"][0]).encode()
    header, payload, _ = forger.sign(nonce).split(".")
    head = encoded(json.loads(base64.urlsafe_b64decode(header + "==")) | {"alg": "HS256"})
    signature = hmac.new(public, f"{head}.{payload}".encode(), hashlib.sha256).digest()
    return f"{head}.{payload}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


FORGED: dict[str, Callable[[Forger, str], str]] = {
    "no signature": unsigned,
    "signature stripped": lambda forger, nonce: forger.sign(nonce).rpartition(".")[0] + ".",
    "payload changed": tampered,
    "another key": lambda forger, nonce: forger.sign(nonce, key=key_called("two")),
    "unknown key": lambda forger, nonce: forger.sign(nonce, key=key_called("two"), kid="two"),
    "client secret as key": lambda forger, nonce: forger.sign(nonce, key=SECRET, algorithm="HS256"),
    "public key as secret": with_public_key_as_secret,
    "another issuer": lambda forger, nonce: forger.sign(nonce, iss="https://evil.example"),
    "no issuer": lambda forger, nonce: forger.sign(nonce, iss=None),
    "another audience": lambda forger, nonce: forger.sign(nonce, aud="somebody-else"),
    "no audience": lambda forger, nonce: forger.sign(nonce, aud=None),
    "several audiences, made for nobody": lambda forger, nonce: forger.sign(nonce, aud=["portal", "other"]),
    "made for another": lambda forger, nonce: forger.sign(nonce, aud=["portal", "other"], azp="other"),
    "one audience, made for another": lambda forger, nonce: forger.sign(nonce, azp="other"),
    "expired": lambda forger, nonce: forger.sign(nonce, iat=1_000_000_000, exp=1_000_000_300),
    "no end": lambda forger, nonce: forger.sign(nonce, exp=None),
    "no beginning": lambda forger, nonce: forger.sign(nonce, iat=None),
    "of the future": lambda forger, nonce: forger.sign(nonce, iat=4_000_000_000, exp=4_000_000_300),
    "another nonce": lambda forger, nonce: forger.sign("x" * 43),
    "no nonce": lambda forger, nonce: forger.sign(nonce, nonce=None),
    "no subject": lambda forger, nonce: forger.sign(nonce, sub=None),
    "empty subject": lambda forger, nonce: forger.sign(nonce, sub=""),
    "long subject": lambda forger, nonce: forger.sign(nonce, sub="s" * 256),
    "nothing": lambda forger, nonce: "",
    "no token": lambda forger, nonce: "a.b.c",
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_opens_nothing(
    forged: SingleSignOn, forger: Forger, mei: Person, admin: Person, name: str, client: Client
) -> None:
    response = bring(client, forged, forger, lambda nonce: FORGED[name](forger, nonce))

    assert "does not hold" in fault_in(response)
    assert signed_in(client) is None
    assert not SignOnIdentity.objects.exists()


def test_two_clocks_may_differ_by_a_minute(forged: SingleSignOn, forger: Forger, mei: Person) -> None:
    now = int(time.time())
    for ended, holds in ((now - 30, True), (now - 90, False)):
        client = Client()
        bring(client, forged, forger, lambda nonce, at=ended: forger.sign(nonce, iat=at - 60, exp=at))
        assert (signed_in(client) == mei.pk) is holds


def test_several_audiences_are_fine_when_the_token_was_made_for_us(
    forged: SingleSignOn, forger: Forger, mei: Person, client: Client
) -> None:
    bring(client, forged, forger, lambda nonce: forger.sign(nonce, aud=["portal", "other"], azp="portal"))

    assert signed_in(client) == mei.pk


def test_a_new_key_of_the_issuer_is_fetched_once_it_is_used(forged: SingleSignOn, forger: Forger, mei: Person) -> None:
    """Keys are kept for ten minutes; an issuer that changes them is asked again, but not at every forged token."""
    first = Client()
    bring(first, forged, forger, lambda nonce: forger.sign(nonce))
    forger.key, forger.kid = key_called("two"), "two"
    second = Client()
    bring(second, forged, forger, lambda nonce: forger.sign(nonce))
    assert signed_in(second) == mei.pk

    asked = len(forger.asked)
    for _ in range(3):
        bring(Client(), forged, forger, lambda nonce: forger.sign(nonce, kid="three"))
    assert [path for path, *_ in forger.asked[asked:]].count("/keys") == 0


def test_an_answer_that_names_another_issuer_is_refused(
    forged: SingleSignOn, forger: Forger, mei: Person, client: Client
) -> None:
    """RFC 9207"""
    for named, announced, fine in (
        ("https://evil.example", False, False),
        ("", True, False),
        (forger.issuer, True, True),
        ("", False, True),
    ):
        forger.published = {"authorization_response_iss_parameter_supported": announced}
        cache.clear()
        browser = Client()
        asked = query_of(start(browser, forged)["Location"])
        forger.token = forger.sign(asked["nonce"])
        answer = {"state": asked["state"], "code": "any", **({"iss": named} if named else {})}
        response = arrive(browser, callback(forged, **answer))
        assert (signed_in(browser) == mei.pk) is fine, (named, announced)
        assert fine or "another issuer" in fault_in(response)


def test_further_claims_are_asked_for_and_must_be_about_the_same_person(
    forged: SingleSignOn, forger: Forger, mei: Person
) -> None:
    for subject, fine in (("s-1", True), ("s-2", False)):
        forger.userinfo = {"sub": subject, "email": mei.email, "email_verified": True}
        client = Client()
        bring(client, forged, forger, lambda nonce: forger.sign(nonce, email=None, email_verified=None))
        assert (signed_in(client) == mei.pk) is fine


@pytest.mark.parametrize("verified", [False, None, "true", "True", 1, [True]])
def test_only_a_plain_true_vouches_for_an_address(
    forged: SingleSignOn, forger: Forger, mei: Person, verified: Any, client: Client
) -> None:
    response = bring(client, forged, forger, lambda nonce: forger.sign(nonce, email_verified=verified))

    assert "does not vouch" in fault_in(response)


def test_what_vouches_for_the_address_says_nothing_of_a_name_that_people_choose(
    forged: SingleSignOn, forger: Forger, mei: Person, admin: Person, client: Client
) -> None:
    """P-6: `email_verified` is about `email`; another claim counts where the organisation trusts it"""
    wanted = settings_for(forger.issuer, address_claim="preferred_username", secret="")
    sign_on_settings.save_settings(wanted=wanted, version=None, actor=actor(admin))

    chosen = {"email": "eve@contoso.example", "email_verified": True, "preferred_username": mei.email}
    response = bring(client, forged, forger, lambda nonce: forger.sign(nonce, **chosen))

    assert "does not vouch" in fault_in(response)


@pytest.mark.parametrize("fragment", ["\x00", "\ud800"])
@pytest.mark.parametrize("claim", ["email", "name", "groups"])
def test_what_the_database_cannot_hold_breaks_nothing(
    forged: SingleSignOn, forger: Forger, mei: Person, admin: Person, claim: str, fragment: str
) -> None:
    """P-8: a token is JSON, which can say what no text of ours may be"""
    wanted = settings_for(forger.issuer, roles_claim="groups", creates_people=True, secret="")
    sign_on_settings.save_settings(wanted=wanted, version=None, actor=actor(admin))

    claims = {"email": "new@contoso.example", claim: f"x{fragment}@contoso.example"}
    response = bring(Client(), forged, forger, lambda nonce: forger.sign(nonce, **claims))

    assert response["Location"] == ("/login/organisation/failed/" if claim == "email" else "/")


@pytest.mark.parametrize("address", ["", "mei", "mei@", ["mei@contoso.example"], '"a@evil.example"@contoso.example '])
def test_what_is_no_address_opens_nothing(
    forged: SingleSignOn, forger: Forger, mei: Person, address: Any, client: Client
) -> None:
    bring(client, forged, forger, lambda nonce: forger.sign(nonce, email=address))

    assert signed_in(client) is None


# Issuers that are away, or not themselves -----------------------------------------------------------------------------


def test_a_dead_issuer_gives_a_page_that_says_so(forged: SingleSignOn, forger: Forger, client: Client) -> None:
    """P-9"""
    forger.close()
    cache.clear()

    response = start(client, forged)

    assert response.status_code == HTTPStatus.FAILED_DEPENDENCY
    assert "issuer does not answer" in response.content.decode().replace("&#x27;", "'")


def test_issuers_that_hang_leave_threads_to_everybody_else(
    forged: SingleSignOn, forger: Forger, mei: Person, client: Client
) -> None:
    """P-9"""
    with ExitStack() as others:
        for _ in range(issuers.AT_ONCE):
            others.enter_context(issuers._turns)
        cache.clear()

        assert "Too many other servers" in start(client, forged).content.decode()

    assert start(client, forged).status_code == HTTPStatus.FOUND


def test_an_issuer_that_took_too_long_is_left_alone_for_a_while(
    forged: SingleSignOn, forger: Forger, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P-9"""
    monkeypatch.setattr("accounts.outgoing.WHOLE_WITHIN", timedelta(0))
    cache.clear()
    asked = len(forger.asked)
    assert "took too long" in start(client, forged).content.decode()
    monkeypatch.undo()

    assert "took too long" in start(client, forged).content.decode()

    assert len(forger.asked) == asked
    cache.clear()
    assert start(client, forged).status_code == HTTPStatus.FOUND


@pytest.mark.parametrize(
    "published",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"token_endpoint": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": "http://user@127.0.0.1/"},
        {"token_endpoint": None},
    ],
)
def test_an_issuer_that_publishes_what_cannot_be_is_not_used(
    forged: SingleSignOn, forger: Forger, published: dict[str, Any], client: Client
) -> None:
    forger.published = published
    cache.clear()

    response = start(client, forged)

    assert response.status_code in (HTTPStatus.FAILED_DEPENDENCY, HTTPStatus.FORBIDDEN)
    assert "sign_on_begun" not in client.session


def test_an_issuer_inside_our_own_network_is_never_asked(
    forged: SingleSignOn, forger: Forger, settings: Any, client: Client
) -> None:
    settings.OUTGOING_ALLOW = ["10.0.0.0/8"]
    cache.clear()
    asked = len(forger.asked)

    assert start(client, forged).status_code == HTTPStatus.FAILED_DEPENDENCY
    assert len(forger.asked) == asked


def test_a_secret_under_another_key_is_asked_for_anew(forged: SingleSignOn, settings: Any, client: Client) -> None:
    settings.SINGLE_SIGN_ON_KEY = "another"

    assert "cannot be read any more" in fault_in(start(client, forged))


# Off, on, and only ----------------------------------------------------------------------------------------------------


def test_switching_it_off_ends_the_sessions_that_it_opened_at_their_next_request(
    walk: Any, provider: Provider, mei: Person, admin: Person
) -> None:
    """P-6; one that came with a password stays"""
    provider.user("mei", email=mei.email)
    through, with_password = Client(), browser_of(mei)
    walk(through, "mei")
    assert signed_in(through) == signed_in(with_password) == mei.pk

    sign_on_settings.switch_off(actor=actor(admin))

    assert signed_in(through) is None
    assert signed_in(with_password) == mei.pk


def test_giving_a_domain_up_ends_the_sessions_that_single_sign_on_opened(
    walk: Any, provider: Provider, mei: Person, admin: Person
) -> None:
    """P-6; one that came with a password stays"""
    provider.user("mei", email=mei.email)
    through, with_password = Client(), browser_of(mei)
    walk(through, "mei")

    later = clock.now() + timedelta(seconds=1)
    remove_domain(domain_id=MailDomain.objects.get().pk, actor=actor(admin), now=later)

    assert signed_in(through) is None
    assert signed_in(with_password) == mei.pk


def test_a_session_does_not_come_back_to_life_when_it_is_switched_on_again(
    walk: Any, provider: Provider, mei: Person, admin: Person, client: Client
) -> None:
    """P-6: not even when nothing was asked in between"""
    provider.user("mei", email=mei.email)
    walk(client, "mei")
    SingleSignOn.objects.update(enabled_at=clock.now().replace(microsecond=1))

    assert signed_in(client) is None


def test_what_is_off_is_neither_offered_nor_begun(stands: SingleSignOn, admin: Person, client: Client) -> None:
    sign_on_settings.switch_off(actor=actor(admin))

    assert (
        "no sign-in of its own here"
        in client.post("/login/organisation/", {"login": "a@contoso.example"}).content.decode()
    )
    assert "not available here" in fault_in(start(client, stands))
    assert "not available here" in fault_in(client.get("/login/organisation/unknown/"))


@pytest.fixture
def only(stands: SingleSignOn, provider: Provider, admin: Person) -> SingleSignOn:
    """Single sign-on, and no passwords."""
    wanted = settings_for(provider.issuer, is_only_way=True, secret="")
    return sign_on_settings.save_settings(wanted=wanted, version=None, actor=actor(admin))


def test_where_it_is_the_only_way_passwords_open_nothing_and_say_nothing(
    only: SingleSignOn, mei: Person, client: Client
) -> None:
    """The right password is no other answer than a wrong one, and both are shown the way"""
    for password in (PASSWORD, "wrong"):
        page = client.post("/login/", {"login": mei.email, "password": password}).content.decode()
        assert "The mail address or the password is not right." in page
        assert f"/login/organisation/{only.callback_key}/" in page
        assert signed_in(client) is None


def test_global_admins_keep_a_password_to_open_the_door_from_inside(
    only: SingleSignOn, admin: Person, client: Client
) -> None:
    client.post("/login/", {"login": admin.email, "password": PASSWORD})

    assert signed_in(client) == admin.pk


def test_sessions_that_came_with_a_password_end_when_it_becomes_the_only_way(
    walk: Any, stands: SingleSignOn, provider: Provider, mei: Person, admin: Person
) -> None:
    """P-6"""
    provider.user("mei", email=mei.email)
    with_password, through, from_inside = browser_of(mei), Client(), browser_of(admin)
    walk(through, "mei")
    wanted = settings_for(provider.issuer, is_only_way=True, secret="")
    sign_on_settings.save_settings(wanted=wanted, version=None, actor=actor(admin))

    assert signed_in(with_password) is None
    assert signed_in(through) == mei.pk
    assert signed_in(from_inside) == admin.pk


# Before the door ------------------------------------------------------------------------------------------------------


def test_what_is_offered_goes_by_the_domain_and_never_by_an_account(
    stands: SingleSignOn, mei: Person, client: Client
) -> None:
    """P-5"""
    pages = [
        client.post("/login/organisation/", {"login": address}).content.decode()
        for address in (mei.email, "nobody@contoso.example", "gone@CONTOSO.example")
    ]

    assert all(f"/login/organisation/{stands.callback_key}/" in page for page in pages)
    for address in ("mei@fabrikam.example", "mei@sub.contoso.example"):
        page = client.post("/login/organisation/", {"login": address}).content.decode()
        assert "no sign-in of its own here" in page
        assert 'value="' + address in page


def test_a_domain_that_only_waits_offers_nothing(stands: SingleSignOn, client: Client) -> None:
    MailDomain.objects.update(state="waiting", confirmed_at=None)

    assert (
        stands.callback_key not in client.post("/login/organisation/", {"login": "a@contoso.example"}).content.decode()
    )


def test_beginning_again_and_again_is_limited(stands: SingleSignOn, client: Client, settings: Any) -> None:
    settings.RATE_LIMIT_FACTOR = 0.01
    for _ in range(3):
        client.post("/login/organisation/", {"login": "a@contoso.example"})

    assert client.post("/login/organisation/", {"login": "a@x.example"}).status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert start(client, stands).status_code == HTTPStatus.TOO_MANY_REQUESTS
    elsewhere = client.post("/login/organisation/", {"login": "a@x.example"}, REMOTE_ADDR="192.0.2.77")
    assert elsewhere.status_code == HTTPStatus.OK


def test_a_form_from_another_site_begins_nothing() -> None:
    client = Client(enforce_csrf_checks=True)

    assert client.post("/login/organisation/", {"login": "a@contoso.example"}).status_code == HTTPStatus.FORBIDDEN


def test_the_way_to_the_issuer_is_a_link_and_the_policy_of_pages_stays(stands: SingleSignOn, client: Client) -> None:
    """Browsers hold redirects after a form to form-action, which stays 'self'"""
    response = client.post("/login/organisation/", {"login": "a@contoso.example"})

    assert response.status_code == HTTPStatus.OK
    assert "form-action 'self'" in response["Content-Security-Policy"]
    assert urlsplit(start(client, stands)["Location"]).netloc not in response["Content-Security-Policy"]


def test_whoever_is_signed_in_already_goes_on(stands: SingleSignOn, mei: Person) -> None:
    assert start(browser_of(mei), stands, after="/profile/")["Location"] == "/profile/"


# A second factor at the issuer ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "believed"),
    [
        ({"amr": ["pwd", "mfa"]}, True),
        ({"amr": ["pwd", "otp"]}, True),
        ({"amr": ["fpt", "hwk"]}, True),
        ({"acr": "phr"}, True),
        ({"acr": "http://schemas.openid.net/pape/policies/2007/06/multi-factor"}, True),
        ({"amr": ["pwd"]}, False),
        ({"amr": ["otp", "sms"]}, False),
        ({"amr": ["MFA"]}, False),
        ({"amr": "mfa"}, False),
        ({"amr": {"mfa": True}}, False),
        ({"amr": [["mfa"], None, 7]}, False),
        ({"acr": "2"}, False),
        ({"acr": ["phr"]}, False),
        ({"mfa": True}, False),
        ({}, False),
    ],
)
def test_an_issuer_is_believed_that_it_asked_for_two_factors_where_it_says_so(
    said: dict[str, Any], believed: bool
) -> None:
    """RFC 8176: two of one kind are no second factor, and saying nothing is a no."""
    assert claims.shows_second_factor({"sub": "s-1", **said}) is believed


@pytest.mark.parametrize(
    ("trusts", "methods", "asked"),
    [(True, ["pwd", "mfa"], False), (True, ["pwd"], True), (True, None, True), (False, ["pwd", "mfa"], True)],
)
def test_our_second_factor_is_asked_for_unless_a_trusted_issuer_says_that_it_has_asked(
    forged: SingleSignOn,
    forger: Forger,
    mei: Person,
    admin: Person,
    client: Client,
    trusts: bool,
    methods: list[str] | None,
    asked: bool,
) -> None:
    """P-6: both answers of the issuer, and both of the organisation"""
    give_app(mei)
    wanted = settings_for(forger.issuer, trusts_second_factor=trusts, secret="")
    sign_on_settings.save_settings(wanted=wanted, version=None, actor=actor(admin))

    response = bring(client, forged, forger, lambda nonce: forger.sign(nonce, amr=methods))

    assert response["Location"] == ("/login/second-factor/" if asked else "/")
    assert (signed_in(client) is None) is asked


def test_what_is_said_of_the_sign_in_counts_in_the_signed_token_only(
    forged: SingleSignOn, forger: Forger, mei: Person, admin: Person, client: Client
) -> None:
    """P-6: further claims are about the person, and nobody has signed them"""
    give_app(mei)
    wanted = settings_for(
        forger.issuer, trusts_second_factor=True, trusts_address=True, address_claim="mail", secret=""
    )
    sign_on_settings.save_settings(wanted=wanted, version=None, actor=actor(admin))
    forger.userinfo = {"sub": "s-1", "mail": mei.email, "amr": ["mfa"], "acr": "phr"}

    response = bring(client, forged, forger, lambda nonce: forger.sign(nonce))

    assert response["Location"] == "/login/second-factor/"


# An issuer that lies --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lie",
    [
        "boss@fabrikam.example",
        "BOSS@FABRIKAM.EXAMPLE",
        "nobody@fabrikam.example",
        "nobody@elsewhere.example",
        "boss@fabrikam.example@contoso.example",
        "boss@contoso.example@fabrikam.example",
        "boss@fabrikam.example\n@contoso.example",
        "boss@fabrikam.example,mei@contoso.example",
        "boss@contoso.example.fabrikam.example",
        "lead@desk.example",
    ],
)
def test_an_issuer_that_lies_about_others_domains_opens_nothing(
    forged: SingleSignOn, forger: Forger, admin: Person, client: Client, lie: str
) -> None:
    """P-5: with everything that its own organisation can allow it, and for whomever it names"""
    fabrikam = make_organisation("fabrikam")
    boss = make_person(fabrikam, "global_admin", email="boss@fabrikam.example")
    lead = make_staff("team_lead", email="lead@desk.example")
    confirm(fabrikam, boss, "fabrikam.example")
    before = list(Person.objects.order_by("pk").values_list("pk", flat=True))
    allowed = {"trusts_address": True, "creates_people": True, "trusts_second_factor": True, "roles_claim": "groups"}
    wanted = settings_for(forger.issuer, secret="", **allowed)
    sign_on_settings.save_settings(wanted=wanted, version=None, actor=actor(admin))
    sign_on_settings.map_role(value="all", role="global_admin", actor=actor(admin))

    bring(client, forged, forger, lambda nonce: forger.sign(nonce, email=lie, groups=["all"], amr=["mfa"]))

    assert signed_in(client) is None
    assert list(Person.objects.order_by("pk").values_list("pk", flat=True)) == before
    assert not SignOnIdentity.objects.exists()
    assert (roles_of(boss), roles_of(lead)) == ({"global_admin"}, {"team_lead"})
