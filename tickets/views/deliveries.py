"""The tab of a request's page that shows staff who was told what, when and by which way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.letters import UserText
from accounts.models import Delivery, DeliveryState
from tickets.models import ServiceRequest
from tickets.notice_wording import notice_label
from tickets.selectors.deliveries import Telling, deliveries_page, tellings
from tickets.views.base import RequestsView


@dataclass(frozen=True, slots=True)
class Way:
    """How far one way has come: in words, since or until when, and what was in its way."""

    words: str
    tone: str = "neutral"
    at: datetime | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One notice to one person."""

    label: str
    name: str
    at: datetime
    mail: Way
    portal: Way


def deliveries_card(view: RequestsView, service_request: ServiceRequest) -> dict[str, Any]:
    """What the tab shows: fifty deliveries, and where there are more."""
    found = deliveries_page(service_request, cursor=view.request.GET.get("cursor"))
    lines = [_line(telling) for telling in tellings(found.rows)]
    return {"tellings": lines, "next": found.next, "previous": found.previous}


def _line(telling: Telling) -> Line:
    first = telling.first
    return Line(
        label=notice_label(first.notice),
        name=UserText(first.person.name if first.person else ""),
        at=first.event.at,
        mail=_mail(telling.mail) if telling.mail else Way(_("No mail: by choice, or no confirmed address")),
        portal=_portal(telling.portal) if telling.portal else Way("–"),
    )


def _portal(copy: Delivery) -> Way:
    return Way(_("Read"), "success", copy.read_at) if copy.read_at else Way(_("Not read yet"))


def _mail(mail: Delivery) -> Way:
    match DeliveryState(mail.state):
        case DeliveryState.SENT:
            return Way(_("Sent"), "success", mail.delivered_at)
        case DeliveryState.DIGESTED:
            return _in_digest(mail)
        case DeliveryState.PENDING if mail.last_error:
            tried = ngettext("Tried %(count)d time, next:", "Tried %(count)d times, next:", mail.attempts)
            return Way(tried % {"count": mail.attempts}, "warning", mail.next_attempt_at, mail.last_error)
        case DeliveryState.PENDING:
            return Way(_("On its way"), "info")
        case DeliveryState.FAILED:
            return Way(_("Failed"), "danger", trouble=mail.last_error)
        case DeliveryState.CANCELLED:
            return Way(_("Not sent"), trouble=mail.last_error)
        case DeliveryState.HELD:
            return Way(_("Held since a restore"), "warning")


def _in_digest(mail: Delivery) -> Way:
    """Beyond the hour's number: told by another mail, or waiting for it."""
    if mail.digest is None:
        return Way(_("In the next digest:"), "info", mail.next_attempt_at)
    told = _mail(mail.digest)
    return Way(_("In a digest: %(state)s") % {"state": told.words}, told.tone, told.at, told.trouble)
