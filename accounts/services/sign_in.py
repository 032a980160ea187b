"""Signing in and out: guesses limited, every outcome on record, and one answer for every address."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta

from accounts.actors import Actor
from accounts.audit import About, Notice, record_event, send_notice
from accounts.models import KnownBrowser, Person
from accounts.pseudonyms import pseudonym
from accounts.signing_in import attempts
from accounts.signing_in.attempts import Attempt, Limit
from accounts.signing_in.browsers import Browser
from accounts.transactions import service

# RELIABILITY.md section 3: failures in 15 minutes
FAILURES_WITHIN = timedelta(minutes=15)
FAILURES_PER_ACCOUNT_AND_ADDRESS = 5
FAILURES_PER_ADDRESS = 20
FAILURES_PER_ACCOUNT = 50

IPV6_PREFIX = 64  # whoever has one IPv6 address has all of its network


def begin_attempt(*, email: str, address: str) -> Attempt:
    """Count an attempt to sign in before looking at the password; only failures stay counted.

    The address of the account need not exist. Raises TooMany with the seconds to wait.
    """
    account, origin = pseudonym(email.strip()), pseudonym(network_of(address))
    return attempts.begin(
        [
            Limit(f"sign_in:{account}:{origin}", FAILURES_PER_ACCOUNT_AND_ADDRESS, FAILURES_WITHIN),
            Limit(f"sign_in:from:{origin}", FAILURES_PER_ADDRESS, FAILURES_WITHIN),
            Limit(f"sign_in:to:{account}", FAILURES_PER_ACCOUNT, FAILURES_WITHIN),
        ]
    )


def network_of(address: str) -> str:
    """What counts as one client: an IPv4 address, or the network of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))


@service
def record_sign_in(*, person: Person, browser: Browser, is_first: bool, now: datetime | None = None) -> None:
    """Keep that a person signed in (P-10); tell them by mail when it was from a browser that they never signed in from.

    Once for each browser, whatever they read in the portal only, and not at their very first sign-in.
    """
    assert now
    data = {"from": pseudonym(network_of(browser.address or ""))}
    event = record_event("signed_in", about=_about(person), at=now, actor=Actor(person_id=person.pk), data=data)
    described = {"address": browser.address, "user_agent": browser.user_agent, "last_seen_at": now}
    known, is_new = KnownBrowser.objects.get_or_create(
        person=person, digest=browser.digest(person.pk), defaults={**described, "first_seen_at": now}
    )
    if not is_new:
        KnownBrowser.objects.filter(pk=known.pk).update(**described)
    elif not is_first:
        send_notice(event, Notice("new_browser", [person], {"browser": known.pk}, mail_only=True), about=_about(person))


def forget_browsers(*, person: Person, but: Browser | None) -> None:
    """Take every other browser for a new one from now on: somebody else may have signed in from it."""
    digest = but.digest(person.pk) if but else ""
    KnownBrowser.objects.filter(person=person).exclude(digest=digest).delete()


@service
def record_failure(*, email: str, address: str, now: datetime | None = None) -> None:
    """Keep that somebody failed to sign in, with the same statements for known, unknown and closed accounts."""
    assert now
    person = Person.objects.filter(email=email.strip().lower()).only("organisation").first()
    data = {"account": pseudonym(email.strip()), "from": pseudonym(network_of(address))}
    record_event("sign_in_failed", about=_about(person), at=now, data=data)


@service
def record_sign_out(*, person: Person, now: datetime | None = None) -> None:
    """Keep that a person signed out (P-10)."""
    assert now
    record_event("signed_out", about=_about(person), at=now, actor=Actor(person_id=person.pk))


def _about(person: Person | None) -> About:
    return About(organisation_id=person.organisation_id if person else None)
