"""Senders side by side: none takes what another has, and the order of a request holds (P-2)."""

from __future__ import annotations

import time
from collections import Counter
from itertools import count

from accounts.models import Delivery, WebhookEndpoint
from tests import factories
from tests.receivers import Receiver
from tests.tickets import making
from tests.tickets.api.calling import in_threads
from tickets.services.conversation import add_customer_message
from tickets.services.endpoints import Wanted, change_endpoint, create_endpoint
from tickets.services.webhook_sender import Sender

TYPES = ["request.created", "message.created"]


def send_until_nothing_waits() -> None:
    """One sender, until everything is out; it ends by itself after a while."""
    sender, until = Sender(4), time.monotonic() + 30
    while Delivery.objects.filter(channel="webhook", state="pending").exists() and time.monotonic() < until:
        sender.turn()
    while not sender.is_idle:
        sender.settle_some()
    sender.close()


def test_four_senders_tell_each_event_once_and_in_order(own_database, settings):
    """P-2: while somebody changes the endpoint all the time"""
    settings.OUTGOING_ALLOW, settings.OUTGOING_PLAIN_HTTP = ["127.0.0.0/8"], True
    organisation = factories.make_organisation()
    factories.make_subscription(organisation)
    admin, receiver = factories.actor(factories.make_person(organisation, "global_admin")), Receiver()
    endpoint = create_endpoint(url=receiver.url, types=TYPES, actor=admin).endpoint
    numbers = [making.filed(admin).number for _ in range(3)]
    for i in range(4):
        for number in numbers:
            add_customer_message(number=number, actor=admin, body=f"Message {i}")
    versions = count(1)

    def change() -> None:
        while Delivery.objects.filter(channel="webhook", state="pending").exists() and next(versions) < 200:
            wanted = Wanted(description=f"The {next(versions)}th")
            change_endpoint(endpoint_id=endpoint.pk, wanted=wanted, actor=admin)

    outcomes = in_threads(*[send_until_nothing_waits] * 4, change)
    receiver.close()

    assert outcomes == [None] * 5
    assert set(Delivery.objects.filter(channel="webhook").values_list("state", "attempts")) == {("sent", 1)}
    assert set(Counter(got.id for got in receiver.got).values()) == {1}
    for number in numbers:
        told = [got.json["data"] for got in receiver.got if got.json["data"]["number"] == number]
        said = [data["message"]["id"] for data in told[1:]]
        assert ("message" not in told[0], len(said), said) == (True, 4, sorted(said))
    assert WebhookEndpoint.objects.get().failing_since is None
