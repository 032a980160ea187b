"""Which notices a person reads in the portal only, and which nobody can do without."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from accounts import clock, families
from accounts.errors import InvalidPreference
from accounts.labels import NOTICES_FOR_CUSTOMERS, NOTICES_FOR_STAFF
from accounts.models import Delivery, Event, Person
from accounts.services.preferences import choose_notices
from tests import factories
from tests.tickets import making
from tickets.models import ServiceRequest
from tickets.services.assignment import take_request
from tickets.services.conversation import add_customer_message, reply_publicly
from tickets.services.firing import fire_due_timers

STAFF_ROLES = ("engineer", "team_lead", "duty_manager")


def ways(person_id, notice):
    """How a person was told."""
    told = Delivery.objects.filter(person=person_id, notice=notice)
    return sorted(told.values_list("channel", flat=True))


def only(*chosen, is_staff=False):
    """The families that come by mail, and no others."""
    return {family: family in chosen for family in families.offered(is_staff=is_staff)}


def ticked(page):
    """The families that a page shows as coming by mail."""
    boxes = re.findall(r'<input[^>]*name="by_mail"[^>]*>', page)
    return [re.search(r'value="([a-z]+)"', box)[1] for box in boxes if "checked" in box]


@pytest.fixture
def filed(admin):
    return making.filed(admin)


def test_a_family_that_was_switched_off_stands_in_the_portal_only(filed, admin, engineer):
    """Issue 3: preferences per person, by mail or in the portal only."""
    choose_notices(person_id=admin.person_id, by_mail=only("promise", "closing"))

    reply_publicly(number=filed.number, actor=engineer, body="We are on it.")
    making.filed(admin)

    assert ways(admin.person_id, "reply_posted") == ["portal"]
    assert Delivery.objects.filter(person=admin.person_id, notice="request_filed", channel="mail").count() == 2
    assert Event.objects.get(kind="profile_changed").data["fields"] == ["portal_only"]


def test_whoever_is_named_by_a_step_of_the_ladder_gets_it_by_mail_whatever_they_chose(admin):
    """Issue 3: never fewer than the law of the ladder; only a team told as a whole may read it in the portal."""
    people = {role: factories.make_staff(role) for role in STAFF_ROLES}
    for person in people.values():
        choose_notices(person_id=person.pk, by_mail=only(is_staff=person.is_staff))
    making.filed(admin, now=clock.now() - timedelta(hours=3))

    fire_due_timers()

    assert ways(people["engineer"].pk, "response_due") == ["portal"]  # with the whole team: nobody has it
    assert "mail" in ways(people["team_lead"].pk, "response_due")
    assert "mail" in ways(people["duty_manager"].pk, "commitment_breached")


def test_an_assignee_gets_the_ladder_by_mail_whatever_they_chose(admin):
    """Issue 3: a step that names one person is theirs to act on."""
    person = factories.make_staff("engineer")
    filed = making.filed(admin, now=clock.now() - timedelta(minutes=40))
    take_request(number=filed.number, actor=factories.actor(person))
    choose_notices(person_id=person.pk, by_mail=only(is_staff=person.is_staff))
    add_customer_message(number=filed.number, actor=admin, body="Any news?")

    fire_due_timers()

    assert ways(person.pk, "customer_wrote") == ["portal"]
    assert ways(person.pk, "response_due") == ["mail", "portal"]


def test_a_phone_number_for_an_a_is_asked_for_by_mail_whatever_was_chosen(organisation):
    """Settled point 10: nothing delays an A."""
    person = factories.make_person(organisation, "global_admin")
    choose_notices(person_id=person.pk, by_mail=only(is_staff=person.is_staff))

    filed = making.filed(factories.actor(person), contact=making.Contact(phone=""))

    assert ServiceRequest.objects.get(pk=filed.pk).severity == "A"
    assert ways(person.pk, "phone_needed") == ["mail", "portal"]


@pytest.mark.parametrize("unknown", ["security", "ladder", "no_such_family"])
def test_only_what_is_offered_can_be_chosen(admin, unknown):
    """P-6: and a refusal changes nothing."""
    with pytest.raises(InvalidPreference):
        choose_notices(person_id=admin.person_id, by_mail={"promise": True, unknown: True})

    assert Person.objects.get(pk=admin.person_id).portal_only == []


def test_every_family_that_is_offered_has_words_and_notices():
    assert set(families.offered(is_staff=False)) == set(NOTICES_FOR_CUSTOMERS)
    assert set(families.offered(is_staff=True)) == set(NOTICES_FOR_STAFF)
    assert set(NOTICES_FOR_CUSTOMERS) | set(NOTICES_FOR_STAFF) == set(families.FAMILIES)


@pytest.mark.parametrize("is_staff", [False, True])
def test_the_choice_is_made_on_the_profile_page(organisation, is_staff):
    """One form, one family unticked."""
    customer = factories.make_person(organisation, "global_admin")
    person = factories.make_staff("engineer") if is_staff else customer
    browser = factories.browser_of(person)
    before = browser.get("/profile/").content.decode()
    everything = list(families.offered(is_staff=is_staff))

    answer = browser.post("/profile/notices/", {"by_mail": [name for name in everything if name != "closing"]})

    assert ticked(before) == everything
    assert answer["Location"] == "/profile/#notices"
    assert Person.objects.get(pk=person.pk).portal_only == ["closing"]
    assert "closing" not in ticked(browser.get("/profile/").content.decode())


def test_a_choice_that_is_not_offered_comes_back_with_the_reason(organisation):
    """P-8"""
    person = factories.make_person(organisation, "global_admin")

    answer = factories.browser_of(person).post("/profile/notices/", {"by_mail": ["ladder"]})

    assert "ladder is not one of the available choices" in answer.content.decode()
    assert Person.objects.get(pk=person.pk).portal_only == []


def test_who_holds_no_role_is_told_nothing_and_asked_nothing(organisation):
    """SH-2"""
    person = factories.make_person(organisation)

    assert 'name="by_mail"' not in factories.browser_of(person).get("/profile/").content.decode()
