"""Business hours over the API: read, previewed, changed as a whole under their version."""

from __future__ import annotations

import pytest

from accounts.models import CalendarVersion
from tests import factories

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/organisations/lotus/calendar/"
WEEKDAYS = {str(day): [["09:00", "12:00"], ["13:00", "17:00"]] for day in range(5)}
BODY = {
    "timezone": "Asia/Taipei",
    "windows": WEEKDAYS,
    "country": "TW",
    "own_days": [{"date": "2030-12-24", "name": "Inventory"}],
    "worked_days": ["2027-01-01"],
    "note": "Lunch",
}


@pytest.fixture
def organisation():
    return factories.make_organisation("lotus")


@pytest.fixture
def api(organisation):
    return factories.api_of(factories.make_person(organisation, "global_admin", name="Mei"))


def put(api, body=BODY, version='"1"', **more):
    return api.put(ADDRESS, body, format="json", headers={"If-Match": version, **more})


def test_the_hours_in_force_come_with_their_version(api):
    found = api.get(ADDRESS)

    assert found.status_code == 200
    assert found["ETag"].startswith('"1-')
    assert found.json()["windows"]["0"] == [["09:00", "18:00"]]


def test_other_hours_are_the_next_version(api):
    changed = put(api)

    assert changed.status_code == 200, changed.json()
    assert changed["ETag"] == '"2"'
    body = changed.json()
    assert (body["created_by"], body["note"], body["covers_until"] is not None) == ("Mei", "Lunch", True)
    assert {"date": "2030-12-24", "name": "Inventory"} in body["holidays"]
    assert "2027-01-01" not in {day["date"] for day in body["holidays"]}
    assert api.get(ADDRESS).json() == body


def test_every_version_stays_to_be_read(api):
    put(api)

    versions = api.get(f"{ADDRESS}versions/").json()["results"]
    assert [(row["version"], row["created_by"]) for row in versions] == [(2, "Mei"), (1, None)]
    assert api.get(f"{ADDRESS}versions/1/").json()["windows"]["0"] == [["09:00", "18:00"]]
    missing = api.get(f"{ADDRESS}versions/7/")
    assert (missing.status_code, missing.json()["code"]) == (404, "calendar-version-not-found")


def test_a_list_of_versions_costs_the_same_for_one_and_for_many(api, organisation, django_assert_num_queries):
    for version in range(2, 12):
        CalendarVersion.objects.create(
            organisation=organisation, version=version, document={"timezone": "UTC", "windows": WEEKDAYS}
        )

    with django_assert_num_queries(6):
        assert len(api.get(f"{ADDRESS}versions/").json()["results"]) == 11


def test_a_preview_tells_what_would_change_and_stores_nothing(api):
    preview = api.post(f"{ADDRESS}preview/", BODY, format="json")

    assert preview.status_code == 200, preview.json()
    body = preview.json()
    assert body["version"] == 1
    assert body["week"][0] == {"weekday": 0, "before": [["09:00", "18:00"]], "after": WEEKDAYS["0"]}
    assert {"date": "2030-12-24", "name": "Inventory"} in body["closes"]
    assert body["years"][0]["after"] < body["years"][0]["before"]
    assert CalendarVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("version", "status", "code"),
    [('"7"', 412, "business-hours-changed"), (None, 428, "if-match-required")],
)
def test_a_change_names_the_version_that_it_was_made_for(api, version, status, code):
    """Settled point 11"""
    refused = api.put(ADDRESS, BODY, format="json", headers={"If-Match": version} if version else {})

    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert CalendarVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"windows": {"0": [["09:00", "12:00"], ["11:00", "13:00"]]}}, "#/windows/0"),
        ({"windows": {"0": [["22:00", "06:00"]]}}, "#/windows/0/0"),
        ({"windows": {}}, "#/windows"),
        ({"timezone": "Taipei"}, "#/timezone"),
        ({"country": "ZZ"}, "#/country"),
        ({"country": "", "subdivision": 0}, "#/subdivision"),
        ({"own_days": [{"date": "tomorrow"}]}, "#/own_days/0/date"),
        ({"own_days": [{"date": "1999-12-31"}]}, "#/own_days/0/date"),
        ({"own_days": [{"date": "9999-12-31"}]}, "#/own_days/0/date"),
        ({"holidays": []}, "#/holidays"),
    ],
)
def test_what_is_wrong_is_named_at_its_place(api, change, pointer):
    """P-8"""
    refused = put(api, {**BODY, **change})

    assert refused.status_code == 400
    assert pointer in [fault["pointer"] for fault in refused.json()["errors"]]
    assert CalendarVersion.objects.count() == 1


def test_admins_without_the_role_read_and_do_not_change(organisation):
    """RO-1"""
    api = factories.api_of(factories.make_person(organisation, "service_support_admin"))

    assert api.get(ADDRESS).status_code == 200
    assert put(api).status_code == api.post(f"{ADDRESS}preview/", BODY, format="json").status_code == 403


@pytest.mark.parametrize("path", ["", "versions/", "versions/1/"])
def test_the_hours_of_others_do_not_exist(organisation, path):
    """P-5"""
    api = factories.api_of(factories.make_person(factories.make_organisation(), "global_admin"))

    mine, missing = api.get(f"{ADDRESS}{path}"), api.get(f"/api/v1/organisations/nobody/calendar/{path}")
    assert (mine.status_code, mine.json()["code"]) == (404, "organisation-not-found")
    assert mine.json()["detail"] == missing.json()["detail"]
    assert put(api).status_code == api.post(f"{ADDRESS}preview/", BODY, format="json").status_code == 404


def test_a_lead_of_the_support_staff_changes_the_hours_of_a_customer(organisation):
    """RO-3"""
    assert put(factories.api_of(factories.make_staff("duty_manager"))).status_code == 200


def test_a_token_needs_the_scope(organisation):
    person = factories.make_person(organisation, "global_admin")

    refused = put(factories.api_of(person, "organisation:read"))

    assert (refused.status_code, refused.json()["scope"]) == (403, "organisation:write")
