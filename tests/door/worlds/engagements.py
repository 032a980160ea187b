"""Engagements under elevated support, in the states that their acts need."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from accounts import clock
from tests import factories
from tests.door.worlds import REQUEST, Tenant, World
from tickets.services.engagements import Plan, Wish, link_request, plan_engagement, request_engagement

ORDER = 40
CODES = {
    "tickets_engagement": {
        "number": "a number",
        "kind": "a code",
        "language": "a code",
        "state": "a code",
    },
    "tickets_engagemententry": {"what": "a code"},
}


def prepare(world: World) -> None:
    """Who can lead."""
    world.common["senior"] = world.staff["senior"].pk


def furnish(world: World, tenant: Tenant) -> None:
    """One that is wished for, and one that is planned with a request that belongs to it."""
    today = clock.now().date()
    days: dict[str, Any] = {"wished_from": today, "wished_until": today + timedelta(days=9)}
    for name in ("wished_engagement", "planned_engagement"):
        wish = Wish(
            kind="workshop",
            subject=tenant.says(REQUEST, "a workshop"),
            wish=tenant.says(REQUEST, "for all of us"),
            place=tenant.says(REQUEST, "upstairs"),
            **days,
        )
        made = request_engagement(wish=wish, actor=tenant.actor("admin"))
        tenant.knows(name, made.number, REQUEST)
        tenant.numbers.add(made.number)
    desk = factories.actor(world.staff["lead"])
    plan = Plan(lead=world.staff["senior"].pk, starts_on=today, ends_on=today + timedelta(days=1))
    plan_engagement(number=made.number, plan=plan, actor=desk)
    link_request(number=made.number, request_number=tenant.ids["open"].value, actor=tenant.actor("admin"))
