"""Families of notices: which a person may choose to read in the portal only, and how urgent each notice is.

A notice that is not in the table always comes by mail, and waits its turn like any other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

SECURITY, CRITICAL, URGENT, ORDINARY = range(4)  # the order in which mail goes out; models.Urgency
TOP_SEVERITY = "A"

FAMILIES: dict[str, tuple[str, ...]] = {
    "conversation": (
        "reply_posted",
        "customer_asked",
        "call_logged",
        "customer_wrote",
        "translator_requested",
        "translator_arranged",
        "translator_cancelled",
    ),
    "promise": ("request_filed", "severity_changed", "subscription_changed", "dispute_settled"),
    "closing": ("request_closed", "request_reopened", "closed_without_reply"),
    "reminders": ("waiting_reminder", "update_due"),
    "incidents": ("incident_news", "incident_linked"),
    "survey": ("survey_asked", "survey_bad"),
    "assignment": ("request_assigned", "request_taken_over"),
    "ladder": ("response_due", "commitment_breached", "critical_untaken", "attention_due", "dispute_unsettled"),
}
FOR_CUSTOMERS = ("conversation", "promise", "closing", "reminders", "incidents", "survey")
FOR_STAFF = ("assignment", "conversation", "closing", "reminders", "survey", "ladder")
_FAMILY_OF = {notice: family for family, notices in FAMILIES.items() for notice in notices}

FAREWELLS = frozenset(  # they tell that access ended, so they go out although it has
    {"organisation_closed", "account_deactivated"}
)
ABOUT_SECURITY = (
    "second_factor_added",
    "second_factor_removed",
    "second_factor_guessed",
    "second_factors_reset",
    "recovery_codes_made",
    "recovery_code_used",
    "mail_change_taken",
    "mail_changed",
)
_ABOUT_ACCOUNTS = frozenset(
    {
        "password_reset",
        "password_changed",
        "new_browser",
        "delegation_expiring",
        "delegation_ended",
        "domain_proof",
        "single_sign_on",
        "webhook_switched_off",
        "mail_change_old",
        "mail_change_new",
        *ABOUT_SECURITY,
        "invited",
        "invited_elsewhere",
        "invitation_accepted",
        "roles_changed",
        "account_deactivated",
        "account_reactivated",
    }
)
_PRESSING = frozenset(
    {
        "commitment_breached",
        "critical_untaken",
        "file_infected",
        "phone_needed",
        "escalation_requested",
        "senior_wanted",
        "severity_disputed",
        "dispute_unsettled",
        "nobody_on_duty",
    }
)


def offered(*, is_staff: bool) -> tuple[str, ...]:
    """The families that a customer, or somebody of the support staff, can choose about."""
    return FOR_STAFF if is_staff else FOR_CUSTOMERS


def comes_by_mail(notice: str, *, portal_only: Collection[str], on_duty: bool = False) -> bool:
    """Whether this notice goes to the mailbox of a person who reads these families in the portal only.

    The ladder's law: a step of it that names somebody, or finds them on duty, is mailed whatever they chose.
    """
    family = _FAMILY_OF.get(notice, "")
    return family not in portal_only or (on_duty and family == "ladder")


def urgency_of(notice: str, context: Mapping[str, Any]) -> int:
    """When a notice has its turn: safety of an account, the ladder of an A, what presses, everything else."""
    if notice in _ABOUT_ACCOUNTS:
        return SECURITY
    if _FAMILY_OF.get(notice) == "ladder" and context.get("severity") == TOP_SEVERITY:
        return CRITICAL
    return URGENT if notice in _PRESSING else ORDINARY
