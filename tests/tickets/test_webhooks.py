"""Webhooks: who hears of what, in which order, how often, and when no more (P-2, P-5, P-6, P-9)."""

from __future__ import annotations

import functools
import ipaddress
import json
import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from standardwebhooks import Webhook, WebhookVerificationError

from accounts import clock, outgoing
from accounts.errors import NotPermitted, TooMany
from accounts.models import Delivery, Event, Organisation, WebhookAttempt, WebhookEndpoint
from accounts.services.delegations import end_delegation
from accounts.services.organisations import close_organisation
from tests import factories
from tests.processes import BASE_DIR
from tests.receivers import Receiver, answered
from tests.tickets import making
from tests.tickets.test_incidents import declared
from tickets import webhooks
from tickets.api.webhook_examples import DATA
from tickets.errors import EndpointNotFound, EndpointOff, InvalidEndpoint, NotToBeSentAgain, TooManyEndpoints
from tickets.events import EventKind
from tickets.lifecycle import REOPEN_WINDOW
from tickets.models import ServiceRequest
from tickets.services import holding, webhook_outbox
from tickets.services.closing import Ending, close_request, reopen_request
from tickets.services.conversation import add_customer_message, add_internal_note, reply_publicly
from tickets.services.disputes import agree_to_dispute, dispute_severity
from tickets.services.endpoints import (
    MOST,
    Wanted,
    change_endpoint,
    create_endpoint,
    remove_endpoint,
    rotate_secret,
    send_again,
    send_missed,
    send_test,
)
from tickets.services.escalation import escalate_request, escalate_to_senior
from tickets.services.firing import fire_due_timers
from tickets.services.incident_links import link_incident
from tickets.services.incidents import update_incident
from tickets.services.releasing import Choice, release
from tickets.services.retention import apply_retention
from tickets.services.severity import change_severity
from tickets.services.webhook_sender import is_stale, send_all
from tickets.webhooks import OF_KIND, TEST, TYPES

LONG = timedelta(seconds=30)
HOOK = "https://hooks.example.com/x"


@pytest.fixture(autouse=True)
def inner(settings):
    """An operator who lets loopback be told, without TLS."""
    settings.OUTGOING_ALLOW, settings.OUTGOING_PLAIN_HTTP = ["127.0.0.0/8"], True


@pytest.fixture
def receive():
    """Start receivers, and end them all."""
    running = []

    def start(answer=None):
        running.append(Receiver(answer or answered(204)))
        return running[-1]

    yield start
    for each in running:
        each.close()


@pytest.fixture
def lead(db):
    return factories.actor(factories.make_staff("team_lead"))


@pytest.fixture
def endpoint_at():
    """Make an endpoint that hears of everything, or of these types."""

    def make(actor, receiver, *types):
        url = receiver if isinstance(receiver, str) else receiver.url
        return create_endpoint(url=url, types=types or TYPES, actor=actor)

    return make


def send():
    """Send what is due, as the sender does."""
    return send_all(within=LONG)


def webhooks_of(made):
    """The deliveries to an endpoint, in the order of their events."""
    return Delivery.objects.filter(endpoint=made.endpoint).order_by("pk")


def shift(made, by):
    """Let this much time pass for the deliveries of an endpoint and for the endpoint itself."""
    for row in webhooks_of(made):
        at = {"next_attempt_at": row.next_attempt_at - by, "created_at": row.created_at - by}
        Delivery.objects.filter(pk=row.pk).update(**at, lease_until=row.lease_until and row.lease_until - by)
    endpoint = WebhookEndpoint.objects.get(pk=made.endpoint.pk)
    if endpoint.quiet_until:
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(quiet_until=endpoint.quiet_until - by)
    if endpoint.failing_since:
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(failing_since=endpoint.failing_since - by)


def states(made):
    return [row.state for row in webhooks_of(made)]


# ── What is told ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_endpoint_hears_of_a_request_and_verifies_who_says_so(admin, receive, endpoint_at):
    """P-2: signed as Standard Webhooks, under the id of the delivery"""
    receiver = receive()
    made = endpoint_at(admin, receiver, "request.created")

    service_request = making.filed(admin)

    assert send() == 1
    (got,) = receiver.got
    data = Webhook(made.secret).verify(got.body, got.headers)
    assert got.id == webhooks_of(made).get().message_id
    assert data["data"] == {
        "number": service_request.number,
        "organisation": service_request.organisation.slug,
        "state": "awaiting_response",
        "severity": "A",
        "kind": "technical",
        "category": "technical.configuration",
        "due_at": data["data"]["due_at"],
        "is_test": False,
        "by": "customer",
        "url": f"http://localhost:8000/api/v1/service-requests/{service_request.number}/",
    }
    assert (data["type"], got.headers["content-type"]) == ("request.created", "application/json")
    assert states(made) == ["sent"]
    with pytest.raises(WebhookVerificationError):
        Webhook(made.secret).verify(got.body + b" ", got.headers)


