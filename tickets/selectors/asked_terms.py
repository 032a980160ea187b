"""What would be promised, and when support is there, asked for without a request (SLA-1, SLA-4, LA-1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from accounts import selectors as accounts
from accounts.actors import Actor
from accounts.calendars.choices import closed_days_of
from accounts.errors import SubscriptionNotFound
from accounts.models import Organisation, Subscription
from accounts.permissions import may, require
from selfhelp.hours import Hours
from selfhelp.texts import reading_language
from sla.commitments import Availability
from sla.vocabulary import SEVERITIES
from tickets.errors import ElevatedRequired
from tickets.selectors.availability import Opening, PhoneLine, Speakers, next_opening, phone_line, speakers_of
from tickets.selectors.detail import StandingCommitment, stand
from tickets.selectors.terms import Terms, promised_row, terms_for

DAYS_AHEAD = 30  # for which days without support are told
MOST_TURNS = 400  # from one opening to the next until the desk and a speaker meet; a year of days


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose terms, and for what; what is empty follows from the organisation.

    `organisation` is for support staff, who act for none; `tier` asks about another plan than one's own.
    """

    kind: str = "technical"
    tier: str = ""
    subscription: str = ""
    organisation: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class DayWithout:
    """A local day on which nobody is there, with its name where it is a holiday."""

    day: date
    name: str


@dataclass(frozen=True, slots=True)
class SupportHours:
    """When the desk works for a severity, when engineers speak a language, and when both are true (LA-1, SLA-3)."""

    terms: Terms
    severity: str
    availability: Availability
    desk: Opening
    speakers: Speakers
    both: Opening
    phone: PhoneLine | None
    days_without: list[DayWithout]


def may_set_severity(actor: Actor, *, now: datetime) -> bool:
    """Whether the caller sets severities: support staff, and admins with elevated support (SE-5)."""
    if actor.is_staff:
        return may(actor, "change_severity")
    return may(actor, "set_severity") and accounts.standing_of(actor.organisation_id or 0, now=now)[1]


def promise_asked(
    actor: Actor, asked: Asked, *, severity: str, received_at: datetime | None, now: datetime
) -> StandingCommitment:
    """What would be promised to a request received then; nothing is stored (SLA-1).

    Raises OrganisationNotFound, SubscriptionNotFound, ElevatedRequired.
    """
    terms = _terms(actor, asked, now=now)[1]
    promise = terms.promise(severity, received_at=received_at or now)
    return stand(promised_row(terms, promise, severity), cap=terms.cap, now=now)


def support_hours(actor: Actor, asked: Asked, *, severity: str, language: str, now: datetime) -> SupportHours:
    """When somebody who speaks a language works on a severity: now, next, and the days ahead on which nobody does.

    Without a severity the hours of the least one, which are never longer. Raises what `promise_asked` does.
    """
    organisation, terms = _terms(actor, asked, now=now)
    severity = severity or SEVERITIES[-1]
    availability = terms.cell(severity).availability
    reading = reading_language()
    speakers = speakers_of(language or actor.language, reading=reading, now=now)
    together = _Together(terms, availability, [each.spoken.hours for each in speakers.wanted.regions])
    both = together.from_(now)
    return SupportHours(
        terms=terms,
        severity=severity,
        availability=availability,
        desk=_opening(together.desk(now), now=now),
        speakers=speakers,
        both=_opening(both, now=now),
        phone=phone_line(terms.country, language=reading, now=now),
        days_without=_days_without(together, terms, organisation, now=now),
    )


class _Together:
    """The desk and those who speak a language, as one."""

    def __init__(self, terms: Terms, availability: Availability, spoken: Iterable[Hours]) -> None:
        self._spoken = list(spoken)
        self._always = availability.is_always
        self._calendar = availability.pick(calendar=terms.calendar, named_calendars=terms.policy.calendars)

    def desk(self, at: datetime) -> datetime:
        """When the desk is there, from `at` on."""
        return at if self._always else self._calendar.next_open_at(at)

    def from_(self, at: datetime) -> datetime | None:
        """The first instant from `at` on at which both are there; None where they never meet."""
        for _ in range(MOST_TURNS):
            opened = self.desk(at)
            spoken = next_opening(self._spoken, at=opened)
            if spoken is None or spoken == opened:
                return spoken
            at = spoken
        return None


def _terms(actor: Actor, asked: Asked, *, now: datetime) -> tuple[Organisation, Terms]:
    require(actor, "read_request")
    slug = asked.organisation
    organisation = (
        accounts.visible_organisation(actor, slug, now=now)
        if slug or actor.is_staff
        else accounts.organisation_of(actor)
    )
    subscription = _subscription(organisation, asked, now=now)
    terms = terms_for(organisation, kind=asked.kind, subscription=subscription, now=now)
    terms = replace(terms, tier=asked.tier or terms.tier, country=asked.country.upper() or terms.country)
    if asked.kind == "advisory" and terms.tier != "elevated":
        raise ElevatedRequired
    return organisation, terms


def _subscription(organisation: Organisation, asked: Asked, *, now: datetime) -> Subscription | None:
    """The one that is named, or the first that runs, paid ones before trials."""
    running = accounts.running_subscriptions(organisation.pk, now=now)
    if not asked.subscription:
        return running.first()
    found = running.filter(reference=asked.subscription).first()
    if found is None:
        raise SubscriptionNotFound
    return found


def _days_without(together: _Together, terms: Terms, organisation: Organisation, *, now: datetime) -> list[DayWithout]:
    """The local days of the calendar's zone, from today on, on which both are never there at once."""
    calendar, found = terms.calendar, []
    today = calendar.local_date(now)
    names = closed_days_of(terms.calendar_version, organisation, language=reading_language())
    before = now - 2 * timedelta(days=1)
    starts_at = calendar.start_of_day_after(before, (today - calendar.local_date(before)).days)
    for ahead in range(DAYS_AHEAD):
        ends_at = calendar.start_of_day_after(now, ahead + 1)
        opened = together.from_(starts_at)
        if opened is None or opened >= ends_at:
            day = today + timedelta(days=ahead)
            found.append(DayWithout(day, names.get(day, "")))
        starts_at = ends_at
    return found


def _opening(at: datetime | None, *, now: datetime) -> Opening:
    return Opening(is_open=at == now, next_open_at=at)
