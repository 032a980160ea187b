"""Webhook endpoints and the log of their deliveries over the API."""

from datetime import timedelta

import pytest

from accounts.models import Delivery, WebhookEndpoint
from accounts.outgoing import Answer
from tests import factories
from tests.tickets.api.calling import code_of, pointers_of, queries
from tickets.api import webhook_examples as examples
from tickets.services import webhook_outbox
from tickets.services.webhook_outbox import Outcome

PATH = "/api/v1/webhooks/"
WISH = {
    "url": "https://hooks.contoso.example/support",
    "description": "Our tracker",
    "types": ["request.closed", "request.created"],
}


@pytest.fixture
def lead(db):
    """A program of a team lead."""
    return factories.api_of(factories.make_staff("team_lead"))


@pytest.fixture
def made(api):
    """An endpoint of the customer, as it was told when it was made."""
    return api.post(PATH, WISH)


@pytest.fixture
def address(made):
    return f"{PATH}{made.json()['id']}/"


def settle(status=200, body=b"thank you"):
    """Let a receiver answer what is on its way."""
    for delivery in webhook_outbox.claim(50, failing=50):
        webhook_outbox.settle(delivery, Outcome(timedelta(milliseconds=80), Answer(status, {}, body)))


def test_an_endpoint_is_made_once_and_its_secret_told_once(api):
    """P-2"""
    keyed = {"Idempotency-Key": "k"}
    made, again = (api.post(PATH, WISH, headers=keyed) for _ in range(2))

    assert (made.status_code, made["ETag"]) == (201, '"1"')
    assert made["Location"].endswith(f"{PATH}{made.json()['id']}/")
    assert made.json()["secret"].startswith("whsec_")
    assert made.json()["types"] == ["request.created", "request.closed"]
    assert again.json() == {**made.json(), "secret": None}
    assert WebhookEndpoint.objects.count() == 1
    shown = api.get(f"{PATH}{made.json()['id']}/").json()
    assert shown == {name: value for name, value in made.json().items() if name != "secret"}
    assert api.get(PATH).json()["results"] == [shown]


def test_an_endpoint_is_changed_by_whoever_read_it(api, address):
    """Settled point 11"""
    unread = api.patch(address, {"types": ["request.updated"]})
    changed = api.patch(address, {"types": ["request.updated"]}, headers={"If-Match": '"1"'})
    stale = api.patch(address, {"active": False}, headers={"If-Match": '"1"'})
    off = api.patch(address, {"active": False}, headers={"If-Match": '"2"'})

    assert (unread.status_code, stale.status_code, stale.json()["current_version"]) == (428, 412, 2)
    assert (changed.status_code, changed.json()["types"], changed["ETag"]) == (200, ["request.updated"], '"2"')
    assert (off.json()["active"], off.json()["off_reason"]) == (False, "by_hand")
    assert code_of(api.post(f"{address}test/", {})) == "endpoint-off"


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"url": "http://hooks.contoso.example/"}, "#/url"),
        ({"url": "https://127.0.0.1/"}, "#/url"),
        ({"url": ""}, "#/url"),
        ({"types": []}, "#/types"),
        ({"types": ["request.exploded"]}, "#/types/0"),
        ({"secret": "whsec_x"}, "#/secret"),
        ({"description": "x" * 201}, "#/description"),
    ],
)
def test_what_is_wrong_is_named(api, wrong, pointer):
    refused = api.post(PATH, {**WISH, **wrong})

    assert (refused.status_code, list(pointers_of(refused))) == (400, [pointer])
    assert not WebhookEndpoint.objects.exists()


def test_a_removed_endpoint_is_gone(api, address):
    removed = api.delete(address, headers={"If-Match": '"1"'})

    assert (removed.status_code, api.get(address).status_code) == (204, 404)
    assert api.get(PATH).json()["results"] == []


def test_a_rotation_tells_a_new_secret_and_until_when_the_former_one_signs(api, made, address):
    rotated = api.post(f"{address}rotate-secret/", {})

    assert rotated.json()["secret"] != made.json()["secret"]
    assert rotated.json()["former_secret_until"]


