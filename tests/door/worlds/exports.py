"""Exports: of each tenant one that is ready and one that waits, and the same of the desk."""

from __future__ import annotations

from datetime import timedelta

from tests.door.worlds import PRIVATE, REQUEST, Tenant, World
from tests.tickets.exporting import asked
from tickets.models import Export
from tickets.services.exporting import write_exports

ORDER = 60
CODES = {
    "tickets_export": dict.fromkeys(
        ("kind", "file_format", "language", "reach", "state", "failure", "sha256", "place"), "a code"
    )
    | {"key": "random"},
}
FAR = timedelta(days=300)  # nobody takes them up while the matrix is tried


def furnish(world: World, tenant: Tenant) -> None:
    """One that is ready, and one that waits."""
    admin = tenant.actor("admin")
    ready = asked(admin)
    write_exports(within=timedelta(minutes=1))
    tenant.knows("export", ready.pk, PRIVATE)
    waiting = asked(admin, filters={"q": tenant.says(REQUEST, "words")})
    tenant.knows("waiting_export", waiting.pk, PRIVATE)
    _hold(waiting)


def admit(world: World) -> None:
    """The desk's, over both tenants."""
    lead = world.actor("lead")
    ready = asked(lead)
    write_exports(within=timedelta(minutes=1))
    waiting = asked(lead)
    _hold(waiting)
    world.common["export"], world.common["waiting_export"] = ready.pk, waiting.pk


def _hold(export: Export) -> None:
    Export.objects.filter(pk=export.pk).update(run_at=export.asked_at + FAR)
