"""Calls and answers of surveys, escalations and translators, for the schema."""

from __future__ import annotations

from accounts.api.schema import answered, sent

SAID = {
    "asked_at": "2026-11-25T09:12:00Z",
    "expires_at": "2026-12-09T09:12:04Z",
    "answered_at": "2026-11-25T11:40:00Z",
    "rating": 5,
    "solved": True,
    "comment": "Quick, and clear.",
}
SURVEY = [sent("Content", {"rating": 5, "solved": True, "comment": "Quick, and clear."}), answered("Kept", SAID)]
SURVEY_READ = [
    answered(
        "Answered",
        {"state": "answered", "survey": {**SAID, "cycle": 1, "answered_by": {"name": "Wei Chen"}}, "earlier": []},
    ),
    answered("Nothing is asked", {"state": "none", "survey": None, "earlier": []}),
]
ESCALATE = [
    sent("The shops stand still", {"reason": "business_impact", "justification": "Our 40 shops cannot sell."}),
    answered(
        "Passed on",
        {
            "id": 12,
            "target": "management",
            "reason": "business_impact",
            "justification": "Our 40 shops cannot sell.",
            "asked_by": {"name": "Wei Chen"},
            "at": "2026-11-24T04:05:00Z",
        },
        status=201,
    ),
]
ASKED = {
    "id": 3,
    "state": "requested",
    "language": "vi",
    "wish": "Any afternoon in Taipei.",
    "requested_by": {"name": "Wei Chen"},
    "requested_at": "2026-11-24T04:05:00Z",
    "interpreter": None,
    "join_at": None,
    "note": "",
    "settled_at": None,
}
TRANSLATOR = [
    sent("In Vietnamese", {"language": "vi", "wish": "Any afternoon in Taipei."}),
    answered("Asked for", ASKED, status=201),
]
MEETING = {"interpreter": "Mei-Ling Wu", "join_at": "2031-01-08T06:30:00Z", "note": "Dial in with 4711."}
ARRANGE = [sent("At half past two in Taipei", MEETING), answered("Arranged", {**ASKED, **MEETING, "state": "arranged"})]
ENDED = {**ASKED, **MEETING, "settled_at": "2031-01-08T07:10:00Z"}
SETTLE = [
    sent("It took place", {"outcome": "done"}),
    sent("Not needed any more", {"outcome": "cancelled"}),
    answered("Done", {**ENDED, "state": "done"}),
]
