"""What surveys say together, and each answer, on the wire."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.serializers import InstantField
from sla.vocabulary import SEVERITIES
from tickets.api.serializers.shared import OptionalText, OrganisationReference, PersonOutput
from tickets.lifecycle import Resolution
from tickets.models import Survey
from tickets.models.surveys import RATINGS
from tickets.selectors.surveys import Figures, Group


class RatingCountOutput(serializers.Serializer[Any]):
    """How often one rating was given."""

    rating = serializers.ChoiceField(RATINGS, help_text="From 1 (bad) to 5 (very good).")
    answers = serializers.IntegerField()


class SurveyFiguresOutput(serializers.Serializer[Figures]):
    """The figures of some surveys."""

    asked = serializers.IntegerField()
    answered = serializers.IntegerField()
    response_rate = serializers.SerializerMethodField(help_text="From 0 to 1; null where nobody was asked.")
    average = serializers.FloatField(allow_null=True, help_text="From 1 to 5; null where nobody answered.")
    solved = serializers.IntegerField(help_text="Answers that say that the problem is solved.")
    unsolved = serializers.IntegerField(help_text="Answers that say that it is not.")
    ratings = serializers.SerializerMethodField()

    def get_response_rate(self, figures: Figures) -> float | None:
        """The share of those who answered."""
        return figures.answered / figures.asked if figures.asked else None

    @extend_schema_field(RatingCountOutput(many=True))
    def get_ratings(self, figures: Figures) -> list[dict[str, int]]:
        """Every rating, also where nobody gave it."""
        return [{"rating": rating, "answers": count} for rating, count in zip(RATINGS, figures.ratings, strict=True)]


class SeveritySurveysOutput(serializers.Serializer[Group]):
    """The figures of one severity."""

    severity = serializers.ChoiceField(SEVERITIES, source="name", help_text="That of the request when it was closed.")
    figures = SurveyFiguresOutput()


class TeamSurveysOutput(serializers.Serializer[Group]):
    """The figures of one team."""

    team = OptionalText(source="name", help_text="The team's code; null for requests without a team.")
    names = serializers.DictField(child=serializers.CharField(), help_text="by language tag")
    figures = SurveyFiguresOutput()


class SurveyReportOutput(serializers.Serializer[Any]):
    """What the surveys of the last days say."""

    days = serializers.IntegerField(help_text="It is about surveys that were asked in so many days until now.")
    total = SurveyFiguresOutput()
    severities = SeveritySurveysOutput(many=True)
    teams = TeamSurveysOutput(many=True)


class SurveyAnswerOutput(serializers.Serializer[Survey]):
    """What somebody said after a request was closed."""

    id = serializers.IntegerField()
    number = serializers.CharField(source="request.number", help_text="Of the request.")
    subject = serializers.CharField(source="request.subject")
    organisation = OrganisationReference(source="request.organisation")
    cycle = serializers.IntegerField(help_text="Which close it is about: 1 for the first one.")
    severity = serializers.ChoiceField(SEVERITIES, help_text="That of the close, as are team and resolution.")
    team = OptionalText(source="team.code", default=None)
    resolution = serializers.ChoiceField([each.value for each in Resolution])
    rating = serializers.IntegerField(help_text="From 1 (bad) to 5 (very good).")
    solved = serializers.BooleanField(allow_null=True, help_text="Whether the problem is solved; null: not said.")
    comment = serializers.CharField(help_text="May be empty.")
    answered_by = PersonOutput()
    asked_at = InstantField()
    answered_at = InstantField()
