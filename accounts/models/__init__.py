"""Tables of organisations, people, the audit trail and the outbox."""

from accounts.models.audit import Delivery, DeliveryState, Event, Urgency
from accounts.models.contracts import Delegation, ElevatedContract, Plan, Subscription
from accounts.models.domains import DomainLink, DomainState, MailDomain
from accounts.models.guards import ApiToken, IdempotencyKey, RateCount
from accounts.models.invitations import Invitation, InvitationLink
from accounts.models.mail_changes import MailChange, MailChangeLink
from accounts.models.organisations import CalendarVersion, Organisation, Team
from accounts.models.partners import DelegationAsk, DelegationAskState, DelegationAssignment
from accounts.models.people import Person, RoleGrant
from accounts.models.rota import DutyPattern, DutyRole, DutyShift
from accounts.models.sessions import KnownBrowser, PersonSession
from accounts.models.sign_on import RoleMapping, SignOnIdentity, SingleSignOn
from accounts.models.trail import DESK, HeadSubscription, MailedHead, PersonalValue, Seal, UnsealedEvent
from accounts.models.webhooks import OffReason, WebhookAttempt, WebhookEndpoint

__all__ = [
    "DESK",
    "ApiToken",
    "CalendarVersion",
    "Delegation",
    "DelegationAsk",
    "DelegationAskState",
    "DelegationAssignment",
    "Delivery",
    "DeliveryState",
    "DomainLink",
    "DomainState",
    "DutyPattern",
    "DutyRole",
    "DutyShift",
    "ElevatedContract",
    "Event",
    "HeadSubscription",
    "IdempotencyKey",
    "Invitation",
    "InvitationLink",
    "KnownBrowser",
    "MailChange",
    "MailChangeLink",
    "MailDomain",
    "MailedHead",
    "OffReason",
    "Organisation",
    "Person",
    "PersonSession",
    "PersonalValue",
    "Plan",
    "RateCount",
    "RoleGrant",
    "RoleMapping",
    "Seal",
    "SignOnIdentity",
    "SingleSignOn",
    "Subscription",
    "Team",
    "UnsealedEvent",
    "Urgency",
    "WebhookAttempt",
    "WebhookEndpoint",
]
