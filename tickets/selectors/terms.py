"""Under which terms a request is handled: tier, policy version and calendar version in force (SLA-1, SLA-2, SLA-5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from accounts import selectors as accounts
from accounts.models import CalendarVersion, Organisation, Subscription
from sla import commitments, ladder
from sla import selectors as sla
from sla.business_time import BusinessCalendar
from sla.commitments import Supersession
from sla.policy import Policy
from sla.vocabulary import is_above
from sla.wording import availability_text, target_text
from tickets.models import Commitment, ServiceRequest

ELEVATED_KINDS = ("technical", "advisory")  # SLA-5
TIER_WITHOUT_SUBSCRIPTION = "business"  # pre-sales and billing promise the same in every tier


@dataclass(frozen=True, slots=True)
class Terms:
    """What a promise is computed from, apart from severity and receipt."""

    kind: str
    tier: str
    country: str
    policy: Policy
    calendar_version: CalendarVersion

    @property
    def calendar(self) -> BusinessCalendar:
        """The organisation's business hours under these terms."""
        return calendar_of(self.calendar_version)

    @property
    def cap(self) -> str | None:
        """The highest severity that this kind of support is treated as, None where there is no cap."""
        return self.policy.max_severity.get(self.kind)

    def cell(self, severity: str) -> commitments.Cell:
        """The cell of the response table for a severity."""
        return self.policy.cell(kind=self.kind, tier=self.tier, severity=severity, country=self.country)

    def promise(self, severity: str, *, received_at: datetime) -> commitments.Commitment:
        """What is promised for a request of this severity received then."""
        return commitments.promise(
            cell=self.cell(severity),
            received_at=received_at,
            calendar=self.calendar,
            named_calendars=self.policy.calendars,
        )

    def attention_at(self, severity: str, *, received_at: datetime) -> datetime:
        """When somebody should look at it although nothing is promised; internal, never shown as a promise."""
        return ladder.attention_at(severity=severity, received_at=received_at, calendar=self.calendar)

    def attention_steps(self, severity: str, *, received_at: datetime, now: datetime) -> tuple[ladder.Reminder, ...]:
        """Who looks at it when, although nothing is promised."""
        calendar = self.calendar
        return ladder.attention_steps(severity=severity, received_at=received_at, now=now, calendar=calendar)


def terms_for(organisation: Organisation, *, kind: str, subscription: Subscription | None, now: datetime) -> Terms:
    """The terms in force now for a kind of support and the subscription that the request is about."""
    calendar_version, is_elevated = accounts.standing_of(organisation.pk, now=now)
    plain = subscription.plan.tier if subscription else TIER_WITHOUT_SUBSCRIPTION
    policy = sla.policy_in_force().policy
    return Terms(
        kind=kind,
        tier="elevated" if is_elevated and kind in ELEVATED_KINDS else plain,
        country=organisation.country,
        policy=policy,
        calendar_version=calendar_version,
    )


def promised_row(terms: Terms, promise: commitments.Commitment, severity: str) -> Commitment:
    """The row that a request would get for a promise, not stored."""
    return Commitment(
        kind=terms.kind,
        tier=terms.tier,
        severity=severity,
        country=terms.country,
        availability=str(promise.availability),
        target=str(promise.target),
        policy_version_id=terms.policy.version,
        calendar_version=terms.calendar_version,
        received_at=promise.received_at,
        counted_from=promise.received_at,
        due_at=promise.due_at,
    )


def response_terms(tier: str, country: str) -> list[tuple[str, str, str]]:
    """What is promised now to technical requests of a tier: severity, when the desk works, by when it answers."""
    policy = sla.policy_in_force().policy
    cells = {
        severity: policy.cell(kind="technical", tier=tier, severity=severity, country=country) for severity in "ABC"
    }
    return [(severity, availability_text(cell.availability), target_text(cell)) for severity, cell in cells.items()]


def tier_of(organisation_id: int, *, kind: str, subscription: Subscription | None, now: datetime) -> str:
    """The column of the response table: that of the plan, unless elevated support covers the kind (SLA-2, SLA-5)."""
    if kind in ELEVATED_KINDS and accounts.elevated_contract_of(organisation_id, now=now):
        return "elevated"
    return subscription.plan.tier if subscription else TIER_WITHOUT_SUBSCRIPTION


def was_and_is_elevated(service_request: ServiceRequest, *, now: datetime) -> bool:
    """Whether a request is handled as elevated and a contract covers it: its admins set its severity (SE-5, SLA-5).

    One that was filed before the contract began keeps its promise, and its severity is disputed.
    """
    if service_request.tier != "elevated" or service_request.kind not in ELEVATED_KINDS:
        return False
    return accounts.elevated_contract_of(service_request.organisation_id, now=now) is not None


def supersession_of(row: Commitment, after: Commitment) -> Supersession:
    """Whether a lesser promise took the place of one, which is then still watched, or a greater (settled point 1).

    The severity tells; where another subscription was the cause, the due instants do.
    """
    lesser = is_above(row.severity, after.severity)
    if after.reason == Commitment.Reason.SUBSCRIPTION:
        lesser = row.due_at is not None and (after.due_at is None or after.due_at > row.due_at)
    return Supersession.LOWERED if lesser else Supersession.RAISED


def terms_of_commitment(commitment: Commitment) -> Terms:
    """The terms that a promise was made under; a cycle keeps them (settled point 2)."""
    return Terms(
        kind=commitment.kind,
        tier=commitment.tier,
        country=commitment.country,
        policy=sla.policy_version(commitment.policy_version_id).policy,
        calendar_version=commitment.calendar_version,
    )


def running_commitment(service_request: ServiceRequest) -> Commitment:
    """The newest commitment of the current cycle, with its calendar."""
    rows = Commitment.objects.select_related("calendar_version", "policy_version").defer("policy_version__document")
    return rows.filter(request=service_request, cycle=service_request.cycle).latest("revision")


def cap_of(commitment: Commitment) -> str | None:
    """The highest severity that the policy of a promise treats its kind of support as, None where it has no cap."""
    return sla.policy_of(commitment.policy_version).policy.max_severity.get(commitment.kind)


def calendar_of(version: CalendarVersion) -> BusinessCalendar:
    """The calendar of an immutable version, parsed once per process."""
    return _calendar(version.pk, _Document(version.document))


class _Document:
    """A document that rides along a cache key without being part of it."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Document)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=1024)
def _calendar(pk: int, document: _Document) -> BusinessCalendar:
    return BusinessCalendar.from_document(document.value)
