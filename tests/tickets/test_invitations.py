"""Invitations: whom they reach, what their links do once, and what nobody learns from them (RO-1, P-5)."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.test import Client

from accounts import clock
from accounts.errors import (
    AddressTaken,
    AlreadyMember,
    InvitationExpired,
    InvitationNotFound,
    InvitationWaiting,
    NotPermitted,
    TooMany,
    UnknownRole,
)
from accounts.models import Delivery, Event, Invitation, InvitationLink, Organisation, Person
from accounts.selectors.directory import Standing, invitation_of, standing_of
from accounts.services import invitations, people
from accounts.unguessable import digest_of
from tests import factories
from tests.conftest import OwnDatabase
from tests.factories import actor, browser_of, make_organisation, make_person, make_staff
from tests.waiting import waits_for
from tickets.services.relay import relay_deliveries

ADDRESS = "wei.huang@lotus.example.com"
PASSWORD = "seven quiet herons by the river"
MICROSECOND = timedelta(microseconds=1)
LINK = re.compile(r"/invitations/([\w-]{43})/")


@pytest.fixture
def organisation(db: None) -> Organisation:
    return make_organisation(name="Lotus Foods")


@pytest.fixture
def admin(organisation: Organisation) -> Person:
    return make_person(organisation, "global_admin", name="Mei-ling Chen")


def invite(admin: Person, email: str = ADDRESS, **given: Any) -> Invitation:
    given = {"name": "Wei Huang", "roles": ["billing_admin"], "language": "en", **given}
    return invitations.invite_person(email=email, actor=actor(admin), **given)


def sent_key() -> str:
    """The secret of the mail that goes out now."""
    mail.outbox.clear()
    relay_deliveries()
    (message,) = mail.outbox
    found = LINK.search(str(message.body))
    assert found
    return found[1]


def accept(key: str, **given: Any) -> Person:
    return invitations.accept_invitation(key=key, name="Wei Huang", password=PASSWORD, **given)


def post(key: str, **changes: str) -> HttpResponse:
    form = {"name": "Wei Huang", "password1": PASSWORD, "password2": PASSWORD, **changes}
    return Client(enforce_csrf_checks=True).post(f"/invitations/{key}/", form)


# Inviting and accepting ----------------------------------------------------------------------------------------------


def test_an_invited_person_chooses_a_password_and_has_the_roles(admin: Person, organisation: Organisation) -> None:
    """RO-1, P-10: the address counts as confirmed, since its mailbox held the link."""
    invite(admin)
    key = sent_key()

    response = post(key)

    person = factories.reread(Person.objects.get(email=ADDRESS))
    assert response.status_code == HTTPStatus.OK
    assert "Your account is ready" in response.content.decode()
    assert person.organisation == organisation
    assert person.role_names == ["billing_admin"]
    assert person.email_confirmed_at
    assert person.check_password(PASSWORD)
    assert "sessionid" not in response.cookies
    assert Client().get("/profile/").status_code == HTTPStatus.FOUND
    event = Event.objects.get(kind="invitation_accepted")
    assert (event.actor_id, event.data["person"]) == (person.pk, person.pk)


def test_the_mail_says_who_invites_to_what_and_until_when(admin: Person) -> None:
    invite(admin, language="zh-hant", roles=["billing_admin", "reader"])

    relay_deliveries()

    (message,) = mail.outbox
    assert message.to == [ADDRESS]
    assert message.subject == "Lotus Foods 邀請您加入支援入口網站"
    for words in ("Mei-ling Chen", "帳務系統管理員、讀取者", "UTC+8"):
        assert words in str(message.body)


def test_nothing_that_is_stored_holds_the_secret(admin: Person) -> None:
    invitation = invite(admin)
    assert not InvitationLink.objects.exists(), "the secret is made when the mail is sent"

    key = sent_key()

    assert InvitationLink.objects.get(invitation=invitation).digest == digest_of(key)
    assert key not in str(list(Delivery.objects.values())) + str(list(Event.objects.values()))


def test_no_event_holds_the_address(admin: Person) -> None:
    """P-10"""
    invite(admin)
    post(sent_key())

    kept = str(list(Event.objects.values("data", "ref")))
    assert "wei" not in kept.lower()


def test_who_invited_hears_of_the_new_colleague(admin: Person) -> None:
    invite(admin)
    post(sent_key())
    mail.outbox.clear()

    relay_deliveries()

    (message,) = mail.outbox
    assert message.to == [admin.email]
    assert "Wei Huang has accepted your invitation" in message.subject


def test_an_accepted_invitation_no_longer_names_anybody(admin: Person) -> None:
    invitation = invite(admin)
    post(sent_key())

    invitation.refresh_from_db()
    assert (invitation.email, invitation.name, invitation.outcome) == ("", "", "accepted")
    assert not InvitationLink.objects.exists()


@pytest.mark.parametrize("role", ["engineer", "king"])
def test_nobody_is_invited_to_a_role_that_an_organisation_cannot_give(admin: Person, role: str) -> None:
    """P-6"""
    with pytest.raises(UnknownRole):
        invite(admin, roles=[role])

    assert not Invitation.objects.exists()


@pytest.mark.parametrize("role", ["service_support_admin", "reader"])
def test_only_a_global_admin_invites(organisation: Organisation, role: str) -> None:
    """RO-1"""
    with pytest.raises(NotPermitted):
        invite(make_person(organisation, role))


def test_somebody_of_the_organisation_is_not_invited_again(admin: Person, organisation: Organisation) -> None:
    make_person(organisation, email=ADDRESS, is_active=False)

    with pytest.raises(AlreadyMember):
        invite(admin, ADDRESS.upper())


def test_an_address_is_invited_once_at_a_time(admin: Person) -> None:
    invite(admin)

    with pytest.raises(InvitationWaiting):
        invite(admin, ADDRESS.title())


def test_the_database_keeps_one_waiting_invitation_for_an_address(admin: Person) -> None:
    first = invite(admin)
    first.pk, first.email = None, ADDRESS.upper()

    with pytest.raises(IntegrityError, match="one_waiting_invitation_per_address"), transaction.atomic():
        first.save(force_insert=True)


# Attacks on the link -------------------------------------------------------------------------------------------------


def test_a_link_works_once(admin: Person) -> None:
    invite(admin)
    key = sent_key()
    assert post(key).status_code == HTTPStatus.OK

    again = post(key, password1="another password altogether", password2="another password altogether")

    assert again.status_code == HTTPStatus.NOT_FOUND
    assert Person.objects.get(email=ADDRESS).check_password(PASSWORD)
    assert Person.objects.filter(organisation=admin.organisation).count() == 2


@pytest.mark.parametrize(("late", "works"), [(timedelta(0), True), (MICROSECOND, False)])
def test_a_link_works_through_its_seventy_second_hour(admin: Person, late: timedelta, works: bool) -> None:
    """RELIABILITY, sign-in: both sides of the boundary"""
    invitation = invite(admin)
    key = sent_key()
    assert invitation.expires_at - invitation.invited_at == timedelta(hours=72)

    if works:
        assert accept(key, now=invitation.expires_at + late)
    else:
        with pytest.raises(InvitationExpired):
            accept(key, now=invitation.expires_at + late)
        assert not Person.objects.filter(email=ADDRESS).exists()


def test_an_expired_link_tells_whom_to_ask(admin: Person) -> None:
    invite(admin)
    key = sent_key()
    Invitation.objects.update(expires_at=clock.now() - MICROSECOND)

    for response in (Client().get(f"/invitations/{key}/"), post(key)):
        page = response.content.decode()
        assert response.status_code == HTTPStatus.GONE
        assert "Mei-ling Chen" in page
        assert "Lotus Foods" in page
        assert ADDRESS not in page
    assert not Person.objects.filter(email=ADDRESS).exists()


def test_looking_at_a_link_changes_nothing(admin: Person) -> None:
    """Mail scanners follow GET."""
    invite(admin)
    key = sent_key()
    before = list(Invitation.objects.values()), Event.objects.count()

    for method in ("get", "head", "options"):
        response = getattr(Client(), method)(f"/invitations/{key}/")
        assert response["Referrer-Policy"] == "no-referrer"

    assert (list(Invitation.objects.values()), Event.objects.count()) == before
    assert post(key).status_code == HTTPStatus.OK


def test_an_unknown_link_tells_nothing_of_anybody(admin: Person) -> None:
    """P-5"""
    invite(admin)
    sent_key()

    for key in ("x" * 43, "x", "’" * 20):
        response = post(key)
        assert response.status_code == HTTPStatus.NOT_FOUND
        assert "Lotus Foods" not in response.content.decode()


def test_a_withdrawn_invitation_lets_nobody_in(admin: Person) -> None:
    invitation = invite(admin)
    key = sent_key()

    invitations.withdraw_invitation(invitation_id=invitation.pk, actor=actor(admin))

    assert post(key).status_code == HTTPStatus.NOT_FOUND
    assert not Person.objects.filter(email=ADDRESS).exists()
    invitation.refresh_from_db()
    assert (invitation.email, invitation.outcome) == ("", "withdrawn")


def test_a_mail_that_has_not_gone_yet_when_it_is_withdrawn_does_not_go(admin: Person) -> None:
    """P-6"""
    invitation = invite(admin)
    invitations.withdraw_invitation(invitation_id=invitation.pk, actor=actor(admin))

    relay_deliveries()

    assert not mail.outbox
    assert Delivery.objects.get(notice="invited").state == "cancelled"


def test_a_closed_organisation_takes_nobody_in(admin: Person, organisation: Organisation) -> None:
    """P-6"""
    invite(admin)
    key = sent_key()
    Organisation.objects.filter(pk=organisation.pk).update(is_active=False)

    assert post(key).status_code == HTTPStatus.NOT_FOUND
    assert not Person.objects.filter(email=ADDRESS).exists()


def leaves(admin: Person, other: Person) -> None:
    people.deactivate_person(person_id=admin.pk, actor=actor(other))


def steps_down(admin: Person, other: Person) -> None:
    people.take_role(person_id=admin.pk, role="global_admin", actor=actor(other))


@pytest.mark.parametrize("end", [leaves, steps_down])
def test_an_invitation_ends_with_the_right_to_invite(admin: Person, end: Callable[[Person, Person], None]) -> None:
    """P-6: nobody leaves themselves a back door. Another global admin can take the invitation over."""
    other = make_person(admin.organisation, "global_admin")
    invitation = invite(admin)
    key = sent_key()
    end(admin, other)
    while relay_deliveries():
        pass

    assert post(key).status_code == HTTPStatus.GONE
    assert standing_of(invitation_of(actor(other), invitation.pk), now=clock.now()) == Standing.LAPSED
    invitations.resend_invitation(invitation_id=invitation.pk, actor=actor(other))
    assert post(sent_key()).status_code == HTTPStatus.OK


def test_sending_again_makes_a_new_link_and_the_old_one_dies(admin: Person) -> None:
    invitation = invite(admin)
    old = sent_key()

    invitations.resend_invitation(invitation_id=invitation.pk, actor=actor(admin))

    new = sent_key()
    assert new != old
    assert post(old).status_code == HTTPStatus.NOT_FOUND
    assert post(new).status_code == HTTPStatus.OK


def test_a_mail_that_is_repeated_after_a_crash_brings_a_second_link_and_both_work(admin: Person) -> None:
    """P-2"""
    invite(admin)
    first = sent_key()
    Delivery.objects.filter(notice="invited").update(state="pending", next_attempt_at=clock.now(), lease_until=None)
    second = sent_key()

    assert first != second
    assert Client().get(f"/invitations/{first}/").status_code == HTTPStatus.OK
    assert post(second).status_code == HTTPStatus.OK


def test_an_address_that_has_an_account_by_then_has_one_still(admin: Person) -> None:
    """Two organisations invited the same address; an account belongs to one."""
    rival = make_person(make_organisation(name="Rival Retail"), "global_admin")
    invite(admin)
    mine = sent_key()
    invite(rival)
    theirs = sent_key()
    assert post(theirs).status_code == HTTPStatus.OK

    response = post(mine)

    assert response.status_code == HTTPStatus.CONFLICT
    assert "has an account by now" in response.content.decode()
    assert Person.objects.get(email=ADDRESS).organisation == rival.organisation
    with pytest.raises(AddressTaken):
        accept(mine)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"password1": "short", "password2": "short"}, "at least 15 characters"),
        ({"password1": ADDRESS, "password2": ADDRESS}, "too similar"),
        ({"password2": "seven quiet herons by the lake"}, "not the same"),
        ({"name": ""}, "This field is required."),
        ({"name": "Wei\u202eHuang"}, "Some answers need another look"),
    ],
)
def test_the_password_rules_hold_for_invited_people_too(admin: Person, changes: dict[str, str], fault: str) -> None:
    invite(admin)
    key = sent_key()

    response = post(key, **changes)

    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert fault in response.content.decode()
    assert not Person.objects.filter(email=ADDRESS).exists()
    assert post(key).status_code == HTTPStatus.OK


def test_two_who_accept_at_once_make_one_account(own_database: OwnDatabase) -> None:
    admin = make_person(make_organisation(), "global_admin")
    invite(admin)
    key = sent_key()
    barrier, outcomes = threading.Barrier(2), []

    def work() -> None:
        barrier.wait()
        try:
            accept(key)
            outcomes.append("accepted")
        except InvitationNotFound:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["accepted", "refused"]
    assert Person.objects.filter(email=ADDRESS).count() == 1


def test_of_two_at_the_desk_who_withdraw_at_once_the_second_finds_nothing(own_database: OwnDatabase) -> None:
    desk = [actor(make_staff("team_lead")) for _ in range(2)]
    invited = invitations.invite_staff(email=ADDRESS, name="Wei", roles=["engineer"], language="en", actor=desk[0])

    refused = waits_for(
        *(lambda who=who: invitations.withdraw_invitation(invitation_id=invited.pk, actor=who) for who in desk)
    )

    assert refused == InvitationNotFound


# What nobody learns --------------------------------------------------------------------------------------------------


def somebody_elsewhere() -> Person:
    return make_person(make_organisation(), "reader", email=ADDRESS)


def somebody_closed() -> Person:
    return make_person(make_organisation(), email=ADDRESS, is_active=False)


def somebody_of_support() -> Person:
    return make_staff("engineer", email=ADDRESS)


@pytest.mark.parametrize("make", [somebody_elsewhere, somebody_closed, somebody_of_support])
def test_the_answer_is_the_same_whether_an_address_has_an_account_or_not(
    admin: Person, make: Callable[[], Person]
) -> None:
    """P-5: the same page and the same row of the list; only the owner of the address is told."""
    make()
    other = ADDRESS.replace("huang", "zhang")
    seen = []
    for email in (ADDRESS, other):
        client = browser_of(admin)
        form = {"name": "Wei", "email": email, "roles": ["reader"], "language": "en"}
        answer = client.post("/organisation/people/invite/", form, follow=True)
        page = answer.content.decode()
        ids = str(Invitation.objects.get(email=email).pk)
        seen.append((answer.status_code, answer.redirect_chain, _lines_about(page, email, ids)))
        invitations.withdraw_invitation(invitation_id=int(ids), actor=actor(admin))

    assert seen[0] == seen[1]


def _lines_about(page: str, email: str, ids: str) -> str:
    main = page[page.index("<main") : page.index("</main>")].replace(email, "ADDRESS").replace(f"/{ids}/", "/ID/")
    main = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", main)
    return re.sub(r"<time.*?</time>", "", main, flags=re.DOTALL)


def test_the_owner_of_an_account_elsewhere_is_told_and_gets_no_link(admin: Person) -> None:
    owner = somebody_elsewhere()
    invite(admin)

    relay_deliveries()

    (message,) = mail.outbox
    assert message.to == [owner.email]
    assert "Lotus Foods invited you, but you have an account already" in message.subject
    assert not LINK.search(str(message.body))
    assert not InvitationLink.objects.exists()


def test_an_address_gets_three_mails_an_hour_and_the_answer_stays_the_same(admin: Person) -> None:
    """RELIABILITY: 3 per address and hour, same answer; the last link that went out goes on working."""
    invitation = invite(admin)
    for _ in range(2):
        sent_key()
        invitations.resend_invitation(invitation_id=invitation.pk, actor=actor(admin))
    key = sent_key()

    later = clock.now() + timedelta(minutes=1)
    again = invitations.resend_invitation(invitation_id=invitation.pk, actor=actor(admin), now=later)

    mail.outbox.clear()
    relay_deliveries()
    assert not mail.outbox
    assert again.expires_at > invitation.expires_at
    assert post(key).status_code == HTTPStatus.OK


def test_three_mails_an_hour_count_over_all_organisations(admin: Person) -> None:
    for _ in range(3):
        invite(make_person(make_organisation(), "global_admin"))
    relay_deliveries()
    mail.outbox.clear()

    assert invite(admin).email == ADDRESS

    relay_deliveries()
    assert not mail.outbox


def test_an_organisation_cannot_be_used_to_write_to_everybody(admin: Person) -> None:
    for number in range(invitations.INVITATIONS_PER_ORGANISATION):
        invite(admin, f"person-{number}@lotus.example.com")

    with pytest.raises(TooMany):
        invite(admin)


def test_invitations_of_others_are_not_there(admin: Person) -> None:
    """P-5"""
    invitation = invite(admin)
    rival = actor(make_person(make_organisation(), "global_admin"))

    for act in (invitations.resend_invitation, invitations.withdraw_invitation):
        with pytest.raises(InvitationNotFound):
            act(invitation_id=invitation.pk, actor=rival)
        with pytest.raises(InvitationNotFound):
            act(invitation_id=invitation.pk + 1, actor=rival)


# Pages ---------------------------------------------------------------------------------------------------------------


def test_a_form_that_is_refused_keeps_what_was_typed(admin: Person) -> None:
    invite(admin)
    form = {"name": "Wei Huang", "email": ADDRESS, "roles": ["reader"], "language": "zh-hant"}

    response = browser_of(admin).post("/organisation/people/invite/", form)

    page = response.content.decode()
    assert response.status_code == HTTPStatus.CONFLICT
    assert "This mail address is invited already." in page
    assert f'value="{ADDRESS}"' in page
    assert 'value="reader" aria-describedby' in page or re.search(r'value="reader"[^>]* checked', page)


@pytest.mark.parametrize("email", ["nobody", "a b@example.com", "wei\u200b@example.com", "a@" + "b" * 260 + ".example"])
def test_an_address_that_cannot_be_is_not_invited(admin: Person, email: str) -> None:
    """P-8"""
    form = {"name": "Wei Huang", "email": email, "roles": [], "language": "en"}

    response = browser_of(admin).post("/organisation/people/invite/", form)

    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert not Invitation.objects.exists()


def test_waiting_invitations_are_listed_sent_again_and_withdrawn(admin: Person) -> None:
    invitation = invite(admin)
    client = browser_of(admin)
    assert ADDRESS in client.get("/organisation/people/").content.decode()

    again = client.post(f"/organisation/invitations/{invitation.pk}/resend/", follow=True)
    gone = client.post(f"/organisation/invitations/{invitation.pk}/withdraw/", follow=True)

    assert "The invitation is on its way." in again.content.decode()
    assert "The invitation is withdrawn." in gone.content.decode()
    assert ADDRESS not in gone.content.decode()


def test_only_a_global_admin_reads_and_changes_invitations(admin: Person) -> None:
    """RO-1"""
    invitation = invite(admin)
    support = browser_of(make_person(admin.organisation, "service_support_admin"))

    assert ADDRESS not in support.get("/organisation/people/").content.decode()
    assert support.get("/organisation/people/invite/").status_code == HTTPStatus.FORBIDDEN
    for act in ("resend", "withdraw"):
        address = f"/organisation/invitations/{invitation.pk}/{act}/"
        assert support.post(address).status_code == HTTPStatus.FORBIDDEN
    assert Invitation.objects.get().ended_at is None
