"""Webhook endpoints of a tenant and their deliveries, on pages and over the API."""

from __future__ import annotations

from typing import Any

from tests.door.recipes import Common, Of, operation

ENDPOINT, DELIVERY = {"endpoint_id": Of("webhook")}, {"endpoint_id": Of("webhook"), "delivery_id": Of("webhook_sent")}
WISH: dict[str, Any] = {"url": "https://hooks.example.com/x", "types": ["request.created"]}

operation("api-webhooks", by="admin", shows=True, pages="cursor")
operation("api-webhooks", "POST", by="admin", body=WISH)
operation("api-webhook", by="admin", path=ENDPOINT, shows=True)
operation("api-webhook", "PATCH", by="admin", path=ENDPOINT, body={"types": ["request.closed"]})
operation("api-webhook", "DELETE", by="admin", path=ENDPOINT)
operation("api-webhook-rotate", "POST", by="admin", path=ENDPOINT, body={})
operation("api-webhook-test", "POST", by="admin", path=ENDPOINT, body={})
operation("api-webhook-redeliver", "POST", by="admin", path=ENDPOINT, body={"since": "2026-01-01T00:00:00Z"})
operation("api-webhook-deliveries", by="admin", path=ENDPOINT, shows=True, pages="cursor")
operation("api-webhook-delivery", by="admin", path=DELIVERY, shows=True)
operation("api-webhook-delivery-redeliver", "POST", by="admin", path=DELIVERY, body={})

FORM: dict[str, Any] = {**WISH, "description": "For us"}
operation("tickets:webhooks", by="admin", shows=True)
operation("tickets:webhooks", "POST", by="admin", body=FORM)
operation("tickets:webhook", by="admin", path=ENDPOINT, shows=True, pages="cursor")
operation("tickets:webhook", "POST", by="admin", path=ENDPOINT, body={**FORM, "version": "1"})
operation("tickets:webhook_act", by="admin", path={**ENDPOINT, "act": "test"})
operation("tickets:webhook_act", "POST", by="admin", path={**ENDPOINT, "act": "test"}, body={})
operation("tickets:webhook_delivery", by="admin", path=DELIVERY, shows=True)
operation("tickets:webhook_delivery", "POST", by="admin", path=DELIVERY, body={})

DESK, DESK_SENT = (
    {"endpoint_id": Common("webhook")},
    {"endpoint_id": Common("webhook"), "delivery_id": Common("webhook_sent")},
)
operation("tickets:staff_webhooks", by="lead")
operation("tickets:staff_webhooks", "POST", by="lead", body=FORM)
operation("tickets:staff_webhook", by="lead", path=DESK, pages="cursor")
operation("tickets:staff_webhook", "POST", by="lead", path=DESK, body={**FORM, "version": "1"})
operation("tickets:staff_webhook_act", by="lead", path={**DESK, "act": "test"})
operation("tickets:staff_webhook_act", "POST", by="lead", path={**DESK, "act": "test"}, body={})
operation("tickets:staff_webhook_delivery", by="lead", path=DESK_SENT)
operation("tickets:staff_webhook_delivery", "POST", by="lead", path=DESK_SENT, body={})
