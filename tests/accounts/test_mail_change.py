"""Another mail address: asked for, confirmed from both addresses, and nobody learns who else has one."""

from __future__ import annotations

import re
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.db.models import F
from django.http import HttpResponse
from django.test import Client

from accounts import clock
from accounts.links import reset_link
from accounts.models import Delivery, Event, MailChange, MailChangeLink, Person
from accounts.services import mail_addresses
from tests.factories import PASSWORD, browser_of, make_organisation, make_person, reread
from tickets.services.relay import relay_deliveries

CHANGE, SECURITY = "/profile/security/address/", "/profile/security/"
OLD, NEW = "mei@example.com", "mei.lin@example.net"
pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def person() -> Person:
    return make_person(make_organisation(), "reader", email=OLD, password=PASSWORD)


def ask(person: Person, email: str = NEW) -> HttpResponse:
    return browser_of(person).post(CHANGE, {"email": email})  # type: ignore[return-value]


def links(mailoutbox: list[Any]) -> dict[str, str]:
    """The path in each mail that carries a link, by its receiver."""
    relay_deliveries()
    found = {mail.to[0]: re.search(r"(/address/[\w-]{43}/)", mail.body) for mail in mailoutbox}
    return {to: path[1] for to, path in found.items() if path}


def confirm(path: str) -> HttpResponse:
    return Client().post(path)  # type: ignore[return-value]


def test_both_addresses_get_a_link_of_their_own(person: Person, mailoutbox: list[Any]) -> None:
    ask(person, " Mei.Lin@Example.net ")

    found = links(mailoutbox)
    assert set(found) == {OLD, NEW}
    assert found[OLD] != found[NEW]
    assert OLD not in next(mail.body for mail in mailoutbox if mail.to == [NEW])


def test_the_secrets_are_nowhere_but_in_the_mails(person: Person, mailoutbox: list[Any]) -> None:
    ask(person)

    for path in links(mailoutbox).values():
        key = path.split("/")[2]
        assert not MailChangeLink.objects.filter(digest=key).exists()
        assert all(key not in str(row) for row in Delivery.objects.values())
    told = str(list(Event.objects.values()))
    assert not any(email in told for email in (OLD, NEW))


@pytest.mark.parametrize("order", [(OLD, NEW), (NEW, OLD)])
def test_the_address_changes_with_the_second_confirmation(
    person: Person, mailoutbox: list[Any], order: tuple[str, str]
) -> None:
    """P-10"""
    ask(person)
    found = links(mailoutbox)

    first = confirm(found[order[0]])
    assert "one link to go" in first.content.decode()
    assert reread(person).email == OLD
    second = confirm(found[order[1]])

    assert "Your mail address is changed" in second.content.decode()
    assert reread(person).email == NEW
    mailoutbox.clear()
    relay_deliveries()
    assert sorted(mail.to[0] for mail in mailoutbox) == [NEW, OLD]
    assert [event.actor_id for event in Event.objects.filter(kind="mail_changed")] == [person.pk]


def test_looking_at_a_link_confirms_nothing(person: Person, mailoutbox: list[Any]) -> None:
    """Mail scanners follow links."""
    ask(person)
    for path in links(mailoutbox).values():
        answer = Client().get(path)
        assert "Change your mail address?" in answer.content.decode()
        assert answer["Referrer-Policy"] == "no-referrer"

    assert reread(person).email == OLD
    assert MailChange.objects.get().old_confirmed_at is None


def test_a_link_works_once(person: Person, mailoutbox: list[Any]) -> None:
    ask(person)
    found = links(mailoutbox)
    confirm(found[OLD])
    confirm(found[NEW])
    Person.objects.filter(pk=person.pk).update(email=OLD)

    confirm(found[OLD])
    confirm(found[NEW])

    assert reread(person).email == OLD


def test_one_address_alone_never_suffices(person: Person, mailoutbox: list[Any]) -> None:
    ask(person)
    found = links(mailoutbox)

    for _ in range(2):
        confirm(found[NEW])

    assert reread(person).email == OLD


