"""Codes of requests in words for people: categories, impact answers, resolutions, events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import formats, translation
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from sla.wording import instant_text

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as Promise

    from tickets.models import ServiceRequest

KINDS: dict[str, Promise] = {
    "technical": _("Technical support"),
    "presales": _("Pre-sales support"),
    "billing": _("Billing and subscription management"),
    "advisory": _("Advisory service"),
}
CATEGORIES: dict[str, Promise] = {
    "technical.install_setup": _("Installation and set-up"),
    "technical.configuration": _("Configuration or a failure"),
    "technical.advisory": _("A how-to question"),
    "presales": _("Pre-sales"),
    "billing": _("Billing and subscriptions"),
    "advisory": _("Advisory service of elevated support"),
}
CATEGORY_MEANINGS: dict[str, Promise] = {
    "technical.install_setup": _("Setting up a service or an app, migrating, giving people access"),
    "technical.configuration": _("Something does not work, or a setting does not take effect"),
    "technical.advisory": _("How to do something; nothing is broken"),
    "presales": _("Plans, prices, licensing, trials, finding a partner"),
    "billing": _("Bills, renewals, licences, cancelling"),
    "advisory": _("Reviews and advice by senior engineers, under your support contract"),
}
SEVERITIES: dict[str, Promise] = {
    "A": _("A – critical"),
    "B": _("B – high"),
    "C": _("C – non-critical"),
}
SEVERITY_MEANINGS: dict[str, Promise] = {  # SE-2, SE-3, SE-4
    "A": _(
        "One or more services cannot be reached or used, or production, a deadline or profit is severely affected, "
        "for several people or services"
    ),
    "B": _("The service works but is impaired; the impact on the business is moderate and can wait for business hours"),
    "C": _("Important, but without a significant effect on service or productivity today; there is a way round"),
}
IMPACT_QUESTIONS: dict[str, Promise] = {
    "service_state": _("Does the service work?"),
    "users_affected": _("Who is affected?"),
    "business_impact": _("What does it mean for your business?"),
    "workaround": _("Is there another way to get the work done?"),
    "deadline_at_risk": _("Is a deadline of production, operations or deployment at risk?"),
}
IMPACT_ANSWERS: dict[str, dict[str, Promise]] = {
    "service_state": {
        "down": _("No, it cannot be reached or used"),
        "degraded": _("Partly: it works, but is impaired"),
        "available": _("Yes, I have a question"),
    },
    "users_affected": {
        "all_users": _("Everybody"),
        "multiple_users": _("Several people"),
        "single_user": _("One person"),
    },
    "business_impact": {
        "severe": _("Severe: production or profit suffers"),
        "moderate": _("Moderate: it can wait for business hours"),
        "minimal": _("Minimal"),
    },
    "workaround": {"yes": _("Yes"), "no": _("No")},
    "deadline_at_risk": {"yes": _("Yes"), "no": _("No")},
}
CONTACT_METHODS: dict[str, Promise] = {
    "email": _("By mail and in the portal"),
    "phone": _("By phone"),
    "callback": _("Call me back at a certain time"),
}
RESOLUTIONS: dict[str, Promise] = {
    "solved": _("Solved"),
    "workaround": _("Workaround given"),
    "out_of_scope": _("Beyond the scope of support"),
    "duplicate": _("Duplicate of another request"),
    "withdrawn": _("Withdrawn"),
    "no_reply": _("No reply came"),
}
REFERRALS: dict[str, Promise] = {
    "customer_network": _("Your network team"),
    "third_party": _("The community, for third-party products"),
    "scripting": _("General support, for scripts"),
    "volume_licensing": _("The volume licensing service centre"),
    "developer": _("Developer resources"),
}
SCOPES: dict[str, Promise] = {
    "in_scope": _("Within the scope of support"),
    "customer_network": _("The customer's own network"),
    "third_party": _("Products of others"),
    "scripting": _("Scripts"),
    "volume_licensing": _("Volume licences and keys"),
    "developer": _("Programming on the platform"),
}
CORRECTED: dict[str, Promise] = {
    "scope": _("Scope"),
    "category": _("Category"),
    "topic": _("Topic"),
}
LANGUAGE_NAMES: dict[str, str] = {
    "en": "English",
    "zh-Hant": "繁體中文",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "ja": "日本語",
    "ko": "한국어",
    "pt-BR": "Português (Brasil)",
}
SCANS: dict[str, Promise] = {
    "unscanned": _("not scanned for viruses"),
    "waiting": _("being scanned for viruses"),
    "clean": _("scanned, no virus found"),
    "infected": _("a virus was found; the file was removed"),
}

EVENTS: dict[str, Promise] = {
    "request_filed": _("Request filed"),
    "follow_up_filed": _("A follow-up was filed"),
    "commitment_made": _("Response time set"),
    "phone_needed": _("Phone number asked for"),
    "first_response": _("First response"),
    "reply_posted": _("Support replied"),
    "call_logged": _("Call with support"),
    "customer_asked": _("Support asked the customer"),
    "customer_wrote": _("The customer wrote"),
    "internal_note_added": _("Internal note added"),
    "file_attached": _("File attached"),
    "file_infected": _("A virus was found in a file, which was removed"),
    "request_taken": _("Taken"),
    "request_assigned": _("Assigned"),
    "request_released": _("Released"),
    "severity_changed": _("Severity changed"),
    "severity_confirmed": _("Severity confirmed"),
    "request_tagged": _("Tags changed"),
    "scope_corrected": _("Scope corrected"),
    "category_corrected": _("Category corrected"),
    "topic_corrected": _("Topic corrected"),
    "severity_disputed": _("Severity disputed"),
    "dispute_settled": _("Dispute of the severity settled"),
    "contact_changed": _("Contact details changed"),
    "subscription_changed": _("Another subscription chosen"),
    "request_closed": _("Closed"),
    "request_reopened": _("Reopened"),
    "request_archived": _("Archived"),
    "content_removed": _("What was written and attached was removed"),
    "escalation_step": _("Escalation step"),
    "customer_reminded": _("The customer was reminded"),
    "commitment_breached": _("Response time missed"),
    "survey_asked": _("Asked for an opinion"),
    "survey_answered": _("Opinion given"),
    "escalation_requested": _("Escalated by the customer"),
    "senior_engineer_wanted": _("Offered to senior engineers"),
    "translator_requested": _("Translator asked for"),
    "translator_arranged": _("Translator arranged"),
    "translator_joined": _("Translator joined the call"),
    "translator_cancelled": _("Translator called off"),
    "incident_linked": _("Linked to a known incident"),
    "incident_unlinked": _("No longer linked to an incident"),
    "timer_retried": _("A failed timer was set again"),
    "delivery_retried": _("A failed notice was sent again"),
    "delivery_given_up": _("A failed notice was given up"),
}


TAG_COLOURS = {
    "purple": _("Purple"),
    "blue": _("Blue"),
    "green": _("Green"),
    "amber": _("Amber"),
    "red": _("Red"),
}
EXPORT_KINDS: dict[str, Promise] = {
    "requests": _("Service requests"),
    "commitments": _("Commitments"),
    "events": _("What happened to requests"),
}
EXPORT_STATES: dict[str, Promise] = {
    "queued": _("Waits for its turn"),
    "running": _("Being written"),
    "ready": _("Ready"),
    "failed": _("Came to nothing"),
    "cancelled": _("Cancelled"),
    "expired": _("Past its time"),
}
EXPORT_FAILURES: dict[str, Promise] = {
    "access_ended": _("You may read less now than when you asked for it."),
    "by_asker": _("You cancelled it."),
    "too_large": _("The file became larger than the room for exports. Narrow it down, or remove other exports first."),
    "storage": _("The file could not be stored. Ask for the export again later."),
    "internal": _("Something went wrong on our side, several times. Ask for it again later, or file a request."),
}
ENGAGEMENT_KINDS: dict[str, Promise] = {
    "update_management": _("Service update management"),
    "end_to_end": _("End-to-end client and service support"),
    "senior_service": _("Reactive and advisory service by senior engineers"),
    "incident_management": _("Incident management"),
    "workshop": _("On-site workshop"),
}
ENGAGEMENT_STATES: dict[str, Promise] = {
    "requested": _("Requested"),
    "planned": _("Planned"),
    "under_way": _("Under way"),
    "completed": _("Completed"),
    "called_off": _("Called off"),
}
ENGAGEMENT_ENTRIES: dict[str, Promise] = {
    "wish": _("Wished for it"),
    "message": _("Wrote"),
    "plan": _("Planned it"),
    "begin": _("Began it"),
    "complete": _("Completed it"),
    "call_off": _("Called it off"),
}
ENGAGEMENT_FAULTS: dict[str, Promise] = {
    "unknown_choice": _("Choose one of those on offer."),
    "empty": _("Say where the workshop shall take place."),
    "past": _("Choose a day from today on."),
    "out_of_order": _("Let it end on or after its first day, within the next two years."),
}


INCIDENT_STATES: dict[str, Promise] = {
    "investigating": _("Investigating"),
    "identified": _("Cause identified"),
    "monitoring": _("Monitoring"),
    "resolved": _("Resolved"),
}
INCIDENT_IMPACTS: dict[str, Promise] = {
    "outage": _("Outage"),
    "degradation": _("Degradation"),
    "advisory": pgettext_lazy("an incident", "Advisory"),
}
INCIDENT_FAULTS: dict[str, Promise] = {
    "unknown_choice": _("Choose one of those on offer."),
    "empty": _("Choose at least one service."),
    "country": _("Give countries and regions by their two letters, such as TW."),
    "future": _("Give an instant that has passed, for a beginning one not after the declaration."),
    "out_of_order": _("Let it end after it began."),
    "not_resolved": _("Only what is resolved has an end."),
}


ESCALATION_REASONS: dict[str, Promise] = {
    "resolution_time": _("The solution takes too long"),
    "technical_expertise": _("It needs more technical expertise"),
    "business_impact": _("The impact on the business"),
}
DECISION_SOURCES: dict[str, Promise] = {
    "engine": _("Assessed by the portal"),
    "customer": _("Set by the customer"),
    "engineer": _("Set by support"),
}
DISPUTE_STATES: dict[str, Promise] = {
    "open": _("Open"),
    "agreed": _("Agreed"),
    "declined": _("Declined"),
    "ended": _("Ended with the request"),
    "withdrawn": _("Withdrawn"),
}
TIMERS: dict[str, Promise] = {
    "response": _("Response escalation"),
    "breach_watch": _("Watch on a promise that was replaced"),
    "untaken": _("Critical and not taken"),
    "attention": _("Unanswered, with nothing promised"),
    "update_due": _("Public update due"),
    "waiting_reminder": _("Reminder to the customer"),
    "waiting_close": _("Closing without a reply"),
    "archive": _("Archiving"),
    "survey": _("Survey"),
    "dispute": _("Disputed severity not settled"),
}
TIMER_STATES: dict[str, Promise] = {
    "waiting": _("Waiting"),
    "held": _("Held"),
    "fired": _("Done"),
    "cancelled": _("Cancelled"),
    "failed": _("Failed"),
}
TIMER_CAUSES: dict[str, Promise] = {
    "answered": _("the request was answered"),
    "superseded": _("the severity changed"),
    "subscription": _("Another subscription chosen"),
    "overtaken": _("a higher step speaks for it"),
    "taken": _("somebody took it"),
    "reopened": _("the request was reopened"),
    "closed": _("the request was closed"),
    "updated": _("support wrote to the customer"),
    "asked": _("support asked the customer"),
    "customer_wrote": _("the customer wrote"),
    "customer_acted": _("the customer did something on the request"),
    "announced_late": _("its announcement went out late"),
    "settled": _("the dispute was settled"),
    "passed": _("it had failed, and its cause has passed"),
}


def words(table: Mapping[str, object], code: str) -> str:
    """The words for a code, or the code itself where it has none."""
    return str(table.get(code, code))


def timer_step(kind: str, step: str) -> str:
    """Which step of a kind of timer it is: a share of the promised time, or which reminder."""
    if step == "put_off":
        return gettext("put off")
    if not step.isdigit():
        return step
    return percent(step) if kind == "response" else gettext("reminder %(number)s") % {"number": step}


def closed_without_reply(service_request: ServiceRequest, *, until: datetime) -> str:
    """What the portal writes into a conversation that it closes, in the language and zone of the conversation."""
    language = "zh-hant" if service_request.language.lower().startswith("zh") else "en"
    with translation.override(language):
        instant = instant_text(until, timezone=service_request.contact_timezone)
        return gettext(
            "We have not heard from you since we last wrote to you, so this request is closed, as announced. "
            "If you still need help, you can reopen it until %(until)s."
        ) % {"until": instant}


def percent(number: object) -> str:
    """A share in hundredths, as in “75 %”."""
    return gettext("%(number)s %%") % {"number": number}


def decimal(number: float) -> str:
    """A number with two decimals, as the reader writes it."""
    return formats.number_format(number, decimal_pos=2)