def test_the_life_of_a_request_is_told_in_its_order_in_payloads_like_the_documented_ones(
    admin, engineer, lead, receive, endpoint_at
):
    """One delivery of each event, by the first of its types that was chosen, as docs/webhooks.md shows them"""
    receiver = receive()
    endpoint_at(admin, receiver)
    began = clock.now() - timedelta(hours=2)
    number = making.filed(admin, severity="B", now=began).number
    change_severity(number=number, actor=engineer, severity="A", reason="All.", now=began + timedelta(minutes=1))
    change_severity(number=number, actor=engineer, severity="B", reason="Not all.", now=began + timedelta(minutes=2))
    dispute_severity(number=number, actor=admin, severity="A", statement="All.", now=began + timedelta(minutes=3))
    agree_to_dispute(number=number, actor=lead, reason="Yes.", now=began + timedelta(minutes=4))
    escalate_request(number=number, actor=admin, reason="business_impact", justification="All.")
    reply_publicly(number=number, actor=engineer, body="We look.", now=began + timedelta(minutes=9))
    close_request(number=number, actor=engineer, ending=Ending("solved", "Done."))
    reopen_request(number=number, actor=admin, reason="Not quite.")
    late = making.filed(admin, now=began)
    for _ in range(3):
        fire_due_timers()
    making.filed(admin, severity="A", now=clock.now() - timedelta(minutes=50))
    fire_due_timers()

    while send():
        pass

    first = [got for got in receiver.got if got.json["data"]["number"] == number]
    assert [got.type for got in first] == [
        "request.created",
        "commitment.created",
        "commitment.created",
        "severity.changed",
        "commitment.created",
        "severity.changed",
        "severity.disputed",
        "commitment.created",
        "severity.changed",
        "severity.settled",
        "request.escalated",
        "commitment.kept",
        "message.created",
        "request.closed",
        "commitment.created",
        "request.reopened",
    ]
    assert "commitment.breached" in [got.type for got in receiver.got if got.json["data"]["number"] == late.number]
    assert "commitment.breach_approaching" in receiver.types
    for got in receiver.got:
        extra = {"message"}  # where something was said with it
        assert set(got.json["data"]) - set(DATA[got.type]) <= extra, got.json
        assert set(DATA[got.type]) - set(got.json["data"]) <= extra, got.json
    assert len({got.id for got in receiver.got}) == len(receiver.got)


def test_every_type_has_an_example_and_every_example_a_type():
    assert set(DATA) == {*TYPES, TEST}
    assert set(OF_KIND.values()) <= set(TYPES)
    assert not set(OF_KIND) & set(webhooks.CHANGES)


def test_the_page_about_webhooks_shows_these_very_examples():
    """docs/webhooks.md"""
    text = (BASE_DIR / "docs" / "webhooks.md").read_text()
    shown = {each["type"]: each["data"] for each in map(json.loads, re.findall(r"```json\n(.+?)```", text, re.DOTALL))}

    assert shown == DATA


def test_an_event_falls_back_to_the_type_that_an_endpoint_chose(admin, engineer, receive, endpoint_at):
    """Whoever chose `request.updated` alone hears of messages and of closings as changes"""
    general, special = receive(), receive()
    endpoint_at(admin, general, "request.updated")
    endpoint_at(admin, special, "message.created")
    number = making.filed(admin).number
    reply_publicly(number=number, actor=engineer, body="We look.")
    close_request(number=number, actor=engineer, ending=Ending("solved", "Done."))

    while send():
        pass

    assert set(general.types) == {"request.updated"}
    assert special.types == ["message.created", "message.created"]
    assert [got.json["data"]["message"]["kind"] for got in special.got] == ["reply", "reply"]
    assert general.got[-1].json["data"]["state"] == "closed"


def test_no_payload_holds_what_people_wrote(admin, engineer, receive, endpoint_at):
    """P-5: codes, ids and instants; what is written is read over the API, by whoever may"""
    receiver = receive()
    endpoint_at(admin, receiver)
    number = making.filed(admin, subject="Zebra", description="Zebra everywhere.").number
    add_customer_message(number=number, actor=admin, body="Zebra again.")
    reply_publicly(number=number, actor=engineer, body="Zebra?")
    escalate_request(number=number, actor=admin, reason="business_impact", justification="Zebra!")
    close_request(number=number, actor=engineer, ending=Ending("solved", "Zebra."))

    while send():
        pass

    assert len(receiver.got) > 6
    assert not any(b"zebra" in got.body.lower() for got in receiver.got)


# ── Who hears of it (P-5, P-6) ──────────────────────────────────────────────────────────────────────────────────────


