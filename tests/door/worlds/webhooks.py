"""A webhook endpoint of each tenant, and one of the desk, before anything happens; what they were sent; an answer."""

from __future__ import annotations

from datetime import timedelta

from accounts.models import Delivery
from accounts.outgoing import Answer
from tests.door.worlds import ORGANISATION, Tenant, World
from tickets.services.endpoints import create_endpoint, send_test
from tickets.services.webhook_outbox import Outcome, settle

ORDER = 18
CODES = {
    "accounts_webhookendpoint": {
        "types": "codes",
        "off_reason": "a code",
        "sealed_secret": "encrypted",
        "former_secret": "encrypted",
    }
}


def prepare(world: World) -> None:
    """One of the desk, which hears of both tenants."""
    made = create_endpoint(url="https://desk.example.com/", types=["request.created"], actor=world.actor("lead"))
    world.common["webhook"] = made.endpoint.pk
    delivery = send_test(endpoint_id=made.endpoint.pk, actor=world.actor("lead"))
    settle(Delivery.objects.get(pk=delivery.pk), Outcome(timedelta(milliseconds=80), Answer(204, {}, b"")))
    world.common["webhook_sent"] = delivery.pk


def furnish(world: World, tenant: Tenant) -> None:
    """An endpoint that has taken one delivery; nobody answers at its address."""
    made = create_endpoint(
        url=f"https://hooks.example.com/{tenant.says(ORGANISATION, 'hook', joint='-')}",
        types=["request.created", "message.created"],
        description=tenant.says(ORGANISATION, "to our tracker"),
        actor=tenant.actor("admin"),
    )
    tenant.knows("webhook", made.endpoint.pk, ORGANISATION)
    delivery = send_test(endpoint_id=made.endpoint.pk, actor=tenant.actor("admin"))
    tenant.knows("webhook_sent", delivery.pk, ORGANISATION)
    failed = send_test(endpoint_id=made.endpoint.pk, actor=tenant.actor("admin"))
    Delivery.objects.filter(pk=failed.pk).update(state="failed", attempts=12, last_error="answered 500")
    words = tenant.says(ORGANISATION, "thank you").encode()
    settle(Delivery.objects.get(pk=delivery.pk), Outcome(timedelta(milliseconds=80), Answer(200, {}, words)))
