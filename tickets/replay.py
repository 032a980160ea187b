"""The promises of a request computed again from the facts recorded with them, under any policy (SLA-1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from sla import commitments
from sla.business_time import BusinessCalendar
from sla.commitments import Promised
from sla.policy import Policy
from tickets.models import Commitment
from tickets.selectors.terms import calendar_of


class Facts(Protocol):
    """What is on record of one promise apart from the promise itself: a row of the table, or what was read of it."""

    @property
    def reason(self) -> str:
        """Why it was made."""

    @property
    def kind(self) -> str:
        """The kind of support."""

    @property
    def tier(self) -> str:
        """The column of the response table."""

    @property
    def severity(self) -> str:
        """The severity that it was made for."""

    @property
    def country(self) -> str:
        """The country of the organisation then (SLA-4)."""

    @property
    def received_at(self) -> datetime:
        """When the cycle began."""

    @property
    def counted_from(self) -> datetime:
        """The receipt, or the change that promised more from then on."""


def due_instants(cycle: Sequence[Facts], policy: Policy, calendar: BusinessCalendar) -> list[datetime | None]:
    """The due instants of one cycle's promises, in their order, as `policy` would have made them.

    A raise may not fall behind what was promised before it, so each is computed from the ones before; severities
    above a cap of the policy count as the cap. The policy that they were made under gives back history.
    """
    promised: list[Promised] = []
    for facts in cycle:
        severity = policy.counted_severity(kind=facts.kind, severity=facts.severity)
        promised.append(Promised(severity, _due_at(facts, severity, policy, calendar, promised)))
    return [promise.due_at for promise in promised]


def _due_at(
    facts: Facts, severity: str, policy: Policy, calendar: BusinessCalendar, earlier: Sequence[Promised]
) -> datetime | None:
    cell = policy.cell(kind=facts.kind, tier=facts.tier, severity=severity, country=facts.country)
    if not counts_anew(facts):
        return commitments.due_at(
            cell=cell, received_at=facts.received_at, calendar=calendar, named_calendars=policy.calendars
        )
    return commitments.promise_after_raising(
        cell=cell,
        severity=severity,
        changed_at=facts.counted_from,
        received_at=facts.received_at,
        earlier=earlier,
        calendar=calendar,
        named_calendars=policy.calendars,
    ).due_at


def counts_anew(facts: Facts) -> bool:
    """Whether it was made for a raised severity, or for a subscription that promises more from then on."""
    return facts.reason == Commitment.Reason.RAISED or facts.counted_from != facts.received_at


def recomputed(row: Commitment, policy: Policy) -> datetime | None:
    """The due instant of one promise under `policy`; those before it in its cycle play along if it counts anew."""
    cycle = [row]
    if counts_anew(row):
        earlier = Commitment.objects.filter(request=row.request_id, cycle=row.cycle, revision__lt=row.revision)
        cycle = [*earlier.order_by("revision"), row]
    return due_instants(cycle, policy, calendar_of(row.calendar_version))[-1]
