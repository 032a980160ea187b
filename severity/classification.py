"""A proposal of category, service and topic, in the codes of the catalogue (TE-1, TE-2, TE-4, PS-1, BI-1)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from severity.linear import Answers
from severity.questions import CATEGORIES
from severity.reading import Reading

if TYPE_CHECKING:
    from severity.assessment import Case

SERVICES = (
    "exchange_online",
    "sharepoint_online",
    "skype_for_business",
    "microsoft_365_apps",
    "identity",
    "domains",
    "subscription",
)
TOPICS = (
    ("mailbox_migration", ("exchange_online",)),
    ("directory_sync", ("identity",)),
    ("single_sign_on", ("identity",)),
    ("domain_redelegation", ("domains",)),
    ("autodiscover", ("exchange_online",)),
    ("shared_mailboxes", ("exchange_online",)),
    ("mailbox_permissions", ("exchange_online",)),
    ("mail_forwarding", ("exchange_online",)),
    ("external_users", ("sharepoint_online",)),
    ("sharepoint_permissions", ("sharepoint_online",)),
    ("skype_installation", ("skype_for_business",)),
    ("skype_contacts", ("skype_for_business",)),
    ("meetings_and_calls", ("skype_for_business",)),
    ("apps_installation", ("microsoft_365_apps",)),
    ("provisioning", ("identity", "subscription")),
    ("domain_setup", ("domains",)),
    ("users_and_passwords", ("identity",)),
    ("mail_flow", ("exchange_online",)),
)
PRESALES_TOPICS = ("plan_comparison", "pricing_and_licensing", "find_partner", "buy_or_try")
BILLING_TOPICS = ("convert_trial", "cancel", "renew", "change_licences", "payment_details", "understand_bill")


@dataclass(frozen=True, slots=True)
class Classification:
    """Where the request belongs."""

    category: str
    service: str
    topic: str | None


def classify(answers: Answers, case: "Case") -> Classification:
    """Return the proposal; what the person chose stands."""
    shares = answers.shares([f"category.{category}" for category in CATEGORIES])
    category = case.category or max(CATEGORIES, key=lambda category: shares[f"category.{category}"])
    service = case.service or _service(answers.reading, category)
    return Classification(category, service, case.topic or _topic(answers.reading, category, service))


def _service(reading: Reading, category: str) -> str:
    if category in ("presales", "billing"):
        return "subscription"
    scores = {
        service: sum(2.0 if f.source == "subject" else 1.0 for f in reading.found(f"service.{service}"))
        for service in SERVICES
    }
    best = max(SERVICES, key=lambda service: scores[service])
    return best if scores[best] else "other"


def _topic(reading: Reading, category: str, service: str) -> str | None:
    special = {"presales": PRESALES_TOPICS, "billing": BILLING_TOPICS}.get(category)
    if special is not None:
        return next((topic for topic in special if reading.found(f"topic.{topic}")), None)
    return next((topic for topic, services in TOPICS if service in services and reading.found(f"topic.{topic}")), None)
