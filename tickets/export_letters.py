"""What the notices about an export say to whoever asked for it, as things stand when they are sent (P-6)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from accounts.actors import Actor
from accounts.letters.reading import Reading
from accounts.models import Delivery
from tickets.errors import ExportBeyondReach
from tickets.models import Export, ExportState
from tickets.selectors import exports as selectors
from tickets.wording import EXPORT_FAILURES, EXPORT_KINDS


def ready(delivery: Delivery, reading: Reading) -> dict[str, Any] | None:
    """The file and until when it can be had; None where it is gone, or is not theirs to read any more."""
    export = _export_for(delivery, reading)
    if export is None or selectors.state_at(export, reading.now) is not ExportState.READY:
        return None
    return {**_facts(export), "rows": export.rows, "until": export.expires_at}


def failed(delivery: Delivery, reading: Reading) -> dict[str, Any] | None:
    """Why nothing came of it; None for whoever may not ask for exports any more."""
    export = _export_for(delivery, reading)
    if export is None:
        return None
    return {**_facts(export), "why": EXPORT_FAILURES.get(export.failure, EXPORT_FAILURES["internal"])}


def _export_for(delivery: Delivery, reading: Reading) -> Export | None:
    export = reading.visible(_with_organisation, delivery, lambda each: each.context["export"])
    if export is None:
        return None
    actor = reading.actors[delivery.organisation_id]
    reach = reading.once(("reach", actor), lambda: selectors.reach_of(actor))
    try:
        selectors.check_reach(export, actor, reach=reach)
    except ExportBeyondReach:
        return None
    return export


def _with_organisation(actor: Actor) -> QuerySet[Export]:
    return selectors.visible_exports(actor).select_related("organisation")


def _facts(export: Export) -> dict[str, Any]:
    page = "tickets:staff_exports" if export.organisation_id is None else "tickets:exports"
    return {
        "kind": EXPORT_KINDS[export.kind],
        "organisation": export.organisation.name if export.organisation else "",
        "asked_at": export.asked_at,
        "link": f"{settings.PUBLIC_URL}{reverse(page)}",
    }


SITUATIONS = {"export_ready": ready, "export_failed": failed}
