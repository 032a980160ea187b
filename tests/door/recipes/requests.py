"""Pages of requests."""

from __future__ import annotations

from datetime import date, timedelta

from tests.door.recipes import KEY, Common, Of, Secret, operation

SOON = date.today() + timedelta(days=30)  # noqa: DTZ011  # any zone's today will do
OPEN, WORKED, CLOSED, DISPUTED = ({"number": Of(name)} for name in ("open", "worked", "closed", "disputed"))
TRANSLATED, ELEVATED, ARCHIVED = ({"number": Of(name)} for name in ("translated", "elevated", "archived"))
FORM = {
    "key": KEY,
    "category": "technical.configuration",
    "subscription": Of("subscription"),
    "service": "exchange_online",
    "subject": "Nobody can send mail",
    "description": "Since this morning nobody can send.",
    "service_state": "down",
    "users_affected": "all_users",
    "contact_method": "email",
    "contact_language": "en",
    "contact_phone": "+886 2 5550 0100",
    "contact_timezone": "Asia/Taipei",
    "contact_country": "TW",
}

operation("tickets:home", by="admin", shows=True)
operation("tickets:list", by="admin", query={"folder": "all"}, shows=True, pages="cursor")
operation("tickets:new", by="admin", query={"follow_up_of": Of("archived")}, shows=True)
operation("tickets:new", "POST", by="admin", body=FORM | {"follow_up_of": Of("archived")})
operation("tickets:preview", by="admin")
operation("tickets:preview", "POST", by="admin", body=FORM | {"follow_up_of": Of("archived")}, shows=True)
operation("tickets:detail", by="engineer", path=WORKED, query={"tab": "history"}, shows=True)
operation("tickets:queue", by="engineer", shows=True, pages="cursor")
operation("tickets:notices", by="admin", shows=True, pages="cursor")
operation("tickets:notices", "POST", by="admin")
operation("tickets:file", by="admin", path={**OPEN, "attachment_id": Of("attachment")}, shows=True)
operation("tickets:file_preview", by="admin", path={**OPEN, "attachment_id": Of("picture")})

ACTS = {
    "message": ("admin", OPEN, {"key": KEY, "body": "Hello."}),
    "reply": ("engineer", WORKED, {"key": KEY, "body": "Done.", "kind": "reply"}),
    "note": ("engineer", WORKED, {"note-key": KEY, "note-body": "Odd."}),
    "severity": ("engineer", WORKED, {"severity-severity": "C", "severity-reason": "Smaller."}),
    "dispute": ("admin", OPEN, {"dispute-severity": "A", "dispute-statement": "Everything stands still."}),
    "agree_to_dispute": ("lead", DISPUTED, {"agree-severity": "A", "agree-reason": "Indeed."}),
    "decline_dispute": ("lead", DISPUTED, {"decline-reason": "One branch."}),
    "contact": ("admin", OPEN, {"contact-method": "phone", "contact-phone": "+886 2 5550 0102"}),
    "take": ("engineer", OPEN, {}),
    "assign": ("engineer", OPEN, {"assignee": Common("colleague")}),
    "release": ("engineer", WORKED, {}),
    "close": (
        "engineer",
        WORKED,
        {"close-resolution": "duplicate", "close-message": "The same.", "close-duplicate_of": Of("open")},
    ),
    "reopen": ("admin", CLOSED, {"reopen-reason": "It came back."}),
    "escalate": ("admin", OPEN, {"escalate-reason": "business_impact", "escalate-justification": "Shops."}),
    "senior": ("engineer", DISPUTED, {"senior-reason": "technical_expertise", "senior-note": "Tried all."}),
    "ask_translator": ("admin", OPEN, {"translator-language": "vi", "translator-wish": "Mornings."}),
    "arrange_translator": (
        "engineer",
        TRANSLATED,
        {"arrange-interpreter": "Mei", "arrange-join_at": f"{SOON}T06:30"},
    ),
    "finish_translator": ("engineer", WORKED, {}),
    "cancel_translator": ("engineer", TRANSLATED, {}),
    "answer_survey": ("admin", CLOSED, {"survey-rating": "4", "survey-comment": "Quick."}),
}
for _name, (_by, _path, _body) in ACTS.items():
    operation(f"tickets:{_name}", by=_by, path=_path)  # leads to the request's page
    operation(f"tickets:{_name}", "POST", by=_by, path=_path, body=_body)

operation("tickets:subscription", by="admin", path=OPEN, shows=True)
operation("tickets:subscription", "POST", by="admin", path=OPEN, body={"subscription": Of("other_subscription")})
operation("tickets:tagging", by="engineer", path=WORKED)
operation("tickets:tagging", "POST", by="engineer", path=WORKED, body={"tag-add": Common("tag_name")})
operation("tickets:correct", by="engineer", path=WORKED)
operation(
    "tickets:correct",
    "POST",
    by="engineer",
    path=WORKED,
    body={
        "scope": "in_scope",
        "initial-scope": "developer",
        "category": "technical.configuration",
        "initial-category": "technical.configuration",
        "note": "Not theirs.",
    },
)
operation("tickets:survey", by="anonymous", path={"key": Secret("survey_key")}, shows=True)
operation(
    "tickets:survey", "POST", by="anonymous", path={"key": Secret("survey_key")}, body={"rating": "4"}, shows=True
)
