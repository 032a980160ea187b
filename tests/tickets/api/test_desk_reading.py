"""Who is on duty, and the published policies, over the API."""

from datetime import datetime, timedelta

import pytest

from accounts import clock
from accounts.models import DutyShift
from tests import factories
from tests.tickets.api.calling import code_of, pointers_of, queries

ROTA, POLICIES, ORGANISATIONS = "/api/v1/rota/", "/api/v1/policies/", "/api/v1/organisations/"
HOUR = timedelta(hours=1)


def test_who_is_on_duty_is_told_for_now_and_for_another_instant(staff):
    """RO-3: from the first instant of a shift until before its last"""
    person, now = factories.make_staff("duty_manager", name="Ines Roth"), clock.now()
    shift = DutyShift.objects.create(role="duty_manager", person=person, starts_at=now - HOUR, ends_at=now + HOUR)

    [told] = staff.get(ROTA).json()["on_duty"]

    assert (told["role"], told["team"], told["person"]) == (
        "duty_manager",
        None,
        {"id": person.pk, "name": "Ines Roth"},
    )
    assert datetime.fromisoformat(told["ends_at"]) == shift.ends_at
    for at, amount in ((shift.starts_at, 1), (shift.ends_at, 0)):
        assert len(staff.get(ROTA, {"at": at.isoformat()}).json()["on_duty"]) == amount


def test_the_policies_are_listed_and_each_is_shown_with_its_document(staff):
    """SLA-1"""
    [told] = staff.get(POLICIES).json()["results"]
    one = staff.get(f"{POLICIES}{told['version']}/").json()

    assert set(one) == {*told, "document"}
    assert one["document"]["rules"]["technical"]["business"]["A"]["target"] == "PT1H"
    for missing in (4711, 2**31):
        assert code_of(staff.get(f"{POLICIES}{missing}/")) == "policy-version-not-found"


def test_one_organisation_is_told_to_its_own_and_to_those_who_serve_it(api, staff, stranger, organisation):
    """P-5"""
    path = f"{ORGANISATIONS}{organisation.slug}/"

    assert api.get(path).json() == staff.get(path).json() == api.get(ORGANISATIONS).json()["results"][0]
    assert api.get(path)["ETag"].startswith(f'"{organisation.version}-')
    assert code_of(stranger.get(path)) == code_of(stranger.get(f"{ORGANISATIONS}nowhere/")) == "organisation-not-found"


@pytest.mark.parametrize("path", [ROTA, POLICIES, f"{POLICIES}1/"])
def test_what_is_of_the_desk_is_for_the_desk(api, staff, path):
    """RO-3"""
    assert code_of(api.get(path)) == "not-permitted"
    assert code_of(factories.api_of(factories.make_staff("engineer"), "requests:read").get(path)) == "scope-missing"
    assert pointers_of(staff.get(path, {"x": "1"})) == ["x"]
    with queries() as made:
        assert staff.get(path).status_code == 200
    assert len(made) <= 5
