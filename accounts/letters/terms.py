"""What notices about subscriptions, contracts and the organisation say, from their events (EL-1, CH-2)."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.labels import CONTRACT_KINDS, in_active_language
from accounts.letters.reading import Reading
from accounts.models import Delivery, Organisation, Person, Plan


def facts_of(delivery: Delivery, reading: Reading) -> dict[str, Any] | None:
    """What has changed; None for whoever no longer decides about the organisation."""
    person = reading.person
    if person.organisation_id != delivery.organisation_id or "global_admin" not in person.role_names:
        return None
    said = delivery.context
    plan = reading.row(Plan.objects.all(), delivery, _plan, by="code")
    manager = reading.row(Person.objects.all(), delivery, _manager)
    return {
        **{name: said[name] for name in ("what", "trial", "seats") if name in said},
        "plan": in_active_language(plan.names) if plan else "",
        "contract": str(CONTRACT_KINDS.get(said.get("kind", ""), "")),
        "manager": manager.name if manager else "",
        "manager_changed": "account_manager" in said,
        "seats_before": _old(said.get("seats")),
        "seats_now": _new(said.get("seats")),
        "end_changed": isinstance(said.get("ends_at"), dict),
        "starts_at": _instant(said.get("starts_at")),
        "ends_at": _instant(_new(said.get("ends_at"))),
        "link": f"{settings.PUBLIC_URL}{reverse('accounts:organisation')}",
    }


def facts_of_organisation(delivery: Delivery, reading: Reading) -> dict[str, Any] | None:
    """The organisation that was closed, or opened again; None once that is no longer so."""
    row = reading.row(Organisation.objects.all(), delivery, attrgetter("organisation_id"))
    if row is None or row.is_active != (delivery.notice == "organisation_reopened"):
        return None
    return {"organisation": row}


def _plan(delivery: Delivery) -> Any:
    return delivery.context.get("plan")


def _manager(delivery: Delivery) -> Any:
    return _new(delivery.context.get("account_manager"))


def _old(change: Any) -> Any:
    return change["from"] if isinstance(change, dict) else None


def _new(change: Any) -> Any:
    return change["to"] if isinstance(change, dict) else change


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
