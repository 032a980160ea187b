"""The kinds of events that happen to a request."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

PUBLIC_FACTS = frozenset(
    {"severity", "category", "from", "to", "due_at", "reason", "cycle", "kept", "resolution", "message", "attachment"}
    | {"size", "number", "changed", "language", "join_at", "rating", "solved"}
)

KEPT_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)\+00:00", re.ASCII)


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
    INFECTED = "file_infected"
    TAKEN = "request_taken"
    ASSIGNED = "request_assigned"
    RELEASED = "request_released"
    SEVERITY_CHANGED = "severity_changed"
    SEVERITY_CONFIRMED = "severity_confirmed"
    SCOPE_CORRECTED = "scope_corrected"
    CATEGORY_CORRECTED = "category_corrected"
    TOPIC_CORRECTED = "topic_corrected"
    SEVERITY_DISPUTED = "severity_disputed"
    DISPUTE_SETTLED = "dispute_settled"
    TAGGED = "request_tagged"
    CONTACT_CHANGED = "contact_changed"
    SUBSCRIPTION_CHANGED = "subscription_changed"
    CLOSED = "request_closed"
    REOPENED = "request_reopened"
    ARCHIVED = "request_archived"
    CONTENT_REMOVED = "content_removed"
    ESCALATED = "escalation_step"
    REMINDED = "customer_reminded"
    BREACHED = "commitment_breached"
    SURVEY_ASKED = "survey_asked"
    SURVEY_ANSWERED = "survey_answered"
    ESCALATION_ASKED = "escalation_requested"
    SENIOR_WANTED = "senior_engineer_wanted"
    TRANSLATOR_ASKED = "translator_requested"
    TRANSLATOR_ARRANGED = "translator_arranged"
    TRANSLATOR_DONE = "translator_joined"
    TRANSLATOR_CANCELLED = "translator_cancelled"
    INCIDENT_LINKED = "incident_linked"
    INCIDENT_UNLINKED = "incident_unlinked"
    TIMER_RETRIED = "timer_retried"


def public_facts(data: Mapping[str, Any]) -> dict[str, Any]:
    """What customers may know of what an event holds: no particulars, no ids."""
    return {name: value for name, value in data.items() if name in PUBLIC_FACTS and not isinstance(value, dict)}


def facts_for(data: Mapping[str, Any], *, is_staff: bool) -> dict[str, Any]:
    """What somebody may know of what an event holds, its instants as the API writes them."""
    facts = data if is_staff else public_facts(data)
    return {name: as_written(value) for name, value in facts.items()}


def as_written(value: Any) -> Any:
    """An instant, or those in a dictionary, with the `Z` of the API; everything else as it is."""
    if isinstance(value, dict):
        return {name: as_written(each) for name, each in value.items()}
    found = KEPT_INSTANT.fullmatch(value) if isinstance(value, str) else None
    return f"{found[1]}Z" if found else value
