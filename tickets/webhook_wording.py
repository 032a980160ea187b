"""Webhooks in words for people: what an endpoint can hear of, how a delivery stands, why there was no answer."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import DeliveryState, OffReason
from tickets.webhooks import APPROACHING, ESCALATED, MESSAGE, TEST, UPDATED
from tickets.webhooks import TYPES as OFFERED

TYPES: dict[str, Promise] = {
    "request.created": _("A request is filed"),
    UPDATED: _("Anything else about a request changes"),
    MESSAGE: _("Somebody writes on a request"),
    "severity.changed": _("Another severity counts"),
    "severity.disputed": _("A severity is disputed"),
    "severity.settled": _("A dispute of a severity is settled"),
    "commitment.created": _("A response time is promised"),
    "commitment.kept": _("A promise is kept"),
    APPROACHING: _("A promise is about to be broken"),
    "commitment.breached": _("A promise is broken"),
    ESCALATED: _("A request is escalated"),
    "request.closed": _("A request is closed"),
    "request.reopened": _("A request is reopened"),
    "request.archived": _("A request is archived"),
    "incident.declared": _("An incident is declared"),
    "incident.updated": _("There is news on an incident"),
    "incident.resolved": _("An incident is resolved"),
    TEST: _("Test event"),
}
STATES: dict[str, tuple[Promise, str, str]] = {  # words, tone, icon
    DeliveryState.PENDING.value: (_("Waiting"), "info", "clock"),
    DeliveryState.SENT.value: (pgettext_lazy("a webhook", "Taken"), "success", "circle-check"),
    DeliveryState.FAILED.value: (_("Failed"), "danger", "circle-alert"),
    DeliveryState.CANCELLED.value: (pgettext_lazy("a webhook", "Not sent"), "neutral", "circle-minus"),
    DeliveryState.HELD.value: (_("Held"), "warning", "pause"),
}
OFF: dict[str, Promise] = {
    OffReason.BY_HAND.value: _("Somebody switched it off."),
    OffReason.GONE.value: _("Its receiver answered that it wants nothing more (410)."),
    OffReason.FAILING.value: _("Its receiver took nothing for five days."),
    OffReason.ACCESS_ENDED.value: _("The partner who made it may no longer look after it."),
}
FAULTS: dict[str, Promise] = {
    "url": _("not an address that may be asked"),
    "address": _("its name leads into a private network"),
    "unreachable": _("nobody answered"),
    "tls": _("its certificate cannot be trusted"),
    "timeout": _("no answer in time"),
    "too_large": _("the head of its answer is too large"),
    "answer": _("no HTTP answer"),
}

SINCE: tuple[tuple[int, Promise], ...] = (  # hours
    (1, _("the last hour")),
    (24, _("the last 24 hours")),
    (120, _("the last five days")),
    (2400, _("all that is in the log")),
)


def choices() -> list[tuple[str, str]]:
    """What an endpoint can choose, each in words and as programs read it."""
    return [(type_, f"{TYPES[type_]} ({type_})") for type_ in OFFERED]
