"""Pages of the support staff."""

from __future__ import annotations

from tests.door.recipes import Common, Of, operation

CUSTOMER, DRAFT = {"slug": Of("organisation")}, {"draft_id": Common("draft")}
SPAN = {"starts_at": "2090-11-24T09:00", "ends_at": "2090-11-24T17:00"}

operation("accounts:organisations", by="engineer", query={"q": "zqa"}, shows=True, pages="cursor")
operation("accounts:desk_calendar", by="engineer", path=CUSTOMER, shows=True, pages="before")
operation("accounts:edit_desk_calendar", by="lead", path=CUSTOMER, shows=True)
operation("accounts:edit_desk_calendar", "POST", by="lead", path=CUSTOMER, body={"do": "add_window"}, shows=True)

operation("accounts:rota", by="lead")
operation("accounts:add_shift", by="lead")
operation("accounts:add_shift", "POST", by="lead", body={"role": "duty_manager", "person": Common("manager"), **SPAN})
operation("accounts:shift", by="lead", path={"shift_id": Common("shift")})
operation(
    "accounts:shift",
    "POST",
    by="lead",
    path={"shift_id": Common("shift")},
    body={"person": Common("other_manager"), "starts_at": Common("shift_starts"), "ends_at": Common("shift_ends")},
)
operation("accounts:remove_shift", "POST", by="lead", path={"shift_id": Common("shift")})
operation("accounts:rota_patterns", by="lead")
operation(
    "accounts:rota_patterns", "POST", by="lead",
    body={
        "role": "duty_manager", "person": Common("manager"), "weekdays": ["2"], "starts": "22:00", "ends": "06:00",
        "timezone": "Europe/Berlin", "every_weeks": "2", "first_day": "2090-01-06",
    },
)  # fmt: skip
operation("accounts:end_pattern", "POST", by="lead", path={"pattern_id": Common("pattern")})

TAG, IDLE = {"tag_id": Common("tag")}, {"tag_id": Common("idle_tag")}
operation("tickets:tags", by="lead", pages="cursor")
operation("tickets:tags", "POST", by="lead", body={"name": "Phone", "colour": "blue"})
operation("tickets:tag", by="lead", path=TAG)
operation("tickets:tag", "POST", by="lead", path=TAG, body={"name": "Renamed", "colour": "red", "version": "1"})
operation("tickets:tag_act", by="lead", path={**TAG, "act": "archive"})
operation("tickets:tag_act", "POST", by="lead", path={**TAG, "act": "archive"})
operation("api-tags", by="engineer", pages="cursor")
operation("api-tags", "POST", by="lead", body={"name": "Phone", "colour": "blue"})
operation("api-tag", by="engineer", path=TAG)
operation("api-tag", "PATCH", by="lead", path=TAG, body={"name": "Renamed", "colour": None})
operation("api-tag", "DELETE", by="lead", path=IDLE)

operation("tickets:surveys", by="lead", shows=True, pages="cursor")
operation("tickets:assessment", by="lead", shows=True, pages="cursor")
operation("tickets:operations", by="operator", shows=False)
operation("tickets:retry_timer", "POST", by="operator", path={"timer_id": Of("failed_timer")})
operation("tickets:retry_delivery", "POST", by="operator", path={"delivery_id": Of("failed_delivery")})
operation("tickets:give_up_delivery", "POST", by="operator", path={"delivery_id": Of("failed_delivery")})
operation("tickets:retry_deliveries", "POST", by="operator")

operation("tickets:policies", by="lead", pages="cursor")
operation("tickets:policy", by="lead", path={"version": 1})
operation("tickets:policy_document", by="lead", path={"version": 1})
operation("tickets:start_policy_draft", "POST", by="lead", body={"version": "1", "name": "Slower"})
for _page in ("table", "ladders", "calendars", "text", "review", "publish"):
    operation(f"tickets:policy_draft_{_page}", by="lead", path=DRAFT)
for _page in ("table", "ladders", "calendars", "text", "review", "publish", "catch_up", "discard"):
    operation(f"tickets:policy_draft_{_page}", "POST", by="lead", path=DRAFT, body={"draft_version": "1"})

operation("tickets:policy_draft_rename", "POST", by="lead", path=DRAFT, body={"draft_version": "1", "name": "Other"})

PART = {"document": {"note": "Of the matrix"}}
operation("api-policy-drafts", by="lead", pages="cursor")
operation("api-policy-drafts", "POST", by="lead", body={"version": 1, "name": "Slower"})
operation("api-policy-draft", by="lead", path=DRAFT)
operation("api-policy-draft", "PATCH", by="lead", path=DRAFT, body=PART)
operation("api-policy-draft", "DELETE", by="lead", path=DRAFT)
for _act in ("review", "catch-up", "publish"):
    operation(f"api-policy-draft-{_act}", "POST", by="lead", path=DRAFT, body={})

SHIFT, WEEKLY = {"shift_id": Common("shift")}, {"pattern_id": Common("pattern")}
NIGHT = {"starts_at": "2090-11-24T09:00:00Z", "ends_at": "2090-11-24T17:00:00Z"}

operation("api-shifts", by="lead", pages="cursor")
operation("api-shifts", "POST", by="lead", body={"role": "duty_manager", "person": Common("manager"), **NIGHT})
operation("api-shift", by="lead", path=SHIFT)
operation("api-shift", "DELETE", by="lead", path=SHIFT)
operation("api-shift-take-over", "POST", by="lead", path=SHIFT, body={"person": Common("other_manager")})
operation("api-weekly-duties", by="lead", pages="cursor")
operation(
    "api-weekly-duties", "POST", by="lead",
    body={
        "role": "duty_manager", "person": Common("manager"), "weekdays": [2], "starts": "22:00", "ends": "06:00",
        "timezone": "Europe/Berlin", "every_weeks": 2, "first_day": "2090-01-06",
    },
)  # fmt: skip
operation("api-weekly-duty", by="lead", path=WEEKLY)
operation("api-weekly-duty-end", "POST", by="lead", path=WEEKLY, body={"last_day": "2090-01-06"})

TIMER, MAIL = {"timer_id": Of("failed_timer")}, {"delivery_id": Of("failed_delivery")}
operation("api-failed-timers", by="operator", pages="cursor")
operation("api-failed-timer-retry", "POST", by="operator", path=TIMER, body={})
operation("api-broken-promises", by="operator", pages="cursor")
operation("api-failed-deliveries", by="operator", pages="cursor")
operation("api-failed-deliveries-retry", "POST", by="operator", body={})
operation("api-failed-delivery-retry", "POST", by="operator", path=MAIL, body={})
operation("api-failed-delivery-give-up", "POST", by="operator", path=MAIL, body={})
