"""What notices are called, in words for staff who look at who was told what."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NOTICES: dict[str, Promise] = {
    "attention_due": _("Unanswered for too long"),
    "call_logged": _("Notes of a call"),
    "closed_without_reply": _("Closed without a reply"),
    "commitment_breached": _("Commitment missed"),
    "critical_untaken": _("Nobody has taken an A"),
    "customer_asked": _("Question to the customer"),
    "contact_made": _("You are its primary contact now"),
    "customer_wrote": _("The customer wrote"),
    "dispute_settled": _("A disputed severity was settled"),
    "dispute_unsettled": _("A disputed severity is not settled"),
    "engagement_news": _("News on an engagement"),
    "escalation_requested": _("The customer asks for escalation"),
    "export_failed": _("An export came to nothing"),
    "export_ready": _("An export is ready"),
    "file_infected": _("A file with a virus"),
    "incident_linked": _("Part of a known incident"),
    "incident_news": _("News on an incident"),
    "phone_needed": _("A phone number is needed"),
    "reply_posted": _("Answer of support"),
    "request_assigned": _("Assigned"),
    "request_closed": _("Closed"),
    "request_filed": _("Acknowledgement"),
    "request_reopened": _("Reopened"),
    "request_taken_over": _("Taken over by a colleague"),
    "response_due": _("Response due"),
    "senior_wanted": _("A senior engineer is wanted"),
    "severity_changed": _("Severity changed"),
    "severity_disputed": _("The customer disputes the severity"),
    "subscription_changed": _("About another subscription"),
    "survey_asked": _("Survey"),
    "survey_bad": _("A bad rating"),
    "translator_arranged": _("Translator arranged"),
    "translator_cancelled": _("Translator cancelled"),
    "translator_requested": _("Translator requested"),
    "update_due": _("Public update due"),
    "waiting_reminder": _("Reminder to answer"),
}


def notice_label(notice: str) -> str:
    """The name of a notice, in the active language."""
    return str(NOTICES.get(notice, notice))
