"""Reads of one organisation for support staff: all that it has, had and will have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from django.db.models import Exists, OuterRef, QuerySet

from accounts import selectors
from accounts.actors import Actor
from accounts.errors import ContractNotFound, SubscriptionNotFound
from accounts.models import Delegation, ElevatedContract, Person, RoleGrant, Subscription

MOST_PEOPLE = 50  # with a role, on the page of the desk


Row = TypeVar("Row", Subscription, ElevatedContract)


@dataclass(frozen=True, slots=True)
class InTime(Generic[Row]):
    """Rows by whether they run at an instant, will, or did."""

    running: list[Row]
    coming: list[Row]
    past: list[Row]

    @classmethod
    def of(cls, rows: QuerySet[Row], *, now: datetime) -> InTime[Row]:
        """The rows in these three parts, each in its order."""
        parts: InTime[Row] = cls([], [], [])
        for row in rows:
            over = row.ends_at is not None and row.ends_at <= now
            (parts.past if over else parts.coming if row.starts_at > now else parts.running).append(row)
        return parts


def subscriptions(organisation_id: int, *, now: datetime) -> InTime[Subscription]:
    """Every subscription of an organisation, the latest first."""
    rows = Subscription.objects.filter(organisation=organisation_id).select_related("plan")
    return InTime.of(rows.order_by("-starts_at", "-pk"), now=now)


def contracts(organisation_id: int, *, now: datetime) -> InTime[ElevatedContract]:
    """Every elevated contract of an organisation, the latest first (EL-1)."""
    rows = ElevatedContract.objects.filter(organisation=organisation_id).select_related("account_manager")
    return InTime.of(rows.order_by("-starts_at", "-pk"), now=now)


def subscription(actor: Actor, reference: str, *, now: datetime) -> Subscription:
    """One subscription of an organisation within reach, whether it runs or not, or SubscriptionNotFound (P-5)."""
    within = selectors.visible_organisations(actor, now=now)
    rows = Subscription.objects.filter(organisation__in=within).select_related("plan", "organisation", "bought_after")
    found = rows.filter(reference=reference).first()
    if found is None:
        raise SubscriptionNotFound
    return found


def contract(organisation_id: int, contract_id: int) -> ElevatedContract:
    """One contract of an organisation, or ContractNotFound."""
    rows = ElevatedContract.objects.filter(organisation=organisation_id).select_related("organisation")
    found = rows.filter(pk=contract_id).first()
    if found is None:
        raise ContractNotFound
    return found


def people_with_roles(organisation_id: int) -> list[Person]:
    """Those who hold a role there, by name; one more than are shown tells that there are others."""
    holding = RoleGrant.objects.filter(person=OuterRef("pk"))  # a join would count each role twice
    people = Person.objects.with_roles().filter(
        Exists(holding), organisation=organisation_id, is_active=True, is_service=False
    )
    return list(people.order_by("name", "pk")[: MOST_PEOPLE + 1])


def partners_of(organisation_id: int, *, now: datetime) -> QuerySet[Delegation]:
    """The delegations that a customer granted and that count (PA-1)."""
    return selectors.delegations_granted_by(organisation_id, now=now)


def customers_of_partner(organisation_id: int, *, now: datetime) -> QuerySet[Delegation]:
    """The delegations that a partner holds and that count, by customer (PA-1)."""
    held = selectors.live_delegations(now=now).filter(partner=organisation_id)
    return held.order_by("customer__name", "pk")