def test_an_internal_note_never_leaves_to_customers(admin, engineer, lead, receive, endpoint_at):
    """P-5: nor does anything else that is for support staff"""
    theirs, ours = receive(), receive()
    endpoint_at(admin, theirs)
    endpoint_at(lead, ours)
    number = making.filed(admin).number
    add_internal_note(number=number, actor=engineer, body="Between us.")
    escalate_to_senior(number=number, actor=engineer, reason="technical_expertise", note="Please.")

    while send():
        pass

    assert [got.json["data"] for got in theirs.got if "internal" in got.json["data"]] == []
    assert theirs.types == ["request.created", "commitment.created"]
    assert ours.types == ["request.created", "commitment.created", "message.created", "request.escalated"]
    assert ours.got[2].json["data"]["internal"] is True


def test_an_internal_event_is_not_sent_to_a_customer_even_where_a_row_says_so(
    admin, engineer, lead, receive, endpoint_at
):
    """P-5: the second look, when it is sent"""
    receiver = receive()
    made = endpoint_at(admin, receiver, "message.created")
    endpoint_at(lead, HOOK, "message.created")
    number = making.filed(admin).number
    add_internal_note(number=number, actor=engineer, body="Between us.")
    Delivery.objects.filter(channel="webhook").update(endpoint=made.endpoint, destination="endpoint:x")

    send()

    assert receiver.got == []
    assert states(made) == ["cancelled"]


def test_another_organisation_hears_of_nothing(admin, receive, endpoint_at):
    """P-5"""
    receiver = receive()
    other = factories.make_organisation()
    endpoint_at(factories.actor(factories.make_person(other, "global_admin")), receiver)

    making.filed(admin)

    assert (send(), receiver.got) == (0, [])


def test_the_database_refuses_a_webhook_to_another_organisations_endpoint(admin, endpoint_at):
    """P-5: whatever writes the row"""
    made = endpoint_at(admin, HOOK)
    making.filed(admin)
    other = factories.make_organisation()

    for change in (
        lambda: webhooks_of(made).update(organisation=other),
        lambda: WebhookEndpoint.objects.update(organisation=other),
    ):
        with pytest.raises(IntegrityError, match="organisation"), transaction.atomic():
            change()


def test_a_closed_organisation_is_told_nothing_more(admin, lead, receive, endpoint_at):
    """P-6: judged when it is sent"""
    receiver = receive()
    made = endpoint_at(admin, receiver)
    making.filed(admin)
    organisation = Organisation.objects.get(pk=admin.organisation_id)
    close_organisation(slug=organisation.slug, actor=lead)

    send()

    assert receiver.got == []
    assert set(states(made)) == {"cancelled"}


def test_what_a_partner_made_ends_with_the_delegation(admin, organisation, receive, endpoint_at):
    """PA-1, P-6: and the partner looks after its own alone"""
    mine, theirs = receive(), receive()
    partner = factories.make_person(factories.make_partner(), "global_admin")
    delegation = factories.make_delegation(organisation, partner.organisation)
    acting = factories.actor(partner, customer=organisation)
    made = endpoint_at(acting, theirs)
    own = endpoint_at(admin, mine)
    making.filed(admin)
    while send():
        pass
    with pytest.raises(EndpointNotFound):
        rotate_secret(endpoint_id=own.endpoint.pk, actor=acting)

    end_delegation(delegation_id=delegation.pk, actor=admin)
    making.filed(admin)
    while send():
        pass

    assert (len(theirs.got), len(mine.got)) == (2, 4)
    made.endpoint.refresh_from_db()
    assert made.endpoint.off_reason == "access_ended"
    assert Event.objects.filter(kind="webhook_switched_off", data__reason="access_ended").count() == 1


def test_a_partner_without_the_duty_makes_none(organisation):
    """PA-1"""
    partner = factories.make_person(factories.make_partner(), "global_admin")
    factories.make_delegation(organisation, partner.organisation, duties=["billing_admin"])

    with pytest.raises(NotPermitted):
        create_endpoint(url=HOOK, types=TYPES, actor=factories.actor(partner, customer=organisation))


# ── Retries, order, crash ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_refused_webhook_is_tried_again_by_the_schedule_under_the_same_id(admin, receive, endpoint_at):
    """P-2: 5 s, 1 min, 5 min, 30 min, 2 h, 5 h, then every 10 h, ± 20 %"""
    receiver = receive(answered(500, b"Oh\x00 no"))
    made = endpoint_at(admin, receiver, "request.created")
    making.filed(admin)

    for pause in (5, 60, 300, 1800, 7200, 18000, 36000, 36000):
        assert send() == 1
        row, now = webhooks_of(made).get(), clock.now()
        waits = (row.next_attempt_at - now).total_seconds()
        assert pause * 0.8 <= waits <= pause * 1.2
        assert send() == 0
        shift(made, timedelta(seconds=pause * 1.2))

    assert {got.id for got in receiver.got} == {row.message_id}
    assert len({got.body for got in receiver.got}) == 1
    assert (row.state, row.last_error) == ("pending", "answered 500")
    attempt = WebhookAttempt.objects.first()
    assert (attempt.status, attempt.fault, attempt.answer) == (500, "", "Oh\ufffd no")


