"""Domains of an organisation: one spelling, proved by a mail to whoever runs them, held by one organisation at most."""

from __future__ import annotations

import re
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client

from accounts import clock
from accounts.errors import (
    DomainConfirmed,
    DomainLinkOver,
    DomainNotFound,
    DomainStands,
    InvalidDomain,
    NotPermitted,
    PublicDomain,
    TooMany,
    TooManyDomains,
)
from accounts.models import Delivery, DomainLink, Event, MailDomain, Organisation, Person
from accounts.services import domains as services
from accounts.services.domains import add_domain, ask_for_proof, confirm_domain, remove_domain
from accounts.services.people import take_role
from accounts.signing_in.domain_names import domain_name, domain_of, is_public, public_domains, shown
from tests.factories import (
    actor,
    browser_acting_for,
    browser_of,
    make_delegation,
    make_organisation,
    make_partner,
    make_person,
)
from tickets.services import relay

PAGE = "/organisation/sign-in/"
CONFIRM = f"{PAGE}domains/confirm/"
HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)


@pytest.fixture
def organisation(db: None) -> Organisation:
    return make_organisation("contoso", name="Contoso")


@pytest.fixture
def admin(organisation: Organisation) -> Person:
    return make_person(organisation, "global_admin", name="Mei-ling Chen", timezone="Asia/Taipei")


@pytest.fixture
def rival(db: None) -> Person:
    """A global admin of another organisation."""
    return make_person(make_organisation("fabrikam", name="Fabrikam"), "global_admin")


@pytest.fixture
def domain(admin: Person) -> MailDomain:
    return add_domain(name="contoso.example", actor=actor(admin))


def key_of_mail(index: int = -1) -> str:
    found = re.search(r"/domains/link/([\w-]+)/", str(mail.outbox[index].body))
    assert found
    return found[1]


def asked(domain: MailDomain, admin: Person, mailbox: str = "postmaster") -> str:
    """Ask for a mail, have it sent, and return the secret of its link."""
    ask_for_proof(domain_id=domain.pk, mailbox=mailbox, actor=actor(admin))
    relay.relay_all()
    return key_of_mail()


def confirmed(admin: Person, name: str = "contoso.example") -> MailDomain:
    domain = add_domain(name=name, actor=actor(admin))
    return confirm_domain(key=asked(domain, admin), actor=actor(admin))


def kinds_of_events(organisation: Organisation) -> list[str]:
    return list(Event.objects.filter(organisation=organisation).order_by("id").values_list("kind", flat=True))


# Names ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "spelled"),
    [
        ("Contoso.Example", "contoso.example"),
        (" @contoso.example. ", "contoso.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.EXAMPLE", "xn--bcher-kva.example"),
        ("bu\u0308cher.example", "xn--bcher-kva.example"),
        ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        ("ｃｏｎｔｏｓｏ。ｅｘａｍｐｌｅ", "contoso.example"),
        ("a.b", "a.b"),
    ],
)
def test_a_domain_has_one_spelling(typed: str, spelled: str) -> None:
    assert domain_name(typed) == spelled
    assert domain_of(f"mei@{typed.strip().removeprefix('@')}") == spelled


