"""The words of a notice: a mail as its receiver reads it, and its line in the portal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from accounts.models import Delivery, Person
from tickets.links import link_of
from tickets.models import Message, MessageKind, ServiceRequest

INSTANTS = ("due_at", "until", "join_at")


@dataclass(frozen=True, slots=True)
class Letter:
    """One notice in one person's language and time zone."""

    subject: str
    body: str


def letter(delivery: Delivery, *, person: Person, service_request: ServiceRequest) -> Letter:
    """Write a notice in the person's language, with instants in their time zone.

    The first line of `templates/notices/NAME.txt` is the subject, the rest the body.
    """
    with translation.override(person.language):
        context = _context(delivery, person, service_request)
        text = render_to_string(f"notices/{delivery.notice}.txt", context)
    subject, _, body = text.strip().partition("\n")
    return Letter(subject=" ".join(subject.split())[:250], body=body.strip() + "\n")


def compose(delivery: Delivery, *, person: Person, service_request: ServiceRequest, now: datetime) -> EmailMessage:
    """The mail of a notice; all mails of one request form one thread, and a repeat keeps its Message-ID (P-2)."""
    written = letter(delivery, person=person, service_request=service_request)
    thread = f"<{service_request.number.lower()}@{delivery.message_id.rpartition('@')[2]}"
    headers = {
        "Message-ID": delivery.message_id,
        "In-Reply-To": thread,
        "References": thread,
        "Auto-Submitted": "auto-generated",
    }
    return EmailMessage(written.subject, written.body, settings.DEFAULT_FROM_EMAIL, [person.email], headers=headers)


def _context(delivery: Delivery, person: Person, service_request: ServiceRequest) -> dict[str, Any]:
    facts = dict(delivery.context)
    for name in INSTANTS:
        if facts.get(name):
            facts[name] = datetime.fromisoformat(facts[name])
    return {
        **facts,
        "request": service_request,
        "person": person,
        "zone": person.timezone,
        "quoted": _quoted(facts.get("message"), service_request),
        "link": link_of(delivery, person),
        "for_staff": person.is_staff,
    }


def _quoted(message_id: int | None, service_request: ServiceRequest) -> str:
    """The text that a notice quotes; an internal note is never quoted."""
    if message_id is None:
        return ""
    public = Message.objects.exclude(kind=MessageKind.INTERNAL)
    return public.filter(pk=message_id, request=service_request).values_list("body", flat=True).first() or ""
