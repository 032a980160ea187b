"""What hangs on a request beside its conversation, as the request's page shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms

from accounts.actors import Actor
from accounts.permissions import may
from accounts.timezones import zone_or_utc
from tickets import wording
from tickets.catalogue import TRANSLATED_LANGUAGES
from tickets.hanging_forms import ArrangeForm, EscalateForm, SeniorForm, TranslatorForm
from tickets.incident_forms import BelongsForm
from tickets.models import Escalation, Incident, ServiceRequest, TranslatorRequest
from tickets.selectors import surveys
from tickets.selectors.escalations import escalations_of
from tickets.selectors.incidents import known_incidents, with_last_words
from tickets.selectors.translators import active_translator
from tickets.survey_form import SurveyForm
from tickets.views.base import RequestsView
from tickets.views.incidents import banner_of


@dataclass(frozen=True, slots=True)
class Hanging:
    """What the page shows of it, and the fresh forms of what its reader may do about it."""

    context: dict[str, Any] = field(default_factory=dict)
    forms: dict[str, forms.Form] = field(default_factory=dict)


def hanging_on(view: RequestsView, service_request: ServiceRequest, acts: frozenset[str]) -> Hanging:
    """Everything; nothing that a request does not have costs a query."""
    parts = [
        _survey(view, service_request),
        _escalations(view, service_request, acts),
        _translator(view, service_request, acts),
        _incident(view, service_request, acts),
    ]
    context = {name: value for part in parts for name, value in part.context.items()}
    return Hanging(context, {name: form for part in parts for name, form in part.forms.items()})


def _survey(view: RequestsView, service_request: ServiceRequest) -> Hanging:
    """For customers the survey that they were asked in; for staff what was said (RO-4)."""
    if view.actor.is_staff:
        return Hanging({"opinions": surveys.answered_surveys(service_request)})
    survey = surveys.survey_for(view.actor, service_request)
    is_open = survey is not None and surveys.is_open(survey, now=view.now)
    if not is_open or not may(view.actor, "answer_survey", on=service_request):
        return Hanging({"survey": survey, "survey_is_own": survey is not None and surveys.is_own(view.actor, survey)})
    return Hanging({"survey": survey}, {"survey": SurveyForm(prefix="survey")})


def _escalations(view: RequestsView, service_request: ServiceRequest, acts: frozenset[str]) -> Hanging:
    """Who escalated, why and when; for customers and staff alike."""
    offered: dict[str, forms.Form] = {}
    if "escalate_request" in acts:
        offered["escalate"] = EscalateForm(prefix="escalate")
    if "escalate_to_senior" in acts:
        offered["senior"] = SeniorForm(prefix="senior")
    return Hanging({"escalations": escalation_cards(escalations_of(view.actor, service_request))}, offered)


def escalation_cards(escalations: Iterable[Escalation]) -> list[dict[str, Any]]:
    """Escalations in words, newest first."""
    return [
        {
            "row": row,
            "is_senior": row.target == Escalation.Target.SENIOR,
            "reason": wording.words(wording.ESCALATION_REASONS, row.reason),
        }
        for row in escalations
    ]


def _translator(view: RequestsView, service_request: ServiceRequest, acts: frozenset[str]) -> Hanging:
    """The translator that is asked for or arranged, and what may be done about it (LA-2)."""
    asked = active_translator(service_request) if service_request.translator else None
    offered: dict[str, forms.Form] = {}
    if asked is None and "ask_translator" in acts:
        offered["translator"] = TranslatorForm(prefix="translator", initial={"language": _language(service_request)})
    if asked and "arrange_translator" in acts:
        offered["arrange"] = _arrange_form(view, asked)
    may_cancel = asked is not None and may(view.actor, "ask_translator", on=service_request)
    return Hanging({"translator": asked, "may_cancel_translator": may_cancel}, offered)


def _incident(view: RequestsView, service_request: ServiceRequest, acts: frozenset[str]) -> Hanging:
    """The known incident that it belongs to, with the last public update; for staff, a choice of those that go on."""
    linked = service_request.incident
    card = banner_of(with_last_words(Incident.objects.filter(pk=linked.pk))) if linked else []
    offered: dict[str, forms.Form] = {}
    if "link_incident" in acts:
        known = open_incidents_and(service_request, view.actor, now=view.now)
        if known:
            offered["incident"] = BelongsForm(incidents=known, initial={"incident": linked.number if linked else ""})
    return Hanging({"belongs_to": card[0] if card else None}, offered)


def open_incidents_and(service_request: ServiceRequest, actor: Actor, *, now: datetime) -> list[Incident]:
    """What goes on, and the incident that the request belongs to if that is over."""
    known, linked = known_incidents(actor, now=now), service_request.incident
    return known if linked is None or linked in known else [linked, *known]


def _language(service_request: ServiceRequest) -> str:
    return service_request.language if service_request.language in TRANSLATED_LANGUAGES else "en"


def _arrange_form(view: RequestsView, asked: TranslatorRequest) -> ArrangeForm:
    """A form with what is arranged so far."""
    known: dict[str, Any] = {"interpreter": asked.interpreter, "note": asked.note}
    if asked.join_at:
        known["join_at"] = asked.join_at.astimezone(zone_or_utc(view.zone)).replace(tzinfo=None)
    return ArrangeForm(prefix="arrange", zone=view.zone, initial=known)
