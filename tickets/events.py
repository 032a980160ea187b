"""The kinds of events that happen to a request."""

from enum import StrEnum


class EventKind(StrEnum):
    """What the audit trail says happened (P-10)."""

    FILED = "request_filed"
    FOLLOWED_UP = "follow_up_filed"
    PROMISED = "commitment_made"
    PHONE_NEEDED = "phone_needed"
    RESPONDED = "first_response"
    REPLIED = "reply_posted"
    CALLED = "call_logged"
    ASKED = "customer_asked"
    CUSTOMER_WROTE = "customer_wrote"
    NOTED = "internal_note_added"
    ATTACHED = "file_attached"
    TAKEN = "request_taken"
    ASSIGNED = "request_assigned"
    RELEASED = "request_released"
    SEVERITY_CHANGED = "severity_changed"
    SEVERITY_CONFIRMED = "severity_confirmed"
    CONTACT_CHANGED = "contact_changed"
    CLOSED = "request_closed"
    REOPENED = "request_reopened"
    ARCHIVED = "request_archived"
    ESCALATED = "escalation_step"
    BREACHED = "commitment_breached"
