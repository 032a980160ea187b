"""What a filled-in form would become: the assessment, the terms and the promise, before anything is stored (SE-1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from accounts import selectors as accounts
from accounts.actors import Actor
from accounts.models import Organisation, Person, Subscription
from severity.assessment import Assessment, Case, assess
from sla import commitments
from tickets.catalogue import CATEGORIES, CONTACT_METHODS, IMPACT, SUBSCRIPTION_OPTIONAL, kind_of
from tickets.errors import ElevatedRequired, SeverityNotPermitted, SubscriptionRequired, UnknownChoice
from tickets.filing import Contact, Filing, check_call_back
from tickets.models import Service, Topic
from tickets.selectors.contacts import contact_at_filing
from tickets.selectors.terms import Terms, terms_for

SEVERITIES = ("A", "B", "C")


@dataclass(frozen=True, slots=True)
class Prospect:
    """A request in the making.

    `severity` is what counts from the start: the claim of elevated support, or the proposal (its higher candidate
    while nobody has confirmed it, settled point 9).
    """

    organisation: Organisation
    person: Person
    primary_contact: Person
    subscription: Subscription | None
    service: Service | None
    topic: Topic | None
    kind: str
    contact: Contact
    terms: Terms
    assessment: Assessment
    severity: str
    claimed: bool
    promise: commitments.Commitment

    @property
    def service_code(self) -> str | None:
        """The code of the service, as `accounts.permissions` asks for it."""
        return self.service.code if self.service else None

    @property
    def queue_at(self) -> datetime:
        """When an engineer owes something first: the due instant, or an internal one where nothing is promised."""
        received_at = self.promise.received_at
        return self.promise.due_at or self.terms.attention_at(self.severity, received_at=received_at)

    @property
    def needs_confirmation(self) -> bool:
        """A person has to confirm the severity, unless the admin set it (settled point 9)."""
        return self.assessment.needs_confirmation and not self.claimed

    @property
    def phone_missing(self) -> bool:
        """An A without any phone number is filed all the same, and the admin asked at once (settled point 10)."""
        return self.severity == "A" and not self.contact.phone


@dataclass(frozen=True, slots=True)
class Matter:
    """The rows that a form names: who files, for which customer, about what; and who is the primary contact instead."""

    person: Person
    organisation: Organisation
    subscription: Subscription | None = None
    service: Service | None = None
    topic: Topic | None = None
    contact: Person | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What a request is about, as `accounts.permissions` asks for it."""

    kind: str
    service_code: str | None


def prospect_of(actor: Actor, filing: Filing, *, now: datetime) -> Prospect:
    """Look at a filled-in form as if it were filed now; nothing is stored.

    Raises UnknownChoice, CallBackInThePast, CallBackTooFar, SubscriptionNotFound, SubscriptionRequired,
    ElevatedRequired, SeverityNotPermitted, and NotPermitted for naming a primary contact that one may not choose.
    """
    _check_choices(filing)
    check_call_back(filing.contact.callback_at, now=now)
    person = Person.objects.select_related("organisation").get(pk=actor.person_id or 0)
    organisation = person.organisation if person.organisation_id == actor.organisation_id else None
    organisation = organisation or accounts.organisation_of(actor)
    subscription = _subscription(actor, filing, kind_of(filing.category), now=now)
    service, topic = _catalogue(filing)
    about = About(kind_of(filing.category), service.code if service else None)
    contact = contact_at_filing(actor, person, filing.contact.person, about)
    return prospect_about(Matter(person, organisation, subscription, service, topic, contact), filing, now=now)


def prospect_about(matter: Matter, filing: Filing, *, now: datetime) -> Prospect:
    """The same for a form whose rows have been read already, and which may be half filled in.

    Raises ElevatedRequired, SeverityNotPermitted.
    """
    kind = kind_of(filing.category)
    terms = terms_for(matter.organisation, kind=kind, subscription=matter.subscription, now=now)
    if kind == "advisory" and terms.tier != "elevated":
        raise ElevatedRequired
    if filing.severity and terms.tier != "elevated":
        raise SeverityNotPermitted
    assessment = assessed(case_of(filing))
    severity = _severity(filing, assessment, terms)
    contact = matter.contact or matter.person
    return Prospect(
        organisation=matter.organisation,
        person=matter.person,
        primary_contact=contact,
        subscription=matter.subscription,
        service=matter.service,
        topic=matter.topic,
        kind=kind,
        contact=_contact(filing.contact, contact, matter.organisation),
        terms=terms,
        assessment=assessment,
        severity=severity,
        claimed=bool(filing.severity),
        promise=terms.promise(severity, received_at=now),
    )


@lru_cache(maxsize=256)
def assessed(case: Case) -> Assessment:
    """The engine's result; it depends on the case alone, so a preview and the filing after it are one reading."""
    return assess(case)


def case_of(filing: Filing) -> Case:
    """The form as the severity engine reads it."""
    return Case(
        subject=filing.subject,
        description=filing.description,
        category=filing.category,
        service=filing.service or None,
        topic=filing.topic or None,
        language=filing.contact.language or None,
        impact=filing.impact,
    )


def _check_choices(filing: Filing) -> None:
    choices = [("category", filing.category, CATEGORIES), ("contact.method", filing.contact.method, CONTACT_METHODS)]
    choices += [(f"impact.{name}", getattr(filing.impact, name) or "", ("", *known)) for name, known in IMPACT.items()]
    choices += [("severity", filing.severity, ("", *SEVERITIES))]
    for field, value, known in choices:
        if value not in known:
            raise UnknownChoice(field, value)


def _subscription(actor: Actor, filing: Filing, kind: str, *, now: datetime) -> Subscription | None:
    if filing.subscription:
        return accounts.subscription_of(actor, filing.subscription, now=now)
    if kind not in SUBSCRIPTION_OPTIONAL:
        raise SubscriptionRequired
    return None


def _catalogue(filing: Filing) -> tuple[Service | None, Topic | None]:
    """The service and the topic by their codes; a topic of one service goes with that one only (TE-3)."""
    topics = Topic.objects.filter(code=filing.topic, category=filing.category, is_active=True).select_related("service")
    topic = topics.first() if filing.topic else None
    if filing.topic and (topic is None or (topic.service and topic.service.code != filing.service)):
        raise UnknownChoice("topic", filing.topic)
    if topic and topic.service and topic.service.is_active:
        return topic.service, topic
    service = Service.objects.filter(code=filing.service, is_active=True).first() if filing.service else None
    if filing.service and service is None:
        raise UnknownChoice("service", filing.service)
    return service, topic


def _severity(filing: Filing, assessment: Assessment, terms: Terms) -> str:
    proposed = assessment.candidate if assessment.needs_confirmation else assessment.severity
    return terms.policy.counted_severity(kind=terms.kind, severity=filing.severity or proposed)


def _contact(contact: Contact, person: Person, organisation: Organisation) -> Contact:
    return Contact(
        method=contact.method,
        language=contact.language or ("zh-Hant" if person.language.lower() == "zh-hant" else person.language),
        phone=contact.phone or person.phone or organisation.phone,
        timezone=contact.timezone or person.timezone,
        country=contact.country or organisation.country,
        translator=contact.translator,
        callback_at=contact.callback_at,
    )
