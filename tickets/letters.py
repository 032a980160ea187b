"""The words of a notice about a request: a mail as its receiver reads it, and its line in the portal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import letters
from accounts.letters import Link, Shown, Surroundings, Words, shown, words_of
from accounts.models import Delivery, Person
from tickets import engagement_letters, export_letters, incident_letters
from tickets.links import link_of
from tickets.models import Message, MessageKind, ServiceRequest
from tickets.selectors.disputes import quoted_words

# Of notices that hang on no request.
SITUATIONS = {
    **letters.SITUATIONS,
    **engagement_letters.SITUATIONS,
    **export_letters.SITUATIONS,
    **incident_letters.SITUATIONS,
}
INSTANTS = ("due_at", "until", "join_at", "asked_at")
MOST_QUOTED = 4_000  # characters; a longer message is read in the portal


def letter(delivery: Delivery, *, person: Person, service_request: ServiceRequest) -> Words:
    """Write a notice in the person's language, with instants in their time zone."""
    link = f"{settings.PUBLIC_URL}/requests/{service_request.number}/"
    with translation.override(person.language):
        return words_of(delivery.notice, _facts(delivery, person, service_request, link=link))


def compose(
    delivery: Delivery, *, person: Person, service_request: ServiceRequest, now: datetime
) -> EmailMultiAlternatives:
    """The mail of a notice; all mails of one request form one thread, and a repeat keeps its Message-ID (P-2)."""
    thread = f"<{service_request.number.lower()}@{delivery.message_id.rpartition('@')[2]}"
    headers = {"In-Reply-To": thread, "References": thread, "X-Service-Request": service_request.number}
    link = link_of(delivery, person)
    with translation.override(person.language):
        words = words_of(delivery.notice, _facts(delivery, person, service_request, link=link))
        around = Surroundings(
            link=link,
            number=service_request.number,
            about=service_request.subject,
            quoted=_shortened(quotation(delivery, service_request)),
        )
        return letters.mail(delivery, words, person=person, around=around, headers=headers)


def _facts(delivery: Delivery, person: Person, service_request: ServiceRequest, *, link: str) -> dict[str, Any]:
    facts = {name: shown(value) for name, value in delivery.context.items()}
    for name in INSTANTS:
        if facts.get(name):
            facts[name] = datetime.fromisoformat(facts[name])
    return {
        **facts,
        "request": Shown(service_request),
        "person": Shown(person),
        "zone": person.timezone,
        "link": Link(link),
        "for_staff": person.is_staff,
    }


def quotation(delivery: Delivery, service_request: ServiceRequest) -> str:
    """The message, or the words of a dispute, that a notice quotes; an internal note is never quoted."""
    message_id, dispute_id = delivery.context.get("message"), delivery.context.get("dispute")
    if dispute_id is not None:
        return quoted_words(delivery.notice, dispute_id, service_request)
    if message_id is None:
        return ""
    public = Message.objects.exclude(kind=MessageKind.INTERNAL)
    return public.filter(pk=message_id, request=service_request).values_list("body", flat=True).first() or ""


def _shortened(text: str) -> str:
    if len(text) <= MOST_QUOTED:
        return text
    return text[:MOST_QUOTED].rstrip() + "…\n\n" + _("(The whole message stands in the portal.)")
