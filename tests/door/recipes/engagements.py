"""Engagements, on the pages of both sides and over the API, and the customers of an account manager."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.door.recipes import Common, Of, operation

TODAY = date.today()  # noqa: DTZ011  # any zone's today will do
SOON, LATER = (TODAY + timedelta(days=days) for days in (30, 40))
WISHED, PLANNED = {"number": Of("wished_engagement")}, {"number": Of("planned_engagement")}
DAYS = {"wished_from": SOON.isoformat(), "wished_until": LATER.isoformat()}
WISH: dict[str, Any] = {"kind": "end_to_end", "subject": "A year together", "wish": "All of it.", **DAYS}
PLAN = {"starts_on": SOON.isoformat(), "ends_on": LATER.isoformat()}

operation("tickets:engagements", by="admin", shows=True, pages="cursor")
operation("tickets:new_engagement", by="admin")
operation("tickets:new_engagement", "POST", by="admin", body={**WISH, "language": "en"})
operation("tickets:engagement", by="admin", path=PLANNED, shows=True)
operation("tickets:engagement_act", by="admin", path={**PLANNED, "act": "entry"})
operation("tickets:engagement_act", "POST", by="admin", path={**PLANNED, "act": "entry"}, body={"body": "Hello."})
operation("tickets:staff_engagements", by="lead", shows=True, pages="cursor")
operation("tickets:staff_engagement", by="lead", path=PLANNED, shows=True)
operation("tickets:staff_engagement_act", by="lead", path={**PLANNED, "act": "entry"})
operation("tickets:staff_engagement_act", "POST", by="lead", path={**PLANNED, "act": "entry"}, body={"body": "Hello."})
operation("tickets:my_customers", by="account_manager", shows=True)

operation("api-engagements", by="admin", shows=True, pages="cursor")
operation("api-engagements", "POST", by="admin", body=WISH)
operation("api-engagement", by="admin", path=PLANNED, shows=True)
operation("api-engagement-entries", by="admin", path=PLANNED, shows=True, pages="cursor")
operation("api-engagement-entries", "POST", by="admin", path=PLANNED, body={"body": "Hello."}, shows=True)
operation("api-engagement-requests", by="admin", path=PLANNED, shows=True, pages="cursor")
operation("api-engagement-requests", "POST", by="admin", path=PLANNED, body={"request": Of("worked")}, shows=True)
operation("api-engagement-plan", "POST", by="lead", path=WISHED, body={"lead": Common("senior"), **PLAN}, shows=True)
operation("api-engagement-begin", "POST", by="senior", path=PLANNED, body={}, shows=True)
operation("api-engagement-complete", "POST", by="senior", path=PLANNED, body={"message": "Done."}, shows=True)
operation("api-engagement-call-off", "POST", by="admin", path=WISHED, body={"message": "Not now."}, shows=True)
