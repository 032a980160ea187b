"""What leads change of the duty rota over the API (RO-3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import clock
from accounts.models import DutyShift, Person
from tests.factories import api_of, make_staff

SHIFTS, WEEKLY = "/api/v1/rota/shifts/", "/api/v1/rota/weekly/"
ANY = {"If-Match": "*"}


@pytest.fixture
def api(db: None) -> APIClient:
    return api_of(make_staff("team_lead"))


@pytest.fixture
def ada(db: None) -> Person:
    return make_staff("duty_manager", name="Ada")


@pytest.fixture
def ben(db: None) -> Person:
    return make_staff("duty_manager", name="Ben")


def shift(person: Person, *, starts: int = 1, ends: int = 9) -> dict[str, Any]:
    now = clock.now()
    span = {"starts_at": now + timedelta(hours=starts), "ends_at": now + timedelta(hours=ends)}
    return {"role": "duty_manager", "person": person.pk, **{name: at.isoformat() for name, at in span.items()}}


def test_a_shift_is_added_once_taken_over_in_part_and_removed(api: APIClient, ada: Person, ben: Person) -> None:
    """P-2, settled point 11"""
    made, again = (api.post(SHIFTS, shift(ada), headers={"Idempotency-Key": "k"}) for _ in range(2))
    address = f"{SHIFTS}{made.json()['id']}/"
    overlapping = api.post(SHIFTS, shift(ben, starts=2))
    part = {name: at for name, at in shift(ben, starts=3, ends=5).items() if name != "role"}

    taken = api.post(f"{address}take-over/", part, headers={"If-Match": made["ETag"]})
    late = api.delete(address, headers={"If-Match": made["ETag"]})

    assert (made.status_code, again.json(), made.json()["person"]["name"]) == (201, made.json(), "Ada")
    assert (overlapping.status_code, overlapping.json()["code"]) == (409, "shift-overlaps")
    assert (taken.status_code, taken.json()["person"]["name"]) == (200, "Ben")
    assert (late.status_code, late.json()["code"], api.delete(address).status_code) == (412, "version-mismatch", 428)
    listed = [(row["person"]["name"], row["ends_at"]) for row in api.get(SHIFTS).json()["results"]]
    assert [name for name, _ in listed] == ["Ada", "Ben", "Ada"]
    assert api.delete(address, headers={"If-Match": late["ETag"]}).status_code == 204
    assert DutyShift.objects.count() == 2
    assert api.get(address).json()["code"] == "shift-not-found"


def test_a_weekly_duty_makes_shifts_and_ends_with_a_day(api: APIClient, ada: Person) -> None:
    today = clock.now().date()
    body = {
        "role": "duty_manager",
        "person": ada.pk,
        "timezone": "Asia/Taipei",
        "weekdays": [0, 2],
        "starts": "22:00",
        "ends": "06:00",
        "first_day": today.isoformat(),
    }
    made = api.post(WEEKLY, body)
    address = f"{WEEKLY}{made.json()['id']}/"
    shifts = DutyShift.objects.count()

    ended = api.post(f"{address}end/", {"last_day": today.isoformat()})

    assert (made.status_code, made.json()["starts"], made.json()["every_weeks"], shifts >= 14) == (
        201,
        "22:00",
        1,
        True,
    )
    assert (ended.json()["last_day"], api.get(address).json()) == (today.isoformat(), ended.json())
    assert DutyShift.objects.count() <= 1


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"person": 2**40}, 404, "person-not-found"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, 400, "invalid-shift"),
        ({"team": "nobody"}, 400, "invalid-shift"),
        ({"role": "king"}, 400, "invalid-input"),
    ],
)
def test_what_can_be_no_shift_is_refused(
    api: APIClient, ada: Person, change: dict[str, Any], status: int, code: str
) -> None:
    refused = api.post(SHIFTS, shift(ada) | change)

    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert not DutyShift.objects.exists()


def test_engineers_read_the_rota_and_change_nothing_of_it(ada: Person) -> None:
    """RO-3, scopes"""
    engineer, reading = api_of(make_staff("engineer")), api_of(make_staff("team_lead"), "queue:read")

    assert (engineer.get(SHIFTS).status_code, engineer.get(WEEKLY).status_code) == (200, 200)
    assert engineer.post(SHIFTS, shift(ada)).json()["code"] == "not-permitted"
    assert reading.post(SHIFTS, shift(ada)).json()["scope"] == "desk:write"
