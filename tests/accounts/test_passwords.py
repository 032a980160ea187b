"""Passwords: changed, forgotten, chosen anew with a link."""

from __future__ import annotations

import re
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.http import int_to_base36

from accounts import clock
from accounts.links import ResetTokens, reset_link
from accounts.models import Delivery, Event, Person
from tests.factories import PASSWORD, browser_of, make_organisation, make_person, reread
from tickets.services.relay import relay_deliveries

NEW = "seven quiet harbours at dusk"
CHANGE, RESET, SENT = "/password/change/", "/password/reset/", "/password/reset/done/"
pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def admin() -> Person:
    return make_person(make_organisation(), "global_admin", email="mei@example.com", password=PASSWORD)


def change(client: Client, *, old: str = PASSWORD, new: str = NEW, again: str | None = None) -> Any:
    return client.post(CHANGE, {"oldpassword": old, "password1": new, "password2": again or new})


# Changing -------------------------------------------------------------------------------------------------------------


def test_a_changed_password_ends_every_other_session_and_keeps_this_one(admin: Person) -> None:
    """P-6"""
    here, elsewhere = browser_of(admin), browser_of(admin)

    response = change(here)

    assert response["Location"] == "/profile/security/"
    assert "Your new password is saved." in here.get("/profile/").content.decode()
    assert elsewhere.get("/profile/").status_code == HTTPStatus.FOUND
    assert reread(admin).check_password(NEW)


def test_a_changed_password_is_on_record_and_its_owner_is_told(admin: Person) -> None:
    """P-10"""
    change(browser_of(admin))

    event = Event.objects.get(kind="password_changed")
    assert (event.actor_id, event.organisation_id) == (admin.pk, admin.organisation_id)
    delivery = Delivery.objects.get(notice="password_changed")
    assert (delivery.person_id, delivery.channel) == (admin.pk, "mail")


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        ({"old": "wrong"}, "This is not your present password."),
        ({"again": "something else entirely"}, "You must type the same password each time."),
        ({"new": "fourteen chars"}, "at least 15 characters"),
        ({"new": "x" * 129}, "at most 128 characters"),
        ({"new": "123456789987654321"}, "too common"),
        ({"new": "mei@example.com"}, "too similar"),
    ],
)
def test_a_password_that_will_not_do_is_refused_with_the_reason(
    admin: Person, attempt: dict[str, str], message: str
) -> None:
    page = change(browser_of(admin), **attempt).content.decode()

    assert message in page
    assert reread(admin).check_password(PASSWORD)


@pytest.mark.parametrize("new", ["fifteen letters", "y" * 9 + "k" * 119, "一段夠長的中文密碼也可以喔好嗎"])
def test_length_is_all_that_is_asked_of_a_password(admin: Person, new: str) -> None:
    """15 to 128 characters, no rules of composition."""
    change(browser_of(admin), new=new)

    assert reread(admin).check_password(new)


def test_somebody_without_a_password_gets_one_by_mail(admin: Person) -> None:
    invited = make_person(admin.organisation)
    invited.set_unusable_password()
    invited.save()

    assert browser_of(invited).get(CHANGE)["Location"] == RESET


# Asking for a link ----------------------------------------------------------------------------------------------------


def ask(email: str, **extra: Any) -> Any:
    return Client().post(RESET, {"email": email}, **extra)


def test_known_unknown_closed_and_unconfirmed_addresses_get_the_same_answer(admin: Person) -> None:
    make_person(admin.organisation, email="closed@example.com", password=PASSWORD, is_active=False)
    make_person(admin.organisation, email="unconfirmed@example.com", email_confirmed_at=None)
    people = ["mei@example.com", "nobody@example.com", "closed@example.com", "unconfirmed@example.com"]

    assert {(ask(email).status_code, ask(email)["Location"]) for email in people} == {(HTTPStatus.FOUND, SENT)}
    assert {delivery.person_id for delivery in Delivery.objects.all()} == {admin.pk}


