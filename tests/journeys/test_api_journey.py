"""The whole path of a request over the API: from preview and filing to archive and follow-up."""

from datetime import timedelta

import pytest

from accounts.models import Event
from tests import factories
from tests.tickets.api.calling import LIST, PREVIEW, QUEUE, close_at, code_of, form_of, path_of
from tickets.models import ServiceRequest
from tickets.services.sweeping import sweep
from tickets.verification import faults

WINDOW = timedelta(days=14)


@pytest.fixture
def customer(own_database):
    """An organisation with an enterprise plan."""
    organisation = factories.make_organisation(timezone="Asia/Taipei")
    factories.make_subscription(organisation)
    return organisation


def sent(api, path, body, *, status=200, etag=None):
    """The answer to a POST, which must succeed."""
    headers = {"If-Match": etag} if etag else {}
    answer = api.post(path, body, headers=headers)
    assert answer.status_code == status, answer.content
    return answer


def test_a_request_goes_the_whole_way_over_the_api(customer):
    """CH-4, SE-1, SLA-1"""
    admin = factories.api_of(factories.make_person(customer, "service_support_admin", name="Mei-Ling Chen"))
    engineer_person = factories.make_staff("engineer", name="Ravi Iyer")
    engineer = factories.api_of(engineer_person)
    form = form_of(customer.subscriptions.get())

    # What would come of it: an A, an hour, and nothing stored.
    preview = sent(admin, PREVIEW, form).json()
    assert (preview["severity"], preview["commitment"]["target"]) == ("A", "PT1H")
    assert not ServiceRequest.objects.exists()

    # Filed, once however often it is sent.
    keyed = {"Idempotency-Key": "journey-1"}
    first, again = (admin.post(LIST, form, headers=keyed) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    filed = first.json()
    assert again.json() == filed
    number, page = filed["number"], path_of(filed["number"])
    assert (filed["severity"], filed["commitment"]["state"]) == ("A", "running")

    # Both sides see it: the admin in the list, the engineer on top of the queue.
    assert [row["number"] for row in admin.get(LIST, {"open": "true"}).json()["results"]] == [number]
    top = engineer.get(QUEUE).json()["results"][0]
    assert (top["number"], top["due_at"]) == (number, filed["commitment"]["due_at"])

    # Taken, looked into, answered: the promise is kept.
    taken = sent(engineer, path_of(number, "assign"), {"assignee": "me"})
    assert taken.json()["assignee"]["name"] == "Ravi Iyer"
    sent(engineer, path_of(number, "messages"), {"kind": "internal", "body": "Looks like yesterday's."}, status=201)
    sent(engineer, path_of(number, "messages"), {"body": "We found the cause."}, status=201)
    answered = admin.get(page)
    assert (answered.json()["state"], answered.json()["commitment"]["state"]) == ("in_progress", "kept")
    assert answered.json()["assignee"] == {"name": "Ravi Iyer"}
    conversation = admin.get(path_of(number, "messages")).json()["results"]
    assert [message["kind"] for message in conversation] == ["customer", "reply"]

    # Asked, told, closed by the engineer.
    sent(engineer, path_of(number, "messages"), {"kind": "question", "body": "Does it work now?"}, status=201)
    assert admin.get(page).json()["state"] == "awaiting_customer"
    sent(admin, path_of(number, "messages"), {"body": "It does."}, status=201)
    before = engineer.get(page)
    assert before.json()["state"] == "in_progress"
    ending = {"resolution": "solved", "message": "Mail flows again."}
    closed = sent(engineer, path_of(number, "close"), ending, etag=before["ETag"]).json()
    assert (closed["state"], closed["resolution"]) == ("closed", "solved")
    assert [row["number"] for row in admin.get(LIST, {"recently_closed": "true"}).json()["results"]] == [number]

    # Reopened on the last day of the window: a second promise, the first one's outcome on record.
    close_at(ServiceRequest.objects.get(), ServiceRequest.objects.get().closed_at - WINDOW + timedelta(minutes=5))
    reopened = sent(admin, path_of(number, "reopen"), {"reason": "It happens again."}).json()
    assert (reopened["state"], reopened["reopen_until"]) == ("awaiting_response", None)
    promises = admin.get(path_of(number, "commitments")).json()["results"]
    assert [(each["cycle"], each["state"]) for each in promises] == [(2, "running"), (1, "kept")]

    # Closed by the admin before anybody answered: no verdict.
    ended = sent(admin, path_of(number, "close"), {"resolution": "withdrawn"}).json()
    assert (ended["state"], ended["commitment"]["state"]) == ("closed", "ended")

    # Fourteen days later it is archived, first by the instants alone, then on record as well.
    stored = ServiceRequest.objects.get()
    close_at(stored, stored.closed_at - WINDOW - timedelta(minutes=1))
    assert admin.get(page).json()["state"] == "archived"
    assert ServiceRequest.objects.get().state == "closed"
    sweep()
    stored = ServiceRequest.objects.get()
    assert stored.state == "archived"
    archived_at = Event.objects.get(kind="request_archived").at
    assert archived_at == stored.closed_at + WINDOW + timedelta(microseconds=1)

    # From now on it can only be read, and followed up.
    assert code_of(admin.post(path_of(number, "reopen"), {})) == "reopen-window-closed"
    assert code_of(admin.post(path_of(number, "messages"), {"body": "Hello?"})) == "illegal-transition"
    assert admin.get(page).json()["may"] == ["file_follow_up"]
    again = {"subject": "Mail is slow again", "description": "All users wait an hour for their mail since noon."}
    followed = sent(admin, path_of(number, "follow-up"), again, status=201).json()
    assert followed["number"] != number
    assert (followed["follow_up_of"], followed["service"]) == (number, "exchange_online")
    assert [row["number"] for row in admin.get(LIST, {"state": "archived"}).json()["results"]] == [number]

    # The story is on record, and nothing contradicts it but the instants that were moved by hand.
    told = [event["kind"] for event in admin.get(path_of(number, "events")).json()["results"]]
    assert told[0] == "request_filed"
    assert told[-1] == "follow_up_filed"
    assert "internal_note_added" not in told
    assert {fault.problem for fault in faults()} == {"has no event of its closing"}
