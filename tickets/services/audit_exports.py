"""An export of the audit trail is itself on record, and there are not more than five an hour (P-10)."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts import limits
from accounts.actors import Actor
from accounts.audit import About, record_event
from accounts.models import DESK
from accounts.permissions import require
from accounts.selectors import trail
from accounts.selectors.trail import Wanted
from accounts.services.sealing import seal_events
from accounts.transactions import service
from tickets.errors import ExportNeedsOneChain

EXPORTS_AN_HOUR = 5  # RELIABILITY.md section 3
SEALED_BEFORE = timedelta(seconds=5)


@service
def record_export(*, actor: Actor, wanted: Wanted, file_format: str, now: datetime | None = None) -> int | None:
    """Put on record that somebody takes the trail with them; return the chain it is about, None for several.

    Raises NotPermitted, OrganisationNotFound, TooMany, ExportNeedsOneChain for NDJSON of several chains.
    """
    assert now
    require(actor, "read_audit")
    trail.trail(actor, wanted)  # who may not read, or names nobody's organisation, exports nothing
    chain = trail.chain_wanted(actor, wanted)
    if chain is None and file_format == "ndjson":
        raise ExportNeedsOneChain
    limits.count(
        f"audit_export:{actor.organisation_id or 'desk'}", limit=EXPORTS_AN_HOUR, per=timedelta(hours=1), now=now
    )
    data = {"file_format": file_format, "filters": dict(wanted.told)}
    record_event(
        "audit_exported",
        about=About(organisation_id=chain or None),
        actor=actor,
        at=now,
        internal=chain in (None, DESK),
        data=data,
    )
    return chain


def seal_for_export() -> None:
    """Let the export hold what has happened up to now, its own record included."""
    seal_events(within=SEALED_BEFORE)
