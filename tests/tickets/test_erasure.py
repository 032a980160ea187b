"""The right to erasure: who somebody was goes, what they did stays."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import models

from accounts import clock
from accounts.audit import personal_values
from accounts.errors import ErasedAlready, NotPermitted, PersonNotFound, StillActive
from accounts.models import ApiToken, Delivery, Event, Person, PersonalValue, PersonSession, RoleGrant
from accounts.services.people import reactivate_person
from accounts.services.sealing import chain_faults, seal_events
from tests import factories
from tests.journeys.poison import OURS
from tests.tickets import making
from tickets.models import Message, ServiceRequest
from tickets.services.conversation import add_customer_message
from tickets.services.erasure import erase_person
from tickets.verification import faults

NAME, ADDRESS, PHONE = "Canary Chen", "canary.chen@example.com", "+886 2 5550 4711"


@pytest.fixture
def leaver(organisation):
    """Somebody who filed, wrote, signed in and left."""
    person = factories.make_person(
        organisation, "service_support_admin", name=NAME, email=ADDRESS, phone=PHONE, languages=["vi"]
    )
    number = making.filed(factories.actor(person)).number
    add_customer_message(number=number, actor=factories.actor(person), body="What I wrote.")
    factories.make_token(person)
    factories.browser_of(person)
    personal_values.keep(PersonalValue.Kind.MAIL, ADDRESS, person_id=person.pk)
    ServiceRequest.objects.update(contact_phone=PHONE)
    Delivery.objects.filter(person=person).update(context={"name": NAME}, last_error=f"to {ADDRESS}")
    Person.objects.filter(pk=person.pk).update(is_active=False)
    return person


def everything() -> str:
    """Every value of every table of ours."""
    from django.apps import apps

    tables = [model for label in OURS for model in apps.get_app_config(label).get_models()]
    return " ".join(str(list(model._default_manager.values())) for model in tables if issubclass(model, models.Model))


def test_nothing_tells_any_more_who_it_was_and_what_they_did_stays(leaver, admin):
    """Right to erasure, P-10: over every table; the chains and `verify` find nothing amiss."""
    seal_events(within=timedelta(0))
    events = list(Event.objects.order_by("id").values())

    erase_person(person_id=leaver.pk, actor=admin)

    found = everything()
    assert [word for word in (NAME, ADDRESS, PHONE) if word in found] == []
    person = Person.objects.get(pk=leaver.pk)
    assert (person.name, person.email) == ("A former colleague", f"erased-{leaver.pk}@erased.invalid")
    assert person.erased_at
    assert not person.has_usable_password()
    for belongings in (RoleGrant, ApiToken, PersonSession, PersonalValue):
        assert not belongings.objects.filter(person=person).exists()
    assert Message.objects.filter(author=person, body="What I wrote.").exists()
    assert list(Event.objects.order_by("id").values())[:-1] == events
    last = Event.objects.latest("id")
    assert (last.kind, last.actor_id, last.data) == ("person_erased", admin.person_id, {"person": leaver.pk})
    seal_events(within=timedelta(0))
    assert (list(chain_faults()), list(faults())) == ([], [])
    assert not Delivery.objects.filter(person=person, state__in=["pending", "held", "failed"]).exists()


def test_who_can_still_sign_in_is_not_erased(leaver, admin):
    """Right to erasure: one fact apart from the neighbour above."""
    Person.objects.filter(pk=leaver.pk).update(is_active=True)

    with pytest.raises(StillActive):
        erase_person(person_id=leaver.pk, actor=admin)

    assert Person.objects.get(pk=leaver.pk).name == NAME


def test_nobody_is_erased_twice(leaver, admin):
    """P-2"""
    erase_person(person_id=leaver.pk, actor=admin)

    with pytest.raises(ErasedAlready):
        erase_person(person_id=leaver.pk, actor=admin)

    assert Event.objects.filter(kind="person_erased").count() == 1


def test_a_global_admin_erases_the_own_people_and_an_operator_anybody(leaver, organisation):
    """P-5, P-6: a stranger's person is not there; a lead of the desk is nobody to do so."""
    stranger = factories.actor(factories.make_person(factories.make_organisation(), "global_admin"))
    colleague = factories.actor(factories.make_person(organisation, "service_support_admin"))
    lead, operator = (
        factories.actor(factories.make_staff("team_lead")),
        factories.actor(factories.make_staff("operator")),
    )

    for actor, refusal in ((stranger, PersonNotFound), (colleague, NotPermitted), (lead, NotPermitted)):
        with pytest.raises(refusal):
            erase_person(person_id=leaver.pk, actor=actor)

    assert erase_person(person_id=leaver.pk, actor=operator).erased_at


