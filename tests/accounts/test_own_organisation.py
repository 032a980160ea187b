"""What an organisation reads about itself, and what its global admin changes of that (CH-2, EL-1, SLA-1)."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest

from accounts import clock
from accounts.errors import NotPermitted, RecordChanged
from accounts.models import Event, Organisation, Person
from accounts.services.organisations import change_own_particulars
from tests.factories import (
    actor,
    api_of,
    browser_of,
    make_elevated_contract,
    make_organisation,
    make_person,
    make_staff,
    make_subscription,
    reread,
)

DAY = timedelta(days=1)
EDIT = "/organisation/edit/"
FORM: dict[str, Any] = {"phone": "+886 2 5550 0199", "language": "en", "timezone": "Asia/Tokyo", "version": "1"}


@pytest.fixture
def admin(db: None) -> Person:
    return make_person(make_organisation(name="Lotus Foods"), "global_admin")


def page_of(person: Person, name: str) -> str:
    return browser_of(person).get(f"/organisation/{name}").content.decode()


def test_subscriptions_tell_whether_they_run_have_ended_or_are_to_come(admin: Person) -> None:
    """CH-2"""
    organisation, now = admin.organisation, clock.now()
    assert organisation
    make_subscription(organisation, reference="runs")
    make_subscription(organisation, reference="ended", ends_at=now - DAY, starts_at=now - 9 * DAY)
    make_subscription(organisation, reference="comes", starts_at=now + DAY)
    make_subscription(organisation, "exchange_online_plan_1", reference="alone", trial=True)

    rows = [row for row in page_of(admin, "subscriptions/").split("<tr") if "mono" in row]

    states = {name: state for row in rows for name in ("runs", "ended", "comes", "alone") if f">{name}<" in row
              for state in ("Running", "Ended", "To come") if f"<span>{state}</span>" in row}  # fmt: skip
    assert states == {"runs": "Running", "ended": "Ended", "comes": "To come", "alone": "Running"}
    (alone,) = [row for row in rows if ">alone<" in row]
    assert "Standalone" in alone
    assert "Trial" in alone


def test_the_page_says_what_the_tiers_mean_for_response_times(admin: Person) -> None:
    """SLA-1, SLA-6"""
    make_subscription(admin.organisation, "business_basic")  # type: ignore[arg-type]

    page = page_of(admin, "subscriptions/")

    assert "within 1 hour" in page
    assert "no committed response time" in page
    assert "by the end of the next day" not in page


def test_under_elevated_support_its_times_count_alone(admin: Person) -> None:
    """SLA-5, EL-1"""
    organisation = admin.organisation
    assert organisation
    make_subscription(organisation, "business_basic")
    manager = make_staff("account_manager", name="Ingrid Solberg", email="ingrid@example.com", phone="+47 2200 0000")
    make_elevated_contract(organisation, account_manager=manager)

    page = page_of(admin, "subscriptions/")

    assert "within 4 hours" in page
    assert "no committed response time" not in page
    overview = page_of(admin, "")
    assert 'href="mailto:ingrid@example.com"' in overview
    assert 'href="tel:+47 2200 0000"' in overview


def test_a_global_admin_changes_how_the_organisation_is_reached(admin: Person) -> None:
    """P-10: the event tells that the number changed, and not the number"""
    response = browser_of(admin).post(EDIT, FORM, follow=True)

    assert "The organisation’s particulars are saved." in response.content.decode()
    organisation = Organisation.objects.get(pk=admin.organisation_id)
    assert (organisation.phone, organisation.timezone, organisation.name) == (
        "+886 2 5550 0199",
        "Asia/Tokyo",
        "Lotus Foods",
    )
    event = Event.objects.get(kind="organisation_changed")
    assert event.actor_id == admin.pk
    assert event.data["fields"] == ["phone", "timezone"]
    assert "5550" not in str(event.data)


@pytest.mark.parametrize(
    "changes",
    [{"phone": "call me"}, {"timezone": "Mars/Olympus"}, {"language": "tlh-klingon"}, {"version": "0"}],
)
def test_what_cannot_be_is_refused_and_what_was_typed_stays(admin: Person, changes: dict[str, str]) -> None:
    response = browser_of(admin).post(EDIT, {**FORM, **changes})

    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert 'value="Asia/Tokyo"' in response.content.decode() or "timezone" in changes
    assert Organisation.objects.get(pk=admin.organisation_id).phone == ""


def test_nobody_names_themselves_or_moves_abroad(admin: Person) -> None:
    """P-6: what contracts name is the vendor's"""
    browser_of(admin).post(EDIT, {**FORM, "name": "Rival Retail", "country": "US", "is_partner": "on", "slug": "x"})

    organisation = Organisation.objects.get(pk=admin.organisation_id)
    assert (organisation.name, organisation.country, organisation.is_partner) == ("Lotus Foods", "TW", False)


