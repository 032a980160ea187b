"""One incident that concerns both tenants, with a request of each: what is told of it is everybody's, they are not."""

from __future__ import annotations

from tests import factories
from tests.door.worlds import Tenant, World
from tickets.services.incident_links import link_incident
from tickets.services.incidents import Declaration, declare_incident, follow_incident, note_on_incident

ORDER = 45


def prepare(world: World) -> None:
    """The incident, with a note of the desk."""
    lead = factories.actor(world.staff["lead"])
    told = Declaration("Mail is delivered late", ["exchange_online"], "degradation", "We look for the cause.")
    world.common["incident"] = declare_incident(declaration=told, actor=lead).number
    note_on_incident(number=world.common["incident"], body="The transport drains it.", actor=lead)


def furnish(world: World, tenant: Tenant) -> None:
    """A request that belongs to it, whose contact hears of it, and somebody who follows it."""
    incident, engineer = world.common["incident"], factories.actor(world.staff["engineer"])
    link_incident(number=tenant.ids["open"].value, incident_number=incident, actor=engineer)
    for who in ("admin", "reader"):
        follow_incident(number=incident, following=True, actor=tenant.actor(who))
