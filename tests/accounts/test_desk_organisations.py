"""Organisations as support staff keep them: taken in, changed, closed, opened again."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from django.core import mail
from django.test import Client

from accounts import clock, selectors
from accounts.errors import InvalidParticulars, NameTaken, NotPermitted, PartnerHasCustomers, RecordChanged
from accounts.models import CalendarVersion, Delivery, Event, Organisation, Person
from accounts.particulars import Particulars, place_name
from accounts.permissions import ACTS, STAFF_ROLES
from accounts.services.organisations import (
    change_organisation,
    close_organisation,
    create_organisation,
    reopen_organisation,
)
from tests import factories
from tests.factories import actor, api_of, browser_of, make_organisation, make_partner, make_person, make_staff

pytestmark = pytest.mark.django_db

BAVARIA = Particulars(name="Isar Werke", country="DE", subdivision="BY", timezone="Europe/Berlin", language="de")
TYPED = {
    "name": "Isar Werke",
    "slug": "isar-werke",
    "country": "DE",
    "subdivision": "by",
    "timezone": "Europe/Berlin",
    "language": "de",
    "phone": "+49 89 1234567",
}


@pytest.fixture
def lead() -> Person:
    return make_staff("team_lead", timezone="Europe/Berlin")


@pytest.fixture
def browser(lead: Person) -> Client:
    return browser_of(lead)


def text_of(response) -> str:
    return response.content.decode()


@pytest.mark.parametrize(
    ("country", "part", "name"),
    [("IN", "TS", "India (Telangana)"), ("FR", "972", "France (Martinique)"), ("GB", "", "United Kingdom")],
)
def test_a_part_of_a_country_is_told_by_its_name(country, part, name):
    """TG and MQ are other codes of the same"""
    assert place_name(country, part) == name


def test_a_customer_is_taken_in_with_the_holidays_of_its_country(lead):
    """RO-3, SLA-4, P-10"""
    made = create_organisation(slug="isar-werke", particulars=BAVARIA, actor=actor(lead))

    calendar = CalendarVersion.objects.get(organisation=made)
    year = clock.now().year
    assert (calendar.version, calendar.country, calendar.subdivision) == (1, "DE", "BY")
    assert f"{year}-01-06" in calendar.document["holidays"]  # Epiphany, of Bavaria and not of all Germany
    assert calendar.document["windows"]["0"] == [["09:00", "18:00"]]
    event = Event.objects.get(kind="organisation_created")
    assert (event.organisation, event.actor) == (made, lead)
    assert "Isar" not in str(event.data)


def test_a_country_whose_holidays_nobody_knows_has_a_plain_week(lead):
    made = create_organisation(
        slug="far-away", particulars=Particulars(name="Far", country="TA", timezone="UTC"), actor=actor(lead)
    )

    assert CalendarVersion.objects.get(organisation=made).document["holidays"] == []


@pytest.mark.parametrize(
    ("slug", "changes", "field"),
    [
        ("New", {}, "slug"),
        ("new", {}, "slug"),
        ("a--b", {}, "slug"),
        ("a" * 61, {}, "slug"),
        ("fine", {"name": " "}, "name"),
        ("fine", {"name": "a\u202eb"}, "name"),
        ("fine", {"name": "x" * 121}, "name"),
        ("fine", {"country": "XX1"}, "country"),
        ("fine", {"country": "EU"}, "country"),
        ("fine", {"subdivision": "QQ"}, "subdivision"),
        ("fine", {"timezone": "Mars/Olympus"}, "timezone"),
        ("fine", {"language": "<b>"}, "language"),
        ("fine", {"phone": "1" * 41}, "phone"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(lead, slug, changes, field):
    """P-8"""
    given = {name: getattr(BAVARIA, name) for name in BAVARIA.__slots__} | changes
    with pytest.raises(InvalidParticulars) as refusal:
        create_organisation(slug=slug, particulars=Particulars(**given), actor=actor(lead))

    assert refusal.value.field == field
    assert not Organisation.objects.exists()


def test_a_short_name_is_taken_once(lead):
    create_organisation(slug="isar-werke", particulars=BAVARIA, actor=actor(lead))

    with pytest.raises(NameTaken):
        create_organisation(slug="isar-werke", particulars=BAVARIA, actor=actor(lead))


def test_the_page_takes_one_in_and_keeps_what_was_typed_when_it_cannot(browser):
    refused = browser.post("/staff/organisations/new/", {**TYPED, "subdivision": "ZZ"})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "+49 89 1234567" in text_of(refused)
    assert '<option value="BY">' in text_of(refused)  # the parts of the country that was chosen

    done = browser.post("/staff/organisations/new/", TYPED)
    assert (done.status_code, done["Location"]) == (302, "/staff/organisations/isar-werke/")
    page = text_of(browser.get(done["Location"]))
    assert "Isar Werke" in page
    assert "Nobody holds a role yet" in page

    again = browser.post("/staff/organisations/new/", TYPED)
    assert again.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Another one has this short name" in text_of(again)


def test_particulars_change_and_the_event_tells_codes_and_no_names(lead):
    """P-10"""
    made = create_organisation(slug="isar-werke", particulars=BAVARIA, actor=actor(lead))
    moved = Particulars(name="Isar AG", country="AT", timezone="Europe/Vienna", language="de")

    change_organisation(slug=made.slug, changes=moved.as_columns(), actor=actor(lead), version=1)

    made.refresh_from_db()
    assert (made.name, made.country, made.version) == ("Isar AG", "AT", 2)
    event = Event.objects.get(kind="organisation_changed")
    assert event.data["country"] == {"from": "DE", "to": "AT"}
    assert event.data["fields"] == ["country", "name", "subdivision", "timezone"]
    assert "Isar" not in str(event.data)
    assert CalendarVersion.objects.filter(organisation=made).count() == 1  # hours have an editor of their own


def test_a_change_for_an_old_version_changes_nothing(lead, browser):
    made = create_organisation(slug="isar-werke", particulars=BAVARIA, actor=actor(lead))
    with pytest.raises(RecordChanged):
        change_organisation(slug=made.slug, changes=BAVARIA.as_columns(), actor=actor(lead), version=7)

    typed = {**TYPED, "name": "Overtaken", "version": "7"}
    refused = browser.post(f"/staff/organisations/{made.slug}/edit/", typed)
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Somebody else has changed this" in text_of(refused)
    assert "Overtaken" in text_of(refused)
    made.refresh_from_db()
    assert made.name == "Isar Werke"


def test_a_partner_with_customers_remains_a_partner(lead):
    """PA-1"""
    partner, customer = make_partner("northlight", timezone="Europe/Berlin"), make_organisation()
    factories.make_delegation(customer, partner)
    plain = Particulars(name=partner.name, country="TW", timezone="Europe/Berlin")

    with pytest.raises(PartnerHasCustomers):
        change_organisation(slug=partner.slug, changes=plain.as_columns(), actor=actor(lead))


# Closing -------------------------------------------------------------------------------------------------------------


def test_of_a_closed_organisation_nobody_gets_in_from_the_next_click_on(lead):
    """P-6"""
    customer, partner = make_organisation(), make_partner()
    admin = make_person(customer, "global_admin")
    helper = make_person(partner, "service_support_admin")
    factories.make_delegation(customer, partner, granted_by=admin)
    mine, theirs = browser_of(admin), browser_of(helper)
    theirs.post("/acting-for/", {"customer": customer.pk})
    program, delegated = api_of(admin), api_of(helper, organisation=customer)
    assert mine.get("/organisation/").status_code == 200
    assert theirs.get("/organisation/").context["organisation"] == customer
    assert [each.get("/api/v1/me/").status_code for each in (program, delegated)] == [200, 200]

    close_organisation(slug=customer.slug, actor=actor(lead))

    assert mine.get("/organisation/").status_code == 302
    assert "/login/" in mine.get("/organisation/")["Location"]
    assert theirs.get("/organisation/").status_code == 303  # led to the customers that are left
    assert [each.get("/api/v1/me/").status_code for each in (program, delegated)] == [401, 401]
    assert not selectors.live_delegations(now=clock.now()).exists()

    reopen_organisation(slug=customer.slug, actor=actor(lead))

    assert program.get("/api/v1/me/").status_code == 200
    assert [event.kind for event in Event.objects.filter(kind__startswith="organisation_").order_by("id")] == [
        "organisation_closed",
        "organisation_reopened",
    ]


def test_closing_twice_is_one_event(lead):
    customer = make_organisation()
    for _ in range(2):
        close_organisation(slug=customer.slug, actor=actor(lead))

    assert Event.objects.filter(kind="organisation_closed").count() == 1


def test_the_global_admins_are_told_although_their_access_has_ended(lead):
    """P-6: of everything else they hear no more."""
    from tickets.services.relay import relay_all

    customer = make_organisation(name="Isar Werke")
    admin = make_person(customer, "global_admin")
    make_person(customer, "billing_admin")
    close_organisation(slug=customer.slug, actor=actor(lead))

    assert [each.person for each in Delivery.objects.filter(channel="mail")] == [admin]
    relay_all()
    assert [(m.to, m.subject) for m in mail.outbox] == [([admin.email], "Isar Werke has left the support portal")]


def test_the_pages_close_and_open(browser):
    customer = make_organisation("isar-werke")

    assert browser.post("/staff/organisations/isar-werke/close/").status_code == 302
    page = text_of(browser.get("/staff/organisations/isar-werke/"))
    assert "This organisation is closed" in page
    assert browser.post("/staff/organisations/isar-werke/reopen/").status_code == 302
    customer.refresh_from_db()
    assert customer.is_active


# Who may -------------------------------------------------------------------------------------------------------------

WRITES = ("new/", "isar-werke/edit/", "isar-werke/close/", "isar-werke/reopen/")


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_each_role_reads_and_changes_what_the_table_says(role):
    """RO-3, EL-1, cell by cell"""
    organisation = make_organisation("isar-werke")
    person = make_staff(role)
    browser = browser_of(person)
    looks_after = role == "account_manager"

    assert browser.get("/staff/organisations/").status_code == 200
    assert browser.get("/staff/organisations/isar-werke/").status_code == (404 if looks_after else 200)
    may = role in ACTS["manage_organisations"]
    for address in WRITES:
        answer = browser.post(f"/staff/organisations/{address}", {**TYPED, "slug": f"x-{role.replace('_', '-')}"})
        assert (answer.status_code == HTTPStatus.FORBIDDEN) is not may, address
    if looks_after:
        factories.make_elevated_contract(organisation, account_manager=person)
        assert browser.get("/staff/organisations/isar-werke/").status_code == 200


@pytest.mark.parametrize("address", ["", "new/", "isar-werke/", *WRITES[1:]])
def test_customers_see_nothing_of_it(address):
    """P-5"""
    admin = make_person(make_organisation("isar-werke"), "global_admin")

    assert browser_of(admin).get(f"/staff/organisations/{address}").status_code in (403, 405)
    assert browser_of(admin).post(f"/staff/organisations/{address}", TYPED).status_code in (403, 405)
    assert Client().get(f"/staff/organisations/{address}").status_code in (302, 405)


def test_services_ask_again(lead):
    with pytest.raises(NotPermitted):
        create_organisation(slug="x", particulars=BAVARIA, actor=actor(make_staff("engineer")))


def test_an_organisation_that_does_not_exist_is_not_found(browser):
    for address in ("nobody/", "nobody/edit/", "nobody/subscriptions/new/", "nobody/contracts/new/"):
        assert browser.get(f"/staff/organisations/{address}").status_code == 404
    assert browser.post("/staff/organisations/nobody/close/").status_code == 404


def test_the_page_costs_the_same_for_few_and_for_many(browser, django_assert_max_num_queries):
    organisation = make_organisation("isar-werke")
    for _ in range(12):
        make_person(organisation, "global_admin", "billing_admin")
        factories.make_subscription(organisation)
        factories.make_delegation(organisation, make_partner(), granted_by=organisation.people.first())

    with django_assert_max_num_queries(12):
        assert browser.get("/staff/organisations/isar-werke/").status_code == 200


def test_a_person_of_several_roles_shows_each_once(browser):
    make_person(make_organisation("isar-werke"), "exchange_admin", "apps_admin")

    people = browser.get("/staff/organisations/isar-werke/").context["people"]

    assert [item["roles"] for item in people] == [["Microsoft 365 Apps admin", "Exchange admin"]]


def test_staff_list_the_requests_of_one_organisation(browser, lead):
    """P-5: the filter narrows and never widens."""
    make_organisation("isar-werke", name="Isar Werke")

    for named in ("isar-werke", "Isar W"):
        assert browser.get(f"/requests/?organisation={named}").context["chips"]["organisation"].slug == "isar-werke"
    assert "No organisation is called so." in browser.get("/requests/?organisation=nobody").content.decode()
    customer = make_person(make_organisation(), "global_admin")
    assert browser_of(customer).get("/requests/?organisation=isar-werke").context["chips"]["organisation"] is None
