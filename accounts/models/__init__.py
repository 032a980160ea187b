"""Tables of organisations, people, the audit trail and the outbox."""

from accounts.models.audit import Delivery, DeliveryState, Event, Urgency
from accounts.models.contracts import Delegation, ElevatedContract, Plan, Subscription
from accounts.models.domains import DomainLink, DomainState, MailDomain
from accounts.models.guards import ApiToken, IdempotencyKey, RateCount
from accounts.models.organisations import CalendarVersion, Organisation, Team
from accounts.models.people import Person, RoleGrant
from accounts.models.rota import DutyPattern, DutyRole, DutyShift

__all__ = [
    "ApiToken",
    "CalendarVersion",
    "Delegation",
    "Delivery",
    "DeliveryState",
    "DomainLink",
    "DomainState",
    "DutyPattern",
    "DutyRole",
    "DutyShift",
    "ElevatedContract",
    "Event",
    "IdempotencyKey",
    "MailDomain",
    "Organisation",
    "Person",
    "Plan",
    "RateCount",
    "RoleGrant",
    "Subscription",
    "Team",
    "Urgency",
]