def test_the_events_of_a_request_wait_for_the_one_before(admin, engineer, receive, endpoint_at):
    """P-2: in order through an outage; other requests go on"""
    receiver = receive(answered(503))
    made = endpoint_at(admin, receiver, "request.created", "message.created")
    first, second = making.filed(admin).number, making.filed(admin).number
    reply_publicly(number=first, actor=engineer, body="We look.")

    assert send() == 2  # both filings, and not the reply
    assert send() == 0
    receiver.answer = answered(200)
    shift(made, timedelta(seconds=6))
    while send():
        pass

    taken = [(got.type, got.json["data"]["number"]) for got in receiver.got[2:]]
    assert taken.index(("request.created", first)) < taken.index(("message.created", first))
    assert ("request.created", second) in taken


def test_the_events_of_an_incident_wait_for_the_one_before_and_those_of_another_do_not(
    admin, lead, receive, endpoint_at
):
    """P-2: for whoever pays for what it touches"""
    receiver = receive(answered(503))
    made = endpoint_at(admin, receiver, "incident.declared", "incident.updated")
    first, second = declared(lead).number, declared(lead).number
    update_incident(number=first, body="A queue.", actor=lead)

    assert send() == 2  # both declarations, and not the update
    receiver.answer = answered(200)
    shift(made, timedelta(seconds=6))
    while send():
        pass

    taken = [(got.type, got.json["data"]["incident"]) for got in receiver.got[2:]]
    assert taken.index(("incident.declared", first)) < taken.index(("incident.updated", first))
    assert ("incident.declared", second) in taken


def test_whoever_sees_an_incident_by_a_request_of_theirs_hears_of_it_as_long_as_it_belongs(
    admin, engineer, lead, receive, endpoint_at
):
    """P-5, P-6: the rule of the mail; judged when it is written and again when it is sent"""
    receiver = receive()
    made = endpoint_at(admin, receiver, "incident.updated", "incident.resolved")
    mine, incident = making.filed(admin), declared(lead, countries=["DE"])
    link_incident(number=mine.number, incident_number=incident.number, actor=engineer)

    def told(say):
        before = len(states(made))
        update_incident(number=incident.number, body="News.", actor=lead)
        say()
        while send():
            pass
        return states(made)[before:]

    assert told(lambda: None) == ["sent"]
    unlink = functools.partial(link_incident, number=mine.number, incident_number=None, actor=engineer)
    assert told(unlink) == ["cancelled"]
    assert told(lambda: None) == []
    link_incident(number=mine.number, incident_number=incident.number, actor=engineer)
    close_request(number=mine.number, actor=engineer, ending=Ending("solved", "It flows."))
    assert told(lambda: None) == ["sent"]
    closed = ServiceRequest.objects.filter(pk=mine.pk)
    closed.update(closed_at=clock.now() - REOPEN_WINDOW - timedelta(seconds=1))
    assert told(lambda: None) == []
    assert [got.json["data"]["incident"] for got in receiver.got] == [incident.number] * 2


def test_a_poisonous_event_steps_aside_while_others_are_taken(admin, engineer, receive, endpoint_at):
    """P-9: refused three times, and the endpoint is well"""
    receiver = receive(answered(500))
    made = endpoint_at(admin, receiver, "request.created", "message.created")
    number = making.filed(admin).number
    reply_publicly(number=number, actor=engineer, body="We look.")
    for pause in (6, 72, 360):
        assert send() == 1
        shift(made, timedelta(seconds=pause))
    Delivery.objects.filter(endpoint=made.endpoint, notice="request.created").update(
        next_attempt_at=clock.now() + timedelta(hours=1)
    )
    assert send() == 0  # nobody knows yet whether it is the event or the receiver

    receiver.answer = answered(200)
    making.filed(admin)
    while send():
        pass

    assert receiver.types[3:] == ["request.created", "message.created"]
    assert states(made) == ["pending", "sent", "sent"]


def test_a_receiver_that_is_back_gets_at_once_what_waited_for_it(admin, receive, endpoint_at):
    """P-9: what met a server that was away"""
    receiver = receive(answered(503))
    made = endpoint_at(admin, receiver, "request.created")
    for _ in range(3):
        making.filed(admin)
    for pause in (6, 72, 360, 2160):
        while send():
            pass
        shift(made, timedelta(seconds=pause))
    while send():
        pass
    receiver.answer = answered(200)
    send_test(endpoint_id=made.endpoint.pk, actor=admin)

    while send():
        pass

    assert states(made) == ["sent"] * 4


