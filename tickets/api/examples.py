"""Calls and answers to learn from, in the schema; a test sends every call."""

from __future__ import annotations

from typing import Any

from accounts.api.schema import answered, sent

FILED: dict[str, Any] = {
    "subject": "Nobody can send mail",
    "description": "Since 08:30 no user can send or receive mail. Outlook shows “disconnected”.",
    "category": "technical.configuration",
    "service": "exchange_online",
    "subscription": "contoso-e3",
    "impact": {
        "service_state": "down",
        "users_affected": "all_users",
        "business_impact": "severe",
        "workaround": "no",
        "deadline_at_risk": "unknown",
    },
    "contact": {"method": "phone", "language": "zh-Hant", "phone": "+886 2 5550 0100", "timezone": "Asia/Taipei"},
}
ASSESSMENT: dict[str, Any] = {
    "severity": "A",
    "confidence": 0.97,
    "needs_confirmation": False,
    "reason": "A service cannot be reached or used by several people, or a whole site or service is down.",
    "scope": "in_scope",
    "evidence": [
        {
            "rule": "SE-2",
            "code": "answer.service_state",
            "source": "answer",
            "text": "down",
            "start": None,
            "end": None,
            "direction": "raises",
            "weight": 1.0,
            "sentence": "By the answers, the service cannot be used",
        }
    ],
    "counterfactual": [
        {
            "answer": "users_affected",
            "value": "single_user",
            "severity": "B",
            "sentence": "It would be B (high) if one user is affected.",
        }
    ],
    "contradictions": [],
}
DECIDED: dict[str, Any] = {
    "severity": "A",
    "previous": None,
    "source": "engine",
    "actor": None,
    "on_behalf_of": None,
    "reason": "",
    "engine_version": "2026.11",
    "at": "2026-11-24T01:00:00Z",
}
COMMITMENT: dict[str, Any] = {
    "availability": "always",
    "target": "PT1H",
    "received_at": "2026-11-24T01:00:00Z",
    "due_at": "2026-11-24T02:00:00Z",
    "state": "running",
    "severity": "A",
    "tier": "enterprise",
    "policy_version": 1,
    "severity_cap": None,
    "availability_text": "around the clock, every day",
    "due_text": "by Tuesday, 24 November, 10:00 (Asia/Taipei)",
    "explanation": ["Every hour counts, day and night: Tuesday, 24 November, 09:00–10:00, that is 1 h."],
}
SHOWN: dict[str, Any] = {
    "number": "SR-481516234",
    "state": "awaiting_response",
    "severity": "A",
    "needs_confirmation": False,
    "subject": FILED["subject"],
    "description": FILED["description"],
    "kind": "technical",
    "category": "technical.configuration",
    "service": "exchange_online",
    "language": FILED["contact"]["language"],
    "topic": None,
    "subscription": "contoso-e3",
    "tier": "enterprise",
    "impact": {**FILED["impact"], "deadline_at_risk": None},
    "problem_started_at": "2026-11-24T00:30:00Z",
    "assessment": ASSESSMENT,
    "severity_decisions": [DECIDED],
    "dispute": None,
    "commitment": COMMITMENT,
    "due_at": COMMITMENT["due_at"],
    "organisation": {"slug": "contoso", "name": "Contoso"},
    "opened_by": {"name": "Mei-Ling Chen"},
    "primary_contact": {"name": "Mei-Ling Chen", "email": "mei-ling.chen@contoso.example"},
    "contact": {**FILED["contact"], "country": "TW", "translator": False, "callback_at": None},
    "phone_missing": False,
    "diagnostic_consent": False,
    "is_test": False,
    "assignee": None,
    "incident": None,
    "created_at": "2026-11-24T01:00:00Z",
    "changed_at": "2026-11-24T01:00:00Z",
    "escalated_at": None,
    "responded_at": None,
    "closed_at": None,
    "reopen_until": None,
    "content_removed_at": None,
    "closes_at": None,
    "resolution": None,
    "referral": None,
    "duplicate_of": None,
    "follow_up_of": None,
    "may": ["attach_file", "post_message", "withdraw_request"],
    "tags": None,
    "desk": None,
}
PREVIEWED: dict[str, Any] = {
    "severity": "A",
    "kind": "technical",
    "tier": "enterprise",
    "assessment": ASSESSMENT,
    "scope": {"verdict": "in_scope", "confidence": 1.0, "reason": None, "evidence": [], "referral": None},
    "commitment": COMMITMENT,
    "availability": {
        "desk": {"is_open": True, "next_open_at": "2026-11-24T01:00:00Z"},
        "language": {
            "language": "zh-Hant",
            "name": "Traditional Chinese",
            "is_open": True,
            "next_open_at": "2026-11-24T01:00:00Z",
            "regions": [
                {
                    "region": "apac",
                    "name": "Asia Pacific",
                    "timezone": "Asia/Taipei",
                    "always": True,
                    "windows": {},
                    "is_open": True,
                    "next_open_at": "2026-11-24T01:00:00Z",
                }
            ],
        },
        "sooner": None,
        "regional_hours": False,
    },
    "self_help": [
        {
            "slug": "mail-is-not-delivered",
            "kind": "troubleshooter",
            "title": "Mail is not delivered",
            "summary": "Find out in five steps where mail gets stuck.",
            "url": "",
        }
    ],
    "incidents": [],
    "phone_missing": False,
}


