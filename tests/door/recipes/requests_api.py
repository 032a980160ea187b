"""The API of requests."""

from __future__ import annotations

from datetime import date, timedelta

from tests.door.recipes import Common, Of, operation

SOON = date.today() + timedelta(days=30)  # noqa: DTZ011  # any zone's today will do
OPEN, WORKED, CLOSED, DISPUTED = ({"number": Of(name)} for name in ("open", "worked", "closed", "disputed"))
TRANSLATED, ARCHIVED = {"number": Of("translated")}, {"number": Of("archived")}
FORM = {
    "subject": "Nobody can send mail",
    "description": "Since this morning nobody can send.",
    "category": "technical.configuration",
    "service": "exchange_online",
    "subscription": Of("subscription"),
    "impact": {"service_state": "down", "users_affected": "all_users"},
    "contact": {"phone": "+886 2 5550 0100"},
}
PATCH = {"primary_contact": Of("second_admin_email"), "subscription": Of("other_subscription")}

ALONG, WHOSE = {"include": "messages,commitments"}, {"organisation": Of("organisation")}

operation("api-requests", by="admin", query={**ALONG, **WHOSE}, shows=True, pages="cursor")
operation("api-requests", "POST", by="admin", body=FORM, shows=True)
operation("api-preview", "POST", by="admin", body=FORM)
operation("api-request", by="admin", path=WORKED, query=ALONG, shows=True)
operation("api-request", "PATCH", by="admin", path=OPEN, body=PATCH, shows=True)
operation("api-messages", by="engineer", path=OPEN, shows=True, pages="cursor")
operation("api-messages", "POST", by="admin", path=OPEN, body={"body": "Hello."}, shows=True)
operation("api-attachments", by="engineer", path=OPEN, shows=True, pages="cursor")
operation(
    "api-attachments",
    "POST",
    by="admin",
    path=OPEN,
    body={"file": "Some text.", "message": Of("message")},
    files=("file",),
)
operation("api-attachment", by="admin", path={**OPEN, "attachment_id": Of("attachment")}, shows=True)
operation("api-attachment-preview", by="admin", path={**OPEN, "attachment_id": Of("picture")})
operation("api-events", by="admin", path=WORKED, shows=True, pages="cursor")
operation("api-inbox", by="admin", pages="cursor")
operation("api-inbox-read", "POST", by="admin", body={})
operation("api-timers", by="engineer", path=WORKED, pages="cursor")
operation("api-request-notices", by="engineer", path=WORKED, shows=True, pages="cursor")
operation("api-commitments", by="admin", path=WORKED, pages="cursor")
operation(
    "api-close", "POST", by="engineer", path=WORKED, shows=True,
    body={"resolution": "duplicate", "message": "The same.", "duplicate_of": Of("open")},
)  # fmt: skip
operation("api-reopen", "POST", by="admin", path=CLOSED, body={"reason": "It came back."}, shows=True)
operation("api-severity", "POST", by="engineer", path=WORKED, body={"severity": "C", "reason": "Less."}, shows=True)
operation("api-dispute", "POST", by="admin", path=OPEN, body={"severity": "A", "statement": "All."}, shows=True)
operation(
    "api-dispute-settle", "POST", by="lead", path=DISPUTED, body={"accepted": True, "reason": "Indeed."}, shows=True
)
operation("api-corrections", by="engineer", path=WORKED, shows=True, pages="cursor")
operation("api-corrections", "POST", by="engineer", path=WORKED, body={"scope": "in_scope", "note": "x"}, shows=True)
operation("api-tagging", "POST", by="engineer", path=WORKED, body={"add": [Common("tag_name")]}, shows=True)
operation("api-survey", by="admin", path={"number": Of("answered")}, shows=True)
operation("api-survey", "POST", by="admin", path=CLOSED, body={"rating": 4, "comment": "Quick."})
operation(
    "api-escalate", "POST", by="admin", path=OPEN, shows=True,
    body={"reason": "business_impact", "justification": "Our shops cannot sell."},
)  # fmt: skip
operation("api-translator", by="admin", path=WORKED, shows=True, pages="cursor")
operation("api-translator", "POST", by="admin", path=OPEN, body={"language": "vi", "wish": "Mornings."}, shows=True)
operation(
    "api-translator-arrange", "POST", by="engineer", path=TRANSLATED, shows=True,
    body={"interpreter": "Mei", "join_at": f"{SOON}T06:30:00Z"},
)  # fmt: skip
operation("api-translator-settle", "POST", by="engineer", path=TRANSLATED, body={"outcome": "cancelled"}, shows=True)
operation(
    "api-bulk", "POST", by="engineer", body={"numbers": [Of("open")], "assign": {"assignee": Common("colleague")}}
)
operation("api-assign", "POST", by="engineer", path=OPEN, body={"assignee": Common("colleague")}, shows=True)
operation(
    "api-follow-up", "POST", by="admin", path=ARCHIVED, shows=True,
    body={"subject": "Again", "description": "It came back.", "subscription": Of("subscription")},
)  # fmt: skip
operation("api-queue", by="engineer", query=WHOSE, shows=True, pages="cursor")
operation("api-queue-next", by="engineer", shows=True)
operation("api-catalogue", by="admin")
operation("api-severity-levels", by="admin")
operation(
    "api-support-hours", by="admin", query={"subscription": Of("subscription"), "organisation": Of("organisation")}
)
operation(
    "api-commitment-preview", by="admin",
    query={"severity": "A", "subscription": Of("subscription"), "organisation": Of("organisation")},
)  # fmt: skip
operation(
    "api-commitment-preview", "POST", by="admin",
    body={"severity": "A", "subscription": Of("subscription"), "organisation": Of("organisation")},
)  # fmt: skip