def test_asking_writes_a_delivery_for_the_outbox_and_no_secret_anywhere(admin: Person) -> None:
    """P-2: the link is made when the mail is sent; the portal's own list of notices never shows it."""
    ask("MEI@example.com")

    delivery = Delivery.objects.get()
    assert (delivery.notice, delivery.channel, delivery.context) == ("password_reset", "mail", {})
    event = Event.objects.get(kind="password_reset_requested")
    assert event.actor_id is None
    assert "mei" not in str(event.data)


def test_nobody_waits_for_a_mail_server(admin: Person, mailoutbox: list[Any]) -> None:
    ask(admin.email)

    assert mailoutbox == []


def test_known_and_unknown_addresses_cost_one_hash_each(admin: Person, settings: Any) -> None:
    """The hash outweighs the one row more that a known address writes."""
    from tests.accounts.test_sign_in import CountingHasher

    settings.PASSWORD_HASHERS = ["tests.accounts.test_sign_in.CountingHasher"]
    for email, more in ((admin.email, 1), ("nobody@example.com", 0)):
        CountingHasher.runs = 0
        with CaptureQueriesContext(connection) as queries:
            ask(email)
        writes = [query for query in queries if 'INSERT INTO "accounts_delivery"' in query["sql"]]
        assert (CountingHasher.runs, len(writes)) == (1, more)


def test_the_fourth_link_within_an_hour_is_not_sent_and_nobody_is_told(admin: Person) -> None:
    """RELIABILITY.md section 3: 3 per address and hour, same answer."""
    answers = [ask(admin.email, REMOTE_ADDR=f"192.0.2.{number}")["Location"] for number in range(4)]

    assert answers == [SENT] * 4
    assert Delivery.objects.filter(notice="password_reset").count() == 3


def test_one_client_cannot_write_to_all_our_customers(admin: Person) -> None:
    for number in range(20):
        ask(f"customer-{number}@example.com")

    ask(admin.email)

    assert not Delivery.objects.exists()


def relay() -> None:
    """Send what waits; a test's transaction stands still at its start, so nothing would be due by itself."""
    Delivery.objects.update(next_attempt_at=clock.now())
    relay_deliveries()


def test_the_mail_with_the_link_goes_out_through_the_relay(admin: Person, mailoutbox: list[Any]) -> None:
    """P-2: in the person's language, to the confirmed address, under the delivery's own Message-ID."""
    ask(admin.email)
    delivery = Delivery.objects.get()

    relay()

    (mail,) = mailoutbox
    assert mail.to == [admin.email]
    assert mail.extra_headers["Message-ID"] == delivery.message_id
    assert mail.subject == "Choose a new password for the support portal"
    assert works(re.search(r"http://localhost:8000\S+", mail.body)[0])  # type: ignore[index]
    delivery.refresh_from_db()
    assert delivery.state == "sent"


def test_the_mail_about_a_changed_password_says_when(admin: Person, mailoutbox: list[Any]) -> None:
    Person.objects.filter(pk=admin.pk).update(name='Mei & "Ling"')
    change(browser_of(admin))

    relay()

    (mail,) = mailoutbox
    assert mail.subject == "Your password for the support portal was changed"
    assert 'Hello Mei & "Ling",' in mail.body
    assert f"{clock.now():%Y}" in mail.body


# Using the link -------------------------------------------------------------------------------------------------------


def path_of(link: str) -> str:
    return link.removeprefix("http://localhost:8000")


def follow(client: Client, person: Person) -> str:
    """Open the link of a mail; the address of the form that it leads to."""
    return client.get(path_of(reset_link(person)))["Location"]


def choose(client: Client, form: str, new: str = NEW) -> Any:
    return client.post(form, {"password1": new, "password2": new})


def test_the_link_has_256_bits_and_begins_with_our_public_address(admin: Person, settings: Any) -> None:
    settings.PUBLIC_URL = "https://support.example.com"

    link = reset_link(admin)

    assert link.startswith(f"https://support.example.com/password/reset/key/{int_to_base36(admin.pk)}-")
    assert re.search(r"-[0-9a-f]{64}/$", link)