CLOSED = {
    "state": "closed",
    "closed_at": "2026-11-24T03:00:00Z",
    "reopen_until": "2026-12-08T03:00:00Z",
    "content_removed_at": None,
    "responded_at": "2026-11-24T01:20:00Z",
    "resolution": "solved",
    "commitment": {**COMMITMENT, "state": "kept"},
    "may": ["reopen_request"],
}
FOLLOWED = {"subject": "Mail is slow again", "description": "As in October, mail takes an hour to arrive."}
SAID: dict[str, Any] = {
    "id": 2342,
    "kind": "customer",
    "author": {"name": "Mei-Ling Chen"},
    "on_behalf_of": None,
    "body": "The mail flow rule was changed yesterday evening.",
    "at": "2026-11-24T01:12:00Z",
    "attachments": [],
}
STORED: dict[str, Any] = {
    "id": 77,
    "name": "mail-trace.csv",
    "size": 18233,
    "content_type": "text/plain",
    "sha256": "6f1ed002ab5595859014ebf0951522d9f7f5b8d2f3c2a1bd2c0a4b8f2a4d9e10",
    "uploaded_at": "2026-11-24T01:15:00Z",
    "message": None,
    "scan": "waiting",
    "preview": "none",
    "url": "https://support.example.com/api/v1/service-requests/SR-481516234/attachments/77/",
    "preview_url": None,
}

FILING = [sent("A service is down", FILED), answered("Filed", SHOWN, 201)]
PREVIEW = [sent("A service is down", FILED), answered("What would come of it", PREVIEWED)]
REQUEST = [answered("Just filed", SHOWN)]
CONTACT = [
    sent(
        "A call back with a translator",
        {"contact": {"method": "callback", "callback_at": "2026-11-24T06:00:00Z", "translator": True}},
    ),
    sent("Another primary contact", {"primary_contact": "jun.lin@contoso.example"}),
    sent("Another subscription", {"subscription": "contoso-office-365-e3"}),
    answered("Changed", SHOWN),
]
MESSAGE = [
    sent("A customer's message", {"body": SAID["body"]}),
    sent("An internal note", {"body": "The same as yesterday.", "kind": "internal"}),
    sent("A question", {"body": "Which rule was changed?", "kind": "question"}),
    answered("Written", SAID, 201),
]
FILE = [answered("Stored", STORED, 201)]
CLOSE = [
    sent("By the customer", {"resolution": "solved"}),
    sent("By support staff", {"resolution": "workaround", "message": "Until the update, use the web client."}),
    sent(
        "Out of scope",
        {"resolution": "out_of_scope", "referral": "scripting", "message": "General support helps with scripts."},
    ),
    answered("Closed", {**SHOWN, **CLOSED}),
]
REOPEN = [sent("With a reason", {"reason": "It happens again since noon."}), answered("Open again", SHOWN)]
SEVERITY = [
    sent("Lowered", {"severity": "B", "reason": "Only one site is left."}),
    answered("Changed", SHOWN),
]
ASSIGN = [
    sent("Take it", {"assignee": "me"}),
    sent("Give it to somebody", {"assignee": 17}),
    sent("Release it", {"assignee": None}),
    answered(
        "Assigned",
        {
            **SHOWN,
            "assignee": {"id": 17, "name": "Ravi Iyer"},
            "tags": ["VIP"],
            "desk": {
                "team": "exchange",
                "attention_at": COMMITMENT["due_at"],
                "senior_wanted_at": None,
                "dispute_due_at": None,
                "scope": "in_scope",
                "corrected_at": None,
            },
        },
    ),
]
FOLLOW_UP = [
    sent("It came back", FOLLOWED),
    answered("Filed", {**SHOWN, **FOLLOWED, "follow_up_of": "SR-162342000"}, 201),
]
