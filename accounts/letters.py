"""Mails to a person about their own account, which hang on no request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from accounts.links import reset_link
from accounts.models import Delivery, Person

FACTS: dict[str, Callable[[Person], dict[str, Any]]] = {
    "password_reset": lambda person: {"link": reset_link(person)},
    "password_changed": lambda person: {"link": f"{settings.PUBLIC_URL}/password/reset/"},
}


def compose(delivery: Delivery, *, person: Person) -> EmailMessage:
    """The mail in the person's language; a repeat keeps its Message-ID (P-2). Secret links come to be here."""
    with translation.override(person.language):
        facts = {"person": person, "zone": person.timezone, "at": delivery.created_at, **FACTS[delivery.notice](person)}
        text = render_to_string(f"notices/{delivery.notice}.txt", facts)
    subject, _, body = text.strip().partition("\n")
    headers = {"Message-ID": delivery.message_id, "Auto-Submitted": "auto-generated"}
    return EmailMessage(
        subject.strip(), body.strip() + "\n", settings.DEFAULT_FROM_EMAIL, [person.email], headers=headers
    )
