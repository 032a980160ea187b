"""Second factors: set up, asked for, used once, guessed at in vain, and reset by those who look after an account."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts import clock
from accounts.actors import Actor
from accounts.errors import FactorNotFound, NotPermitted, PersonNotFound, TooMany, WrongCode
from accounts.models import Event, Organisation, Person, PersonSession, RateCount
from accounts.services import people, second_factors
from accounts.signing_in import factors, totp
from tests.factories import (
    PASSWORD,
    actor,
    api_of,
    browser_of,
    make_organisation,
    make_person,
    make_staff,
    reread,
)
from tickets.services.relay import relay_deliveries

LOGIN, SECOND, SECURITY, GATE = "/login/", "/login/second-factor/", "/profile/security/", "/profile/security/required/"
APP, CODES = "/profile/security/app/", "/profile/security/codes/"
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def organisation() -> Organisation:
    return make_organisation()


@pytest.fixture
def admin(organisation: Organisation) -> Person:
    return make_person(organisation, "global_admin", email="mei@example.com", password=PASSWORD)


@pytest.fixture
def required(settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = ["staff", "global_admin"]


def now_code(*, ahead: int = 0) -> str:
    """The code of this period, or of one `ahead`."""
    return totp.code_of(SECRET, int(timezone.now().timestamp()) // totp.PERIOD + ahead)


def give_app(person: Person) -> list[str]:
    """An authenticator app, set up a while ago so that the present code is unused; the recovery codes."""
    now = timezone.now() - timedelta(minutes=5)
    code = totp.code_of(SECRET, int(now.timestamp()) // totp.PERIOD)
    return second_factors.add_app(person_id=person.pk, secret=SECRET, code=code, now=now)


def with_password(person: Person, client: Client | None = None, **extra: Any) -> Client:
    client = client or Client()
    assert client.post(LOGIN, {"login": person.email, "password": PASSWORD}, **extra).status_code == HTTPStatus.FOUND
    return client


def with_both(person: Person) -> Client:
    """A browser in which the person has signed in with their app, too."""
    client = with_password(person)
    client.post(SECOND, {"code": now_code()})
    return client


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def text_of(response: HttpResponse) -> str:
    return response.content.decode()


# Codes of an app ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_standard(at: int, code: str) -> None:
    """RFC 6238, appendix B, in six digits."""
    assert totp.code_of(SECRET, at // 30) == code


@pytest.mark.parametrize(("periods", "matches"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_phones_clock_may_be_wrong_by_one_period(periods: int, matches: bool) -> None:
    now = datetime.fromisoformat("2026-11-28T12:00:07+00:00")
    present = int(now.timestamp()) // 30

    found = totp.matching_period(SECRET, totp.code_of(SECRET, present + periods), now=now)

    assert (found == present + periods) is matches


@pytest.mark.parametrize("code", ["", "12345", "1234567", "١٢٣٤٥٦", "abcdef", "12 456", "\x00" * 6])
def test_what_is_no_code_matches_nothing(code: str) -> None:
    """P-8"""
    assert totp.matching_period(SECRET, code, now=timezone.now()) is None


# Setting up -----------------------------------------------------------------------------------------------------------


def test_an_app_is_set_up_with_its_first_code_and_recovery_codes_are_shown_once(admin: Person) -> None:
    client = browser_of(admin)
    page = text_of(client.get(APP))
    secret = re.sub(r"\s", "", re.search(r'class="key-text">([A-Z2-7 ]+)<', page)[1])  # type: ignore[index]
    assert "data:image/svg+xml;base64," in page

    answer = client.post(APP, {"code": totp.code_of(secret, int(timezone.now().timestamp()) // 30)})

    codes = re.findall(r"<code>([0-9A-Z]{5}-[0-9A-Z]{5})</code>", text_of(answer))
    assert answer.status_code == HTTPStatus.CREATED
    assert len(set(codes)) == 10
    assert "10 codes are left" in text_of(client.get(SECURITY))
    assert not any(code in text_of(client.get(SECURITY)) for code in codes)


def test_a_wrong_first_code_sets_nothing_up_and_shows_the_same_picture_again(admin: Person) -> None:
    client = browser_of(admin)
    before = re.search(r'class="key-text">([A-Z2-7 ]+)<', text_of(client.get(APP)))

    answer = client.post(APP, {"code": "000000"})

    assert "That did not match" in text_of(answer)
    assert re.search(r'class="key-text">([A-Z2-7 ]+)<', text_of(answer))[1] == before[1]  # type: ignore[index]
    assert not Authenticator.objects.exists()


def test_a_session_from_before_the_first_factor_is_asked_for_it_however_young_it_is(admin: Person) -> None:
    """P-6: whoever knows the password and was there first neither gets a factor of their own nor takes this one"""
    early = browser_of(admin)
    give_app(admin)
    app = Authenticator.objects.get(type="totp")

    page = text_of(early.get("/profile/security/keys/"))
    early.post(f"/profile/security/factors/{app.pk}/remove/")

    assert "confirm_code" in page
    assert Authenticator.objects.filter(pk=app.pk).exists()
    early.post("/profile/security/keys/", {"confirm": "read", "confirm_code": now_code()})
    assert "confirm_code" not in text_of(early.get("/profile/security/keys/"))


def test_nothing_of_a_factor_lies_in_the_clear(admin: Person) -> None:
    codes = give_app(admin)

    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(data::text, ' ') FROM mfa_authenticator")
        stored = cursor.fetchone()[0]
    assert SECRET not in stored
    assert not any(code in stored or code.replace("-", "") in stored for code in codes)


def test_setting_up_is_on_record_and_told_by_mail(admin: Person, mailoutbox: list[Any]) -> None:
    """P-10"""
    give_app(admin)

    event = Event.objects.get(kind="second_factor_added")
    assert (event.actor_id, event.organisation_id, event.data["kind"]) == (admin.pk, admin.organisation_id, "totp")
    relay_deliveries()
    assert [mail.subject for mail in mailoutbox] == ["A second factor was added to your account"]
    assert "An authenticator app was set up" in mailoutbox[0].body


# Signing in -----------------------------------------------------------------------------------------------------------


def test_the_password_alone_opens_nothing_where_there_is_a_second_factor(admin: Person) -> None:
    give_app(admin)

    client = with_password(admin)

    assert not is_in(client)
    assert client.get("/profile/").status_code == HTTPStatus.FOUND
    assert "One more step" in text_of(client.get(SECOND))


def test_password_and_code_sign_in(admin: Person) -> None:
    give_app(admin)
    client = with_password(admin)

    answer = client.post(SECOND, {"code": now_code()})

    assert answer.status_code == HTTPStatus.FOUND
    assert is_in(client)


@pytest.mark.parametrize("form", ["{0}{1}", "{0}-{1}", "{0} {1}"])
def test_a_recovery_code_signs_in_once(admin: Person, mailoutbox: list[Any], form: str) -> None:
    first, second = give_app(admin)[0].split("-")
    code = form.format(first.lower(), second)

    client = with_password(admin)
    client.post(SECOND, {"code": code})
    again = with_password(admin)
    again.post(SECOND, {"code": code})

    assert is_in(client)
    assert not is_in(again)
    assert Event.objects.get(kind="recovery_code_used").data == {"left": 9}
    relay_deliveries()
    assert "9 codes are left" in next(mail.body for mail in mailoutbox if "recovery code" in mail.subject)


def test_a_code_of_the_app_counts_once(admin: Person) -> None:
    """RELIABILITY.md, sign-in: what somebody looked over a shoulder is worth nothing."""
    give_app(admin)
    code = now_code()
    with_password(admin).post(SECOND, {"code": code})

    again = with_password(admin)
    answer = again.post(SECOND, {"code": code})

    assert not is_in(again)
    assert "A code of the app counts once" in text_of(answer)


def test_after_a_later_code_an_earlier_one_is_worth_nothing(admin: Person) -> None:
    give_app(admin)
    second_factors.prove_code(person=admin, code=now_code(ahead=1), address="192.0.2.1")

    with pytest.raises(WrongCode):
        second_factors.prove_code(person=admin, code=now_code(), address="192.0.2.1")


def test_the_second_step_needs_the_first(admin: Person) -> None:
    give_app(admin)

    answer = Client().post(SECOND, {"code": now_code()})

    assert answer["Location"] == LOGIN


def test_a_form_from_another_site_is_no_second_step(admin: Person) -> None:
    give_app(admin)
    client = with_password(admin)
    client.handler.enforce_csrf_checks = True

    assert client.post(SECOND, {"code": now_code()}).status_code == HTTPStatus.FORBIDDEN


# Guessing -------------------------------------------------------------------------------------------------------------


def guess(client: Client, times: int, **extra: Any) -> list[int]:
    return [client.post(SECOND, {"code": "ABCDE-FGHJK"}, **extra).status_code for _ in range(times)]


def test_after_five_wrong_codes_the_right_one_must_wait_from_every_address(
    admin: Person, mailoutbox: list[Any]
) -> None:
    give_app(admin)
    client = with_password(admin)

    assert guess(client, 5) == [HTTPStatus.OK] * 5
    answer = client.post(SECOND, {"code": now_code()}, REMOTE_ADDR="198.51.100.7")

    assert answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert 890 <= int(answer["Retry-After"]) <= 900
    assert not is_in(client)
    assert guess(client, 2) == [HTTPStatus.TOO_MANY_REQUESTS] * 2
    relay_deliveries()
    assert [mail.subject for mail in mailoutbox].count("Somebody may know your password") == 1


def test_after_four_wrong_codes_the_right_one_signs_in(admin: Person) -> None:
    give_app(admin)
    client = with_password(admin)
    guess(client, 4)

    client.post(SECOND, {"code": now_code()})

    assert is_in(client)


def test_twenty_wrong_codes_in_a_day_close_the_second_step(admin: Person) -> None:
    give_app(admin)
    for hours_ago in (23, 17, 11, 5):
        for number in range(5):
            with pytest.raises(WrongCode):
                second_factors.prove_code(person=admin, code="000000", address=f"198.51.100.{hours_ago + number}")
        RateCount.objects.filter(window_at=clock.now()).update(window_at=clock.now() - timedelta(hours=hours_ago))

    with pytest.raises(TooMany):
        second_factors.prove_code(person=admin, code=now_code(), address="203.0.113.1")


# Who must have one ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "led"),
    [
        (["nobody"], ""),
        (["staff"], "engineer"),
        (["global_admin"], "admin"),
        (["staff", "global_admin"], "engineer admin"),
        (["everyone"], "engineer admin reader"),
    ],
)
def test_those_whom_the_setting_names_are_led_to_set_one_up(
    admin: Person, settings: Any, words: list[str], led: str
) -> None:
    settings.REQUIRE_SECOND_FACTOR = words
    people = {"engineer": make_staff("engineer"), "admin": admin, "reader": make_person(admin.organisation, "reader")}

    found = {name: browser_of(person).get("/profile/") for name, person in people.items()}

    gated = {name for name, answer in found.items() if answer.get("Location", "").startswith(GATE)}
    assert gated == set(led.split())


@pytest.mark.usefixtures("required")
def test_nothing_else_opens_before_the_second_factor(admin: Person) -> None:
    client = browser_of(admin)

    for address in ("/", "/requests/", "/requests/new/", "/organisation/", SECURITY, "/profile/tokens/"):
        assert client.get(address)["Location"].startswith(GATE), address
    assert client.post("/profile/", {"name": "x"})["Location"] == f"{GATE}?next=%2F"
    answer = client.get("/api/v1/service-requests/")
    assert (answer.status_code, answer.json()["code"]) == (HTTPStatus.FORBIDDEN, "second-factor-required")
    assert client.get(GATE).status_code == HTTPStatus.OK
    assert client.get(APP).status_code == HTTPStatus.OK


@pytest.mark.usefixtures("required")
def test_a_token_is_no_session(admin: Person) -> None:
    assert api_of(admin).get("/api/v1/service-requests/").status_code == HTTPStatus.OK


@pytest.mark.usefixtures("required")
def test_setting_one_up_opens_everything_and_leads_back(admin: Person) -> None:
    client = browser_of(admin)
    assert client.get("/organisation/?x=1")["Location"] == f"{GATE}?next=%2Forganisation%2F%3Fx%3D1"
    client.get(f"{GATE}?next=/organisation/?x=1")
    secret = re.sub(r"\s", "", re.search(r'class="key-text">([A-Z2-7 ]+)<', text_of(client.get(APP)))[1])  # type: ignore[index]

    codes = client.post(APP, {"code": totp.code_of(secret, int(timezone.now().timestamp()) // 30)})

    assert 'href="/organisation/?x=1"' in text_of(codes)
    assert client.get("/organisation/").status_code == HTTPStatus.OK
    assert client.get("/api/v1/service-requests/").status_code == HTTPStatus.OK


@pytest.mark.usefixtures("required")
@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"])
def test_the_gate_leads_to_no_other_site(admin: Person, elsewhere: str) -> None:
    give_app(admin)
    client = browser_of(admin)
    client.get(GATE, {"next": elsewhere})

    assert client.post(GATE, {"code": now_code()})["Location"] == "/"


@pytest.mark.usefixtures("required")
def test_a_role_that_needs_one_counts_from_the_next_request(organisation: Organisation, admin: Person) -> None:
    """P-6"""
    colleague = make_person(organisation, "reader")
    client = browser_of(colleague)
    assert client.get("/profile/").status_code == HTTPStatus.OK

    people.give_role(person_id=colleague.pk, role="global_admin", actor=actor(admin))

    assert client.get("/profile/")["Location"].startswith(GATE)


@pytest.mark.usefixtures("required")
def test_a_session_without_the_factor_is_asked_for_it_although_there_is_one(admin: Person) -> None:
    """A session that was opened with the password alone gains nothing when its owner sets one up elsewhere."""
    client = browser_of(admin)
    give_app(admin)

    assert client.get("/profile/")["Location"].startswith(GATE)
    client.post(GATE, {"code": now_code()})
    assert client.get("/profile/").status_code == HTTPStatus.OK


@pytest.mark.usefixtures("required")
def test_a_link_of_a_mail_goes_by_its_secret_alone(admin: Person) -> None:
    assert browser_of(admin).get("/address/unknown/").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.usefixtures("required")
def test_signing_in_with_the_factor_meets_no_gate(admin: Person) -> None:
    give_app(admin)
    client = with_password(admin)
    client.post(SECOND, {"code": now_code()})

    assert client.get("/profile/").status_code == HTTPStatus.OK


# Removing -------------------------------------------------------------------------------------------------------------


def remove(client: Client, person: Person) -> HttpResponse:
    factor = Authenticator.objects.get(user=person, type="totp")
    return client.post(f"/profile/security/factors/{factor.pk}/remove/", follow=True)  # type: ignore[return-value]


def test_with_the_last_factor_its_codes_and_the_other_sessions_go(admin: Person) -> None:
    give_app(admin)
    client, elsewhere = with_both(admin), browser_of(admin)

    remove(client, admin)

    assert not Authenticator.objects.exists()
    assert client.get("/profile/").status_code == HTTPStatus.OK
    assert elsewhere.get("/profile/").status_code == HTTPStatus.FOUND
    assert is_in(with_password(admin))


def test_who_must_have_one_cannot_remove_the_last(admin: Person, settings: Any) -> None:
    give_app(admin)
    client = with_both(admin)
    settings.REQUIRE_SECOND_FACTOR = ["global_admin"]

    answer = remove(client, admin)

    assert "you cannot do without one" in text_of(answer)
    assert factors.has_factor(admin)


def test_somebody_elses_factor_is_none(admin: Person) -> None:
    """P-5"""
    give_app(admin)
    stranger = browser_of(make_person(make_organisation(), "global_admin"))

    answer = remove(stranger, admin)

    assert "There is no such second factor" in text_of(answer) or "It may have been removed" in text_of(answer)
    assert factors.has_factor(admin)


def test_new_recovery_codes_end_the_old_ones(admin: Person) -> None:
    old = give_app(admin)[0]

    answer = with_both(admin).post(CODES)

    new = re.findall(r"<code>([0-9A-Z-]{11})</code>", text_of(answer))
    with pytest.raises(WrongCode):
        second_factors.prove_code(person=admin, code=old, address="192.0.2.1")
    second_factors.prove_code(person=admin, code=new[0], address="192.0.2.1")


def test_there_are_no_recovery_codes_without_a_factor(admin: Person) -> None:
    browser_of(admin).post(CODES)

    assert not Authenticator.objects.exists()


# Is it still you? -----------------------------------------------------------------------------------------------------


def later(client: Client, by: timedelta) -> None:
    """Let the session have begun that long ago."""
    session = client.session
    session["session_began_at"] -= int(by.total_seconds())
    session.save()


SENSITIVE = [
    ("get", APP),
    ("post", APP),
    ("get", "/profile/security/keys/"),
    ("post", CODES),
    ("post", "/profile/security/address/"),
    ("post", "/profile/tokens/"),
    ("get", "/password/change/"),
    ("post", "/password/change/"),
    ("post", "/people/1/second-factors/reset/"),
    ("post", "/organisation/tokens/1/new/"),
    ("post", "/organisation/tokens/1/roles/"),
    ("post", "/organisation/sign-in/on/"),
    ("post", "/organisation/sign-in/settings/"),
    ("post", "/staff/people/new/"),
    ("post", "/staff/people/1/roles/give/"),
    ("post", "/staff/organisations/any/invite/"),
    ("post", "/organisation/sign-in/roles/"),
    ("post", "/organisation/sign-in/domains/confirm/"),
]


@pytest.mark.parametrize(("method", "address"), SENSITIVE)
def test_what_touches_an_accounts_safety_asks_anew_after_fifteen_minutes(
    admin: Person, method: str, address: str
) -> None:
    client = browser_of(admin)
    later(client, timedelta(minutes=15, seconds=5))

    answer = getattr(client, method)(address)

    assert "Is it still you?" in text_of(answer)


@pytest.mark.parametrize(("roles", "asks"), [(["reader"], False), (["reader", "global_admin"], True)])
def test_only_who_makes_a_global_admin_is_asked_anew(admin: Person, roles: list[str], asks: bool) -> None:
    client = browser_of(admin)
    later(client, timedelta(hours=1))

    for address in ("/organisation/people/invite/", f"/organisation/people/{admin.pk}/roles/"):
        assert ("Is it still you?" in text_of(client.post(address, {"roles": roles}))) is asks, address


def test_within_fifteen_minutes_nothing_is_asked(admin: Person) -> None:
    client = browser_of(admin)
    later(client, timedelta(minutes=14, seconds=50))

    assert "Is it still you?" not in text_of(client.get(APP))


def test_a_fresh_proof_does_what_was_sent_and_loses_nothing(admin: Person) -> None:
    client = browser_of(admin)
    later(client, timedelta(hours=1))
    form = {"name": "Nightly <report>", "scopes": ["requests:read"], "days": "30"}

    asked = client.post("/profile/tokens/", form)
    carried = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text_of(asked))
    assert ("name", "Nightly &lt;report&gt;") in carried
    done = client.post("/profile/tokens/", {**form, "confirm": "send", "confirm_password": PASSWORD})

    assert done.status_code == HTTPStatus.CREATED
    assert admin.tokens.get().name == "Nightly <report>"


def test_a_wrong_password_is_no_proof(admin: Person) -> None:
    client = browser_of(admin)
    later(client, timedelta(hours=1))

    answers = [client.post(APP, {"confirm": "read", "confirm_password": "wrong"}) for _ in range(6)]

    assert "This is not your present password." in text_of(answers[0])
    assert answers[5].status_code == HTTPStatus.TOO_MANY_REQUESTS


def test_who_has_a_second_factor_proves_it_with_that(admin: Person) -> None:
    give_app(admin)
    client = browser_of(admin)
    later(client, timedelta(hours=1))

    by_password = client.post(CODES, {"confirm": "send", "confirm_password": PASSWORD})
    by_code = client.post(CODES, {"confirm": "send", "confirm_code": now_code()})

    assert "Is it still you?" in text_of(by_password)
    assert by_code.status_code == HTTPStatus.CREATED


def test_a_page_that_was_asked_for_is_read_anew_at_the_same_address(admin: Person) -> None:
    client = browser_of(admin)
    later(client, timedelta(hours=1))

    answer = client.post(APP, {"confirm": "read", "confirm_password": PASSWORD, "next": "https://evil.example/"})

    assert answer["Location"] == APP


def test_a_password_that_was_typed_is_never_carried_along(admin: Person) -> None:
    client = browser_of(admin)
    later(client, timedelta(hours=1))

    asked = client.post("/password/change/", {"oldpassword": PASSWORD, "password1": "seven quiet harbours"})

    assert "seven quiet harbours" not in text_of(asked)


# Reset by somebody ----------------------------------------------------------------------------------------------------


def reset(person: Person, by: Actor) -> None:
    second_factors.reset_second_factors(person_id=person.pk, actor=by)


def test_a_global_admin_resets_a_colleagues_factors(
    organisation: Organisation, admin: Person, mailoutbox: list[Any]
) -> None:
    """P-6, P-10"""
    colleague = make_person(organisation, "reader", password=PASSWORD)
    give_app(colleague)
    session = browser_of(colleague)

    browser_of(admin).post(f"/people/{colleague.pk}/second-factors/reset/", {"next": "/organisation/"})

    assert not Authenticator.objects.filter(user=colleague).exists()
    assert not PersonSession.objects.filter(person=colleague).exists()
    assert session.get("/profile/").status_code == HTTPStatus.FOUND
    event = Event.objects.get(kind="second_factors_reset")
    assert (event.actor_id, event.data) == (admin.pk, {"person": colleague.pk})
    relay_deliveries()
    assert "Your second factor was reset" in [mail.subject for mail in mailoutbox if mail.to == [colleague.email]]


@pytest.mark.parametrize(
    ("role", "whom", "may"),
    [
        ("team_lead", "staff", True),
        ("operator", "staff", True),
        ("duty_manager", "staff", False),
        ("engineer", "staff", False),
        ("team_lead", "last admin", True),
        ("duty_manager", "last admin", True),
        ("operator", "last admin", False),
        ("team_lead", "one of two admins", False),
        ("team_lead", "reader", False),
        ("team_lead", "oneself", False),
    ],
)
def test_the_desk_resets_its_own_and_the_last_global_admins(
    organisation: Organisation, admin: Person, role: str, whom: str, may: bool
) -> None:
    helper = make_staff(role)
    if whom == "one of two admins":
        make_person(organisation, "global_admin")
    people = {"staff": make_staff("engineer"), "reader": make_person(organisation, "reader"), "oneself": helper}
    person = people.get(whom, admin)
    give_app(person)

    if may:
        reset(person, actor(helper))
    else:
        with pytest.raises(NotPermitted if role == "engineer" else PersonNotFound):
            reset(person, actor(helper))

    assert factors.has_factor(person) is not may
    assert second_factors.may_reset(actor(helper), reread(person)) is may


def test_nobody_resets_somebody_of_another_organisation(admin: Person) -> None:
    """P-5"""
    stranger = make_person(make_organisation(), "reader")
    give_app(stranger)

    with pytest.raises(PersonNotFound):
        reset(stranger, actor(admin))
    with pytest.raises(PersonNotFound):
        second_factors.reset_second_factors(person_id=987654321, actor=actor(admin))

    assert factors.has_factor(stranger)


@pytest.mark.parametrize("role", ["service_support_admin", "user_admin", "reader"])
def test_other_admins_reset_nobody(organisation: Organisation, role: str) -> None:
    colleague = make_person(organisation, "reader")
    give_app(colleague)

    with pytest.raises(NotPermitted):
        reset(colleague, actor(make_person(organisation, role)))


def test_there_is_nothing_to_reset_without_a_factor(organisation: Organisation, admin: Person) -> None:
    with pytest.raises(FactorNotFound):
        reset(make_person(organisation), actor(admin))


# Faults ---------------------------------------------------------------------------------------------------------------


NO_KEYS = {
    "nothing": "",
    "half": "{",
    "null": "null",
    "list": "[]",
    "number": "1",
    "text": '"x"',
    "empty": "{}",
    "deep": "[" * 9000,
    "NUL": "\x00",
    "long": "x" * 30_000,
    "without answer": '{"id":"x","rawId":"AAAA","response":{}}',
    "empty registration": '{"id":"AAAA","rawId":"AAAA","type":"public-key",'
    '"response":{"clientDataJSON":"e30","attestationObject":"oA"}}',
    "empty answer": '{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{"clientDataJSON":"bnVsbA",'
    '"authenticatorData":"AAAA","signature":"AA","userHandle":"MTIz"}}',
}


@pytest.mark.parametrize("credential", NO_KEYS.values(), ids=NO_KEYS)
def test_what_is_no_key_is_refused_calmly(admin: Person, credential: str) -> None:
    """P-8"""
    give_app(admin)
    client = with_both(admin)
    client.get("/profile/security/keys/")

    assert client.post("/profile/security/keys/", {"name": "x", "credential": credential}).status_code < 500
    visitor = with_password(admin)
    visitor.get(SECOND)
    assert visitor.post(SECOND, {"credential": credential}).status_code < 500
    visitor.post("/login/passkey/options/")
    assert visitor.post("/login/passkey/", {"credential": credential})["Location"] == LOGIN
    assert not is_in(visitor)


@pytest.mark.parametrize("code", ["\x00", "x" * 5000, "٣" * 6, "🔑", "'; --"])
def test_odd_codes_are_wrong_codes(admin: Person, code: str) -> None:
    """P-8"""
    give_app(admin)

    assert with_password(admin).post(SECOND, {"code": code}).status_code == HTTPStatus.OK
