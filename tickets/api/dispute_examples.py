"""Calls and answers of disputes, for the schema."""

from __future__ import annotations

from typing import Any

from accounts.api.schema import answered, sent

DISPUTED: dict[str, Any] = {
    "id": 5,
    "state": "open",
    "disputed": "A",
    "asked": "B",
    "statement": "Only the branch in Tainan is affected, and it is closed today.",
    "asked_by": {"name": "Wei Chen"},
    "on_behalf_of": None,
    "at": "2026-11-24T04:05:00Z",
    "severity": None,
    "settled_by": None,
    "settled_at": None,
    "reason": "",
}
SETTLED = {"settled_by": {"name": "Ravi Iyer"}, "settled_at": "2026-11-24T04:31:00Z"}
DISPUTE = [
    sent("It is less grave", {"severity": DISPUTED["asked"], "statement": DISPUTED["statement"]}),
    answered("Disputed", DISPUTED, status=201),
]
SETTLE = [
    sent("Agree", {"accepted": True, "reason": "One branch, and nobody works there today."}),
    sent("Agree on another one", {"accepted": True, "severity": "C", "reason": "Nobody needs it before Monday."}),
    sent("Decline", {"accepted": False, "reason": "The branch in Kaohsiung reports the same."}),
    answered(
        "Agreed",
        {
            **DISPUTED,
            **SETTLED,
            "state": "agreed",
            "severity": "B",
            "reason": "One branch, and nobody works there today.",
        },
    ),
]