def test_a_partner_erases_nobody_of_a_customer(leaver, organisation):
    """PA-1: however much was delegated."""
    partner = factories.make_partner()
    factories.make_delegation(organisation, partner, duties=["global_admin"])
    actor = factories.actor(factories.make_person(partner, "global_admin"), customer=organisation)

    with pytest.raises(NotPermitted):
        erase_person(person_id=leaver.pk, actor=actor)


def test_the_page_asks_for_the_address_and_then_erases(leaver, organisation):
    """Right to erasure: typed, not clicked; what was typed comes back."""
    browser = factories.browser_of(factories.make_person(organisation, "global_admin"))
    page = f"/people/{leaver.pk}/erase/"

    assert ADDRESS in browser.get(page).content.decode()
    wrong = browser.post(page, {"address": "somebody@example.com"})
    assert (wrong.status_code, "somebody@example.com" in wrong.content.decode()) == (400, True)
    assert Person.objects.get(pk=leaver.pk).name == NAME

    done = browser.post(page, {"address": ADDRESS.upper()}, follow=True)

    assert (done.status_code, Person.objects.get(pk=leaver.pk).name) == (200, "A former colleague")
    assert "erased already" in browser.get(page).content.decode()
    stranger = factories.browser_of(factories.make_person(factories.make_organisation(), "global_admin"))
    reader = factories.browser_of(factories.make_person(organisation, "reader"))
    assert (stranger.get(page).status_code, reader.get(page).status_code) == (404, 403)


def test_nobody_who_is_erased_is_let_in_again(leaver, organisation, admin):
    """Right to erasure, P-6: it cannot be undone, and the page of the person leads there and not back."""
    browser = factories.browser_of(factories.make_person(organisation, "global_admin"))
    page = f"/organisation/people/{leaver.pk}/"
    assert f"/people/{leaver.pk}/erase/" in browser.get(page).content.decode()

    erase_person(person_id=leaver.pk, actor=admin)

    with pytest.raises(PersonNotFound):
        reactivate_person(person_id=leaver.pk, actor=admin)
    assert browser.get(page).status_code == 404


def test_the_database_lets_nobody_who_is_erased_in(leaver, admin):
    """P-6"""
    erase_person(person_id=leaver.pk, actor=admin)
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.filter(pk=leaver.pk).update(is_active=True)


def test_the_command_wants_the_address_twice(leaver):
    """Right to erasure: for operators."""
    with pytest.raises(CommandError, match="cannot be undone"):
        call_command("erase_person", ADDRESS)
    with pytest.raises(CommandError, match="nobody"):
        call_command("erase_person", "nobody@example.com", confirm="nobody@example.com")
    said = io.StringIO()

    call_command("erase_person", ADDRESS, confirm=ADDRESS, stdout=said)

    assert said.getvalue() == f"Person {leaver.pk} is erased.\n"
    assert Person.objects.get(pk=leaver.pk).erased_at <= clock.now()


@pytest.mark.parametrize(
    ("role", "active", "offered"),
    [("operator", False, True), ("operator", True, False), ("team_lead", False, False)],
)
def test_the_page_of_somebody_of_the_staff_leads_there(db, role, active, offered):
    """Right to erasure: once their account is closed, and for those who may."""
    gone = factories.make_staff("engineer", is_active=active, name=NAME, email=ADDRESS)
    browser = factories.browser_of(factories.make_staff(role))

    page = browser.get(f"/staff/people/{gone.pk}/").content.decode()

    assert (f"/people/{gone.pk}/erase/" in page) is offered
    if offered:
        done = browser.post(f"/people/{gone.pk}/erase/", {"address": ADDRESS}, follow=True)
        assert (done.redirect_chain[-1][0], done.status_code) == ("/staff/people/", 200)
        assert Person.objects.get(pk=gone.pk).erased_at
