"""A sign-in from a browser that its owner never used here is told by mail, once."""

from __future__ import annotations

from datetime import datetime, timedelta
from http.cookies import Morsel
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts import clock
from accounts.models import Delivery, Event, KnownBrowser, Organisation, Person
from accounts.services import sign_in
from accounts.services.passwords import change_password
from accounts.signing_in.browsers import Browser
from tests.accounts.test_second_factors import give_app, now_code
from tests.conftest import OwnDatabase
from tests.factories import PASSWORD, make_organisation, make_person
from tests.tickets.api.calling import in_threads
from tickets.services.relay import relay_deliveries
from tickets.services.retention import apply_retention, months_before

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Mobile/15E148 Safari/604.1"
)
THREADS = 8


@pytest.fixture
def organisation(db: None) -> Organisation:
    return make_organisation()


@pytest.fixture
def person(organisation: Organisation) -> Person:
    return make_person(organisation, "reader", email="mei@example.com", password=PASSWORD, timezone="Asia/Taipei")


def at(client: Client) -> Client:
    """Sign in from this browser, however often."""
    client.post("/logout/")
    client.post("/login/", {"login": "mei@example.com", "password": PASSWORD})
    assert client.get("/profile/").status_code == 200
    return client


def browser(agent: str = PHONE) -> Client:
    return Client(headers={"User-Agent": agent}, REMOTE_ADDR="198.51.100.7")


def told() -> list[str]:
    """The texts of the mails about new browsers that have gone out."""
    while relay_deliveries():
        pass
    return [message.body for message in mail.outbox if "new device" in message.subject or "新裝置" in message.subject]


def cookie_of(client: Client) -> Morsel[str]:
    return client.cookies["browser"]


def test_the_very_first_sign_in_is_told_to_nobody(person: Person) -> None:
    """Signing in: whoever has just chosen their password knows where they sit"""
    at(browser())

    assert told() == []
    assert KnownBrowser.objects.get().person == person


def test_a_sign_in_from_another_browser_is_told_with_what_to_do_and_once(person: Person) -> None:
    """Signing in, P-2, P-10: also where its owner reads everything else in the portal only"""
    Person.objects.update(portal_only=["conversation", "promise", "closing", "reminders", "survey"])
    at(browser("Firefox/130.0"))
    phone = at(browser())
    at(phone)

    (text,) = told()

    assert "Safari · iPhone" in text
    assert "198.51.100.7" in text
    assert "choose a new password at once" in text
    assert "/profile/security/" in text
    delivery = Delivery.objects.get(notice="new_browser")
    known = KnownBrowser.objects.get(user_agent=PHONE)
    assert (delivery.context, delivery.event.kind) == ({"browser": known.pk}, "signed_in")
    assert "iPhone" not in str(list(Event.objects.values()))


def test_it_is_told_in_the_language_and_on_the_clock_of_its_owner(person: Person) -> None:
    """Both languages"""
    Person.objects.update(language="zh-hant", last_login=clock.now())
    at(browser("curl/8.9"))

    (text,) = told()

    assert "未知的瀏覽器" in text
    assert "請立即設定新密碼" in text


def test_a_browser_is_known_again_by_a_cookie_that_opens_nothing(person: Person) -> None:
    """P-6: it is a secret of its own, and no session"""
    client = at(browser())

    kept = cookie_of(client)

    assert (kept["httponly"], kept["samesite"], kept["path"], kept["max-age"]) == (True, "Lax", "/", 34_560_000)
    assert kept.value not in str(list(KnownBrowser.objects.values()))
    thief = browser()
    thief.cookies["browser"] = kept.value
    assert thief.get("/profile/").status_code == 302
    assert not thief.post(
        "/login/", {"login": "mei@example.com", "password": "wrong"}
    ).wsgi_request.user.is_authenticated


@pytest.mark.parametrize("value", ["", "x", "a" * 44, "ä" * 43, "a" * 42 + "\u00b2", "{}'\"" * 11])
def test_a_cookie_that_is_none_of_ours_is_replaced(person: Person, value: str) -> None:
    """P-8"""
    client = browser()
    client.cookies["browser"] = value

    at(client)

    assert cookie_of(client).value != value
    assert len(cookie_of(client).value) == 43


def test_two_people_at_one_browser_are_each_told_and_have_nothing_in_common_there(
    person: Person, organisation: Organisation
) -> None:
    """P-5"""
    make_person(organisation, "reader", email="lin@example.com", password=PASSWORD)
    Person.objects.update(last_login=clock.now())
    client = at(browser())
    client.post("/logout/")
    client.post("/login/", {"login": "lin@example.com", "password": PASSWORD})

    assert len(told()) == 2
    assert KnownBrowser.objects.values("digest").distinct().count() == 2


def test_a_wrong_password_makes_no_browser_known(person: Person) -> None:
    """Signing in"""
    client = browser()
    client.post("/login/", {"login": "mei@example.com", "password": "wrong"})

    assert not KnownBrowser.objects.exists()
    assert "browser" not in client.cookies


def test_nor_does_a_password_without_the_second_factor(person: Person) -> None:
    """Signing in: it is no sign-in yet; with the factor it is one, and told"""
    give_app(person)
    Person.objects.update(last_login=clock.now())
    client = browser()

    client.post("/login/", {"login": "mei@example.com", "password": PASSWORD})
    assert not KnownBrowser.objects.exists()
    client.post("/login/second-factor/", {"code": now_code()})

    assert KnownBrowser.objects.count() == 1
    assert len(told()) == 1


def test_after_a_new_password_every_other_browser_is_new_again(person: Person) -> None:
    """P-6: somebody else may have signed in from it; the one that it was changed from stays known"""
    thief, own = at(browser("Firefox/130.0")), at(browser())
    told()
    mail.outbox.clear()
    mine = Browser(cookie_of(own).value)
    change_password(person=person, password=PASSWORD, browser=mine)

    at(own)
    assert told() == []
    at(thief)
    assert len(told()) == 1


def test_a_mail_of_a_browser_that_is_forgotten_by_then_is_not_sent(person: Person) -> None:
    """P-9: the address and what the browser says of itself lie in one erasable row"""
    Person.objects.update(last_login=clock.now())
    at(browser())
    KnownBrowser.objects.all().delete()

    assert told() == []
    assert Delivery.objects.get(notice="new_browser").state == "cancelled"


def test_browsers_are_forgotten_13_months_after_their_last_sign_in(person: Person) -> None:
    """Retention: both sides of the boundary"""
    now = clock.now()
    at(browser())
    Delivery.objects.all().delete()
    KnownBrowser.objects.update(last_seen_at=months_before(now, 13))

    assert apply_retention(now=now) == 0
    assert apply_retention(now=now + timedelta(microseconds=1)) == 1


def test_a_click_too_many_is_told_once(own_database: OwnDatabase) -> None:
    """P-2: one browser, several sign-ins at the same moment"""
    person = make_person(make_organisation(), "reader")
    browser = Browser("a" * 43)
    now: datetime = clock.now()

    def sign_in_at_once() -> Any:
        return sign_in.record_sign_in(person=person, browser=browser, is_first=False, now=now)

    results = in_threads(*[sign_in_at_once] * THREADS)

    assert results == [None] * THREADS
    assert KnownBrowser.objects.count() == Delivery.objects.filter(notice="new_browser").count() == 1
