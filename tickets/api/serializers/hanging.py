"""What hangs on a request: surveys, escalations by people, translators."""

from __future__ import annotations

from rest_framework import serializers

from accounts.api.serializers import FlagField, InputSerializer, InstantField, LineField, TextField
from tickets.api.serializers.shared import OptionalText, PersonOutput
from tickets.catalogue import TRANSLATED_LANGUAGES
from tickets.models import Escalation, EscalationReason, Survey, TranslatorRequest, TranslatorState
from tickets.selectors.surveys import Standing, SurveyState, is_own
from tickets.services import escalation, surveys, translators

REASONS, TRANSLATOR_STATES = EscalationReason.values, TranslatorState.values
DONE, CANCELLED = TranslatorState.DONE.value, TranslatorState.CANCELLED.value
RATING = {"min_value": 1, "max_value": 5, "help_text": "From 1 (bad) to 5 (very good)."}


class SurveyInput(InputSerializer):
    """What somebody who was asked says about a closed request."""

    rating = serializers.IntegerField(**RATING)  # type: ignore[arg-type]
    solved = FlagField(required=False, allow_null=True, help_text="Whether the problem is solved.")
    comment = TextField(required=False, allow_blank=True, max_length=surveys.COMMENT_LIMIT)


class AskedOutput(serializers.Serializer[Survey]):
    """A survey, and how it was answered."""

    asked_at = InstantField()
    expires_at = InstantField(help_text="The last instant at which it can be answered.")
    answered_at = InstantField(allow_null=True)
    rating = serializers.IntegerField(allow_null=True, **RATING)  # type: ignore[arg-type]
    solved = serializers.BooleanField(allow_null=True)


class SurveyOutput(AskedOutput):
    """A survey and its answer."""

    comment = serializers.CharField()


class SurveyReadOutput(AskedOutput):
    """A survey and its answer, as they are read later."""

    cycle = serializers.IntegerField(help_text="Which close it is about: 1 for the first one.")
    comment = serializers.SerializerMethodField(
        help_text="Null for others who were asked: the words are for support staff and whoever wrote them."
    )
    answered_by = PersonOutput(allow_null=True)

    def get_comment(self, survey: Survey) -> str | None:
        """The words, for those whom they are for."""
        actor = self.context["actor"]
        shown = actor.is_staff or survey.answered_at is None or is_own(actor, survey)
        return survey.comment if shown else None


class StandingSurveyOutput(serializers.Serializer[Standing]):
    """What is asked and was said about the closes of a request."""

    state = serializers.ChoiceField(
        [state.value for state in SurveyState],
        help_text="`none`: nothing is asked of you, or not yet; `expired`: nobody answered in time.",
    )
    survey = SurveyReadOutput(allow_null=True, help_text="About the last close; null where nothing is asked of you.")
    earlier = SurveyReadOutput(
        many=True, help_text="For support staff: the answers about earlier closes, the newest first. Else empty."
    )


class EscalateInput(InputSerializer):
    """Why a request needs more."""

    reason = serializers.ChoiceField(REASONS)
    justification = TextField(
        max_length=escalation.WORDS_LIMIT, help_text="Support staff write it for each other; customers do not see it."
    )


class EscalationOutput(serializers.Serializer[Escalation]):
    """An escalation: to those who lead (by customers), or to senior engineers (by support staff)."""

    id = serializers.IntegerField()
    target = serializers.ChoiceField(Escalation.Target.values)
    reason = serializers.ChoiceField(REASONS)
    justification = serializers.CharField()
    asked_by = PersonOutput()
    at = InstantField()


class TranslatorInput(InputSerializer):
    """A wish for a translator."""

    language = serializers.ChoiceField(
        TRANSLATED_LANGUAGES, required=False, help_text="BCP 47 tag; that of the conversation unless given."
    )
    wish = TextField(
        required=False, allow_blank=True, max_length=translators.WORDS_LIMIT, help_text="When a call suits you."
    )


class ArrangeInput(InputSerializer):
    """Who joins, and when."""

    interpreter = LineField(max_length=translators.NAME_LIMIT)
    join_at = InstantField()
    note = TextField(
        required=False, allow_blank=True, max_length=translators.WORDS_LIMIT, help_text="How to meet, for both sides."
    )


class SettleInput(InputSerializer):
    """How it ended."""

    outcome = serializers.ChoiceField((DONE, CANCELLED))


class TranslatorOutput(serializers.Serializer[TranslatorRequest]):
    """A translator who is asked for, arranged, or was so."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(TRANSLATOR_STATES)
    language = serializers.CharField(help_text="BCP 47 tag")
    wish = serializers.CharField()
    requested_by = PersonOutput()
    requested_at = InstantField()
    interpreter = OptionalText(help_text="Who joins; null until it is arranged.")
    join_at = InstantField(allow_null=True)
    note = serializers.CharField()
    settled_at = InstantField(allow_null=True, help_text="When it was done or called off.")
