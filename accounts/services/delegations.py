"""Appointing partners and acting for customers (PA-1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from accounts import selectors
from accounts.actors import PORTAL, Actor
from accounts.audit import About, Notice, record_event, send_notice
from accounts.errors import DelegationExists, DelegationNotFound, InvalidDelegation, PartnerNotFound
from accounts.models import Delegation, Event, Organisation, Person
from accounts.permissions import DELEGABLE_ROLES, require
from accounts.services.people import lock_organisation
from accounts.transactions import service
from accounts.versions import check_version

LONGEST_YEARS = 2  # PA-1


@dataclass(frozen=True, slots=True)
class Terms:
    """What is delegated, and through which instant."""

    duties: list[str]
    expires_at: datetime


def latest_end(now: datetime) -> datetime:
    """The last instant at which a delegation granted `now` may end: the same date two years on (PA-1)."""
    try:
        return now.replace(year=now.year + LONGEST_YEARS)
    except ValueError:  # granted on 29 February
        return now.replace(year=now.year + LONGEST_YEARS, day=28)


@service
def grant_delegation(
    *, partner_slug: str, duties: Iterable[str], expires_at: datetime, actor: Actor, now: datetime | None = None
) -> Delegation:
    """Let a partner's people take on these duties for the actor's organisation until `expires_at` (PA-1).

    Raises NotPermitted, InvalidDelegation, PartnerNotFound, DelegationExists.
    """
    assert now
    require(actor, "manage_delegations")
    terms = checked_terms(duties, expires_at, now=now)
    customer = lock_organisation(actor)
    partner = _partner(partner_slug, customer)
    for standing in lock_standing(customer.pk, partner.pk):
        if standing.expires_at >= now:
            raise DelegationExists
        close_expired(standing)
    return appoint(customer, partner, terms, actor=actor, now=now)


@service
def end_delegation(
    *, delegation_id: int, actor: Actor, version: int | None = None, now: datetime | None = None
) -> Delegation:
    """End a delegation that the actor's organisation granted; the partner's next request is refused (PA-1, P-6).

    One that is over already stays as it is. Raises NotPermitted, DelegationNotFound, and RecordChanged when another
    `version` was read.
    """
    assert now
    require(actor, "manage_delegations")
    customer = lock_organisation(actor)
    try:
        delegation = Delegation.objects.select_for_update(no_key=True).get(pk=delegation_id, customer=customer)
    except Delegation.DoesNotExist:
        raise DelegationNotFound from None
    check_version(version, selectors.delegation_version(actor, delegation))
    if delegation.ended_at is None and delegation.expires_at >= now:
        event = end(delegation, actor=actor, now=now)
        people = list(selectors.people_acting_under(delegation))
        notice = Notice("delegation_ended", people, {"delegation": delegation.pk}, mail_only=True)
        send_notice(event, notice, about=About(organisation_id=delegation.partner_id))
    return delegation


@service
def close_expired_delegations(*, batch: int = 100, now: datetime | None = None) -> int:
    """Put on record which delegations ran out, dated at their last instant; return how many (for the sweep).

    Nothing waits for it: access is decided by `expires_at` (P-4).
    """
    assert now
    expired = selectors.expired_delegations(now=now).order_by("expires_at", "pk")
    claimed = list(expired.select_for_update(of=("self",), skip_locked=True, no_key=True)[:batch])
    for delegation in claimed:
        close_expired(delegation)
    return len(claimed)


@service
def warn_of_expiry(*, batch: int = 100, now: datetime | None = None) -> int:
    """Tell both sides 30 and 7 days before a delegation runs out, once each; return how many warnings went out.

    After an outage only the nearer warning is given, dated at its own instant. One that was granted for so short a
    time that the warning would lie before it has none: its end was just chosen.
    """
    assert now
    due = selectors.delegations_to_warn_of(now=now).order_by("expires_at", "pk")
    claimed = list(due.select_for_update(of=("self",), skip_locked=True, no_key=True)[:batch])
    for delegation in claimed:
        _warn(delegation, now=now)
    return len(claimed)


@service
def start_acting_for(*, actor: Actor, now: datetime | None = None) -> None:
    """Keep that a partner's person began to act for a customer; `actor` is already the one on their behalf."""
    assert now
    record_event("acting_started", about=About(organisation_id=actor.on_behalf_of_id), at=now, actor=actor)


