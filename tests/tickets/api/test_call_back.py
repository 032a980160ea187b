"""The time of a call back: one rule for all that takes one (CH-3)."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts import clock
from accounts.models import Event
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import LIST, PREVIEW, code_of, path_of, pointers_of
from tests.tickets.conftest import MONDAY
from tickets.errors import CallBackInThePast, CallBackTooFar
from tickets.filing import CALL_BACK_WITHIN, Contact, check_call_back
from tickets.models import ServiceRequest
from tickets.services.contact import change_contact

MICROSECOND = timedelta(microseconds=1)
OVER, FAR = "2001-01-01T09:00:00Z", "8999-01-01T00:00:00Z"
REFUSALS = [(OVER, "call-back-in-the-past", "past"), (FAR, "call-back-too-far", "too_far")]


def test_a_call_back_is_from_now_on_through_90_days():
    """CH-3: both sides of both ends"""
    for at in (None, MONDAY, MONDAY + CALL_BACK_WITHIN):
        check_call_back(at, now=MONDAY)

    with pytest.raises(CallBackInThePast):
        check_call_back(MONDAY - MICROSECOND, now=MONDAY)
    with pytest.raises(CallBackTooFar):
        check_call_back(MONDAY + CALL_BACK_WITHIN + MICROSECOND, now=MONDAY)


@pytest.mark.parametrize(("at", "code", "fault"), REFUSALS)
def test_neither_filing_nor_preview_nor_a_follow_up_nor_a_change_takes_another(
    api, form, archived_request, admin_person, at, code, fault
):
    """CH-3: with the field and the reason, and nothing is stored"""
    number = making.filed(factories.actor(admin_person)).number
    filed, contact = ServiceRequest.objects.count(), {"contact": {"method": "callback", "callback_at": at}}
    again = {"subject": "Again", "description": "It came back.", **contact}
    answers = [
        api.post(LIST, {**form, **contact}),
        api.post(PREVIEW, {**form, **contact}),
        api.post(path_of(archived_request.number, "follow-up"), again),
        api.patch(path_of(number), contact, headers={"If-Match": "*"}),
    ]

    for answer in answers:
        assert (answer.status_code, code_of(answer), pointers_of(answer)) == (400, code, ["#/contact/callback_at"])
        assert [each["code"] for each in answer.json()["errors"]] == [fault]
    assert ServiceRequest.objects.count() == filed
    assert ServiceRequest.objects.get(number=number).contact_method == "email"
    assert not Event.objects.filter(kind="contact_changed").exists()


def test_a_call_back_that_has_passed_stands_while_other_things_change(api, admin_person):
    """CH-3: also where the whole of `contact` is sent again, as a program does that read it before"""
    now = clock.now()
    at, contact = now - timedelta(hours=1), Contact(method="callback", phone="+886 2 5550 0100")
    number = making.filed(factories.actor(admin_person), contact=contact, now=now - timedelta(hours=3)).number
    ServiceRequest.objects.update(callback_at=at)

    read = api.get(path_of(number)).json()["contact"]
    echoed = api.patch(path_of(number), {"contact": {**read, "timezone": "Asia/Tokyo"}}, headers={"If-Match": "*"})
    left_out = api.patch(path_of(number), {"contact": {"language": "ja"}}, headers={"If-Match": "*"})
    moved = api.patch(path_of(number), {"contact": {"callback_at": OVER}}, headers={"If-Match": "*"})

    assert (echoed.status_code, left_out.status_code, code_of(moved)) == (200, 200, "call-back-in-the-past")
    row = ServiceRequest.objects.get()
    assert (row.callback_at, row.contact_timezone, row.language) == (at, "Asia/Tokyo", "ja")


def test_the_instant_of_the_change_counts(admin_person):
    """CH-3, P-4: `now` is the database's, handed down"""
    actor = factories.actor(admin_person)
    number = making.filed(actor, now=MONDAY).number
    at = datetime(2026, 12, 1, 9, tzinfo=UTC)

    with pytest.raises(CallBackInThePast):
        change_contact(number=number, actor=actor, changes={"callback_at": at}, now=at + MICROSECOND)
    change_contact(number=number, actor=actor, changes={"callback_at": at}, now=at)

    assert ServiceRequest.objects.get().callback_at == at
