"""Webhook endpoints of a tenant and their deliveries, on pages and over the API."""

from __future__ import annotations

from typing import Any

from tests.door.recipes import Of, operation

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
