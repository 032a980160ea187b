"""What the mail to a mailbox of a domain says, as things stand when it is sent, and where it goes."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts import clock
from accounts.models import Delivery, DomainLink, DomainState, MailDomain, Person
from accounts.permissions import ACTS
from accounts.signing_in.domain_names import MAILBOXES, shown

KEY_BYTES = 32
LINK_WORKS_WITHIN = timedelta(hours=72)  # RELIABILITY.md, sign-in: links in mail


def facts_of(delivery: Delivery, person: Person) -> dict[str, Any] | None:
    """Which domain, who asks, and a new secret link; None when there is nothing to prove (any more) for this person.

    A mail that is sent again after a crash has another link; all of them work until the domain is confirmed or
    removed, or the 72 hours after the asking are over.
    """
    until = delivery.created_at + LINK_WORKS_WITHIN
    domain = _waiting(delivery)
    may_ask = person.organisation_id == delivery.organisation_id and ACTS["manage_sign_in"] & {*person.role_names}
    if domain is None or not may_ask or clock.now() > until:
        return None
    key = secrets.token_urlsafe(KEY_BYTES)
    DomainLink.objects.create(domain=domain, digest=digest_of(key), expires_at=until)
    link = f"{settings.PUBLIC_URL}{reverse('accounts:domain_link', kwargs={'key': key})}"
    return {"domain": shown(domain.name), "organisation": domain.organisation.name, "until": until, "link": link}


def mailbox_of(delivery: Delivery) -> str:
    """The address of a mailbox that only whoever runs the domain can read."""
    name = MailDomain.objects.only("name").get(pk=delivery.context["domain"]).name
    return f"{MAILBOXES[MAILBOXES.index(delivery.context['mailbox'])]}@{name}"


def digest_of(key: str) -> str:
    """What is kept of the secret of a link."""
    return hashlib.sha256(key.encode()).hexdigest()


def _waiting(delivery: Delivery) -> MailDomain | None:
    domains = MailDomain.objects.filter(organisation=delivery.organisation_id, state=DomainState.WAITING)
    return domains.select_related("organisation").filter(pk=delivery.context["domain"]).first()
