"""Changing a password, and asking for a link to choose a new one."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.contrib.auth.hashers import make_password

from accounts.actors import Actor
from accounts.audit import About, Notice, record_event, send_notice
from accounts.errors import TooMany
from accounts.models import Person
from accounts.pseudonyms import pseudonym
from accounts.services import mail_addresses, sessions, sign_in
from accounts.services.sign_in import network_of
from accounts.signing_in import attempts
from accounts.signing_in.attempts import Limit
from accounts.signing_in.browsers import Browser
from accounts.transactions import service

# RELIABILITY.md section 3; the second stops one client from writing to all our customers
RESETS_WITHIN = timedelta(hours=1)
RESETS_PER_ACCOUNT = 3
RESETS_PER_ADDRESS = 20

log = structlog.get_logger(__name__)


@service
def change_password(
    *,
    person: Person,
    password: str,
    session_key: str | None = None,
    browser: Browser | None = None,
    now: datetime | None = None,
) -> None:
    """Store a new password and tell its owner; every session but the one with this key ends with the old.

    So does an open change of the mail address: it may have been the wish of whoever knew the old password; and every
    `browser` but this one is new again, so that its next sign-in is told by mail.
    """
    assert now
    person.set_password(password)
    person.save(update_fields=["password"])
    about = About(organisation_id=person.organisation_id)
    event = record_event("password_changed", about=about, at=now, actor=Actor(person_id=person.pk))
    send_notice(event, Notice("password_changed", [person], mail_only=True), about=about)
    mail_addresses.cancel_mail_change(person_id=person.pk, now=now)
    sign_in.forget_browsers(person=person, but=browser)
    sessions.end_other_sessions(person=person, but=session_key, now=now)


def request_reset(*, email: str, address: str) -> None:
    """Send a link to choose a new password, if there is such a person; tell the caller nothing either way.

    Known, unknown and closed accounts cost the same statements and one hash, which outweighs the one row more that
    a known one writes. Past its limit a request is answered as ever, and nothing is sent.
    """
    make_password(email)
    try:
        attempts.begin(
            [
                Limit(f"reset:to:{pseudonym(email.strip())}", RESETS_PER_ACCOUNT, RESETS_WITHIN),
                Limit(f"reset:from:{pseudonym(network_of(address))}", RESETS_PER_ADDRESS, RESETS_WITHIN),
            ]
        )
    except TooMany as refusal:
        log.warning("password_reset.limited", retry_after=refusal.retry_after)
        return
    _send_reset(email=email)


@service
def _send_reset(*, email: str, now: datetime | None = None) -> None:
    assert now
    person = Person.objects.filter(email=email.strip().lower(), is_active=True).first()
    about = About(organisation_id=person.organisation_id if person else None)
    data = {"account": pseudonym(email.strip())}
    event = record_event("password_reset_requested", about=about, at=now, data=data)
    send_notice(event, Notice("password_reset", [person] if person else [], mail_only=True), about=about)
