"""Calls and answers of engagements, for the schema."""

from __future__ import annotations

from typing import Any

from accounts.api.schema import answered, sent

ENGAGEMENT: dict[str, Any] = {
    "number": "EN-402118734",
    "organisation": {"slug": "jadeharbour", "name": "Jade Harbour"},
    "kind": "workshop",
    "state": "requested",
    "subject": "Workshop on retention",
    "language": "en",
    "place": "Kaohsiung",
    "wished_from": "2026-12-07",
    "wished_until": "2026-12-11",
    "requested_by": {"name": "Wei Chen"},
    "on_behalf_of": None,
    "requested_at": "2026-11-24T04:05:00Z",
    "lead": None,
    "starts_on": None,
    "ends_on": None,
    "ended_at": None,
    "content_removed_at": None,
}
PLANNED = {
    **ENGAGEMENT,
    "state": "planned",
    "lead": {"name": "Aiko Sato"},
    "starts_on": "2026-12-08",
    "ends_on": "2026-12-09",
}
WISH = {
    "kind": "workshop",
    "subject": "Workshop on retention",
    "wish": "For **twelve** people of our archive.",
    "wished_from": "2026-12-07",
    "wished_until": "2026-12-11",
    "place": "Kaohsiung",
}
ENTRY = {
    "id": 31,
    "what": "message",
    "body": "We look forward to it.",
    "author": {"name": "Wei Chen"},
    "on_behalf_of": None,
    "at": "2026-11-25T02:00:00Z",
}
REQUEST = [sent("Ask for a workshop", WISH), answered("Asked for", ENGAGEMENT, status=201)]
WRITE = [sent("Write", {"body": ENTRY["body"]}), answered("Written", ENTRY, status=201)]
PLAN = [
    sent("Plan it", {"lead": 17, "starts_on": "2026-12-08", "ends_on": "2026-12-09", "message": "Aiko comes."}),
    answered("Planned", PLANNED),
]
BEGIN = [sent("Begin", {}), answered("Begun", {**PLANNED, "state": "under_way"})]
COMPLETE = [
    sent("Complete", {"message": "Twelve people know more."}),
    answered("Completed", {**PLANNED, "state": "completed", "ended_at": "2026-12-09T09:00:00Z"}),
]
CALL_OFF = [
    sent("Call off", {"message": "We moved the date to next year."}),
    answered("Called off", {**ENGAGEMENT, "state": "called_off", "ended_at": "2026-11-26T01:00:00Z"}),
]
LINK = [
    sent("Link a request", {"request": "SR-481516234"}),
    answered("Linked", {"number": "SR-481516234", "subject": "Retention labels are missing"}, status=201),
]
