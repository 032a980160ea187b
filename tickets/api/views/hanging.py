"""Surveys, escalations by people, and translators of a request."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import answer, idempotent
from accounts.api.schema import lists
from tickets.api import hanging_examples as examples
from tickets.api.serializers.hanging import (
    DONE,
    ArrangeInput,
    EscalateInput,
    EscalationOutput,
    SettleInput,
    StandingSurveyOutput,
    SurveyInput,
    SurveyOutput,
    TranslatorInput,
    TranslatorOutput,
)
from tickets.api.views.base import READ, WRITE, WRITE_QUEUE, RequestsView
from tickets.models import TranslatorRequest
from tickets.selectors.surveys import standing_of
from tickets.selectors.translators import translators_of
from tickets.services import translators
from tickets.services.escalation import escalate_request, escalate_to_senior
from tickets.services.surveys import Opinion, answer_survey
from tickets.services.translators import Arrangement


class SurveyView(RequestsView):
    """The opinion about a closed request."""

    versioned = False
    required_scopes = {"GET": READ, "POST": WRITE}
    acts = {"GET": ("read_request",), "POST": ("answer_survey",)}

    @extend_schema(responses=StandingSurveyOutput, examples=examples.SURVEY_READ)
    def get(self, request: Request, number: str) -> Response:
        """Return what is asked and was said about the last close: to customers who were asked, and to support staff.

        `state` is `none` where nobody was asked (yet), or not the caller. Customers read the answer of a colleague who
        was asked as well without its words.
        """
        self.read_query()
        standing = standing_of(self.actor, self.request_of(number), now=self.now)
        return answer(StandingSurveyOutput(standing, context=self.shared).data)

    @extend_schema(request=SurveyInput, responses=SurveyOutput, examples=examples.SURVEY)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Answer the survey about the last close, once (RO-4). Its primary contact is asked 24 hours after it.

        It can be answered for 14 days; before, after, and by others it is refused with `survey-not-open`.
        """
        opinion = Opinion(**self.read(SurveyInput))
        survey = answer_survey(number=number, actor=self.actor, opinion=opinion)
        return answer(SurveyOutput(survey).data)


class EscalateView(RequestsView):
    """More attention for a request."""

    required_scopes = {"POST": WRITE}
    staff_scopes = {"POST": WRITE_QUEUE}
    acts = {"POST": ("escalate_request", "escalate_to_senior")}

    @extend_schema(request=EscalateInput, responses={201: EscalationOutput}, examples=examples.ESCALATE)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Escalate an open request. No promise moves by it.

        By customers: whoever has the request, the team lead and the duty manager are told; once in 4 hours, and the
        same words again are the same escalation. By support staff: it is offered to the senior engineers, which
        customers do not see.
        """
        given, version = self.read(EscalateInput), self.version_given()
        reason, words = given["reason"], given["justification"]
        if self.actor.is_staff:
            made = escalate_to_senior(number=number, actor=self.actor, reason=reason, note=words, version=version)
        else:
            made = escalate_request(
                number=number, actor=self.actor, reason=reason, justification=words, version=version
            )
        return answer(EscalationOutput(made, context=self.shared).data, status=201)


class TranslatorsView(RequestsView):
    """An operation on translators."""

    def told(self, asked: TranslatorRequest, *, status: int = 200) -> Response:
        """The translator as things stand, with the version of the request."""
        data = TranslatorOutput(asked, context=self.shared).data
        return answer(data, status=status, version=asked.request.version)


class TranslatorView(TranslatorsView):
    """Translators who join calls about a request."""

    required_scopes = {"GET": READ, "POST": WRITE}
    staff_scopes = {"POST": WRITE_QUEUE}
    acts = {"GET": ("read_request",), "POST": ("ask_translator",)}

    @lists(TranslatorOutput)
    def get(self, request: Request, number: str) -> Response:
        """List them, newest first; at most one is `requested` or `arranged`."""
        self.read_query()
        return self.answer_page(translators_of(self.request_of(number)), TranslatorOutput)

    @extend_schema(request=TranslatorInput, responses={201: TranslatorOutput}, examples=examples.TRANSLATOR)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Ask that a translator joins calls (LA-2); either side may."""
        given, version = self.read(TranslatorInput), self.version_given()
        asked = translators.ask_translator(number=number, actor=self.actor, version=version, **given)
        return self.told(asked, status=201)


class ArrangeTranslatorView(TranslatorsView):
    """Who joins, and when."""

    required_scopes = {"POST": WRITE_QUEUE}
    acts = {"POST": ("arrange_translator",)}

    @extend_schema(request=ArrangeInput, responses=TranslatorOutput, examples=examples.ARRANGE)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Arrange the translator, or change what was arranged; for support staff. The customer is told."""
        arrangement, version = Arrangement(**self.read(ArrangeInput)), self.version_given()
        asked = translators.arrange_translator(
            number=number, actor=self.actor, arrangement=arrangement, version=version
        )
        return self.told(asked)


class SettleTranslatorView(TranslatorsView):
    """The end of a wish for a translator."""

    required_scopes = {"POST": WRITE}
    staff_scopes = {"POST": WRITE_QUEUE}
    acts = {"POST": ("ask_translator",)}

    @extend_schema(request=SettleInput, responses=TranslatorOutput, examples=examples.SETTLE)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Keep that the arranged translator joined (`done`, by support staff), or call it off (`cancelled`, by either).

        The other side is told of a translator who was called off.
        """
        outcome, version = self.read(SettleInput)["outcome"], self.version_given()
        settle = translators.finish_translator if outcome == DONE else translators.cancel_translator
        return self.told(settle(number=number, actor=self.actor, version=version))
