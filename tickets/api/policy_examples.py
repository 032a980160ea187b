"""Calls and answers about drafts of policies, for the schema."""

from __future__ import annotations

from typing import Any

from accounts.api.schema import answered, sent
from sla.policy_text import write_text

CELL = {"availability": "business_hours", "target": "PT8H"}
DOCUMENT: dict[str, Any] = {"version": 2, "note": "", "rules": {"technical": {"enterprise": {"B": CELL}}}}
DRAFT: dict[str, Any] = {
    "id": 3,
    "name": "Hours for B",
    "base_version": 1,
    "created_at": "2026-11-24T01:00:00Z",
    "changed_at": "2026-11-24T01:20:00Z",
    "changed_by": {"id": 17, "name": "Ravi Iyer"},
    "text": write_text(DOCUMENT),
    "document": DOCUMENT,
    "problems": [],
    "version_in_force": 1,
    "is_behind": False,
    "differences": [
        {
            "place": "Technical support · Enterprise · B",
            "change": "by the end of the next day, around the clock, every day → within 8 hours, in business hours",
        }
    ],
    "comparison": None,
}
PROBLEM = {
    "path": "rules.technical.enterprise.B.target",
    "code": "target_unreadable",
    "place": "Technical support · Enterprise · B · target",
    "detail": "“soon” is no target: write a duration up to 366 days such as PT1H or PT40S, day+N, next_day or none.",
}
COMPARISON = {
    "at": "2026-11-24T01:25:00Z",
    "in_force": 1,
    "promises": 2,
    "total": 2,
    "requests": 2,
    "older": 0,
    "differ": 1,
    "breaches_more": 0,
    "breaches_fewer": 1,
    "breaches": {
        "A": {"recorded": 0, "in_force": 0, "draft": 0},
        "B": {"recorded": 1, "in_force": 1, "draft": 0},
        "C": {"recorded": 0, "in_force": 0, "draft": 0},
    },
    "shifts": {"same": 1, "hours_later": 1},
    "changes": [
        {
            "number": "SR-481516234",
            "severity": "B",
            "counts_as": "B",
            "policy_version": 1,
            "received_at": "2026-11-23T01:00:00Z",
            "recorded_due_at": "2026-11-24T16:00:00Z",
            "due_at": "2026-11-24T16:00:00Z",
            "would_be_due_at": "2026-11-25T01:00:00Z",
            "breached": True,
            "would_be_breached": False,
        }
    ],
}
PUBLISHED = {
    "version": 2,
    "note": "Hours for B",
    "published_at": "2026-11-24T01:30:00Z",
    "published_by": "Ravi Iyer",
    "document": {**DOCUMENT, "note": "Hours for B"},
}

START = [sent("From the version in force", {"version": 1, "name": "Hours for B"}), answered("Begun", DRAFT, status=201)]
CHANGE = [
    sent("A cell, a cap and the note", {
        "document": {
            "rules": {"technical": {"enterprise": {"B": CELL}}},
            "max_severity": {"presales": "B"},
            "note": "Hours for B",
        }
    }),
    sent("Another name", {"name": "Hours for B"}),
    sent("A calendar for a region", {
        "document": {
            "calendars": {"desk": {"timezone": "Asia/Taipei", "windows": {"0": [["09:00", "18:00"]]}}},
            "regions": {"TW": "calendar:desk"},
        }
    }),
    sent("The usual escalation again", {"document": {"ladders": None}}),
    sent("The whole document as text", {"text": write_text(DOCUMENT)}),
    answered("Sound", DRAFT),
    answered("Kept, with what is wrong", {**DRAFT, "problems": [PROBLEM], "differences": []}),
]  # fmt: skip
REVIEW = [answered("Compared", {**DRAFT, "comparison": COMPARISON})]
CATCH_UP = [answered("Upon the version in force", {**DRAFT, "base_version": 2, "version_in_force": 2})]
PUBLISH = [answered("In force", PUBLISHED, status=201)]