def test_after_a_crash_the_same_webhook_goes_out_once_more_under_the_same_id(admin, receive, endpoint_at):
    """P-2: the lease lapses"""
    receiver = receive()
    made = endpoint_at(admin, receiver, "request.created")
    making.filed(admin)
    (claimed,) = webhook_outbox.claim(10, failing=5)  # and then this process died
    assert send() == 0

    shift(made, timedelta(seconds=61))

    assert send() == 1
    assert [got.id for got in receiver.got] == [claimed.message_id]
    assert webhooks_of(made).get().attempts == 2


def test_a_slow_receiver_delays_only_itself(admin, receive, endpoint_at):
    """P-9: two on their way to it, and everything to another"""
    free = threading.Event()
    slow, quick = receive(lambda client: free.wait(20) and client.sendall(answered(200))), receive()
    made, other = endpoint_at(admin, slow, "request.created"), endpoint_at(admin, quick, "request.created")
    for _ in range(5):
        making.filed(admin)
    counts = []

    def watch():
        counts.append((len(slow.got), len(quick.got)))
        if len(quick.got) == 5:
            free.set()
        return True

    send_all(within=LONG, going=watch)

    assert max(before for before, after in counts if after < 5) <= 2
    assert states(made) == states(other) == ["sent"] * 5


def test_an_endpoint_that_is_full_takes_nobodys_place(admin, lead, endpoint_at):
    """P-9: nor does an organisation whose endpoints are"""
    full, other = endpoint_at(admin, HOOK, "request.created"), endpoint_at(lead, HOOK, "request.created")
    for _ in range(3):
        making.filed(admin)
    Delivery.objects.filter(endpoint=other.endpoint).update(next_attempt_at=clock.now())  # it waits less long

    claimed = [[row.endpoint_id for row in webhook_outbox.claim(batch, failing=1)] for batch in (2, 1, 1, 1)]

    assert claimed == [[full.endpoint.pk] * 2, [other.endpoint.pk], [other.endpoint.pk], []]


def test_endpoints_that_fail_leave_half_of_the_connections_to_the_others(admin, receive, endpoint_at):
    """P-9"""
    made = endpoint_at(admin, HOOK, "request.created")
    WebhookEndpoint.objects.update(failing_since=clock.now())
    making.filed(admin)

    assert webhook_outbox.claim(4, failing=0) == []
    assert [row.endpoint_id for row in webhook_outbox.claim(4, failing=1)] == [made.endpoint.pk]


# ── Outcomes ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (answered(302, b"", "Location: http://127.0.0.1:1/"), "answered 302"),
        (answered(400), "answered 400"),
        (answered(503), "server away: answered 503"),
        (lambda client: client.close(), "server away: answer"),
        (b"nonsense\r\n\r\n", "server away: answer"),
    ],
)
def test_only_2xx_counts_and_no_redirect_is_followed(admin, receive, endpoint_at, answer, error):
    """Outgoing requests: a redirect is a failure"""
    receiver = receive(answer)
    made = endpoint_at(admin, receiver, "request.created")
    making.filed(admin)

    send()

    assert webhooks_of(made).get().last_error == error
    assert len(receiver.got) == 1


def http_date(at):
    return at.strftime("%a, %d %b %Y %H:%M:%S GMT")


@pytest.mark.parametrize(
    ("status", "asked", "within"),
    [
        (429, "600", (600, 600)),
        (503, lambda now: http_date(now + timedelta(seconds=600)), (598, 600)),
        (503, "1", (4, 6)),  # never sooner than of ourselves
        (429, "0", (4, 6)),
        (429, "86400", (36_000, 36_000)),  # and ten hours at most
        (429, "9" * 12, (36_000, 36_000)),
        (429, lambda now: http_date(now + timedelta(days=4_000)), (36_000, 36_000)),
        (429, lambda now: http_date(now - timedelta(days=1)), (4, 6)),
        (429, "soon", (4, 6)),
        (429, "-5", (4, 6)),
        (429, "9" * 400, (4, 6)),
        (429, "Tue, 99 Nov 2026 08:00:00 GMT", (4, 6)),
        (500, "600", (4, 6)),  # only who is away or overrun is asked when to come back
    ],
)
def test_a_receiver_can_ask_to_be_left_alone(admin, receive, endpoint_at, status, asked, within):
    """P-9: Retry-After, within bounds"""
    now = clock.now()
    value = asked(now) if callable(asked) else asked
    made = endpoint_at(admin, receive(answered(status, b"", f"Retry-After: {value}")), "request.created")
    making.filed(admin)

    send()

    pause = (webhooks_of(made).get().next_attempt_at - now).total_seconds()
    assert within[0] <= pause <= within[1] + 1