@service
def stop_acting_for(*, person: Person, customer_id: int, now: datetime | None = None) -> None:
    """Keep that they stopped; under which delegation, where one is still in force."""
    assert now
    held = selectors.customers_of(person, now=now).filter(customer=customer_id).first()
    actor = Actor(person_id=person.pk, on_behalf_of_id=customer_id, delegation_id=held.pk if held else None)
    record_event("acting_stopped", about=About(organisation_id=customer_id), at=now, actor=actor)


def checked_terms(duties: Iterable[str], expires_at: datetime, *, now: datetime) -> Terms:
    """Duties that can be delegated, and an end within two years of `now`, or InvalidDelegation (PA-1)."""
    wanted = sorted(set(duties))
    if not wanted or not set(wanted) <= set(DELEGABLE_ROLES) or not now < expires_at <= latest_end(now):
        raise InvalidDelegation
    return Terms(wanted, expires_at)


def appoint(customer: Organisation, partner: Organisation, terms: Terms, *, actor: Actor, now: datetime) -> Delegation:
    """Store a delegation between these two, neither of whom has another one standing."""
    delegation = Delegation.objects.create(
        customer=customer,
        partner=partner,
        duties=terms.duties,
        granted_by_id=actor.person_id,  # type: ignore[misc]  # the portal itself grants nothing
        granted_at=now,
        expires_at=terms.expires_at,
    )
    told = {"duties": terms.duties, "expires_at": terms.expires_at.isoformat()}
    _record("delegation_granted", delegation, at=now, actor=actor, terms=told)
    return delegation


def end(delegation: Delegation, *, actor: Actor, now: datetime) -> Event:
    """End a locked delegation that counts until `now`."""
    delegation.ended_at = now
    delegation.save(update_fields=["ended_at"])
    return _record("delegation_ended", delegation, at=now, actor=actor)


def close_expired(delegation: Delegation) -> None:
    """Put on record that a locked delegation has run out."""
    delegation.ended_at = delegation.expires_at
    delegation.save(update_fields=["ended_at"])
    _record("delegation_expired", delegation, at=delegation.expires_at)


def _partner(slug: str, customer: Organisation) -> Organisation:
    try:
        return Organisation.objects.exclude(pk=customer.pk).get(slug=slug, is_partner=True, is_active=True)
    except Organisation.DoesNotExist:
        raise PartnerNotFound from None


def lock_standing(customer_id: int, partner_id: int) -> QuerySet[Delegation]:
    """The delegation that stands between these two, if any; it may have run out without a sweep having noticed."""
    standing = Delegation.objects.filter(customer=customer_id, partner=partner_id, ended_at=None)
    return standing.select_for_update(no_key=True)


def _warn(delegation: Delegation, *, now: datetime) -> None:
    days = min(days for days in selectors.WARN_DAYS if delegation.expires_at - timedelta(days=days) <= now)
    delegation.warned_days = days
    delegation.save(update_fields=["warned_days"])
    about = About(organisation_id=delegation.customer_id)
    event = record_event(
        "delegation_expiring",
        about=about,
        at=delegation.expires_at - timedelta(days=days),
        ref=f"delegation:{delegation.pk}:{days}",
        data={"delegation": delegation.pk, "partner": delegation.partner_id, "days": days},
    )
    people = [*selectors.global_admins_of(delegation.customer_id), *selectors.people_acting_under(delegation)]
    notice = Notice("delegation_expiring", people, {"delegation": delegation.pk}, mail_only=True)
    send_notice(event, notice, about=about)


def _record(
    kind: str,
    delegation: Delegation,
    *,
    at: datetime,
    actor: Actor = PORTAL,
    terms: Mapping[str, object] | None = None,
) -> Event:
    about = About(organisation_id=delegation.customer_id)
    data = {"delegation": delegation.pk, "partner": delegation.partner_id, **(terms or {})}
    return record_event(kind, about=about, at=at, actor=actor, ref=f"delegation:{delegation.pk}", data=data)
