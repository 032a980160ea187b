"""What hangs on a request beside its conversation, as the request's page shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import forms

from accounts.permissions import may
from tickets.models import ServiceRequest
from tickets.selectors import surveys
from tickets.survey_form import SurveyForm
from tickets.views.base import RequestsView


@dataclass(frozen=True, slots=True)
class Hanging:
    """What the page shows of it, and the fresh forms of what its reader may do about it."""

    context: dict[str, Any] = field(default_factory=dict)
    forms: dict[str, forms.Form] = field(default_factory=dict)


def hanging_on(view: RequestsView, service_request: ServiceRequest) -> Hanging:
    """Everything; nothing that a request does not have costs a query."""
    parts = [_survey(view, service_request)]
    context = {name: value for part in parts for name, value in part.context.items()}
    return Hanging(context, {name: form for part in parts for name, form in part.forms.items()})


def _survey(view: RequestsView, service_request: ServiceRequest) -> Hanging:
    """For customers the survey that they were asked in; for staff what was said (RO-4)."""
    if view.actor.is_staff:
        return Hanging({"opinions": surveys.answered_surveys(service_request)})
    survey = surveys.survey_for(view.actor, service_request)
    is_open = survey is not None and surveys.is_open(survey, now=view.now)
    if not is_open or not may(view.actor, "answer_survey", on=service_request):
        return Hanging({"survey": survey})
    return Hanging({"survey": survey}, {"survey": SurveyForm(prefix="survey")})
