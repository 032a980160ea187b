"""A proposal of category, service and topic, in the codes of the catalogue (TE-1, TE-2, TE-4, PS-1, BI-1)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from severity.decision import Facts, State
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
_CLEARLY = 0.6
_ELSEWHERE = ("developer", "third_party", "customer_network")
_CONFIGURATION = ("directory_sync", "single_sign_on", "domain_setup", "domain_redelegation", "provisioning")


@dataclass(frozen=True, slots=True)
class Classification:
    """Where the request belongs."""

    category: str
    service: str
    topic: str | None


def classify(reading: Reading, facts: Facts, case: "Case", *, scope: str) -> Classification:
    """Return the proposal; what the person chose stands."""
    category = case.category or _category(reading, facts, scope)
    service = case.service or _service(reading, category)
    return Classification(category, service, case.topic or _topic(reading, category, service))


def _category(reading: Reading, facts: Facts, scope: str) -> str:
    if facts.state is not State.DOWN and not facts.is_widespread:
        presales, billing = reading.signal("ask.presales"), reading.signal("ask.billing")
        if max(presales, billing) >= _CLEARLY:
            return "presales" if presales > billing else "billing"
    if facts.state is State.AVAILABLE:
        asked = reading.signal("ask.question", "ask.documentation")
        return "technical.advisory" if asked >= reading.signal("ask.request") * 0.9 else "technical.install_setup"
    return "technical.configuration" if _is_configuration(reading, facts, scope) else "technical.install_setup"


def _is_configuration(reading: Reading, facts: Facts, scope: str) -> bool:
    """Tell whether a trouble lies with the organisation's configuration (TE-2) and not with one client (TE-1)."""
    organisation_wide = facts.is_setting or facts.is_outage or (facts.is_widespread and facts.state is State.DOWN)
    return organisation_wide or scope in _ELSEWHERE or _names(reading, _CONFIGURATION) or _signs_in(reading)


def _signs_in(reading: Reading) -> bool:
    return _service(reading, "") in ("identity", "domains")


def _names(reading: Reading, topics: tuple[str, ...]) -> bool:
    return any(reading.found(f"topic.{topic}") for topic in topics)


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
