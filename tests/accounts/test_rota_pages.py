"""The pages of the duty rota: staff read, leads change, and a gap cannot be overlooked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from accounts import clock
from accounts.models import DutyPattern, DutyShift, Person
from accounts.rota.duty_time import Span
from accounts.services.rota import add_shift
from tests import factories
from tests.accounts.test_rota import weekly

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def lead() -> Person:
    return factories.make_staff("team_lead", timezone="Asia/Taipei")


@pytest.fixture
def browser(lead: Person) -> Client:
    return factories.browser_of(lead)


@pytest.fixture
def ada() -> Person:
    return factories.make_staff("duty_manager", name="Ada Lovelace", phone="+44 20 7946 0000")


@pytest.fixture
def ben() -> Person:
    return factories.make_staff("duty_manager", name="Ben")


@pytest.fixture
def shift(lead: Person, ada: Person) -> DutyShift:
    now = clock.now()
    span = Span(now - HOUR, now + 5 * HOUR)
    return add_shift(role="duty_manager", team="", person_id=ada.pk, span=span, actor=factories.actor(lead))


def text_of(response) -> str:
    return response.content.decode()


def test_the_week_tells_who_is_on_duty_now_and_what_is_not_covered(browser, shift):
    page = text_of(browser.get("/staff/rota/"))

    assert "Ada Lovelace" in page
    assert "+44 20 7946 0000" in page
    assert "Next handover" in page
    assert "Nobody is on duty" in page  # in the coming 14 days, after this shift
    assert "Times in Asia/Taipei" in page


def test_the_queue_and_operators_are_told_too(browser, shift):
    """RELIABILITY.md, section 5"""
    assert "Ada Lovelace" in text_of(browser.get("/queue/"))
    assert browser.get("/readyz").json()["rota"]["uncovered"] == 0
    DutyShift.objects.update(ends_at=clock.now())

    assert "Ada Lovelace" not in text_of(browser.get("/queue/"))
    figures = browser.get("/readyz").json()
    assert (figures["rota"]["kept"], figures["rota"]["uncovered"]) == (True, 1)
    assert "nobody_on_duty" in figures["alerts"]


def test_an_empty_rota_says_so(browser):
    page = text_of(browser.get("/staff/rota/"))

    assert "Nobody. Escalations go to everybody who holds the role." in page


@pytest.mark.parametrize(
    "query", ["week=2026-13-45", "week=", "week=0001-01-01", "week=9999-12-31", "team=%00", "team=x"]
)
def test_odd_questions_are_no_fault_of_ours(browser, query):
    """P-8"""
    assert browser.get(f"/staff/rota/?{query}").status_code == 200


def test_a_week_costs_the_same_for_one_shift_and_for_many(browser, lead, ada, shift, django_assert_max_num_queries):
    now = clock.now()
    for hour in range(6, 100, 2):
        span = Span(now + HOUR * hour, now + HOUR * (hour + 1))
        add_shift(role="duty_manager", team="", person_id=ada.pk, span=span, actor=factories.actor(lead))

    with django_assert_max_num_queries(10):
        assert browser.get("/staff/rota/").status_code == 200


def test_a_lead_adds_a_shift_in_their_own_time_zone(browser, ada):
    answer = browser.post(
        "/staff/rota/shifts/new/",
        {
            "role": "duty_manager",
            "team": "",
            "person": ada.pk,
            "starts_at": "2090-11-24T09:00",
            "ends_at": "2090-11-24T17:00",
        },
    )

    assert (answer.status_code, answer["Location"]) == (302, "/staff/rota/?week=2090-11-24")
    shift = DutyShift.objects.get()
    assert (shift.starts_at.isoformat(), shift.person) == ("2090-11-24T01:00:00+00:00", ada)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"ends_at": "2090-11-24T08:00"}, "Let it end after it starts."),
        ({"starts_at": "tomorrow"}, "Write date and time"),
        ({"starts_at": "2001-01-01T08:00", "ends_at": "2001-01-01T09:00"}, "It is over."),
    ],
)
def test_what_cannot_be_a_shift_is_said_beside_its_field(browser, ada, typed, said):
    usual = {"role": "duty_manager", "person": ada.pk, "starts_at": "2090-11-24T09:00", "ends_at": "2090-11-24T17:00"}

    refused = browser.post("/staff/rota/shifts/new/", {**usual, **typed})

    assert refused.status_code == 422
    assert said in text_of(refused)
    assert not DutyShift.objects.exists()


def test_an_engineer_is_no_duty_manager(browser):
    engineer = factories.make_staff("engineer")
    typed = {"role": "duty_manager", "person": engineer.pk}

    refused = browser.post(
        "/staff/rota/shifts/new/", {**typed, "starts_at": "2090-11-24T09:00", "ends_at": "2090-11-24T17:00"}
    )

    assert refused.status_code == 422
    assert "Choose somebody who holds this role." in text_of(refused)


def test_an_overlap_is_said_beside_its_field(browser, shift, ben):
    begins = shift.starts_at + HOUR * 10
    typed = {"role": "duty_manager", "person": ben.pk}
    typed |= {"starts_at": f"{clock.now():%Y-%m-%dT00:00}", "ends_at": f"{begins + HOUR * 24:%Y-%m-%dT%H:%M}"}

    refused = browser.post("/staff/rota/shifts/new/", typed)

    assert refused.status_code == 422
    assert "One person at a time is on duty in a role." in text_of(refused)


def test_a_shift_changes_hands_and_is_removed(browser, shift, ben):
    page = browser.get(f"/staff/rota/shifts/{shift.pk}/")
    form = page.context["form"]
    typed = {"person": ben.pk, **{name: form[name].value() for name in ("starts_at", "ends_at")}}

    assert browser.post(f"/staff/rota/shifts/{shift.pk}/", typed).status_code == 302
    mine = DutyShift.objects.get(person=ben)
    assert browser.post(f"/staff/rota/shifts/{mine.pk}/remove/").status_code == 302
    assert DutyShift.objects.filter(person=ben, ends_at__gt=clock.now()).count() == 0


def test_who_opens_the_shift_of_another_is_offered_to_take_it_over(shift, ada, ben):
    """RO-3: nobody else by chance"""
    address = f"/staff/rota/shifts/{shift.pk}/"

    offered = {person: factories.browser_of(person).get(address).context["form"]["person"] for person in (ada, ben)}

    assert [field.value() for field in offered.values()] == [None, ben.pk]
    assert offered[ada].field.choices[0][0] == ""


def test_a_weekly_duty_is_added_and_ended(browser, ada):
    typed = {
        "role": "duty_manager",
        "team": "",
        "person": ada.pk,
        "weekdays": ["0", "2"],
        "starts": "22:00",
        "ends": "06:00",
        "timezone": "Europe/Berlin",
        "every_weeks": "2",
        "first_day": "2020-01-06",
    }

    assert browser.post("/staff/rota/weekly/", typed).status_code == 302
    pattern = DutyPattern.objects.get()
    assert 7 <= pattern.shifts.count() <= 9
    page = text_of(browser.get("/staff/rota/weekly/"))
    assert "every 2 weeks" in page
    assert "Not in force" not in page
    Person.objects.filter(pk=ada.pk).update(is_active=False)
    assert "Not in force" in text_of(browser.get("/staff/rota/weekly/"))
    assert browser.post(f"/staff/rota/weekly/{pattern.pk}/end/").status_code == 302
    assert pattern.shifts.filter(starts_at__gt=clock.now() + 24 * HOUR).count() == 0


def test_a_weekly_duty_ends_today_on_its_own_clocks(ada):
    """Which is yesterday, or the day before, for whoever reads it on the clocks of Kiritimati."""
    lead = factories.make_staff("team_lead", timezone="Pacific/Kiritimati")
    pattern = weekly(factories.actor(lead), ada, now=clock.now(), timezone="Etc/GMT+12")

    factories.browser_of(lead).post(f"/staff/rota/weekly/{pattern.pk}/end/")

    pattern.refresh_from_db()
    assert pattern.last_day == (clock.now() - 12 * HOUR).date()


@pytest.mark.parametrize("role", ["engineer", "account_manager", "operator", "billing_specialist"])
def test_other_staff_read_and_change_nothing(shift, ben, role):
    """RO-3"""
    browser = factories.browser_of(factories.make_staff(role))

    for address in ("/staff/rota/", "/staff/rota/weekly/", f"/staff/rota/shifts/{shift.pk}/"):
        page = browser.get(address)
        assert page.status_code == 200
        assert 'method="post"' not in text_of(page).partition('id="main"')[2].partition("</main>")[0]
    assert browser.get("/staff/rota/shifts/new/").status_code == 403
    for address in ("shifts/new/", f"shifts/{shift.pk}/", f"shifts/{shift.pk}/remove/", "weekly/", "weekly/1/end/"):
        assert browser.post(f"/staff/rota/{address}", {"person": ben.pk}).status_code == 403
    shift.refresh_from_db()
    assert shift.person != ben


@pytest.mark.parametrize("address", ["", "weekly/", "shifts/new/", "shifts/1/"])
def test_customers_see_nothing_of_the_rota(address):
    """P-5"""
    admin = factories.make_person(factories.make_organisation(), "global_admin")

    assert factories.browser_of(admin).get(f"/staff/rota/{address}").status_code == 403
    assert Client().get(f"/staff/rota/{address}").status_code == 302


def test_a_shift_that_does_not_exist_is_not_found(browser):
    assert browser.get("/staff/rota/shifts/999/").status_code == 404
    assert browser.post("/staff/rota/weekly/999/end/").status_code == 404
