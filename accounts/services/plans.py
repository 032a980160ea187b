"""The plans on offer; a plan keeps its tier for good, since old promises were made by it (SLA-1, SLA-2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.actors import Actor
from accounts.audit import About, record_event
from accounts.errors import InvalidParticulars, NameTaken, PlanNotFound
from accounts.models import Plan
from accounts.particulars import checked_name
from accounts.permissions import require
from accounts.transactions import service

TIERS = ("business", "enterprise", "frontline")  # the columns that plans fall in; elevated is a contract's
STANDALONE = "standalone"
FAMILIES = ("business", "enterprise", "government", "education", "frontline", STANDALONE)
STANDALONE_TIER = "enterprise"  # SLA-2


@service
def add_plan(
    *,
    code: str,
    names: Mapping[str, str],
    family: str,
    tier: str,
    trialable: bool,
    actor: Actor,
    now: datetime | None = None,
) -> Plan:
    """Offer one plan more. Raises NotPermitted, InvalidParticulars, NameTaken."""
    assert now
    require(actor, "manage_plans")
    _check(family, tier)
    plan = Plan(
        code=code,
        names={tag: checked_name(name, field=f"names.{tag}") for tag, name in names.items()},
        family=family,
        tier=tier,
        standalone=family == STANDALONE,
        trialable=trialable,
    )
    try:
        with transaction.atomic():
            plan.save()
    except IntegrityError:
        raise NameTaken from None
    _record("plan_added", plan, actor=actor, now=now)
    return plan


@service
def retire_plan(*, code: str, actor: Actor, now: datetime | None = None) -> Plan:
    """Offer a plan no longer; subscriptions to it run on, and keep its tier. Raises NotPermitted, PlanNotFound."""
    assert now
    return _set_retired(code, now, "plan_retired", actor=actor, now=now)


@service
def offer_plan_again(*, code: str, actor: Actor, now: datetime | None = None) -> Plan:
    """Take a plan out of retirement. Raises NotPermitted, PlanNotFound."""
    assert now
    return _set_retired(code, None, "plan_offered_again", actor=actor, now=now)


def _set_retired(code: str, retired_at: datetime | None, kind: str, *, actor: Actor, now: datetime) -> Plan:
    require(actor, "manage_plans")
    plan = Plan.objects.select_for_update(no_key=True).filter(code=code).first()
    if plan is None:
        raise PlanNotFound
    if bool(plan.retired_at) != bool(retired_at):
        plan.retired_at = retired_at
        plan.save(update_fields=["retired_at"])
        _record(kind, plan, actor=actor, now=now)
    return plan


def _check(family: str, tier: str) -> None:
    if family not in FAMILIES:
        raise InvalidParticulars("family", "choice")
    if tier not in TIERS:
        raise InvalidParticulars("tier", "choice")
    if family == STANDALONE and tier != STANDALONE_TIER:
        raise InvalidParticulars("tier", "standalone")


def _record(kind: str, plan: Plan, *, actor: Actor, now: datetime) -> None:
    record_event(kind, about=About(), actor=actor, at=now, internal=True, data={"plan": plan.code, "tier": plan.tier})
