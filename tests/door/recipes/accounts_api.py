"""The API of organisations, calendars and tokens."""

from __future__ import annotations

from tests.door.recipes import Of, operation

CUSTOMER = {"slug": Of("organisation")}
HOURS = {
    "timezone": "Asia/Taipei",
    "windows": {"0": [["09:00", "12:00"]], "1": [["09:00", "12:00"]]},
    "country": "TW",
    "note": "Short",
}

operation("api-caller", by="admin", shows=True)
operation("api-caller", "PATCH", by="admin", body={"language": "zh-hant", "phone": "+886 2 5550 0100"}, shows=True)
operation("api-own-notices", by="admin")
operation("api-own-notices", "PATCH", by="admin", body={"by_mail": {"survey": False}})
operation("api-own-sessions", by="admin", pages="cursor")
operation("api-own-session", by="admin", path={"session_id": Of("own_session")})
operation("api-own-session", "DELETE", by="admin", path={"session_id": Of("own_session")})
operation("api-end-own-sessions", "POST", by="admin", body={})
operation("api-organisations", by="admin", shows=True, pages="cursor")
operation("api-calendar", by="admin", path=CUSTOMER, shows=True)
operation("api-calendar", "PUT", by="admin", path=CUSTOMER, body=HOURS, shows=True)
operation("api-calendar-preview", "POST", by="admin", path=CUSTOMER, body=HOURS)
operation("api-calendar-versions", by="admin", path=CUSTOMER, shows=True, pages="cursor")
operation("api-calendar-version", by="admin", path={**CUSTOMER, "version": 2}, shows=True)
operation("api-subscriptions", by="engineer", query={"organisation": Of("organisation")}, shows=True, pages="cursor")
operation("api-plans", by="admin", pages="cursor")
operation("api-tokens", by="admin", shows=True, pages="cursor")
operation("api-tokens", "POST", by="admin", body={"name": "Robot", "scopes": ["requests:read"]}, shows=True)
operation("api-token", by="admin", path={"token_id": Of("token")}, shows=True)
operation("api-token", "DELETE", by="admin", path={"token_id": Of("token")})
operation("api-organisation", by="admin", path=CUSTOMER, shows=True)
operation(
    "api-organisation",
    "PATCH",
    by="admin",
    others=("lead", "operator"),
    path=CUSTOMER,
    body={"phone": "+886 2 5550 0100", "language": "de"},
    shows=True,
)
operation("api-rota", by="lead")
operation("api-policies", by="lead", pages="cursor")
operation("api-policy", by="lead", path={"version": 1})
