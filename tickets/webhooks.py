"""What webhooks tell: the types, which events they come of, and their payloads; codes, ids and instants alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sla.ladder import BREACH_PERCENT
from tickets.events import EventKind
from tickets.lifecycle import reopen_until

TEST = "webhook.test"
OF_INCIDENTS = "incident."  # how their types begin
UPDATED = "request.updated"
MESSAGE, APPROACHING, ESCALATED = "message.created", "commitment.breach_approaching", "request.escalated"
APPROACHING_PERCENT = 75  # the first step of the ladder that counts as approaching; every later one below 100 % does

# What an endpoint can choose, in the order in which pages and documents list them.
TYPES = (
    "request.created",
    UPDATED,
    MESSAGE,
    "severity.changed",
    "severity.disputed",
    "severity.settled",
    "commitment.created",
    "commitment.kept",
    APPROACHING,
    "commitment.breached",
    ESCALATED,
    "request.closed",
    "request.reopened",
    "request.archived",
    "incident.declared",
    "incident.updated",
    "incident.resolved",
)
# What an event of an incident is told as: each endpoint hears of it once, by the first of these that it chose.
INCIDENT_TYPES: dict[str, tuple[str, ...]] = {
    "incident_declared": ("incident.declared", "incident.updated"),
    "incident_updated": ("incident.updated",),
    "incident_changed": ("incident.updated",),
    "incident_resolved": ("incident.resolved", "incident.updated"),
}
OF_KIND: dict[str, str] = {
    EventKind.FILED: "request.created",
    EventKind.REPLIED: MESSAGE,
    EventKind.CALLED: MESSAGE,
    EventKind.ASKED: MESSAGE,
    EventKind.CUSTOMER_WROTE: MESSAGE,
    EventKind.NOTED: MESSAGE,
    EventKind.SEVERITY_CHANGED: "severity.changed",
    EventKind.SEVERITY_DISPUTED: "severity.disputed",
    EventKind.DISPUTE_SETTLED: "severity.settled",
    EventKind.PROMISED: "commitment.created",
    EventKind.BREACHED: "commitment.breached",
    EventKind.ESCALATION_ASKED: ESCALATED,
    EventKind.SENIOR_WANTED: ESCALATED,
    EventKind.CLOSED: "request.closed",
    EventKind.REOPENED: "request.reopened",
    EventKind.ARCHIVED: "request.archived",
}
# Events that tell a change of the request for which there is no type of its own; `change` says which.
CHANGES: dict[str, str] = {
    EventKind.FOLLOWED_UP: "followed_up",
    EventKind.PHONE_NEEDED: "phone_needed",
    EventKind.ATTACHED: "file_attached",
    EventKind.INFECTED: "file_infected",
    EventKind.TAKEN: "assigned",
    EventKind.ASSIGNED: "assigned",
    EventKind.RELEASED: "released",
    EventKind.SEVERITY_CONFIRMED: "severity_confirmed",
    EventKind.SCOPE_CORRECTED: "scope_corrected",
    EventKind.CATEGORY_CORRECTED: "category_corrected",
    EventKind.TOPIC_CORRECTED: "topic_corrected",
    EventKind.TAGGED: "tagged",
    EventKind.CONTACT_CHANGED: "contact_changed",
    EventKind.SUBSCRIPTION_CHANGED: "subscription_changed",
    EventKind.CONTENT_REMOVED: "content_removed",
    EventKind.TRANSLATOR_ASKED: "translator_requested",
    EventKind.TRANSLATOR_ARRANGED: "translator_arranged",
    EventKind.TRANSLATOR_DONE: "translator_joined",
    EventKind.TRANSLATOR_CANCELLED: "translator_cancelled",
    EventKind.INCIDENT_LINKED: "incident_linked",
    EventKind.INCIDENT_UNLINKED: "incident_unlinked",
}
MESSAGE_KINDS: dict[str, str] = {
    EventKind.REPLIED: "reply",
    EventKind.ASKED: "reply",
    EventKind.CALLED: "call",
    EventKind.CUSTOMER_WROTE: "customer",
    EventKind.NOTED: "internal",
}
SAID_BY = {"support": "reply", "portal": "system", "customer": "customer", "partner": "customer"}


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of a request as webhooks tell it: its kind, what the audit trail holds of it, when it took effect.

    `by` is the side that did it: customer, partner, support or portal. `due_at` is of the promise that runs.
    """

    kind: str
    at: datetime
    data: Mapping[str, Any]
    by: str
    due_at: datetime | None = None
    internal: bool = False

    @property
    def percent(self) -> int:
        """How much of the time to the due instant had passed, for a step of the response ladder; else 0."""
        is_step = self.kind == EventKind.ESCALATED and self.data.get("timer") == "response"
        return int(self.data["step"]) if is_step else 0

    @property
    def is_approaching(self) -> bool:
        """Whether a promise is about to be broken."""
        return APPROACHING_PERCENT <= self.percent < BREACH_PERCENT

    @property
    def for_customers(self) -> bool:
        """Whether endpoints of the organisation may hear of it; an internal note never leaves to them."""
        return not self.internal or self.is_approaching

    @property
    def types(self) -> tuple[str, ...]:
        """What it may be told as: each endpoint hears of it once, by the first of these that it chose."""
        if self.kind == EventKind.ESCALATED:
            return (APPROACHING,) if self.is_approaching else (ESCALATED,)
        if self.kind == EventKind.RESPONDED:
            return ("commitment.kept",) if self.data["kept"] and self.data.get("due_at") else ()
        if self.kind in CHANGES:
            return (UPDATED,)
        if self.kind not in OF_KIND:
            return ()
        first = OF_KIND[self.kind]
        said = (MESSAGE,) if "message" in self.data and first != MESSAGE else ()
        return (first, *said) if self.kind == EventKind.FILED else (first, *said, UPDATED)

    def details(self) -> dict[str, Any]:
        """What a payload holds beside the request itself."""
        told: dict[str, Any] = {"by": self.by, **_DETAILS.get(self.kind, _nothing)(self)}
        if self.kind in CHANGES:
            told["change"] = CHANGES[self.kind]
        if "message" in self.data and "message" not in told:
            told["message"] = {"id": self.data["message"], "kind": SAID_BY[self.by]}
        return {**told, "internal": True} if self.internal and not self.is_approaching else told


