"""The desk's tags in the demo, and a few open requests that carry them; customers see neither."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q

from tickets.demo.hours import DAY, MINUTE
from tickets.demo.surroundings import World
from tickets.lifecycle import OPEN
from tickets.selectors.visibility import visible_requests
from tickets.services.tags import add_tag, tag_request

VIP, NEEDS_CALL, TO_BE_SORTED = "VIP", "needs call", "to be sorted"
COLOURS: Mapping[str, str] = {
    VIP: "purple",
    NEEDS_CALL: "amber",
    TO_BE_SORTED: "",
    "migration": "blue",
    "known fault": "red",
}
CARRIED: Mapping[str, Q] = {
    VIP: Q(tier="elevated"),
    NEEDS_CALL: Q(contact_method__in=("phone", "callback"), severity__in=("A", "B")),
    TO_BE_SORTED: Q(needs_confirmation=True),
}
MOST = 4  # requests that carry one: a list where everything is marked marks nothing


def put_tags(world: World, *, now: datetime) -> None:
    """Put them on the list a month ago, and on requests now."""
    lead = next(member for member in world.staff if "team_lead" in member.actor.roles)
    for name, colour in COLOURS.items():
        add_tag(name=name, colour=colour, actor=lead.actor, now=now - 30 * DAY)
    engineer = next(member for member in world.staff if "engineer" in member.actor.roles)
    reached = visible_requests(engineer.actor).filter(state__in=OPEN, kind="technical").order_by("-created_at", "pk")
    for name, these in CARRIED.items():
        for row in reached.filter(these)[:MOST]:
            tag_request(number=row.number, add=[name], actor=engineer.actor, now=max(row.created_at, now - 5 * MINUTE))
