"""How staff invite: the first global admin of a customer, colleagues, and the first operator of all."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.errors import AlreadyMember, InvitationWaiting, NotPermitted, OrganisationClosed, UnknownRole
from accounts.models import Event, Invitation, Person, RoleGrant
from accounts.permissions import ACTS, STAFF_ROLES
from accounts.services.invitations import invite_admin, invite_staff, resend_invitation, withdraw_invitation
from accounts.services.organisations import close_organisation
from tests import factories
from tests.factories import actor, browser_of, make_organisation, make_person, make_staff, reread
from tickets.services.relay import relay_all

pytestmark = pytest.mark.django_db
ADA = {"name": "Ada King", "email": "ada@example.org", "language": "en"}
PASSWORDS = {"password1": "a lantern among tall reeds", "password2": "a lantern among tall reeds"}


@pytest.fixture
def lead() -> Person:
    return make_staff("team_lead", name="Ingrid", timezone="Europe/Oslo")


def link_of_last_mail() -> str:
    relay_all()
    return re.search(r"http://[^/\s]+(/\S+)", mail.outbox[-1].body)[1]


def accept() -> None:
    assert Client().post(link_of_last_mail(), {"name": "Ada King", **PASSWORDS}).status_code == 200


def test_a_new_customer_gets_its_first_global_admin(lead):
    """RO-1, P-10: from nothing to somebody who can sign in"""
    customer = make_organisation("isar-werke", name="Isar Werke", timezone="Europe/Berlin")
    browser = browser_of(lead)

    done = browser.post("/staff/organisations/isar-werke/invite/", ADA)

    assert (done.status_code, done["Location"]) == (302, "/staff/organisations/isar-werke/")
    assert "Waiting invitations" in browser.get("/staff/organisations/isar-werke/").content.decode()
    accept()
    ada = reread(Person.objects.get(email="ada@example.org"))
    assert (ada.organisation, ada.role_names, ada.timezone) == (customer, ["global_admin"], "Europe/Berlin")
    assert not ada.is_staff
    assert Event.objects.get(kind="person_invited").actor == lead
    relay_all()
    assert mail.outbox[-1].to == [lead.email]
    assert "/staff/organisations/isar-werke/" in mail.outbox[-1].body
    assert Client().login(email="ada@example.org", password=PASSWORDS["password1"])


def test_a_lead_invites_a_colleague(lead):
    """RO-3"""
    browser = browser_of(lead)

    assert browser.post("/staff/people/new/", {**ADA, "roles": ["engineer", "senior_engineer"]}).status_code == 302
    assert "Waiting invitations" in browser.get("/staff/people/").content.decode()
    relay_all()
    assert "the support staff invites you" in mail.outbox[-1].subject
    accept()
    ada = reread(Person.objects.get(email="ada@example.org"))
    assert (ada.is_staff, ada.organisation, ada.role_names) == (True, None, ["engineer", "senior_engineer"])
    assert ada.timezone == "Europe/Oslo"


@pytest.mark.parametrize("roles", [[], ["global_admin"], ["engineer", "king"]])
def test_a_colleague_is_invited_to_roles_of_the_staff(lead, roles):
    with pytest.raises(UnknownRole):
        invite_staff(actor=actor(lead), roles=roles, **ADA)


def test_only_operators_invite_operators(lead):
    with pytest.raises(NotPermitted):
        invite_staff(actor=actor(lead), roles=["operator"], **ADA)
    invitation = invite_staff(actor=actor(make_staff("operator")), roles=["operator"], **ADA)
    with pytest.raises(NotPermitted):
        resend_invitation(invitation_id=invitation.pk, actor=actor(lead))
    form = browser_of(lead).post("/staff/people/new/", {**ADA, "roles": ["operator"]})
    assert form.status_code == 422


def test_one_invitation_waits_for_an_address_and_members_need_none(lead):
    make_organisation("isar-werke")
    invite_staff(actor=actor(lead), roles=["engineer"], **ADA)
    with pytest.raises(InvitationWaiting):
        invite_staff(actor=actor(lead), roles=["engineer"], **ADA)
    invite_admin(slug="isar-werke", actor=actor(lead), **ADA)
    with pytest.raises(AlreadyMember):
        invite_staff(actor=actor(lead), roles=["engineer"], **{**ADA, "email": lead.email})


def test_an_invitation_dies_with_the_inviters_role_and_when_it_is_withdrawn(lead):
    """P-6"""
    for role_of in (lead, make_staff("operator")):
        invite_staff(actor=actor(role_of), roles=["engineer"], **{**ADA, "email": f"a{role_of.pk}@example.org"})
    link = link_of_last_mail()
    RoleGrant.objects.all().delete()
    assert Client().get(link).status_code == 410
    RoleGrant.objects.create(person=lead, role="team_lead")
    mine = Invitation.objects.get(invited_by=lead)

    withdraw_invitation(invitation_id=mine.pk, actor=actor(lead))

    mine.refresh_from_db()
    assert (mine.email, mine.outcome) == ("", "withdrawn")


def test_an_invitation_to_be_operator_dies_with_its_inviters_being_one(lead):
    """P-6: who may still invite others may no longer invite to this"""
    RoleGrant.objects.create(person=lead, role="operator")
    invite_staff(actor=actor(reread(lead)), roles=["operator"], **ADA)
    link = link_of_last_mail()
    assert Client().get(link).status_code == 200

    RoleGrant.objects.filter(person=lead, role="operator").delete()

    assert Client().get(link).status_code == 410


def test_a_closed_organisation_invites_nobody(lead):
    make_organisation("isar-werke")
    close_organisation(slug="isar-werke", actor=actor(lead))

    with pytest.raises(OrganisationClosed):
        invite_admin(slug="isar-werke", actor=actor(lead), **ADA)


def test_staff_send_again_and_withdraw_from_the_page(lead):
    make_organisation("isar-werke")
    invitation = invite_admin(slug="isar-werke", actor=actor(lead), **ADA)
    browser, here = browser_of(lead), "/staff/organisations/isar-werke/"

    for act in ("resend", "withdraw"):
        done = browser.post(f"/organisation/invitations/{invitation.pk}/{act}/", {"next": here})
        assert (done.status_code, done["Location"]) == (302, here)


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_each_role_invites_as_the_table_says(role):
    """RO-3, cell by cell"""
    make_organisation("isar-werke")
    browser = browser_of(make_staff(role))
    for address, act in (
        ("/staff/organisations/isar-werke/invite/", "manage_organisations"),
        ("/staff/people/new/", "manage_staff"),
    ):
        for answer in (browser.get(address), browser.post(address, {})):
            assert (answer.status_code == 403) is (role not in ACTS[act]), address


def test_a_customers_admin_reaches_no_invitation_of_the_desk(lead):
    """P-5"""
    admin = make_person(make_organisation(), "global_admin")
    invitation = invite_staff(actor=actor(lead), roles=["engineer"], **ADA)
    browser = browser_of(admin)

    for act in ("resend", "withdraw"):
        browser.post(f"/organisation/invitations/{invitation.pk}/{act}/")
    invitation.refresh_from_db()
    assert (invitation.round, invitation.ended_at) == (1, None)


# The first operator --------------------------------------------------------------------------------------------------


def make_operator(capsys, *arguments: str) -> str:
    call_command("create_operator", *arguments)
    return re.search(r"http://[^/\s]+(/\S+)", capsys.readouterr().out)[1]


def test_the_command_makes_the_first_operator_who_signs_in_behind_its_link(capsys):
    """RO-3, P-10"""
    link = make_operator(capsys, "Sam@Example.org", "--name", "Sam", "--language", "zh-hant")

    browser = Client()
    form = browser.get(link, follow=True)
    assert form.status_code == 200
    done = browser.post(form.redirect_chain[-1][0] if form.redirect_chain else link, PASSWORDS)
    assert done.status_code == 302
    sam = reread(Person.objects.get(email="sam@example.org"))
    assert (sam.is_staff, sam.role_names, sam.language) == (True, ["operator"], "zh-hant")
    assert Client().login(email="sam@example.org", password=PASSWORDS["password1"])
    assert Event.objects.get(kind="operator_made").actor is None
    assert "password1" not in Client().get(link, follow=True).content.decode()  # it works once


def test_the_command_again_opens_the_account_and_gives_a_new_link(capsys):
    make_operator(capsys, "sam@example.org")
    Person.objects.update(is_active=False)
    RoleGrant.objects.all().delete()

    make_operator(capsys, "sam@example.org")

    sam = reread(Person.objects.get())
    assert (sam.is_active, sam.role_names) == (True, ["operator"])


@pytest.mark.parametrize(
    "arguments", [["nobody"], ["ada@example.org", "--language", "tlh"], ["ada@example.org", "--name", "a\u202eb"]]
)
def test_the_command_says_what_is_wrong(arguments):
    with pytest.raises(CommandError):
        call_command("create_operator", *arguments)
    assert not Person.objects.exists()


def test_nobody_of_a_customer_becomes_an_operator():
    """P-5"""
    admin = make_person(make_organisation(), "global_admin")

    with pytest.raises(CommandError):
        call_command("create_operator", admin.email)
    assert factories.reread(admin).role_names == ["global_admin"]
