"""Why a request is the next one to take, in words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.labels import in_active_language
from sla.wording import duration_text, instant_text
from tickets import wording
from tickets.choosing import Engineer, Reason, Waiting

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as Promise

    from tickets.models import ServiceRequest

REASONS: dict[Reason, Promise] = {
    Reason.PROMISE_BROKEN: _("A response was promised %(at)s; that was %(distance)s ago."),
    Reason.PROMISE_DUE: _("A response is promised by %(at)s; %(distance)s are left."),
    Reason.UPDATE_OWED: _("Work on it has begun, and the customer is owed news by %(at)s."),
    Reason.LOOK_OWED: _("No response time is promised, but somebody should look at it by %(at)s."),
    Reason.DISPUTED: _("Its severity is disputed, which is to be settled by %(at)s."),
    Reason.NEGLECTED: _("It has waited so long that language and skills count no more."),
    Reason.SENIOR_WANTED: _("It is offered to senior engineers."),
    Reason.SEVERITY: _("Its severity is %(severity)s."),
    Reason.LANGUAGE_SPOKEN: _("You speak its language, %(language)s."),
    Reason.LANGUAGE_OTHER: _("Its language is %(language)s, which is not among yours."),
    Reason.SERVICE_KNOWN: _("You know its service, %(service)s."),
    Reason.SERVICE_OTHER: _("It is about %(service)s, which is not among the services you know."),
    Reason.AGE: _("It was filed %(age)s ago."),
    Reason.LOAD: _("Requests that you have in hand: %(in_hand)s; something is owed already of %(late_in_hand)s."),
    Reason.OWN_OWED_FIRST: _("One that you have is owed something before, by %(own_at)s: see to it first."),
    Reason.OFF_DUTY: _("You are off duty: neither your working hours nor the rota have you at work now."),
}


def reason_sentence(
    reason: Reason,
    waiting: Waiting,
    service_request: ServiceRequest,
    engineer: Engineer,
    *,
    timezone: str,
    now: datetime,
) -> str:
    """One reason as a sentence; instants are on the clock of `timezone`."""
    at = waiting.due_at if reason in (Reason.PROMISE_BROKEN, Reason.PROMISE_DUE) else waiting.owed_at
    service = service_request.service
    return str(REASONS[reason]) % {
        "at": instant_text(at or waiting.owed_at, timezone=timezone, now=now),
        "distance": duration_text(abs((at or waiting.owed_at) - now)),
        "severity": wording.SEVERITIES[waiting.severity],
        "language": wording.LANGUAGE_NAMES.get(waiting.language, waiting.language),
        "service": in_active_language(service.names) if service else "",
        "age": duration_text(now - waiting.created_at),
        "in_hand": engineer.in_hand,
        "late_in_hand": engineer.late_in_hand,
        "own_at": instant_text(engineer.owes_at or now, timezone=timezone, now=now),
    }
