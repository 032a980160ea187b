"""What mails about the safety of an account say, as things stand when they are sent, and where they go."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts import clock
from accounts.links import mail_change_link
from accounts.models import Delivery, KnownBrowser, MailChange, Person
from accounts.services.mail_addresses import is_open
from accounts.signing_in.devices import device_of

ELSEWHERE = "mail_change"  # begins the destination of a mail that goes to an address which a change names


def as_recorded(delivery: Delivery, _person: Person) -> dict[str, Any]:
    """The codes that the notice was written with."""
    return dict(delivery.context)


def link_to_confirm(delivery: Delivery, _person: Person) -> dict[str, Any] | None:
    """A secret link for one side of an open change; None once it is over."""
    change = MailChange.objects.filter(pk=delivery.context["change"]).first()
    if change is None or not is_open(change, now=clock.now()):
        return None
    side = "new" if delivery.notice == "mail_change_new" else "old"
    return {"change": change, "link": mail_change_link(change.pk, side)}


def of_browser(delivery: Delivery, _person: Person) -> dict[str, Any] | None:
    """The browser that somebody signed in from for the first time; None when it is forgotten again."""
    browser = KnownBrowser.objects.filter(pk=delivery.context["browser"]).first()
    if browser is None:
        return None
    return {
        "device": device_of(browser.user_agent).words,
        "address": browser.address or "",
        "at": browser.first_seen_at,
    }


def security_page(_person: Person) -> dict[str, Any]:
    """Where people see to the safety of their account."""
    return {"link": f"{settings.PUBLIC_URL}{reverse('accounts:security')}"}


def mailbox_of(delivery: Delivery) -> str:
    """The address that the change names and the delivery's destination points to; nothing for the person's own."""
    kind, _, rest = delivery.destination.partition(":")
    if kind != ELSEWHERE:
        return ""
    change_id, _, side = rest.partition(":")
    return str(getattr(MailChange.objects.get(pk=change_id), f"{side}_email"))
