"""Calls and answers of incidents, for the schema."""

from __future__ import annotations

from typing import Any

from accounts.api.schema import answered, sent
from tickets.api.examples import SHOWN

WORDS = "Mail arrives late in Asia Pacific. We are looking for the cause and tell you more within 30 minutes."
INCIDENT: dict[str, Any] = {
    "number": "INC-2026-48213",
    "title": "Mail is delivered late",
    "services": ["exchange_online"],
    "countries": ["JP", "TW"],
    "impact": "degradation",
    "state": "investigating",
    "started_at": "2026-11-24T03:40:00Z",
    "declared_at": "2026-11-24T04:05:00Z",
    "updated_at": "2026-11-24T04:05:00Z",
    "resolved_at": None,
    "last_update": WORDS,
}
UPDATED = {
    "id": 12,
    "state": "identified",
    "body": "A queue of the transport is full. We drain it by hand.",
    "at": "2026-11-24T04:30:00Z",
    "internal": False,
    "author": {"id": 17, "name": "Aiko Sato"},
}
FOLLOWING = {"number": INCIDENT["number"], "following": True}
READ = [answered("An incident", INCIDENT)]
DECLARE = [
    sent(
        "Mail is late in two countries",
        {
            "title": INCIDENT["title"],
            "services": INCIDENT["services"],
            "countries": INCIDENT["countries"],
            "impact": INCIDENT["impact"],
            "started_at": INCIDENT["started_at"],
            "body": WORDS,
        },
    ),
    answered("Declared", INCIDENT, status=201),
]
CHANGE = [sent("It is worse", {"impact": "outage"}), answered("Changed", {**INCIDENT, "impact": "outage"})]
UPDATE = [
    sent("The cause is known", {"state": "identified", "body": UPDATED["body"]}),
    sent("A note for the desk", {"internal": True, "body": "The transport team drains the queue until 13:00."}),
    answered("Written", UPDATED, status=201),
]
FOLLOWS = [answered("Followed", FOLLOWING)]
FOLLOW = [
    sent("Follow", {"following": True}),
    sent("Follow no longer", {"following": False}),
    answered("Followed", FOLLOWING),
]
LINK = [
    sent("It belongs to none", {"incident": None}),
    answered(
        "It belongs to one",
        {**SHOWN, "incident": {name: INCIDENT[name] for name in ("number", "title", "impact", "state")}},
    ),
]
