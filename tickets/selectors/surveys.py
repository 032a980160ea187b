"""Reads of surveys: the one that somebody may answer, and what all of them say (RO-4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Avg, Count, F, Q, QuerySet

from accounts import selectors as accounts
from accounts.actors import Actor
from accounts.errors import OrganisationNotFound
from accounts.keyset import Page, page
from accounts.models import Delivery, Person
from accounts.permissions import may, require
from tickets.models import ServiceRequest, Survey, SurveyLink
from tickets.models.surveys import RATINGS
from tickets.selectors.visibility import visible_requests

REPORTED = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class LinkedSurvey:
    """A survey reached by the secret of a mail, and the mail's receiver as they act."""

    survey: Survey
    actor: Actor
    person: Person


class SurveyState(StrEnum):
    """How the question about the last close of a request stands, for whoever reads it."""

    NONE = "none"
    OPEN = "open"
    EXPIRED = "expired"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Standing:
    """The survey about the last close as its reader may see it, and for support staff the answers to earlier ones."""

    state: SurveyState
    survey: Survey | None
    earlier: list[Survey]


@dataclass(frozen=True, slots=True)
class Figures:
    """What the surveys of some requests say together; `average` is None where nobody answered."""

    asked: int
    answered: int
    average: float | None
    solved: int
    unsolved: int
    ratings: tuple[int, ...]

    @property
    def response_rate(self) -> int | None:
        """The share of answers, in hundredths."""
        return round(100 * self.answered / self.asked) if self.asked else None


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of one severity (by its letter) or of one team (by its `names`; none for what has no team)."""

    name: str
    names: dict[str, str]
    figures: Figures


def survey_for(actor: Actor, service_request: ServiceRequest) -> Survey | None:
    """The survey about the last close of a request that this person was asked in, or None.

    Asked is the primary contact, and whoever got the question in their stead (`tell_customer`).
    """
    survey = None if actor.is_staff else _asked_last(service_request)
    if survey is None or service_request.primary_contact_id == actor.person_id:
        return survey
    told = Delivery.objects.filter(
        person=actor.person_id, number=service_request.number, notice="survey_asked", context__survey=survey.pk
    )
    return survey if told.exists() else None


def is_open(survey: Survey, *, now: datetime) -> bool:
    """Whether a survey can be answered: nobody has yet, and it is in time."""
    return survey.answered_at is None and now <= survey.expires_at


def standing_of(actor: Actor, service_request: ServiceRequest, *, now: datetime) -> Standing:
    """What is asked and was said about the closes of a request: to customers who were asked, and to support staff."""
    if not actor.is_staff:
        survey = survey_for(actor, service_request)
        return Standing(_state_of(survey, now=now), survey, [])
    survey = _asked_last(service_request)
    answers = answered_surveys(service_request)
    return Standing(_state_of(survey, now=now), survey, [each for each in answers if each != survey])


def is_own(actor: Actor, survey: Survey) -> bool:
    """Whether it was this person who answered; words are shown to them and to support staff, a rating to all asked."""
    return survey.answered_by_id == actor.person_id


def _asked_last(service_request: ServiceRequest) -> Survey | None:
    if service_request.closed_at is None:
        return None
    surveys = Survey.objects.filter(request=service_request, cycle=service_request.cycle)
    return surveys.select_related("answered_by").first()


def _state_of(survey: Survey | None, *, now: datetime) -> SurveyState:
    if survey is None:
        return SurveyState.NONE
    if survey.answered_at:
        return SurveyState.ANSWERED
    return SurveyState.OPEN if is_open(survey, now=now) else SurveyState.EXPIRED


def answered_surveys(service_request: ServiceRequest) -> list[Survey]:
    """What was said about each close of a request, newest first; one that was never closed costs no query."""
    if service_request.closed_at is None and service_request.cycle == 1:
        return []
    answered = Survey.objects.filter(request=service_request, answered_at__isnull=False)
    return list(answered.select_related("answered_by").order_by("-cycle"))


def linked_survey(digest: str, *, now: datetime) -> LinkedSurvey | None:
    """The survey behind a link, or None when there is none or its receiver may answer it no longer (P-6)."""
    link = SurveyLink.objects.select_related("survey").filter(digest=digest).first()
    if link is None:
        return None
    open_organisation = Q(organisation=None) | Q(organisation__is_active=True)
    person = Person.objects.with_roles().filter(open_organisation, pk=link.person_id, is_active=True).first()
    if person is None:
        return None
    try:
        actor = accounts.actor_for(person, now=now, customer_id=link.survey.organisation_id)
    except OrganisationNotFound:
        return None
    row = visible_requests(actor).filter(pk=link.survey.request_id).first()
    if row is None or not may(actor, "answer_survey", on=row):
        return None
    link.survey.request = row
    return LinkedSurvey(link.survey, actor, person)


def report(actor: Actor, *, now: datetime) -> Figures:
    """What the surveys asked in the last 90 days say; raises NotPermitted."""
    return _figures(_reported(actor, now=now).aggregate(**MEASURES))


def report_by_severity(actor: Actor, *, now: datetime) -> list[Group]:
    """The same for each severity, in one query."""
    rows = _reported(actor, now=now).values("severity").annotate(**MEASURES).order_by("severity")
    return [Group(row["severity"], {}, _figures(row)) for row in rows]


def report_by_team(actor: Actor, *, now: datetime) -> list[Group]:
    """The same for each team, in one query."""
    rows = _reported(actor, now=now).values(code=F("team__code"), names=F("team__names")).annotate(**MEASURES)
    return [Group(row["code"] or "", row["names"] or {}, _figures(row)) for row in rows.order_by("code")]


def answers_page(actor: Actor, *, now: datetime, cursor: str | None = None, size: int = 25) -> Page[Survey]:
    """One page of the answers, newest first, each with its request; raises NotPermitted, InvalidCursor."""
    answered = _reported(actor, now=now).filter(answered_at__isnull=False)
    related = answered.select_related("request__organisation", "team", "answered_by")
    return page(related, order=("-answered_at", "-id"), cursor=cursor, size=size)


def _reported(actor: Actor, *, now: datetime) -> QuerySet[Survey]:
    require(actor, "read_surveys")
    return Survey.objects.filter(request__in=visible_requests(actor), asked_at__gt=now - REPORTED)


MEASURES = {
    "asked": Count("id"),
    "answered": Count("id", filter=Q(answered_at__isnull=False)),
    "average": Avg("rating"),
    "solved_count": Count("id", filter=Q(solved=True)),
    "unsolved_count": Count("id", filter=Q(solved=False)),
    **{f"rated_{rating}": Count("id", filter=Q(rating=rating)) for rating in RATINGS},
}


def _figures(row: dict[str, object]) -> Figures:
    average = row["average"]
    return Figures(
        asked=int(str(row["asked"])),
        answered=int(str(row["answered"])),
        average=None if average is None else float(str(average)),
        solved=int(str(row["solved_count"])),
        unsolved=int(str(row["unsolved_count"])),
        ratings=tuple(int(str(row[f"rated_{rating}"])) for rating in RATINGS),
    )
