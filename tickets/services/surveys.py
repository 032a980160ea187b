"""Surveys: one question after each close, asked once, answered once (RO-4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.actors import Actor
from accounts.permissions import require
from accounts.transactions import service
from accounts.unguessable import digest_of
from sla.ladder import Recipient
from tickets.errors import InvalidRating, SurveyAnswered, SurveyNotOpen
from tickets.events import EventKind
from tickets.models import ServiceRequest, Survey, Timer
from tickets.models.surveys import RATINGS
from tickets.selectors import surveys as selectors
from tickets.selectors.visibility import request_of
from tickets.services import notices
from tickets.services.base import checked_text, record

ANSWER_WITHIN = timedelta(days=14)  # RELIABILITY.md, sign-in: links in mail
COMMENT_LIMIT = 2_000
BAD_RATING = 2  # from here down the team lead is told


@dataclass(frozen=True, slots=True)
class Opinion:
    """An answer: a rating from 1 to 5, whether the problem is solved (None: not said), and words."""

    rating: int
    solved: bool | None = None
    comment: str = ""


def ask(timer: Timer, now: datetime) -> None:
    """Ask about the close that the timer was planned for: one row, one event, one mail (RO-4, P-2).

    The 14 days to answer count from now rather than from the deadline, so that nobody loses days to an outage.
    """
    service_request = timer.request
    survey = Survey.objects.create(
        organisation_id=service_request.organisation_id,
        request=service_request,
        cycle=service_request.cycle,
        severity=service_request.severity,
        team_id=service_request.team_id,
        resolution=service_request.resolution,
        asked_at=timer.due_at,
        expires_at=now + ANSWER_WITHIN,
    )
    event = record(service_request, EventKind.SURVEY_ASKED, at=timer.due_at, ref=f"survey:{survey.pk}")
    context = {"survey": survey.pk, "until": survey.expires_at.isoformat()}
    notices.tell_customer(event, service_request, notice="survey_asked", context=context)


@service
def answer_survey(*, number: str, actor: Actor, opinion: Opinion, now: datetime | None = None) -> Survey:
    """Keep what somebody who was asked says about the last close of a request.

    Raises RequestNotFound, NotPermitted, SurveyNotOpen, SurveyAnswered, InvalidRating, InvalidText.
    """
    assert now
    service_request = request_of(actor, number)
    require(actor, "answer_survey", on=service_request)
    survey = selectors.survey_for(actor, service_request)
    if survey is None:
        raise SurveyNotOpen
    return _answer(survey, actor, opinion, now=now)


@service
def answer_by_link(*, key: str, opinion: Opinion, now: datetime | None = None) -> Survey:
    """The same with the secret of a mail, without signing in; the receiver must still be one who may.

    Raises SurveyNotOpen, SurveyAnswered, InvalidRating, InvalidText.
    """
    assert now
    linked = selectors.linked_survey(digest_of(key), now=now)
    if linked is None:
        raise SurveyNotOpen
    return _answer(linked.survey, linked.actor, opinion, now=now)


def _answer(survey: Survey, actor: Actor, opinion: Opinion, *, now: datetime) -> Survey:
    """Store the answer if nobody was first; the request is locked with it, as for every event of one."""
    rows = Survey.objects.select_related("request")
    survey = rows.select_for_update(of=("self", "request"), no_key=True).get(pk=survey.pk)
    if survey.answered_at:
        raise SurveyAnswered
    if not selectors.is_open(survey, now=now):
        raise SurveyNotOpen
    if opinion.rating not in RATINGS:
        raise InvalidRating
    survey.rating, survey.solved = opinion.rating, opinion.solved
    survey.comment = checked_text("comment", opinion.comment, limit=COMMENT_LIMIT) if opinion.comment.strip() else ""
    survey.answered_at, survey.answered_by_id = now, actor.person_id
    survey.save(update_fields=["rating", "solved", "comment", "answered_at", "answered_by"])
    _tell_of(survey, actor, now=now)
    return survey


def _tell_of(survey: Survey, actor: Actor, *, now: datetime) -> None:
    """Keep that it was answered; a bad rating goes to the team lead, who can do something about it."""
    service_request: ServiceRequest = survey.request
    data = {"rating": survey.rating, "solved": survey.solved}
    event = record(
        service_request, EventKind.SURVEY_ANSWERED, actor=actor, at=now, ref=f"survey:{survey.pk}", data=data
    )
    if survey.rating and survey.rating <= BAD_RATING:
        context = {"rating": survey.rating}
        lead = (Recipient.TEAM_LEAD,)
        notices.tell_ladder(event, service_request, recipients=lead, notice="survey_bad", context=context, now=now)