@pytest.mark.parametrize(("late", "works"), [(timedelta(0), True), (timedelta(microseconds=1), False)])
def test_the_links_work_for_72_hours(person: Person, mailoutbox: list[Any], late: timedelta, works: bool) -> None:
    ask(person)
    found = links(mailoutbox)
    MailChange.objects.update(expires_at=clock.now() - late)

    answers = [confirm(path) for path in found.values()]

    assert (reread(person).email == NEW) is works
    assert (answers[1].status_code == HTTPStatus.OK) is works


def test_it_is_asked_for_72_hours(person: Person) -> None:
    ask(person)

    change = MailChange.objects.get()
    assert change.expires_at - change.requested_at == timedelta(hours=72)


def cancel(person: Person) -> None:
    browser_of(person).post(f"{CHANGE}cancel/")


def choose_another(person: Person) -> None:
    ask(person, "third@example.com")


def change_password(person: Person) -> None:
    form = {"oldpassword": PASSWORD, "password1": "seven quiet harbours", "password2": "seven quiet harbours"}
    browser_of(person).post("/password/change/", form)


def close_account(person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(is_active=False)


@pytest.mark.parametrize("ending", [cancel, choose_another, change_password, close_account])
def test_what_is_over_confirms_nothing(person: Person, mailoutbox: list[Any], ending: Any) -> None:
    ask(person)
    found = links(mailoutbox)

    ending(person)
    answers = [confirm(path) for path in found.values()]

    assert reread(person).email == OLD
    assert {answer.status_code for answer in answers} == {HTTPStatus.GONE}


def test_a_mail_that_goes_out_too_late_is_not_sent(person: Person, mailoutbox: list[Any]) -> None:
    ask(person)
    cancel(person)

    assert links(mailoutbox) == {}


def test_an_unknown_link_says_no_more_than_an_old_one() -> None:
    answer = Client().get(f"/address/{'x' * 43}/")

    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert "This link does not work any more" in answer.content.decode()


def test_the_old_links_of_a_new_password_end_with_the_address(person: Person, mailoutbox: list[Any]) -> None:
    link = reset_link(person).removeprefix("http://localhost:8000")
    ask(person)
    for path in links(mailoutbox).values():
        confirm(path)

    assert "This link does not work any more" in Client().get(link, follow=True).content.decode()


# Who else has an address ----------------------------------------------------------------------------------------------


def page_after(person: Person, email: str) -> str:
    client = browser_of(person)
    client.post(CHANGE, {"email": email})
    page = client.get(SECURITY).content.decode().replace(email, "ADDRESS")
    return re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+|data-server-now="[^"]+|[0-9a-f]{32}', "", page)


def test_nobody_learns_whether_an_address_is_taken(mailoutbox: list[Any]) -> None:
    """P-5: the page is the same, the present address gets the same mail, and the owner is told."""
    organisation = make_organisation()
    one, other = (make_person(organisation, email=f"{name}@example.com", name="Mei") for name in ("one", "two"))
    owner = make_person(make_organisation(), email="taken@example.org")

    pages = [page_after(one, "free@example.org"), page_after(other, "taken@example.org")]

    shown = [re.sub(r"one@|two@|<time[^<]*</time>", "", page) for page in pages]
    assert shown[0] == shown[1]
    found = links(mailoutbox)
    assert set(found) == {"one@example.com", "two@example.com", "free@example.org"}
    assert "Somebody wanted to use your mail address" in [
        mail.subject for mail in mailoutbox if mail.to == [owner.email]
    ]
    assert "one link to go" in confirm(found["two@example.com"]).content.decode()
    assert reread(owner).email == "taken@example.org"


def test_an_address_that_was_taken_meanwhile_changes_nothing(person: Person, mailoutbox: list[Any]) -> None:
    ask(person)
    found = links(mailoutbox)
    confirm(found[OLD])
    make_person(make_organisation(), email=NEW)

    answer = confirm(found[NEW])

    assert reread(person).email == OLD
    assert answer.status_code == HTTPStatus.GONE


# Limits ---------------------------------------------------------------------------------------------------------------