def test_a_receiver_that_asked_to_be_left_alone_is_told_nothing_at_all(admin, receive, endpoint_at):
    """P-9: neither what it refused, nor what comes new; then all of it, in order"""
    receiver = receive(answered(429, b"", "Retry-After: 600"))
    made = endpoint_at(admin, receiver, "request.created", "message.created")
    first = making.filed(admin)
    send()
    add_customer_message(number=first.number, actor=admin, body="It goes on.")
    making.filed(admin)

    assert (send(), webhook_outbox.is_waiting(since=clock.now())) == (0, False)
    shift(made, timedelta(seconds=599))
    assert send() == 0
    receiver.answer = answered(204)
    shift(made, timedelta(seconds=1))
    while send():
        pass

    assert states(made) == ["sent"] * 3
    assert [got.json["data"]["number"] for got in receiver.got if got.json["data"]["number"] == first.number] == [
        first.number
    ] * 3


@pytest.mark.parametrize("act", ["test", "again", "missed", "address"])
def test_whoever_looks_after_an_endpoint_ends_its_quiet(admin, receive, endpoint_at, act):
    """They know that the receiver is back"""
    receiver = receive(answered(429, b"", "Retry-After: 600"))
    made = endpoint_at(admin, receiver, "request.created")
    making.filed(admin)
    send()
    receiver.answer = answered(204)
    endpoint, delivery = made.endpoint.pk, webhooks_of(made).get().pk

    {
        "test": lambda: send_test(endpoint_id=endpoint, actor=admin),
        "again": lambda: send_again(endpoint_id=endpoint, delivery_id=delivery, actor=admin),
        "missed": lambda: send_missed(endpoint_id=endpoint, since=clock.now() - timedelta(days=1), actor=admin),
        "address": lambda: change_endpoint(endpoint_id=endpoint, actor=admin, wanted=Wanted(url=f"{receiver.url}2")),
    }[act]()
    if act == "address":
        making.filed(admin)

    assert send() in (1, 2)  # what is taken wakes what met a server that was away
    assert len(receiver.got) > 1


def test_an_endless_answer_is_cut_and_its_status_counts(admin, receive, endpoint_at):
    """Outgoing requests: 64 KiB are read"""

    def flood(client):
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
        while True:
            client.sendall(b"x" * 65536)

    receiver = receive(flood)
    made = endpoint_at(admin, receiver, "request.created")
    making.filed(admin)

    send()

    assert states(made) == ["sent"]
    assert WebhookAttempt.objects.get().answer == "x" * 1000


@pytest.mark.parametrize(("address", "told"), [("10.0.0.1", 0), ("169.254.169.254", 0), ("127.0.0.1", 1)])
def test_a_name_is_judged_by_where_it_leads_at_each_attempt(admin, receive, endpoint_at, monkeypatch, address, told):
    """Outgoing requests: a name that leads inward later gains nothing (DNS rebinding)"""
    receiver = receive()
    port = receiver.url.rpartition(":")[2]
    made = endpoint_at(admin, f"http://rebinding.example:{port}", "request.created")
    monkeypatch.setattr(outgoing, "resolve", lambda host, port: [ipaddress.ip_address(address)])
    making.filed(admin)

    send()

    assert len(receiver.got) == told
    assert webhooks_of(made).get().last_error == ("" if told else "server away: address")


def test_410_switches_an_endpoint_off_and_its_keepers_are_told(admin, organisation, receive, endpoint_at):
    """P-10: on record; what had not gone out counts as failed"""
    keeper = factories.make_person(organisation, "global_admin")
    helper = factories.make_person(organisation, "service_support_admin")
    receiver = receive(answered(410))
    made = endpoint_at(admin, receiver)
    making.filed(admin)

    send()
    making.filed(admin)

    made.endpoint.refresh_from_db()
    assert (made.endpoint.off_reason, made.endpoint.is_on) == ("gone", False)
    assert states(made) == ["failed", "failed"]
    told = Delivery.objects.filter(notice="webhook_switched_off")
    assert set(told.values_list("person", "channel")) >= {(keeper.pk, "mail"), (keeper.pk, "portal")}
    assert not told.filter(person=helper.pk).exists()
    assert Event.objects.get(kind="webhook_switched_off").data == {"endpoint": made.endpoint.pk, "reason": "gone"}
    with pytest.raises(EndpointOff):
        send_test(endpoint_id=made.endpoint.pk, actor=admin)


