"""What the notices about an export say to whoever asked for it, as things stand when they are sent (P-6)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts import clock
from accounts import selectors as accounts
from accounts.errors import OrganisationNotFound
from accounts.models import Delivery, Person
from tickets.errors import ExportBeyondReach, ExportNotFound
from tickets.models import Export, ExportState
from tickets.selectors import exports as selectors
from tickets.wording import EXPORT_FAILURES, EXPORT_KINDS


def ready(delivery: Delivery, person: Person) -> dict[str, Any] | None:
    """The file and until when it can be had; None where it is gone, or is not theirs to read any more."""
    export = _export_for(delivery, person)
    if export is None or selectors.state_at(export, clock.now()) is not ExportState.READY:
        return None
    return {**_facts(export), "rows": export.rows, "until": export.expires_at}


def failed(delivery: Delivery, person: Person) -> dict[str, Any] | None:
    """Why nothing came of it; None for whoever may not ask for exports any more."""
    export = _export_for(delivery, person)
    if export is None:
        return None
    return {**_facts(export), "why": EXPORT_FAILURES.get(export.failure, EXPORT_FAILURES["internal"])}


def _export_for(delivery: Delivery, person: Person) -> Export | None:
    customer = None if person.is_staff else delivery.organisation_id
    try:
        actor = accounts.actor_for(person, now=clock.now(), customer_id=customer)
        export = selectors.export_of(actor, delivery.context["export"])
        selectors.check_reach(export, actor)
    except (OrganisationNotFound, ExportNotFound, ExportBeyondReach):
        return None
    return export


def _facts(export: Export) -> dict[str, Any]:
    page = "tickets:staff_exports" if export.organisation_id is None else "tickets:exports"
    return {
        "kind": EXPORT_KINDS[export.kind],
        "organisation": export.organisation.name if export.organisation else "",
        "asked_at": export.asked_at,
        "link": f"{settings.PUBLIC_URL}{reverse(page)}",
    }


SITUATIONS = {"export_ready": ready, "export_failed": failed}
