"""What a filled-in form would become, with everything that is said about it before filing (SE-1, SC-6, SH-1, LA-1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.actors import Actor
from accounts.permissions import require
from selfhelp import selectors as selfhelp
from selfhelp.selectors import ArticleSummary, Referral
from selfhelp.texts import reading_language
from severity import scope
from tickets.filing import Filing
from tickets.models import Incident
from tickets.selectors.availability import Opening, Speakers, has_regional_hours, speakers_of
from tickets.selectors.detail import StandingCommitment, stand
from tickets.selectors.incidents import known_incidents
from tickets.selectors.prospects import Prospect, prospect_of
from tickets.selectors.terms import promised_row


@dataclass(frozen=True, slots=True)
class Preview:
    """A request in the making, and what its admin is told about it in the active language."""

    prospect: Prospect
    commitment: StandingCommitment
    referral: Referral | None
    suggestions: list[ArticleSummary]
    desk: Opening
    speakers: Speakers
    has_regional_hours: bool
    incidents: list[Incident]


def preview_of(actor: Actor, filing: Filing, *, now: datetime) -> Preview:
    """Look at a form as if it were filed now; nothing is stored.

    Raises NotPermitted, and what `prospect_of` raises.
    """
    require(actor, "file_request")
    prospect = prospect_of(actor, filing, now=now)
    require(actor, "file_request", on=prospect)
    verdict = prospect.assessment.scope.scope
    reading = reading_language()
    return Preview(
        prospect=prospect,
        commitment=stand(
            promised_row(prospect.terms, prospect.promise, prospect.severity), cap=prospect.terms.cap, now=now
        ),
        referral=None if verdict == scope.IN_SCOPE else selfhelp.referral(verdict, language=reading),
        suggestions=selfhelp.suggest(
            f"{filing.subject}\n{filing.description}", language=reading, service=prospect.service_code
        ),
        desk=_desk(prospect, now=now),
        speakers=speakers_of(prospect.contact.language, reading=reading, now=now),
        has_regional_hours=has_regional_hours(prospect.terms, prospect.severity),
        incidents=known_incidents(actor, now=now, service=prospect.service_code or ""),
    )


def _desk(prospect: Prospect, *, now: datetime) -> Opening:
    """Whether the desk works on it now, as promised, or from when (SLA-3)."""
    availability, terms = prospect.promise.availability, prospect.terms
    if availability.is_always:
        return Opening(is_open=True, next_open_at=now)
    next_open_at = availability.pick(calendar=terms.calendar, named_calendars=terms.policy.calendars).next_open_at(now)
    return Opening(is_open=next_open_at == now, next_open_at=next_open_at)
