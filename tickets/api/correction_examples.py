"""Calls and answers of corrections, for the schema."""

from __future__ import annotations

from accounts.api.schema import answered, sent
from tickets.api.examples import COMMITMENT, SHOWN

CORRECTION = [
    sent("Trouble in the customer's network", {"scope": "customer_network", "note": "Their proxy answers with 407."}),
    sent("A question, and nothing is broken", {"category": "technical.advisory"}),
    answered(
        "Corrected",
        {
            **SHOWN,
            "category": "technical.advisory",
            "tags": [],
            "desk": {
                "team": "exchange",
                "attention_at": COMMITMENT["due_at"],
                "senior_wanted_at": None,
                "dispute_due_at": None,
                "scope": "customer_network",
                "corrected_at": "2026-11-24T01:10:00Z",
            },
        },
    ),
]
