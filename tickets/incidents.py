"""Incidents of a service: their states, how grave they are, and whom they concern; plain values only."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum

from tickets.errors import IllegalIncidentAct


class IncidentState(StrEnum):
    """How far the desk has come with an incident."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"


class IncidentImpact(StrEnum):
    """What an incident does to the services: the gravest first."""

    OUTAGE = "outage"
    DEGRADATION = "degradation"
    ADVISORY = "advisory"


OPEN = (IncidentState.INVESTIGATING, IncidentState.IDENTIFIED, IncidentState.MONITORING)

# Which states a public update may name, by the state that it finds. A cure that fails leads back; what is resolved can
# be written on once more (how it came about), and comes back as open when it was not over.
TRANSITIONS: dict[IncidentState, frozenset[IncidentState]] = {
    IncidentState.INVESTIGATING: frozenset(IncidentState),
    IncidentState.IDENTIFIED: frozenset(IncidentState),
    IncidentState.MONITORING: frozenset(IncidentState),
    IncidentState.RESOLVED: frozenset({IncidentState.RESOLVED, IncidentState.INVESTIGATING}),
}

# Services that every subscription rests on, whatever else it contains.
OF_EVERYBODY = frozenset({"identity", "domains", "subscription", "other"})
_MAIL, _SITES, _CALLS, _APPS = "exchange_online", "sharepoint_online", "skype_for_business", "microsoft_365_apps"
_ONLINE = frozenset({_MAIL, _SITES, _CALLS})
# The services of plans that do not contain the whole suite. A plan that is not named here counts as the whole suite, so
# that nobody is left in the dark about an outage of theirs.
SERVICES_OF_PLAN: dict[str, frozenset[str]] = {
    "business_basic": _ONLINE,
    "apps_for_business": frozenset({_APPS, _SITES}),
    "office_365_e1": _ONLINE,
    "office_365_f1": _ONLINE,
    "us_government_k1": _ONLINE,
    "education_a1": _ONLINE,
    "exchange_online_plan_1": frozenset({_MAIL}),
    "exchange_online_plan_2": frozenset({_MAIL}),
    "exchange_online_kiosk": frozenset({_MAIL}),
    "exchange_online_archiving": frozenset({_MAIL}),
    "exchange_online_protection": frozenset({_MAIL}),
    "sharepoint_online_plan_1": frozenset({_SITES}),
    "sharepoint_online_plan_2": frozenset({_SITES}),
    "onedrive_plan_1": frozenset({_SITES}),
    "onedrive_plan_2": frozenset({_SITES}),
    "skype_for_business_plan_2": frozenset({_CALLS}),
    "apps_for_enterprise": frozenset({_APPS, _SITES}),
}


def advance(state: str, to: str) -> IncidentState:
    """Return the state that an update leads to, or raise IllegalIncidentAct."""
    wanted = IncidentState(to)
    if wanted not in TRANSITIONS[IncidentState(state)]:
        raise IllegalIncidentAct(state, to)
    return wanted


def services_of(plans: Collection[str]) -> frozenset[str] | None:
    """The services that subscriptions to these plans contain; None for all of them. Without a plan there are none."""
    if not plans:
        return frozenset()
    if any(plan not in SERVICES_OF_PLAN for plan in plans):
        return None
    return OF_EVERYBODY.union(*(SERVICES_OF_PLAN[plan] for plan in plans))


def concerns(*, services: Iterable[str], countries: Collection[str], plans: Collection[str], country: str) -> bool:
    """Whether an incident of these services, in these countries (empty for everywhere), is one of such a customer."""
    if countries and country not in countries:
        return False
    theirs = services_of(plans)
    return theirs is None or not theirs.isdisjoint(services)
