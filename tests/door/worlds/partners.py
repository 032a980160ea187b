"""What partners asked for: by one that acts already, of each tenant its own."""

from __future__ import annotations

from datetime import timedelta

from accounts import clock
from accounts.services.delegation_asks import ask_for_delegation, decline_ask
from tests import factories
from tests.door.worlds import NAME, Tenant, World

ORDER = 16
CODES = {"accounts_delegationask": {"duties": "codes", "state": "a code"}}


def furnish(world: World, tenant: Tenant) -> None:
    """An ask that was declined, and one that is open; the partner and the customer read both."""
    partner = "partner" if tenant.mark == "a" else "elsewhere"
    for name in ("declined_ask", "ask"):
        asked = ask_for_delegation(
            customer=tenant.organisation.slug,
            duties=["service_support_admin", "billing_admin"],
            reason=tenant.says(NAME, "we know you well"),
            wished_until=clock.now() + timedelta(days=300),
            actor=factories.actor(world.partner_admins[partner]),
        )
        if name == "declined_ask":
            decline_ask(ask_id=asked.pk, reason=tenant.says(NAME, "not yet"), actor=tenant.actor("admin"))
        tenant.knows(name, asked.pk, NAME)