@pytest.mark.parametrize(("over", "is_on"), [(timedelta(0), True), (timedelta(microseconds=1), False)])
def test_five_days_of_failure_switch_an_endpoint_off(admin, receive, endpoint_at, over, is_on):
    """And not a moment less"""
    receiver = receive(answered(500))
    made = endpoint_at(admin, receiver, "request.created")
    making.filed(admin)
    send()
    shift(made, timedelta(hours=1))
    WebhookEndpoint.objects.update(failing_since=clock.now() - timedelta(days=5) - over)

    send()

    made.endpoint.refresh_from_db()
    assert (made.endpoint.is_on, made.endpoint.off_reason) == (is_on, "" if is_on else "failing")


def test_one_success_begins_the_five_days_anew(admin, receive, endpoint_at):
    receiver = receive(answered(500))
    made = endpoint_at(admin, receiver, "request.created")
    making.filed(admin)
    send()
    made.endpoint.refresh_from_db()
    assert made.endpoint.failing_since

    receiver.answer = answered(200)
    making.filed(admin)
    send()

    made.endpoint.refresh_from_db()
    assert (made.endpoint.failing_since, bool(made.endpoint.delivered_at)) == (None, True)


def test_a_restored_database_holds_its_webhooks(admin, receive, endpoint_at):
    """P-2: until an operator releases them"""
    receiver = receive()
    made = endpoint_at(admin, receiver, "request.created")
    holding.heed_restore()
    making.filed(admin)
    holding.hold_by_hand()

    assert (send(), states(made)) == (0, ["held"])
    with pytest.raises(NotToBeSentAgain):
        send_again(endpoint_id=made.endpoint.pk, delivery_id=webhooks_of(made).get().pk, actor=admin)
    release(chosen=Choice())

    assert (send(), receiver.types) == (1, ["request.created"])


def test_one_poisoned_delivery_stops_nobody(admin, receive, endpoint_at):
    """P-9: one whose secret lies under another key ends as failed after eight tries"""
    receiver = receive()
    broken, well = endpoint_at(admin, HOOK, "request.created"), endpoint_at(admin, receiver, "request.created")
    WebhookEndpoint.objects.filter(pk=broken.endpoint.pk).update(sealed_secret="x")
    making.filed(admin)

    for _ in range(8):
        send()
        shift(broken, timedelta(hours=12))

    assert (states(broken), states(well)) == (["failed"], ["sent"])


def test_the_sweeper_sends_when_nobody_has_for_half_a_minute(admin, receive, endpoint_at):
    """P-9: the second road; what waits for its turn is no alarm"""
    made = endpoint_at(admin, receive(answered(503)), "request.created", "message.created")
    number = making.filed(admin).number
    assert not is_stale()
    shift(made, timedelta(seconds=31))
    assert is_stale()

    send()
    add_customer_message(number=number, actor=admin, body="More.")
    shift(made, timedelta(seconds=31))
    Delivery.objects.filter(notice="request.created").update(next_attempt_at=clock.now() + timedelta(hours=1))

    assert not is_stale()


# ── Endpoints ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_for_a_day_after_a_rotation_both_secrets_verify(admin, receive, endpoint_at):
    """And no longer"""
    receiver = receive()
    made = endpoint_at(admin, receiver, "request.created")
    other = rotate_secret(endpoint_id=made.endpoint.pk, actor=admin)
    making.filed(admin)
    send()
    for secret in (made.secret, other.secret):
        Webhook(secret).verify(receiver.got[0].body, receiver.got[0].headers)

    WebhookEndpoint.objects.update(former_until=clock.now())
    making.filed(admin)
    send()

    Webhook(other.secret).verify(receiver.got[1].body, receiver.got[1].headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(made.secret).verify(receiver.got[1].body, receiver.got[1].headers)


def test_no_secret_stands_in_the_database(admin, endpoint_at):
    made = endpoint_at(admin, HOOK)

    row = WebhookEndpoint.objects.filter(pk=made.endpoint.pk).values().get()

    assert made.secret.startswith("whsec_")
    assert made.secret not in str(row)
    assert "hooks.example.com" not in str([event.data for event in Event.objects.filter(kind="webhook_added")])


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("http://hooks.example.com/", "url"),
        ("https://user:secret@hooks.example.com/", "url"),
        ("https://hooks.example.com:22/", "url"),
        ("https://10.0.0.1/", "address"),
        ("https://[::1]/", "address"),
        ("https://169.254.169.254/", "address"),
        ("ftp://hooks.example.com/", "url"),
    ],
)
def test_an_address_that_could_never_be_told_is_refused(admin, settings, url, fault):
    """Outgoing requests"""
    settings.OUTGOING_ALLOW, settings.OUTGOING_PLAIN_HTTP = [], False

    with pytest.raises(InvalidEndpoint) as refusal:
        create_endpoint(url=url, types=["request.created"], actor=admin)

    assert refusal.value.fault == fault
    assert not WebhookEndpoint.objects.exists()