def test_of_two_who_edit_at_once_the_second_looks_again(admin: Person) -> None:
    given: dict[str, Any] = {"phone": "", "language": "en", "timezone": "Asia/Tokyo", "actor": actor(admin)}
    change_own_particulars(version=1, **given)

    with pytest.raises(RecordChanged):
        change_own_particulars(version=1, **{**given, "timezone": "Asia/Seoul"})


@pytest.mark.parametrize("role", ["service_support_admin", "reader"])
def test_only_a_global_admin_edits(admin: Person, role: str) -> None:
    """RO-1"""
    other = make_person(admin.organisation, role)

    assert browser_of(other).get(EDIT).status_code == HTTPStatus.FORBIDDEN
    assert browser_of(other).post(EDIT, FORM).status_code == HTTPStatus.FORBIDDEN
    assert EDIT not in page_of(other, "")
    with pytest.raises(NotPermitted):
        change_own_particulars(phone="", language="en", timezone="UTC", actor=actor(reread(other)))


@pytest.mark.django_db
def test_a_program_changes_how_to_reach_its_own_organisation_and_nothing_that_contracts_name() -> None:
    """Issue 6, settled point 11"""
    lotus, other = make_organisation("lotus"), make_organisation("other")
    api, address = api_of(make_person(lotus, "global_admin")), "/api/v1/organisations/lotus/"
    read = api.get(address)["ETag"]

    changed = api.patch(address, {"phone": "+886 2 5550 0100"}, headers={"If-Match": read})
    late = api.patch(address, {"phone": None}, headers={"If-Match": read})
    wrong = [api.patch(address, body, headers={"If-Match": "*"}) for body in ({"name": "Rose"}, {"timezone": "Taipei"})]

    assert (changed.status_code, changed["ETag"], changed.json()["phone"]) == (200, '"2"', "+886 2 5550 0100")
    assert (late.status_code, late.json()["current_version"]) == (412, 2)
    assert [(each.status_code, each.json()["errors"][0]["pointer"]) for each in wrong] == [
        (400, "#/name"),
        (400, "#/timezone"),
    ]
    for slug in ("other", "missing"):
        foreign = api.patch(f"/api/v1/organisations/{slug}/", {"phone": ""}, headers={"If-Match": "*"})
        assert (foreign.status_code, foreign.json()["code"]) == (404, "organisation-not-found")
    assert api_of(make_person(lotus, "reader")).patch(address, {}, headers={"If-Match": "*"}).status_code == 403
    phones = dict(Organisation.objects.filter(pk__in=[lotus.pk, other.pk]).values_list("slug", "phone"))
    assert phones == {"lotus": "+886 2 5550 0100", "other": ""}


@pytest.mark.django_db
def test_support_staff_change_what_contracts_name() -> None:
    """RO-3"""
    make_organisation("lotus", country="TW")
    lead, address = make_staff("team_lead"), "/api/v1/organisations/lotus/"
    any_version = {"If-Match": "*"}

    changed = api_of(lead).patch(
        address, {"name": "Lotus Foods", "country": "DE", "subdivision": "BY"}, headers=any_version
    )
    wrong = api_of(lead).patch(address, {"country": "ZZ"}, headers=any_version)

    assert (changed.status_code, changed.json()["name"], changed.json()["subdivision"]) == (200, "Lotus Foods", "BY")
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (400, "#/country")
    assert api_of(lead, "organisation:write").patch(address, {}, headers=any_version).json()["scope"] == "desk:write"
    assert api_of(make_staff("engineer")).patch(address, {}, headers=any_version).status_code == 403
