"""Calls and answers of delegations, for the schema."""

from __future__ import annotations

from typing import Any

from accounts.api.schema import answered, sent

NORTH_STAR, LOTUS = {"slug": "north-star", "name": "North Star"}, {"slug": "lotus-foods", "name": "Lotus Foods"}
TERMS = {"duties": ["exchange_admin", "reader"], "expires_at": "2027-11-30T16:00:00Z"}
DELEGATION: dict[str, Any] = {
    "id": 7,
    "customer": LOTUS,
    "partner": NORTH_STAR,
    **TERMS,
    "granted_at": "2026-11-24T04:05:00Z",
    "ended_at": None,
    "in_force": True,
    "for_everybody": True,
    "people": None,
}
ASK: dict[str, Any] = {
    "id": 3,
    "state": "open",
    "partner": NORTH_STAR,
    "customer": "lotus-foods",
    "duties": ["exchange_admin", "reader"],
    "wished_until": "2027-11-30T16:00:00Z",
    "reason": "We move your mailboxes, and look after them for a year.",
    "asked_by": "Robin North",
    "asked_at": "2026-11-24T04:00:00Z",
    "lapses_at": "2026-12-24T04:00:00Z",
    "settled_at": None,
    "answer": "",
    "delegation": None,
}
WISH = {name: ASK[name] for name in ("customer", "duties", "wished_until", "reason")}
ANSWERED_AT = "2026-11-25T01:00:00Z"


GRANT = [sent("Appoint a partner", {"partner": "north-star", **TERMS}), answered("Granted", DELEGATION, status=201)]
END = [
    sent("End it", {}),
    answered("Ended", {**DELEGATION, "ended_at": ANSWERED_AT, "in_force": False}),
]
PEOPLE = [
    sent("Only one person", {"people": [{"person": 12, "duties": ["reader"]}]}),
    sent("Everybody with a role", {"people": None}),
    answered(
        "Only one person",
        {
            **DELEGATION,
            "for_everybody": False,
            "people": [{"person": 12, "name": "Kit Star", "duties": ["reader"]}],
        },
    ),
]
MAKE_ASK = [sent("Ask a customer", WISH), answered("Asked", ASK, status=201)]
GRANT_ASK = [
    sent("Grant less than was asked for", {"duties": ["reader"], "expires_at": "2027-05-31T16:00:00Z"}),
    answered("Granted", {**DELEGATION, "duties": ["reader"], "expires_at": "2027-05-31T16:00:00Z"}, status=201),
]
DECLINE_ASK = [
    sent("Decline", {"reason": "We have another partner."}),
    answered("Declined", {**ASK, "state": "declined", "settled_at": ANSWERED_AT, "answer": "We have another partner."}),
]
WITHDRAW_ASK = [
    sent("Withdraw", {}),
    answered("Withdrawn", {**ASK, "state": "withdrawn", "settled_at": ANSWERED_AT}),
]
