"""What somebody fills in to file a request, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from severity.assessment import Impact
from tickets.errors import CallBackInThePast, CallBackTooFar

CALL_BACK_WITHIN = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach the admin; empty values fall back to the person's own, then the organisation's (CH-3, LA-2).

    `person` is the mail address of another admin who is to be the primary contact (RO-2).
    """

    method: str = "email"
    language: str = ""
    phone: str = ""
    timezone: str = ""
    country: str = ""
    translator: bool = False
    callback_at: datetime | None = None
    person: str = ""


@dataclass(frozen=True, slots=True)
class Filing:
    """One filled-in form. Codes are those of the catalogue; `subscription` is its reference; `severity` is a claim."""

    subject: str
    description: str
    category: str
    service: str = ""
    topic: str = ""
    subscription: str = ""
    impact: Impact = field(default_factory=Impact)
    contact: Contact = field(default_factory=Contact)
    problem_started_at: datetime | None = None
    severity: str = ""
    diagnostic_consent: bool = False
    is_test: bool = False
    follow_up_of: str = ""


def check_call_back(at: datetime | None, *, now: datetime) -> None:
    """Take the time of a call back from `now` on, through 90 days ahead; none is as soon as possible (CH-3).

    Raises CallBackInThePast, CallBackTooFar.
    """
    if at is None:
        return
    if at < now:
        raise CallBackInThePast
    if at > now + CALL_BACK_WITHIN:
        raise CallBackTooFar