@pytest.mark.parametrize(
    "typed",
    ["", ".", "com", "localhost", "portal.localhost", "mei@contoso.example", "contoso.example/path", "a..b", "-a.com",
     "a_b.com", "127.0.0.1", "１２７.０.０.１", "[::1]", "a b.com", "x" * 64 + ".com", "a." * 130 + "com", "xn--a.com",
     "contoso.example\nBcc: x@y.example", "\u202egpj.example", "\ud800.example", "\x00.example"],
)  # fmt: skip
def test_what_could_receive_no_mail_is_no_domain(typed: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        domain_name(typed)


@pytest.mark.parametrize("address", ["", "mei", "@contoso.example", "mei@", "mei@localhost"])
def test_an_address_without_a_domain_has_none(address: str) -> None:
    assert domain_of(address) == ""


def test_the_domain_of_an_address_is_what_follows_its_last_at() -> None:
    """Somebody at `evil.example` cannot pass for one of `contoso.example`."""
    assert domain_of('"mei@contoso.example"@evil.example') == "evil.example"


def test_international_names_are_shown_in_their_own_letters() -> None:
    assert shown("xn--bcher-kva.example") == "bücher.example"
    assert shown("contoso.example") == "contoso.example"


@pytest.mark.parametrize("name", ["gmail.com", "mail.gmail.com", "outlook.com", "qq.com", "contoso.onmicrosoft.com"])
def test_public_mail_domains_and_what_lies_below_them_are_nobodys(name: str) -> None:
    assert is_public(name)


@pytest.mark.parametrize("name", ["notgmail.com", "gmail.com.example", "contoso.example", "com"])
def test_other_domains_are_not_public(name: str) -> None:
    assert not is_public(name)


def test_every_public_domain_is_in_its_one_spelling() -> None:
    assert {domain_name(name) for name in public_domains()} == public_domains()


# The life of a domain -------------------------------------------------------------------------------------------------


def test_a_domain_is_proved_by_the_link_of_a_mail_to_whoever_runs_it(
    domain: MailDomain, admin: Person, organisation: Organisation
) -> None:
    key = asked(domain, admin)

    message = mail.outbox[-1]
    assert message.to == ["postmaster@contoso.example"]
    assert "Contoso wants to confirm the domain contoso.example" in message.subject
    assert "Mei-ling Chen of Contoso" in str(message.body)
    confirmed = confirm_domain(key=key, actor=actor(admin))
    assert (confirmed.state, confirmed.confirmed_by_id) == ("confirmed", admin.pk)
    assert kinds_of_events(organisation) == ["domain_added", "domain_proof_asked", "domain_confirmed"]
    assert not DomainLink.objects.exists()


def test_no_table_holds_the_secret(domain: MailDomain, admin: Person) -> None:
    """256 bits; only a digest is kept"""
    key = asked(domain, admin)

    assert len(key) == 43
    link, delivery, event = DomainLink.objects.get(), Delivery.objects.get(), Event.objects.latest("id")
    assert key not in f"{vars(link)} {vars(delivery)} {vars(event)}"
    assert delivery.destination == f"person:{admin.pk}"  # never an address


@pytest.mark.parametrize("mailbox", ["postmaster", "admin", "hostmaster"])
def test_the_mail_goes_to_mailboxes_that_only_whoever_runs_the_domain_reads(
    domain: MailDomain, admin: Person, mailbox: str
) -> None:
    asked(domain, admin, mailbox)

    assert mail.outbox[-1].to == [f"{mailbox}@contoso.example"]
    with pytest.raises(DomainNotFound):
        ask_for_proof(domain_id=domain.pk, mailbox="mei", actor=actor(admin))


def test_a_mail_that_goes_out_again_keeps_its_message_id_and_either_link_works(
    domain: MailDomain, admin: Person
) -> None:
    """P-2: mail servers drop the second of two with the same Message-ID, so the first one's link must go on working"""
    first = asked(domain, admin)
    Delivery.objects.update(state="pending", delivered_at=None, next_attempt_at=clock.now())
    relay.relay_all()

    before, after = mail.outbox
    assert before.extra_headers["Message-ID"] == after.extra_headers["Message-ID"]
    assert key_of_mail() != first
    assert confirm_domain(key=first, actor=actor(admin)).state == "confirmed"


def test_a_link_works_once(domain: MailDomain, admin: Person) -> None:
    key = asked(domain, admin)
    confirm_domain(key=key, actor=actor(admin))

    with pytest.raises(DomainLinkOver):
        confirm_domain(key=key, actor=actor(admin))


def test_a_link_works_for_72_hours(domain: MailDomain, admin: Person) -> None:
    key = asked(domain, admin)
    until = Delivery.objects.get().created_at + 72 * HOUR

    with pytest.raises(DomainLinkOver):
        confirm_domain(key=key, actor=actor(admin), now=until + MICROSECOND)
    assert confirm_domain(key=key, actor=actor(admin), now=until).state == "confirmed"


def test_a_mail_that_could_not_go_out_in_time_is_not_sent(domain: MailDomain, admin: Person) -> None:
    ask_for_proof(domain_id=domain.pk, mailbox="admin", actor=actor(admin))
    Delivery.objects.update(created_at=clock.now() - 73 * HOUR)

    relay.relay_all()

    assert not mail.outbox
    assert Delivery.objects.get().state == "cancelled"


def test_whoever_is_no_global_admin_any_more_has_no_mail_sent(domain: MailDomain, admin: Person) -> None:
    """P-6"""
    make_person(admin.organisation, "global_admin")
    ask_for_proof(domain_id=domain.pk, mailbox="admin", actor=actor(admin))
    take_role(person_id=admin.pk, role="global_admin", actor=actor(admin))

    relay.relay_all()

    assert not mail.outbox


def test_a_removed_domain_confirms_nothing_and_can_be_added_anew(domain: MailDomain, admin: Person) -> None:
    key = asked(domain, admin)
    remove_domain(domain_id=domain.pk, actor=actor(admin))

    with pytest.raises(DomainLinkOver):
        confirm_domain(key=key, actor=actor(admin))
    with pytest.raises(DomainNotFound):
        remove_domain(domain_id=domain.pk, actor=actor(admin))
    again = add_domain(name="CONTOSO.example", actor=actor(admin))
    assert (again.state, MailDomain.objects.count()) == ("waiting", 2)


def test_a_confirmed_domain_needs_no_proof(admin: Person) -> None:
    domain = confirmed(admin)

    with pytest.raises(DomainConfirmed):
        ask_for_proof(domain_id=domain.pk, mailbox="admin", actor=actor(admin))


def test_what_is_no_domain_of_ones_own_is_refused(admin: Person) -> None:
    for name, error in (("contoso", InvalidDomain), ("Gmail.com", PublicDomain)):
        with pytest.raises(error):
            add_domain(name=name, actor=actor(admin))
    assert not MailDomain.objects.exists()


def test_a_domain_is_added_once(domain: MailDomain, admin: Person) -> None:
    with pytest.raises(DomainStands):
        add_domain(name="Contoso.Example.", actor=actor(admin))


def test_an_organisation_has_so_many_domains_and_no_more(
    domain: MailDomain, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_DOMAINS", 2)
    add_domain(name="two.example", actor=actor(admin))

    with pytest.raises(TooManyDomains):
        add_domain(name="three.example", actor=actor(admin))


@pytest.mark.parametrize("role", ["service_support_admin", "user_admin", "reader"])
def test_only_global_admins_see_to_domains(domain: MailDomain, organisation: Organisation, role: str) -> None:
    """RO-1"""
    other = actor(make_person(organisation, role))
    for act in (
        lambda: add_domain(name="two.example", actor=other),
        lambda: ask_for_proof(domain_id=domain.pk, mailbox="admin", actor=other),
        lambda: confirm_domain(key="x", actor=other),
        lambda: remove_domain(domain_id=domain.pk, actor=other),
    ):
        with pytest.raises(NotPermitted):
            act()


# Between organisations ------------------------------------------------------------------------------------------------


def test_the_database_lets_one_organisation_at_most_confirm_a_domain(admin: Person, rival: Person) -> None:
    mine = confirmed(admin)
    theirs = add_domain(name=mine.name, actor=actor(rival))

    with pytest.raises(IntegrityError, match="a_domain_is_confirmed_by_one_organisation"), transaction.atomic():
        MailDomain.objects.filter(pk=theirs.pk).update(state="confirmed", confirmed_at=clock.now())


def test_nothing_tells_that_another_organisation_has_the_domain(admin: Person, rival: Person) -> None:
    """P-5: adding and asking are answered as ever, and the link of the mail says what any dead link says"""
    confirmed(admin)
    theirs = add_domain(name="contoso.example", actor=actor(rival))
    key = asked(theirs, rival)

    assert theirs.state == "waiting"
    taken = browser_of(rival)
    taken.get(f"{PAGE}domains/link/{key}/")
    dead = browser_of(rival)
    dead.get(f"{PAGE}domains/link/{'x' * 43}/")
    assert strip(taken.get(CONFIRM)) == strip(dead.get(CONFIRM))
    taken.get(f"{PAGE}domains/link/{key}/")
    answers = [strip(client.post(CONFIRM)) for client in (taken, dead)]
    assert answers[0] == answers[1]
    assert "This link confirms nothing" in answers[0]


def strip(response) -> str:
    """The page without what differs from one asking to the next."""
    assert response.status_code == HTTPStatus.GONE
    return re.sub(
        r'"[\w-]{64}"|value="[\w-]{40,}"|nonce="[^"]+"|T[0-9:.]+\+|[0-9a-f]{32}', "", response.content.decode()
    )


def test_a_link_works_for_the_organisation_that_asked_only(domain: MailDomain, admin: Person, rival: Person) -> None:
    """P-5: whoever gets hold of another's mail can do nothing with it"""
    key = asked(domain, admin)
    add_domain(name="contoso.example", actor=actor(rival))

    with pytest.raises(DomainLinkOver):
        confirm_domain(key=key, actor=actor(rival))
    with pytest.raises(DomainNotFound):
        remove_domain(domain_id=domain.pk, actor=actor(rival))
    with pytest.raises(DomainNotFound):
        ask_for_proof(domain_id=domain.pk, mailbox="admin", actor=actor(rival))


def test_a_domain_given_up_can_be_proved_by_another(admin: Person, rival: Person) -> None:
    mine = confirmed(admin)
    remove_domain(domain_id=mine.pk, actor=actor(admin))

    assert confirmed(rival).state == "confirmed"


# Limits ---------------------------------------------------------------------------------------------------------------


def test_three_mails_an_hour_go_to_a_domain(domain: MailDomain, admin: Person) -> None:
    for mailbox in ("postmaster", "admin", "hostmaster"):
        ask_for_proof(domain_id=domain.pk, mailbox=mailbox, actor=actor(admin))

    with pytest.raises(TooMany):
        ask_for_proof(domain_id=domain.pk, mailbox="postmaster", actor=actor(admin))
    assert Delivery.objects.count() == 3


def test_removing_and_adding_a_domain_makes_no_room_for_more_mails(domain: MailDomain, admin: Person) -> None:
    for _ in range(3):
        ask_for_proof(domain_id=domain.pk, mailbox="admin", actor=actor(admin))
    remove_domain(domain_id=domain.pk, actor=actor(admin))
    again = add_domain(name=domain.name, actor=actor(admin))

    with pytest.raises(TooMany):
        ask_for_proof(domain_id=again.pk, mailbox="admin", actor=actor(admin))


def test_several_organisations_together_send_no_more_and_do_not_learn_of_each_other(
    domain: MailDomain, admin: Person, rival: Person
) -> None:
    """P-5"""
    for _ in range(3):
        ask_for_proof(domain_id=domain.pk, mailbox="admin", actor=actor(admin))
    theirs = add_domain(name=domain.name, actor=actor(rival))

    ask_for_proof(domain_id=theirs.pk, mailbox="admin", actor=actor(rival))  # answered as ever

    assert Delivery.objects.count() == 3


def test_an_organisation_sends_twenty_such_mails_an_hour(admin: Person) -> None:
    for number in range(20):
        added = add_domain(name=f"d{number}.example", actor=actor(admin))
        ask_for_proof(domain_id=added.pk, mailbox="admin", actor=actor(admin))
    one_more = add_domain(name="d20.example", actor=actor(admin))

    with pytest.raises(TooMany):
        ask_for_proof(domain_id=one_more.pk, mailbox="admin", actor=actor(admin))


# Pages ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def browser(admin: Person) -> Client:
    return browser_of(admin)


def test_the_whole_story_on_the_pages(browser: Client, admin: Person) -> None:
    browser.post(f"{PAGE}domains/", {"name": "Bücher.example"})
    domain = MailDomain.objects.get()
    page = browser.get(PAGE).content.decode()
    assert "bücher.example" in page
    assert "Waiting for proof" in page

    browser.post(f"{PAGE}domains/{domain.pk}/prove/", {"mailbox": "hostmaster"})
    relay.relay_all()
    assert mail.outbox[-1].to == ["hostmaster@xn--bcher-kva.example"]
    link = f"{PAGE}domains/link/{key_of_mail()}/"
    response = browser.get(link)
    assert (response["Location"], response["Referrer-Policy"]) == (CONFIRM, "no-referrer")
    assert "Is <strong><bdi>bücher.example</bdi></strong> a domain of" in browser.get(CONFIRM).content.decode()
    domain.refresh_from_db()
    assert domain.state == "waiting"  # mail scanners follow links

    browser.post(CONFIRM)
    domain.refresh_from_db()
    assert domain.state == "confirmed"
    assert "Confirmed" in browser.get(PAGE).content.decode()
    browser.post(f"{PAGE}domains/{domain.pk}/remove/")
    domain.refresh_from_db()
    assert domain.state == "removed"


def test_a_link_opened_without_a_session_asks_to_sign_in_first(domain: MailDomain, admin: Person) -> None:
    key = asked(domain, admin)
    visitor = Client()

    assert visitor.get(f"{PAGE}domains/link/{key}/")["Location"].startswith("/login/?next=")
    assert visitor.post(CONFIRM)["Location"].startswith("/login/")
    domain.refresh_from_db()
    assert domain.state == "waiting"


@pytest.mark.parametrize(("typed", "said"), [("contoso", "Write the part after the @"), ("qq.com", "a domain of your")])
def test_a_refused_domain_stays_in_the_form(browser: Client, typed: str, said: str) -> None:
    response = browser.post(f"{PAGE}domains/", {"name": typed})

    page = response.content.decode()
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert said in page
    assert f'value="{typed}"' in page


def test_others_see_nothing_of_the_page(domain: MailDomain, organisation: Organisation, admin: Person) -> None:
    """RO-1, PA-1: nor do a partner's people, who can be given every other duty"""
    partner = make_partner()
    make_delegation(organisation, partner, granted_by=admin)
    consultant = browser_acting_for(organisation, make_person(partner, "global_admin"))
    for client in (browser_of(make_person(organisation, "user_admin")), consultant):
        assert client.get(PAGE).status_code == HTTPStatus.FORBIDDEN
        assert client.post(f"{PAGE}domains/{domain.pk}/remove/").status_code == HTTPStatus.FORBIDDEN


def test_a_foreign_domain_is_answered_like_a_missing_one(domain: MailDomain, rival: Person) -> None:
    """P-5"""
    client = browser_of(rival)
    for path in ("prove", "remove"):
        foreign = client.post(f"{PAGE}domains/{domain.pk}/{path}/", {"mailbox": "admin"})
        missing = client.post(f"{PAGE}domains/{domain.pk + 10**6}/{path}/", {"mailbox": "admin"})
        assert foreign.status_code == missing.status_code == HTTPStatus.NOT_FOUND