def payload(type_: str, *, at: datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a webhook, the same at each attempt."""
    return {"type": type_, "timestamp": instant(at), "data": dict(data)}


def instant(at: datetime) -> str:
    """An instant as the API writes it."""
    return at.isoformat().replace("+00:00", "Z")


def _nothing(_happened: Happened) -> dict[str, Any]:
    return {}


def _message(happened: Happened) -> dict[str, Any]:
    return {"message": {"id": happened.data["message"], "kind": MESSAGE_KINDS[happened.kind]}}


def _change(happened: Happened) -> dict[str, Any]:
    return {"from": happened.data["from"], "to": happened.data["to"]}


def _settled(happened: Happened) -> dict[str, Any]:
    return {"outcome": happened.data["outcome"]}


def _promise(happened: Happened) -> dict[str, Any]:
    return {"commitment": {"due_at": _z(happened.data["due_at"]), "reason": happened.data["reason"]}}


def _due(happened: Happened) -> dict[str, Any]:
    return {"commitment": {"due_at": _z(happened.data["due_at"])}}


def _breach(happened: Happened) -> dict[str, Any]:
    return {"commitment": {"due_at": instant(happened.at), "severity": happened.data["severity"]}}


def _escalation(happened: Happened) -> dict[str, Any]:
    to = "senior_engineer" if happened.kind == EventKind.SENIOR_WANTED else "management"
    return {"escalation": {"to": to, "reason": happened.data["reason"]}}


def _tags(happened: Happened) -> dict[str, Any]:
    return {"tags": {"added": list(happened.data["added"]), "removed": list(happened.data["removed"])}}


def _step(happened: Happened) -> dict[str, Any]:
    if happened.is_approaching:
        due_at = instant(happened.due_at) if happened.due_at else None
        return {"commitment": {"due_at": due_at, "percent": happened.percent}}
    return {"escalation": {"timer": happened.data["timer"], "step": happened.data["step"], "to": happened.data["to"]}}


def _closed(happened: Happened) -> dict[str, Any]:
    return {"resolution": happened.data["resolution"], "reopen_until": instant(reopen_until(happened.at))}


def _reopened(happened: Happened) -> dict[str, Any]:
    return {"cycle": happened.data["cycle"]}


def _z(text: str | None) -> str | None:
    return text.replace("+00:00", "Z") if text else None


_DETAILS: dict[str, Callable[[Happened], dict[str, Any]]] = {
    **dict.fromkeys(MESSAGE_KINDS, _message),
    EventKind.SEVERITY_CHANGED: _change,
    EventKind.SEVERITY_DISPUTED: _change,
    EventKind.DISPUTE_SETTLED: _settled,
    EventKind.PROMISED: _promise,
    EventKind.RESPONDED: _due,
    EventKind.BREACHED: _breach,
    EventKind.ESCALATION_ASKED: _escalation,
    EventKind.SENIOR_WANTED: _escalation,
    EventKind.ESCALATED: _step,
    EventKind.TAGGED: _tags,
    EventKind.CLOSED: _closed,
    EventKind.REOPENED: _reopened,
}
