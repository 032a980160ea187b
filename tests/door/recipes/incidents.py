"""Incidents, on the pages of both sides and over the API, and the requests that belong to one."""

from __future__ import annotations

from typing import Any

from tests.door.recipes import Common, Of, operation

ONE = {"number": Common("incident")}
FREE = {"number": Of("worked")}  # a request that belongs to no incident yet
SAID: dict[str, Any] = {
    "title": "Mail is late", "impact": "degradation", "services": ["exchange_online"], "body": "We look for the cause.",
}  # fmt: skip
TOO = ("operator",)  # beside the lead
LINK = {"incident": Common("incident")}

operation("tickets:incidents", by="reader", pages="cursor")
operation("tickets:declare_incident", by="lead")
operation("tickets:declare_incident", "POST", by="lead", others=TOO, body={**SAID, "state": "investigating"})
operation("tickets:incident", by="admin", path=ONE, shows=True, pages="cursor")
operation("tickets:incident_act", by="admin", path={**ONE, "act": "follow"})
operation("tickets:incident_act", "POST", by="admin", path={**ONE, "act": "unfollow"})
operation("tickets:request_incident", "POST", by="engineer", path=FREE, body={"incident-incident": Common("incident")})
operation("tickets:request_incident", by="engineer", path=FREE)

operation("api-incidents", by="reader", pages="cursor")
operation("api-incidents", "POST", by="lead", others=TOO, body=SAID)
operation("api-incident", by="admin", path=ONE)
operation("api-incident", "PATCH", by="lead", others=TOO, path=ONE, body={"impact": "outage", "title": "Down"})
operation("api-incident-updates", by="engineer", path=ONE, pages="cursor")
operation("api-incident-updates", "POST", by="lead", others=TOO, path=ONE, body={"state": "identified", "body": "It."})
operation("api-incident-follow", by="admin", path=ONE)
operation("api-incident-follow", "POST", by="admin", path=ONE, body={"following": False})
operation("api-incident-requests", by="admin", path=ONE, shows=True, pages="cursor")
operation("api-request-incident", "POST", by="engineer", path=FREE, body=LINK, shows=True)