def test_the_link_stands_in_no_log(admin: Person, client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """RELIABILITY.md section 2: never in a log are reset links."""
    link = reset_link(admin)
    key = link.rpartition("-")[2].strip("/")

    with caplog.at_level("INFO"):
        client.get(path_of(link))

    assert "GET /password/reset/key/" in caplog.text
    assert key not in caplog.text


def test_the_link_leads_to_a_form_whose_address_tells_nothing(admin: Person, client: Client) -> None:
    form = follow(client, admin)

    assert form == f"/password/reset/key/{int_to_base36(admin.pk)}-set-password/"
    response = client.get(form)
    assert response["Referrer-Policy"] == "same-origin"  # it holds no secret, and its form needs an Origin
    assert client.get(path_of(reset_link(admin)))["Referrer-Policy"] == "no-referrer"
    assert "Choose a new password" in response.content.decode()


def test_a_new_password_is_chosen_and_all_sessions_end(admin: Person, client: Client) -> None:
    """P-6, P-10"""
    elsewhere = browser_of(admin)
    form = follow(client, admin)

    response = choose(client, form)

    assert response["Location"] == "/password/reset/key/done/"
    assert client.get(response["Location"]).status_code == HTTPStatus.OK
    assert "_auth_user_id" not in client.session
    assert elsewhere.get("/profile/").status_code == HTTPStatus.FOUND
    assert reread(admin).check_password(NEW)
    assert Event.objects.filter(kind="password_changed", actor=admin).exists()


def test_looking_at_the_link_uses_nothing_up(admin: Person, client: Client) -> None:
    """Mail scanners follow links; only a form that is sent changes anything."""
    for _ in range(3):
        follow(Client(), admin)

    choose(client, follow(client, admin))

    assert reread(admin).check_password(NEW)


def works(link: str) -> bool:
    response = Client().get(path_of(link))
    if response.status_code == HTTPStatus.OK:
        assert "This link does not work any more" in response.content.decode()
    return bool(response.status_code == HTTPStatus.FOUND)


def test_the_link_works_once(admin: Person, client: Client) -> None:
    link = reset_link(admin)
    choose(client, client.get(path_of(link))["Location"])

    assert not works(link)


@pytest.mark.parametrize(("later", "expected"), [(timedelta(hours=1), True), (timedelta(hours=1, seconds=1), False)])
def test_the_link_works_for_an_hour(admin: Person, later: timedelta, expected: bool) -> None:
    with time_machine.travel(timezone.now().replace(microsecond=0), tick=False) as travel:
        link = reset_link(admin)
        travel.shift(later)

        assert works(link) is expected


def test_a_sign_in_ends_the_link(admin: Person, client: Client) -> None:
    link = reset_link(admin)
    client.post("/login/", {"login": admin.email, "password": PASSWORD})

    assert not works(link)


def test_closing_the_account_ends_the_link(admin: Person) -> None:
    link = reset_link(admin)
    Person.objects.filter(pk=admin.pk).update(is_active=False)

    assert not works(link)


@pytest.mark.parametrize(
    "key",
    ["1-abc", "zzzzzzzzzzzzz-x-y", "1-" + "f" * 70, "0-set-password", "1-d2-" + "0" * 64, "1--", "9999999999999-a-b"],
)
def test_a_link_that_somebody_made_up_does_not_work(admin: Person, key: str) -> None:
    """P-8"""
    assert not works(f"http://localhost:8000/password/reset/key/{key}/")


def test_the_key_of_one_person_opens_nothing_of_another(admin: Person) -> None:
    other = make_person(admin.organisation, email="other@example.com", password=PASSWORD)
    key = ResetTokens().make_token(admin)

    assert not works(f"http://localhost:8000/password/reset/key/{int_to_base36(other.pk)}-{key}/")


def test_the_new_password_meets_the_same_rules(admin: Person, client: Client) -> None:
    response = choose(client, follow(client, admin), new="too short")

    assert "at least 15 characters" in response.content.decode()
    assert authenticate(email=admin.email, password=PASSWORD) is not None
