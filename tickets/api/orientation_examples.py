"""Answers to learn from: the next request, severity levels, hours of support, promises asked for beforehand."""

from __future__ import annotations

from typing import Any

from accounts.api.schema import answered, sent
from tickets.api.examples import COMMITMENT, PREVIEWED, SHOWN

NEXT_UP: dict[str, Any] = {
    "request": {
        **{name: SHOWN[name] for name in ("number", "subject", "state", "severity", "kind", "category", "service")},
        "needs_confirmation": False,
        "language": "zh-Hant",
        "organisation": SHOWN["organisation"],
        "assignee": None,
        "incident": None,
        "commitment": {name: COMMITMENT[name] for name in ("availability", "target", "received_at", "due_at", "state")},
        "due_at": COMMITMENT["due_at"],
        "created_at": SHOWN["created_at"],
        "changed_at": SHOWN["changed_at"],
        "closed_at": None,
        "reopen_until": None,
        "content_removed_at": None,
        "resolution": None,
        "phone_missing": False,
        "is_test": False,
        "tags": ["VIP"],
        "attention_at": COMMITMENT["due_at"],
        "team": "exchange",
        "contact_method": "phone",
        "callback_at": None,
        "translator": False,
        "escalated_at": None,
        "senior_wanted_at": None,
        "dispute_due_at": None,
    },
    "urgency": "soon",
    "owed_at": COMMITMENT["due_at"],
    "promised": True,
    "seconds_left": 2700,
    "reasons": [
        {
            "code": "promise_due",
            "sentence": "A response is promised by Tuesday, 24 November, 10:00 (Asia/Taipei); 45 min are left.",
        },
        {"code": "severity", "sentence": "Its severity is A – critical."},
        {"code": "language_spoken", "sentence": "You speak its language, 繁體中文."},
        {"code": "age", "sentence": "It was filed 15 min ago."},
        {"code": "load", "sentence": "Requests that you have in hand: 4; something is owed already of 1."},
    ],
    "you": {"on_duty": False, "works_now": True, "in_hand": 4, "late_in_hand": 1, "owes_at": "2026-11-24T01:40:00Z"},
}
LEVEL: dict[str, Any] = {
    "code": "A",
    "name": "A – critical",
    "meaning": "One or more services cannot be reached or used, or business or a deadline is severely affected.",
    "may_set": True,
}
HOURS: dict[str, Any] = {
    "kind": "technical",
    "tier": "enterprise",
    "severity": "B",
    "language": "zh-Hant",
    "region": "TW",
    "available_now": True,
    "next_available_at": "2026-11-24T01:00:00Z",
    "desk": {
        "availability": "always",
        "availability_text": "around the clock, every day",
        "is_open": True,
        "next_open_at": "2026-11-24T01:00:00Z",
    },
    "engineers": PREVIEWED["availability"]["language"],
    "sooner": None,
    "phone": {"number": "+886 2 5550 0199", "is_open": True, "next_open_at": "2026-11-24T01:00:00Z"},
    "timezone": "Asia/Taipei",
    "days_without_support": [],
}
PROMISED: dict[str, Any] = {"kind": "technical", "country": "TW", **COMMITMENT}

NEXT = [answered("A critical request", NEXT_UP)]
LEVELS = [answered("With elevated support", {"levels": [LEVEL]})]
SUPPORT_HOURS = [answered("Around the clock", HOURS)]
PROMISE = [
    sent("For a subscription", {"severity": "A", "subscription": "contoso-e3"}),
    sent("For a tier", {"kind": "technical", "tier": "business", "severity": "B"}),
    answered("One hour", PROMISED),
]
