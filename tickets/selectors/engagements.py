"""Reads of engagements, always for somebody (EL-1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now

from accounts import selectors as accounts
from accounts.actors import Actor
from accounts.models import ElevatedContract, Organisation, Person
from accounts.permissions import ACTS, may
from tickets.engagements import ONGOING
from tickets.errors import EngagementNotFound
from tickets.models import Engagement, EngagementRequest, ServiceRequest
from tickets.models.requests import OPEN_STATES
from tickets.selectors.visibility import ACCOUNT_MANAGER, visible_requests

RELATED = ("organisation", "contract__account_manager", "requested_by", "on_behalf_of", "lead")
ONGOING_STATES = [state.value for state in ONGOING]


def visible_engagements(actor: Actor) -> QuerySet[Engagement]:
    """The engagements that exist for this actor (P-5).

    Those of their organisation; of all customers for who leads and for senior engineers; of those that they look after,
    while the contract runs, for account managers (P-6).
    """
    if not may(actor, "read_engagements"):
        return Engagement.objects.none()
    if not actor.is_staff:
        return Engagement.objects.filter(organisation=actor.organisation_id or 0)
    if (actor.roles - {ACCOUNT_MANAGER}) & ACTS["read_engagements"]:
        return Engagement.objects.all()
    contracts = accounts.elevated_contracts(now=Now()).filter(account_manager=actor.person_id)
    return Engagement.objects.filter(organisation__in=contracts.values("organisation"))


def engagement_of(actor: Actor, number: str) -> Engagement:
    """One engagement with what a page of it needs, or EngagementNotFound (P-5)."""
    try:
        return visible_engagements(actor).select_related(*RELATED).get(number=number)
    except Engagement.DoesNotExist:
        raise EngagementNotFound(number) from None


def listed(engagements: QuerySet[Engagement], *, ongoing: bool | None = None) -> QuerySet[Engagement]:
    """Engagements for a list, those that go on or those that have ended."""
    if ongoing is not None:
        going_on = Q(state__in=ONGOING_STATES)
        engagements = engagements.filter(going_on if ongoing else ~going_on)
    return engagements.select_related("organisation", "lead", "requested_by")


def requests_of(actor: Actor, engagement: Engagement) -> QuerySet[ServiceRequest]:
    """The service requests that belong to an engagement, as far as the actor may see them."""
    linked = EngagementRequest.objects.filter(engagement=engagement.pk).values("request")
    return visible_requests(actor).filter(pk__in=linked).order_by("-pk")


def leads_to_be() -> QuerySet[Person]:
    """The senior engineers who can lead an engagement, by name."""
    return accounts.staff_with_roles("senior_engineer").order_by("name", "pk")


def managers_of(organisation_id: int, *, now: datetime) -> QuerySet[Person]:
    """Who decides about a customer's engagements: its account manager, or without one the team leads (EL-1)."""
    contract = accounts.elevated_contract_of(organisation_id, now=now)
    manager = Person.objects.filter(pk=(contract and contract.account_manager_id) or 0, is_active=True)
    return manager if manager.exists() else accounts.staff_with_roles("team_lead")


@dataclass(frozen=True, slots=True)
class Looked:
    """A customer as its account manager sees it: what is open, what is late, what goes on."""

    contract: ElevatedContract
    open: int
    late: int
    engagements: int

    @property
    def organisation(self) -> Organisation:
        """The customer."""
        return self.contract.organisation


def customers_looked_after(actor: Actor, *, now: datetime) -> list[Looked]:
    """The customers whose contract in force names this account manager, by name, in three queries (EL-1)."""
    contracts = accounts.elevated_contracts(now=now).filter(account_manager=actor.person_id or 0)
    found = list(contracts.select_related("organisation").order_by("organisation__name", "pk"))
    ids = [contract.organisation_id for contract in found]
    rows = visible_requests(actor).filter(organisation__in=ids, state__in=OPEN_STATES).values("organisation")
    requests = {
        row["organisation"]: row for row in rows.annotate(open=Count("pk"), late=Count("pk", filter=Q(due_at__lt=now)))
    }
    going_on = Engagement.objects.filter(organisation__in=ids, state__in=ONGOING_STATES).values("organisation")
    engagements = {row["organisation"]: row["count"] for row in going_on.annotate(count=Count("pk"))}
    return [
        Looked(
            contract=contract,
            open=requests.get(contract.organisation_id, {}).get("open", 0),
            late=requests.get(contract.organisation_id, {}).get("late", 0),
            engagements=engagements.get(contract.organisation_id, 0),
        )
        for contract in found
    ]


def late_requests(actor: Actor, *, now: datetime, most: int = 25) -> list[ServiceRequest]:
    """The open requests of these customers whose response is overdue, the longest first."""
    contracts = accounts.elevated_contracts(now=now).filter(account_manager=actor.person_id or 0)
    late = visible_requests(actor).filter(organisation__in=contracts.values("organisation"), due_at__lt=now)
    return list(late.filter(state__in=OPEN_STATES).select_related("organisation").order_by("due_at")[:most])
