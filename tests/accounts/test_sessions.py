"""A person's own sessions: listed with what they recognise them by, and ended."""

from __future__ import annotations

import uuid
from http import HTTPStatus

import pytest
from django.test import Client

from accounts.models import Event, Person, PersonSession
from accounts.signing_in.devices import device_of
from tests.factories import PASSWORD, browser_of, make_organisation, make_person

SECURITY = "/profile/security/"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Mobile/15E148 Safari/604.1"
)
pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def person() -> Person:
    return make_person(make_organisation(), "reader", email="mei@example.com", password=PASSWORD)


def signed_in(agent: str = PHONE, address: str = "198.51.100.7") -> Client:
    client = Client(headers={"User-Agent": agent}, REMOTE_ADDR=address)
    client.post("/login/", {"login": "mei@example.com", "password": PASSWORD})
    return client


def test_each_session_is_listed_by_device_address_and_time_and_this_one_is_marked(person: Person) -> None:
    signed_in()
    here = signed_in("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36", "203.0.113.9")

    page = here.get(SECURITY).content.decode()

    for shown in ("Safari · iPhone", "198.51.100.7", "Chrome · Windows", "203.0.113.9"):
        assert shown in page
    assert page.count("This device") == 1
    assert page.count("/end/") == 2  # the phone's, and that of all others


def test_a_session_is_ended_with_its_next_request(person: Person) -> None:
    """P-6, P-10"""
    phone, here = signed_in(), signed_in("Firefox/130.0")
    its_id = PersonSession.objects.get(user_agent=PHONE).public_id

    here.post(f"/profile/security/sessions/{its_id}/end/")

    assert phone.get("/profile/").status_code == HTTPStatus.FOUND
    assert here.get("/profile/").status_code == HTTPStatus.OK
    assert Event.objects.get(kind="sessions_ended").actor_id == person.pk


def test_all_others_are_ended_at_once(person: Person) -> None:
    phones, here = [signed_in(), signed_in()], signed_in("Firefox/130.0")

    here.post("/profile/security/sessions/end/")

    assert [phone.get("/profile/").status_code for phone in phones] == [HTTPStatus.FOUND] * 2
    assert here.get("/profile/").status_code == HTTPStatus.OK


def test_somebody_elses_session_is_none(person: Person) -> None:
    """P-5"""
    phone = signed_in()
    its_id = PersonSession.objects.get().public_id
    stranger = browser_of(make_person(make_organisation(), "global_admin"))

    theirs = stranger.post(f"/profile/security/sessions/{its_id}/end/", follow=True).content
    none = stranger.post(f"/profile/security/sessions/{uuid.uuid4()}/end/", follow=True).content

    assert b"There is nothing more to do" in theirs
    assert b"There is nothing more to do" in none
    assert phone.get("/profile/").status_code == HTTPStatus.OK


def test_a_sessions_key_stands_on_no_page(person: Person) -> None:
    client = signed_in()

    page = client.get(SECURITY).content.decode()

    assert not any(key in page for key in PersonSession.objects.values_list("session_key", flat=True))


def test_signing_out_leaves_no_row(person: Person) -> None:
    client = signed_in()

    client.post("/logout/")

    assert not PersonSession.objects.filter(person=person).exists()


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "Safari · macOS"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0", "Firefox · Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge · Windows"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/130.0 Mobile Safari/537.36", "Chrome · Android"),
        ("curl/8.9", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_told_in_words(agent: str, words: str) -> None:
    assert str(device_of(agent).words) == words