def test_the_fourth_wish_in_an_hour_must_wait(person: Person) -> None:
    answers = [ask(person, f"new-{number}@example.net") for number in range(4)]

    assert [each.status_code for each in answers] == [HTTPStatus.FOUND] * 3 + [HTTPStatus.TOO_MANY_REQUESTS]
    page = answers[-1].content.decode()
    assert 'value="new-3@example.net"' in page
    assert "3 changes of an address an hour" in page
    assert "Passwords" not in page


def test_nobody_is_written_to_more_than_three_times_an_hour() -> None:
    organisation = make_organisation()
    people = [make_person(organisation) for _ in range(4)]

    answers = [ask(each, "victim@example.net").status_code for each in people]

    assert answers == [HTTPStatus.FOUND] * 3 + [HTTPStatus.TOO_MANY_REQUESTS]


@pytest.mark.parametrize("email", ["", "x", OLD, "MEI@example.com", "a\u200bb@example.com", "x" * 300 + "@example.com"])
def test_what_is_no_new_address_gets_the_form_again(person: Person, email: str) -> None:
    answer = ask(person, email)

    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert not MailChange.objects.exists()


def test_wishes_of_long_ago_are_forgotten(person: Person) -> None:
    ask(person)
    assert mail_addresses.purge() == 0
    MailChange.objects.update(requested_at=F("requested_at") - timedelta(days=30, seconds=1))

    mail_addresses.purge()

    assert not MailChange.objects.exists()


# A present address that was never confirmed ---------------------------------------------------------------------------


@pytest.fixture
def unconfirmed(person: Person) -> Person:
    """Somebody whose address nobody has shown to be theirs."""
    Person.objects.update(email_confirmed_at=None)
    return reread(person)


def test_an_address_that_was_never_confirmed_is_not_asked_and_the_page_says_so(
    unconfirmed: Person, mailoutbox: list[Any]
) -> None:
    """Signing in: the new address has to confirm all the same, and the old one hears nothing before or after"""
    browser = browser_of(unconfirmed)
    assert "This address was never confirmed" in browser.get(SECURITY).content.decode()
    browser.post(CHANGE, {"email": NEW})
    assert "never confirmed, so not asked" in browser.get(SECURITY).content.decode()

    found = links(mailoutbox)

    assert set(found) == {NEW}
    assert "It takes effect at once" in Client().get(found[NEW]).content.decode()
    assert reread(unconfirmed).email == OLD
    confirm(found[NEW])
    relay_deliveries()
    changed = reread(unconfirmed)
    assert (changed.email, bool(changed.email_confirmed_at)) == (NEW, True)
    assert {mail.to[0] for mail in mailoutbox} == {NEW}


def test_such_an_address_can_be_confirmed_as_it_is(unconfirmed: Person, mailoutbox: list[Any]) -> None:
    """Signing in, P-10"""
    ask(unconfirmed, OLD)

    confirm(links(mailoutbox)[OLD])

    assert reread(unconfirmed).email_confirmed_at
    assert Event.objects.filter(kind="mail_address_confirmed", actor=unconfirmed).exists()
    assert ask(unconfirmed, OLD).status_code == HTTPStatus.BAD_REQUEST  # from now on it is the present one


def test_what_was_asked_for_before_an_address_was_confirmed_counts_no_more(
    unconfirmed: Person, mailoutbox: list[Any]
) -> None:
    """P-6: since then it has a say, and whoever asked may have been somebody else"""
    ask(unconfirmed)
    found = links(mailoutbox)
    Person.objects.update(email_confirmed_at=clock.now())

    confirm(found[NEW])

    assert reread(unconfirmed).email == OLD


def test_nobody_learns_so_either_whether_an_address_is_taken(unconfirmed: Person, mailoutbox: list[Any]) -> None:
    """P-5: its owner is told, and nothing can be confirmed"""
    make_person(make_organisation(), email=NEW)

    answer = ask(unconfirmed)

    assert (answer.status_code, links(mailoutbox)) == (HTTPStatus.FOUND, {})
    assert [mail.to for mail in mailoutbox] == [[NEW]]
