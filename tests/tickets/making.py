"""Requests for tests, filed as their admins would file them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.actors import Actor
from accounts.models import Subscription
from severity.assessment import Impact
from tickets.filing import Contact, Filing
from tickets.models import ServiceRequest
from tickets.services.filing import file_request

QUESTION: dict[str, Any] = {
    "subject": "How to set a password that never expires",
    "description": "How do I set a user password so that it never expires?",
    "impact": Impact(service_state="available", users_affected="single_user"),
}
IMPAIRED: dict[str, Any] = {
    "subject": "The Send button in Outlook is garbled",
    "description": "The Send button in Outlook is garbled for one user, who needs it.",
    "impact": Impact(service_state="degraded", users_affected="single_user", business_impact="moderate"),
}
FORMS: dict[str, dict[str, Any]] = {"A": {}, "B": IMPAIRED, "C": QUESTION}


def filing(**changes: Any) -> Filing:
    """A filled-in form about mail that nobody can send, severity A, unless told otherwise."""
    usual: dict[str, Any] = {
        "subject": "Nobody can send mail",
        "description": "Since this morning no user can send or receive mail.",
        "category": "technical.configuration",
        "service": "exchange_online",
        "impact": Impact(service_state="down", users_affected="all_users"),
        "contact": Contact(phone="+886 2 5550 0100"),
    }
    return Filing(**{**usual, **changes})


def filed(actor: Actor, *, severity: str = "A", now: datetime | None = None, **changes: Any) -> ServiceRequest:
    """A request that is assessed this severity, about the organisation's first subscription."""
    if "subscription" not in changes:
        subscriptions = Subscription.objects.filter(organisation=actor.organisation_id).order_by("pk")
        changes["subscription"] = subscriptions.values_list("reference", flat=True).first() or ""
    return file_request(actor=actor, filing=filing(**{**FORMS[severity], **changes}), now=now)
