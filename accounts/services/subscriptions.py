"""Subscriptions as support staff keep them: bought, tried, grown, ended (BI-1, CH-2).

Nothing here reaches back: a promise was made under the tier that counted then and keeps it. So a subscription begins
now or later, its plan and kind never change, and what is bought after a trial is a row of its own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.actors import Actor
from accounts.audit import About, record_event
from accounts.errors import InvalidParticulars, PlanNotFound, RecordChanged, SubscriptionNotFound
from accounts.models import Event, Organisation, Plan, Subscription
from accounts.permissions import require
from accounts.services.organisations import lock_open_organisation, lock_organisation, tell_global_admins
from accounts.transactions import service
from accounts.versions import AS_IT_IS, AsItIs

MOST_SEATS = 10_000_000
REFERENCE_LIMIT = 80
NOTICE = "terms_changed"


@service
def add_subscription(
    *,
    slug: str,
    plan: str,
    trial: bool,
    seats: int,
    actor: Actor,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    now: datetime | None = None,
) -> Subscription:
    """Let an organisation subscribe to a plan, from now on unless told otherwise.

    Raises NotPermitted, OrganisationNotFound, OrganisationClosed, PlanNotFound, InvalidParticulars.
    """
    assert now
    require(actor, "manage_contracts")
    organisation = lock_open_organisation(slug, actor, now=now)
    found = _plan_on_offer(plan, trial=trial)
    subscription = Subscription(
        organisation=organisation, plan=found, trial=trial, seats=seats, starts_at=starts_at or now, ends_at=ends_at
    )
    check_span(subscription.starts_at, ends_at, now=now)
    return _store(subscription, "subscription_added", actor=actor, now=now)


@service
def change_subscription(
    *,
    reference: str,
    actor: Actor,
    seats: int | None = None,
    ends_at: datetime | AsItIs | None = AS_IT_IS,
    version: int | None = None,
    now: datetime | None = None,
) -> Subscription:
    """Change how many seats it has, unless None, and when it ends.

    Raises NotPermitted, SubscriptionNotFound (for one that is over, too), RecordChanged, InvalidParticulars.
    """
    assert now
    require(actor, "manage_contracts")
    subscription = _lock(reference, actor, version=version, now=now)
    seats = subscription.seats if seats is None else seats
    ends_at = subscription.ends_at if ends_at is AS_IT_IS else ends_at
    _check_seats(seats)
    if ends_at != subscription.ends_at:
        check_end(subscription.starts_at, ends_at, now=now)
    told: dict[str, Any] = {}
    if seats != subscription.seats:
        told["seats"] = {"from": subscription.seats, "to": seats}
    if ends_at != subscription.ends_at:
        told["ends_at"] = {"from": instant(subscription.ends_at), "to": instant(ends_at)}
    if not told:
        return subscription
    subscription.seats, subscription.ends_at = seats, ends_at
    subscription.version += 1
    subscription.save(update_fields=["seats", "ends_at", "version"])
    _tell(_record("subscription_altered", subscription, actor=actor, now=now, **told))
    return subscription


@service
def end_subscription(
    *, reference: str, actor: Actor, version: int | None = None, now: datetime | None = None
) -> Subscription:
    """End a subscription now; one that has not begun goes, since nothing was ever promised by it.

    Raises NotPermitted, SubscriptionNotFound, RecordChanged.
    """
    assert now
    require(actor, "manage_contracts")
    subscription = _lock(reference, actor, version=version, now=now)
    ends = {"ends_at": {"from": instant(subscription.ends_at), "to": instant(now)}}
    _tell(_record("subscription_ended", subscription, actor=actor, now=now, **ends))
    if subscription.starts_at >= now:
        subscription.delete()
        return subscription
    subscription.ends_at = now
    subscription.version += 1
    subscription.save(update_fields=["ends_at", "version"])
    return subscription


@service
def buy_after_trial(
    *,
    reference: str,
    actor: Actor,
    seats: int,
    plan: str = "",
    ends_at: datetime | None = None,
    version: int | None = None,
    now: datetime | None = None,
) -> Subscription:
    """End a trial now, and begin the paid subscription that follows it, to the same plan unless another is named.

    The trial stays as it was, for the requests that were filed under it. Raises NotPermitted, SubscriptionNotFound for
    what is no running trial, RecordChanged, PlanNotFound, InvalidParticulars.
    """
    assert now
    require(actor, "manage_contracts")
    trial = _lock(reference, actor, version=version, now=now)
    if not trial.trial or trial.starts_at >= now:
        raise SubscriptionNotFound
    found = _plan_on_offer(plan, trial=False) if plan else trial.plan
    check_span(now, ends_at, now=now)
    trial.ends_at, trial.version = now, trial.version + 1
    trial.save(update_fields=["ends_at", "version"])
    bought = Subscription(
        organisation=trial.organisation, plan=found, seats=seats, starts_at=now, ends_at=ends_at, bought_after=trial
    )
    return _store(bought, "trial_turned_paid", actor=actor, now=now)


def check_span(starts_at: datetime, ends_at: datetime | None, *, now: datetime) -> None:
    """Raise InvalidParticulars unless it begins now or later, and ends after that."""
    if starts_at < now:
        raise InvalidParticulars("starts_at", "past")
    if ends_at is not None and ends_at <= starts_at:
        raise InvalidParticulars("ends_at", "ends_before_start")


def check_end(starts_at: datetime, ends_at: datetime | None, *, now: datetime) -> None:
    """Raise InvalidParticulars unless the new end of what has begun, or will, is to come and after its beginning."""
    if ends_at is not None and ends_at <= now:
        raise InvalidParticulars("ends_at", "past")
    if ends_at is not None and ends_at <= starts_at:
        raise InvalidParticulars("ends_at", "ends_before_start")


def instant(at: datetime | None) -> str | None:
    """An instant as events keep it."""
    return at.isoformat() if at else None


def _store(subscription: Subscription, kind: str, *, actor: Actor, now: datetime) -> Subscription:
    _check_seats(subscription.seats)
    subscription.reference = _free_reference(subscription.organisation, subscription.plan, trial=subscription.trial)
    subscription.save()
    span = {"starts_at": instant(subscription.starts_at), "ends_at": instant(subscription.ends_at)}
    after = {"after": subscription.bought_after_id} if subscription.bought_after_id else {}
    _tell(_record(kind, subscription, actor=actor, now=now, seats=subscription.seats, **span, **after))
    return subscription


def _free_reference(organisation: Organisation, plan: Plan, *, trial: bool) -> str:
    """`berlin-office-365-e3`, with a number after it from the second on; the organisation's lock keeps it ours.

    A reference that another organisation's happens to have is passed over as well.
    """
    base = f"{organisation.slug}-{plan.code.replace('_', '-')}{'-trial' if trial else ''}"[: REFERENCE_LIMIT - 6]
    taken = set(Subscription.objects.filter(reference__startswith=base).values_list("reference", flat=True))
    number = 1
    while (reference := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    return reference


def _plan_on_offer(code: str, *, trial: bool) -> Plan:
    plan = Plan.objects.filter(code=code, retired_at=None).first()
    if plan is None or (trial and not plan.trialable):
        raise PlanNotFound
    return plan


def _check_seats(seats: int) -> None:
    if not 1 <= seats <= MOST_SEATS:
        raise InvalidParticulars("seats", "seats")


def _lock(reference: str, actor: Actor, *, version: int | None, now: datetime) -> Subscription:
    """A subscription that is not over, while nobody else changes any of its organisation's."""
    slug = Subscription.objects.filter(reference=reference).values_list("organisation__slug", flat=True).first()
    if slug is None:
        raise SubscriptionNotFound
    organisation = lock_organisation(slug, actor, now=now)
    rows = Subscription.objects.filter(organisation=organisation).select_related("plan", "organisation")
    subscription = rows.filter(reference=reference).first()  # one that had not begun may be gone by now
    if subscription is None or (subscription.ends_at is not None and subscription.ends_at <= now):
        raise SubscriptionNotFound
    if version not in (None, subscription.version):
        raise RecordChanged(subscription.version)
    return subscription


def _record(kind: str, subscription: Subscription, *, actor: Actor, now: datetime, **facts: Any) -> Event:
    about = About(organisation_id=subscription.organisation_id)
    terms = {"plan": subscription.plan.code, "trial": subscription.trial}
    data = {"subscription": subscription.pk, **terms, **facts}
    return record_event(kind, about=about, actor=actor, at=now, data=data)


def _tell(event: Event) -> None:
    tell_global_admins(event, NOTICE, {"what": event.kind, **event.data})
