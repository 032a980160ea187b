"""A digest: one mail for the notices of an hour beyond the number that goes out one by one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import translation

from accounts import letters
from accounts import selectors as accounts
from accounts.errors import OrganisationNotFound
from accounts.letters import Surroundings, UserText, words_of
from accounts.models import Delivery, Person
from tickets.letters import letter
from tickets.models import ServiceRequest
from tickets.selectors.visibility import visible_requests

MOST_LINES = 50


def compose(delivery: Delivery, *, person: Person, now: datetime) -> EmailMultiAlternatives | None:
    """The mail in the person's language, urgent lines first; None where they may see nothing of it any more (P-6)."""
    told = list(delivery.digested.order_by("urgency", "id"))
    requests = _visible(told, person, now=now)
    readable = [each for each in told if each.number in requests]
    if not readable:
        return None
    link = f"{settings.PUBLIC_URL}/notices/"
    with translation.override(person.language):
        lines = [_line(each, person, requests[each.number]) for each in readable[:MOST_LINES]]
        words = words_of(delivery.notice, {"count": len(readable), "zone": person.timezone})
        around = Surroundings(link=link, entries=lines, more=len(readable) - len(lines))
        return letters.mail(delivery, words, person=person, around=around, headers={})


def _visible(deliveries: list[Delivery], person: Person, *, now: datetime) -> dict[str, ServiceRequest]:
    """The requests behind these notices that the person may see now, by number; a number is of one organisation."""
    numbers: dict[int | None, set[str]] = {}
    for delivery in deliveries:
        acted_for = None if person.is_staff else delivery.organisation_id
        numbers.setdefault(acted_for, set()).add(delivery.number)
    found: dict[str, ServiceRequest] = {}
    for acted_for, theirs in numbers.items():
        try:
            actor = accounts.actor_for(person, now=now, customer_id=acted_for)
        except OrganisationNotFound:
            continue
        rows = visible_requests(actor).select_related("organisation", "service", "assignee").filter(number__in=theirs)
        found |= {row.number: row for row in rows}
    return found


def _line(delivery: Delivery, person: Person, service_request: ServiceRequest) -> dict[str, Any]:
    words = letter(delivery, person=person, service_request=service_request)
    link = f"{settings.PUBLIC_URL}/requests/{service_request.number}/"
    return {"at": delivery.created_at, "subject": UserText(words.subject), "link": link}
