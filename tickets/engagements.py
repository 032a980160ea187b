"""Engagements under elevated support: their kinds, their states, and which act leads where (EL-1)."""

from __future__ import annotations

from enum import StrEnum

from tickets.errors import IllegalEngagementAct


class EngagementKind(StrEnum):
    """The engagements of EL-1, in its order. Each is offered under every kind of contract: the rule limits none."""

    UPDATE_MANAGEMENT = "update_management"
    END_TO_END = "end_to_end"
    SENIOR_SERVICE = "senior_service"
    INCIDENT_MANAGEMENT = "incident_management"
    WORKSHOP = "workshop"


class EngagementState(StrEnum):
    """How far an engagement has come."""

    REQUESTED = "requested"
    PLANNED = "planned"
    UNDER_WAY = "under_way"
    COMPLETED = "completed"
    CALLED_OFF = "called_off"


class EngagementAct(StrEnum):
    """What is done to an engagement beside writing on it."""

    PLAN = "plan"
    BEGIN = "begin"
    COMPLETE = "complete"
    CALL_OFF = "call_off"


ONGOING = (EngagementState.REQUESTED, EngagementState.PLANNED, EngagementState.UNDER_WAY)

TRANSITIONS = {
    (EngagementState.REQUESTED, EngagementAct.PLAN): EngagementState.PLANNED,
    (EngagementState.REQUESTED, EngagementAct.CALL_OFF): EngagementState.CALLED_OFF,
    (EngagementState.PLANNED, EngagementAct.PLAN): EngagementState.PLANNED,
    (EngagementState.PLANNED, EngagementAct.BEGIN): EngagementState.UNDER_WAY,
    (EngagementState.PLANNED, EngagementAct.COMPLETE): EngagementState.COMPLETED,
    (EngagementState.PLANNED, EngagementAct.CALL_OFF): EngagementState.CALLED_OFF,
    (EngagementState.UNDER_WAY, EngagementAct.PLAN): EngagementState.UNDER_WAY,
    (EngagementState.UNDER_WAY, EngagementAct.COMPLETE): EngagementState.COMPLETED,
    (EngagementState.UNDER_WAY, EngagementAct.CALL_OFF): EngagementState.CALLED_OFF,
}


def advance(state: str, act: EngagementAct) -> EngagementState:
    """Return the state that `act` leads to, or raise IllegalEngagementAct."""
    try:
        return TRANSITIONS[EngagementState(state), act]
    except KeyError:
        raise IllegalEngagementAct(state, act.value) from None


def allows(state: str, act: EngagementAct) -> bool:
    """Whether `act` leads anywhere from this state."""
    return (EngagementState(state), act) in TRANSITIONS