def test_there_are_twenty_at_most(admin, endpoint_at):
    made = [endpoint_at(admin, HOOK) for _ in range(MOST)]
    with pytest.raises(TooManyEndpoints):
        endpoint_at(admin, HOOK)

    remove_endpoint(endpoint_id=made[0].endpoint.pk, actor=admin)

    assert endpoint_at(admin, HOOK)


def test_an_endpoint_that_is_switched_off_hears_of_nothing_until_it_is_on(admin, receive, endpoint_at):
    receiver = receive()
    made = endpoint_at(admin, receiver, "request.created")
    pk = made.endpoint.pk
    making.filed(admin)
    change_endpoint(endpoint_id=pk, wanted=Wanted(active=False), actor=admin)
    making.filed(admin)
    assert (send(), states(made)) == (0, ["failed"])

    change_endpoint(endpoint_id=pk, wanted=Wanted(active=True), actor=admin)
    assert send_missed(endpoint_id=pk, since=datetime(2026, 1, 1, tzinfo=UTC), actor=admin) == 1

    assert (send(), states(made)) == (1, ["sent"])


def test_what_was_refused_while_an_endpoint_was_off_counts_no_more_once_it_is_on(admin, receive, endpoint_at):
    """The five days of failure begin with the first refusal after that."""
    made = endpoint_at(admin, receive(answered(500)), "request.created")
    pk = made.endpoint.pk
    making.filed(admin)
    (on_its_way,) = webhook_outbox.claim(1, failing=1)
    change_endpoint(endpoint_id=pk, wanted=Wanted(active=False), actor=admin)
    webhook_outbox.settle(on_its_way, webhook_outbox.Outcome(timedelta(0), fault="timeout"))
    WebhookEndpoint.objects.filter(pk=pk, failing_since__isnull=False).update(
        failing_since=clock.now() - timedelta(days=6)
    )
    change_endpoint(endpoint_id=pk, wanted=Wanted(active=True), actor=admin)
    making.filed(admin)

    send()

    made.endpoint.refresh_from_db()
    assert made.endpoint.is_on


def test_a_removed_endpoint_keeps_its_log_and_nothing_else(admin, receive, endpoint_at):
    made = endpoint_at(admin, receive(), "request.created")
    making.filed(admin)
    send()
    making.filed(admin)

    remove_endpoint(endpoint_id=made.endpoint.pk, actor=admin)

    made.endpoint.refresh_from_db()
    assert (made.endpoint.url, made.endpoint.sealed_secret, send()) == ("", "", 0)
    assert states(made) == ["sent", "failed"]
    with pytest.raises(EndpointNotFound):
        rotate_secret(endpoint_id=made.endpoint.pk, actor=admin)


def test_what_was_taken_can_be_sent_again_under_the_same_id(admin, receive, endpoint_at):
    """P-2: whoever counts ids sees that it is a repeat"""
    receiver = receive()
    made = endpoint_at(admin, receiver, "request.created")
    making.filed(admin)
    send()

    send_again(endpoint_id=made.endpoint.pk, delivery_id=webhooks_of(made).get().pk, actor=admin)
    send()

    assert len(receiver.got) == 2
    assert len({got.id for got in receiver.got}) == 1


def test_ten_tests_an_hour(admin, receive, endpoint_at):
    """RELIABILITY section 3"""
    receiver = receive()
    made = endpoint_at(admin, receiver, "request.created")
    for _ in range(10):
        send_test(endpoint_id=made.endpoint.pk, actor=admin)
    with pytest.raises(TooMany):
        send_test(endpoint_id=made.endpoint.pk, actor=admin)

    while send():
        pass

    assert receiver.types == [TEST] * 10


def test_the_log_goes_with_retention_failed_ones_too(admin, receive, endpoint_at, settings):
    made = endpoint_at(admin, receive(answered(410)), "request.created", "commitment.created")
    making.filed(admin)
    send()
    assert set(states(made)) == {"failed"}
    remove_endpoint(endpoint_id=made.endpoint.pk, actor=admin)

    apply_retention(now=clock.now() + timedelta(days=80))
    assert webhooks_of(made).count() == 2
    for _ in range(2):
        apply_retention(now=clock.now() + timedelta(days=100))

    assert not WebhookEndpoint.objects.exists()
    assert not WebhookAttempt.objects.exists()


def test_every_kind_of_event_is_told_or_left_out_on_purpose():
    """A new kind of event makes somebody decide"""
    left_out = {
        EventKind.REMINDED,
        EventKind.SURVEY_ASKED,
        EventKind.SURVEY_ANSWERED,
        EventKind.TIMER_RETRIED,
        EventKind.RESPONDED,  # told as commitment.kept, or with the answer
        EventKind.ESCALATED,  # by its step
    }

    assert set(EventKind) - set(OF_KIND) - set(webhooks.CHANGES) == left_out
