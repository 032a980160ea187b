"""Families of notices: which a person may choose to read in the portal only, and how urgent each notice is.

A notice that is not in the table always comes by mail, and waits its turn like any other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

SECURITY, CRITICAL, URGENT, ORDINARY = range(4)  # the order in which mail goes out; models.Urgency
TOP_SEVERITY = "A"

FAMILIES: dict[str, frozenset[str]] = {
    "conversation": frozenset(
        {"reply_posted", "customer_asked", "call_logged", "customer_wrote", "translator_wanted", "translator_arranged"}
    ),
    "promise": frozenset({"request_filed", "severity_changed"}),
    "closing": frozenset({"request_closed", "request_reopened"}),
    "reminders": frozenset({"waiting_reminder", "waiting_close", "update_due"}),
    "survey": frozenset({"survey"}),
    "assignment": frozenset({"request_assigned"}),
    "ladder": frozenset({"response_due", "commitment_breached", "critical_untaken", "attention_due", "escalated"}),
}
FOR_CUSTOMERS = ("conversation", "promise", "closing", "reminders", "survey")
FOR_STAFF = ("assignment", "conversation", "closing", "reminders", "ladder")
_FAMILY_OF = {notice: family for family, notices in FAMILIES.items() for notice in notices}

_ABOUT_ACCOUNTS = frozenset({"password_reset", "password_changed"})
_PRESSING = frozenset({"commitment_breached", "critical_untaken", "phone_needed"})


@dataclass(frozen=True, slots=True)
class Choice:
    """One family as a person may switch its mail on or off."""

    family: str
    by_mail: bool


def offered(*, is_staff: bool) -> tuple[str, ...]:
    """The families that a customer, or somebody of the support staff, can choose about."""
    return FOR_STAFF if is_staff else FOR_CUSTOMERS


def comes_by_mail(notice: str, *, portal_only: Collection[str]) -> bool:
    """Whether this notice goes to the mailbox of a person who reads these families in the portal only."""
    return _FAMILY_OF.get(notice, "") not in portal_only


def urgency_of(notice: str, context: Mapping[str, Any]) -> int:
    """When a notice has its turn: safety of an account, the ladder of an A, what presses, everything else."""
    if notice in _ABOUT_ACCOUNTS:
        return SECURITY
    if _FAMILY_OF.get(notice) == "ladder" and context.get("severity") == TOP_SEVERITY:
        return CRITICAL
    return URGENT if notice in _PRESSING else ORDINARY
