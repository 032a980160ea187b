"""Calls and answers of webhooks, for the schema; and a payload of each type, for people."""

from __future__ import annotations

from typing import Any

from accounts.api.schema import answered, sent
from tickets.webhooks import APPROACHING, ESCALATED, MESSAGE, TEST, UPDATED

REQUEST: dict[str, Any] = {
    "number": "SR-482913077",
    "organisation": "contoso",
    "state": "awaiting_response",
    "severity": "A",
    "kind": "technical",
    "category": "technical.configuration",
    "due_at": "2026-11-24T05:05:00Z",
    "is_test": False,
    "url": "https://support.example.com/api/v1/service-requests/SR-482913077/",
    "by": "customer",
}
IN_PROGRESS = {**REQUEST, "state": "in_progress", "due_at": None}
CLOSED = {**IN_PROGRESS, "state": "closed", "by": "support"}
INCIDENT: dict[str, Any] = {
    "incident": "INC-2026-48213",
    "state": "investigating",
    "impact": "degradation",
    "services": ["exchange_online"],
    "countries": ["JP", "TW"],
    "started_at": "2026-11-24T03:40:00Z",
    "resolved_at": None,
    "version": 1,
    "organisation": "contoso",
    "url": "https://support.example.com/api/v1/incidents/INC-2026-48213/",
}
# Of each type, the part `data`; docs/webhooks.md shows these very ones.
DATA: dict[str, dict[str, Any]] = {
    "request.created": REQUEST,
    UPDATED: {**IN_PROGRESS, "change": "contact_changed"},
    MESSAGE: {
        **IN_PROGRESS,
        "by": "support",
        "message": {"id": 91, "kind": "reply"},
    },
    "severity.changed": {**REQUEST, "by": "support", "from": "B", "to": "A"},
    "severity.disputed": {**REQUEST, "severity": "B", "from": "B", "to": "A"},
    "severity.settled": {**REQUEST, "by": "support", "outcome": "agreed"},
    "commitment.created": {
        **REQUEST,
        "by": "portal",
        "commitment": {"due_at": "2026-11-24T05:05:00Z", "reason": "filed"},
    },
    "commitment.kept": {**IN_PROGRESS, "by": "support", "commitment": {"due_at": "2026-11-24T05:05:00Z"}},
    APPROACHING: {
        **REQUEST,
        "by": "portal",
        "commitment": {"due_at": "2026-11-24T05:05:00Z", "percent": 75},
    },
    "commitment.breached": {
        **REQUEST,
        "by": "portal",
        "commitment": {"due_at": "2026-11-24T05:05:00Z", "severity": "A"},
    },
    ESCALATED: {**IN_PROGRESS, "escalation": {"to": "management", "reason": "business_impact"}},
    "request.closed": {
        **CLOSED,
        "resolution": "solved",
        "reopen_until": "2026-12-08T04:05:00Z",
        "message": {"id": 97, "kind": "reply"},
    },
    "request.reopened": {**REQUEST, "cycle": 2},
    "request.archived": {**CLOSED, "state": "archived", "by": "portal"},
    "incident.declared": INCIDENT,
    "incident.updated": {**INCIDENT, "state": "identified", "version": 2},
    "incident.resolved": {**INCIDENT, "state": "resolved", "resolved_at": "2026-11-24T06:10:00Z", "version": 3},
    TEST: {"endpoint": 7, "sent_at": "2026-11-24T04:05:00Z"},
}
ENDPOINT: dict[str, Any] = {
    "id": 7,
    "url": "https://hooks.contoso.example/support",
    "description": "Mirrors requests into our tracker",
    "types": ["request.created", MESSAGE, "request.closed"],
    "active": True,
    "off_reason": None,
    "switched_off_at": None,
    "failing_since": None,
    "delivered_at": "2026-11-24T04:05:00Z",
    "former_secret_until": None,
    "partner": None,
    "created_at": "2026-11-01T08:00:00Z",
}
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="  # noqa: S105 - an example
DELIVERY: dict[str, Any] = {
    "id": 5012,
    "message_id": "msg_6f1c2a0d9b1e4d6f8a7b3c5d2e1f0a9b",
    "type": "request.created",
    "number": "SR-482913077",
    "state": "pending",
    "attempts": 1,
    "created_at": "2026-11-24T04:05:00Z",
    "delivered_at": None,
    "next_attempt_at": "2026-11-24T04:05:06Z",
    "tries": [
        {"at": "2026-11-24T04:05:01Z", "took_ms": 212, "status": 503, "fault": None, "answer": "Service Unavailable"}
    ],
    "payload": {"type": "request.created", "timestamp": "2026-11-24T04:05:00Z", "data": DATA["request.created"]},
}
_WISH = {name: ENDPOINT[name] for name in ("url", "description", "types")}
CREATE = [
    sent("Mirror requests", _WISH),
    answered("Made", {**ENDPOINT, "delivered_at": None, "secret": SECRET}, status=201),
]
READ = [answered("An endpoint", ENDPOINT)]
CHANGE = [
    sent("Hear of more", {"types": [*ENDPOINT["types"], "commitment.breached"]}),
    sent("Switch on again", {"active": True}),
    answered("Changed", ENDPOINT),
]
_NOTHING = sent("Nothing to say", {})
ROTATE = [
    _NOTHING,
    answered("A new secret", {**ENDPOINT, "former_secret_until": "2026-11-25T04:05:00Z", "secret": SECRET}),
]
DELIVERED = [answered("A delivery", DELIVERY)]
TESTED = [
    _NOTHING,
    answered("On its way", {**DELIVERY, "type": TEST, "number": None, "attempts": 0, "tries": []}, status=202),
]
RESENT = [_NOTHING, answered("On its way again", {**DELIVERY, "attempts": 0}, status=202)]
RESEND = [
    sent("All since an outage", {"since": "2026-11-24T02:00:00Z"}),
    answered("How many", {"count": 18}),
]
