"""What support staff keep of a tenant: a trial beside its subscriptions, and a contract to come."""

from __future__ import annotations

from datetime import timedelta

from tests import factories
from tests.door.worlds import ORGANISATION, Tenant, World

ORDER = 15
CODES = {"accounts_person": {"services": "codes", "working_hours": "hours"}}
YEARS = timedelta(days=3650)


def furnish(world: World, tenant: Tenant) -> None:
    """A running trial, and a contract that begins in ten years, so that it changes nobody's promises today."""
    trial = factories.make_subscription(
        tenant.organisation, reference=tenant.says(ORGANISATION, "trial", joint="-"), trial=True
    )
    tenant.knows("trial", trial.reference, ORGANISATION)
    contract = factories.make_elevated_contract(
        tenant.organisation, starts_at=world.now + YEARS, ends_at=world.now + YEARS + YEARS
    )
    tenant.knows("coming_contract", contract.pk, ORGANISATION)