def test_the_log_shows_each_try_and_what_was_answered(api, address):
    tested = api.post(f"{address}test/", {})
    settle(503, b"busy")

    (shown,) = api.get(f"{address}deliveries/").json()["results"]

    assert (tested.status_code, tested.json()["state"]) == (202, "pending")
    assert (shown["type"], shown["state"], shown["attempts"]) == ("webhook.test", "pending", 1)
    assert [(each["status"], each["answer"]) for each in shown["tries"]] == [(503, "busy")]
    assert shown["payload"]["type"] == "webhook.test"
    assert shown["next_attempt_at"]
    assert api.get(f"{address}deliveries/{shown['id']}/").json() == shown
    assert api.get(f"{address}deliveries/?state=failed").json()["results"] == []


def test_failed_deliveries_are_sent_again_one_by_one_or_all_since_an_instant(api, address):
    api.post(f"{address}test/", {})
    Delivery.objects.filter(channel="webhook").update(state="failed", last_error="answered 500")
    delivery = Delivery.objects.get(channel="webhook")

    one = api.post(f"{address}deliveries/{delivery.pk}/redeliver/", {})
    Delivery.objects.filter(channel="webhook").update(state="failed")
    none = api.post(f"{address}redeliver/", {"since": "2099-01-01T00:00:00Z"})
    every = api.post(f"{address}redeliver/", {"since": "2026-01-01T00:00:00Z"})

    assert (one.status_code, one.json()["state"], one.json()["message_id"]) == (202, "pending", delivery.message_id)
    assert (none.json(), every.json()) == ({"count": 0}, {"count": 1})
    assert code_of(api.post(f"{address}deliveries/999999999/redeliver/", {})) == "webhook-not-found"


def test_nobody_else_sees_an_endpoint(api, stranger, reader, staff, lead, address):
    """P-5: a stranger's equals a missing one; readers and engineers look after none"""
    missing = stranger.get(f"{PATH}999999999/")
    foreign = stranger.get(address)

    assert (
        (foreign.status_code, code_of(foreign))
        == (missing.status_code, code_of(missing))
        == (404, "endpoint-not-found")
    )
    assert [caller.get(PATH).status_code for caller in (reader, staff)] == [403, 403]
    assert lead.get(PATH).json()["results"] == []
    assert lead.get(address).status_code == 404


def test_the_desk_has_endpoints_of_its_own(api, lead):
    """And customers see none of them"""
    made = lead.post(PATH, WISH)

    assert made.status_code == 201
    assert [each["id"] for each in lead.get(PATH).json()["results"]] == [made.json()["id"]]
    assert api.get(PATH).json()["results"] == []


def test_a_token_needs_the_scope(organisation):
    person = factories.make_person(organisation, "global_admin")

    assert factories.api_of(person, "webhooks:read").get(PATH).status_code == 200
    assert code_of(factories.api_of(person, "webhooks:read").post(PATH, WISH)) == "scope-missing"
    assert code_of(factories.api_of(person, "requests:read").get(PATH)) == "scope-missing"


def test_the_log_costs_the_same_for_one_delivery_and_for_many(api, address, settings):
    """STYLE section 5"""
    settings.RATE_LIMIT_FACTOR = 100
    found = []
    for amount in (1, 24):
        for _ in range(amount):
            api.post(f"{address}test/", {})
        settle()
        with queries() as made:
            api.get(f"{address}deliveries/")
        found.append(len(made))

    assert len(api.get(f"{address}deliveries/").json()["results"]) == 25
    assert len(set(found)) == 1


def test_every_example_can_be_sent_as_it_is(api):
    """Examples that do not work teach nothing"""
    sent, *_ = examples.CREATE
    made = api.post(PATH, sent.value)
    address = made["Location"].removeprefix("http://localhost:8000")
    changes = [
        api.patch(address, each.value, headers={"If-Match": "*"}) for each in examples.CHANGE if each.request_only
    ]
    again = api.post(f"{address}redeliver/", examples.RESEND[0].value)

    assert [answer.status_code for answer in (made, *changes, again)] == [201, 200, 200, 200]
