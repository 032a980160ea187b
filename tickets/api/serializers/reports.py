"""The report on commitments on the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import InputSerializer
from tickets.selectors.sla_report import GROUPS


class SlaReportFilters(InputSerializer):
    """Of which days and whom, and by what."""

    group_by = serializers.ChoiceField(
        GROUPS, required=False, default="severity", help_text="By what the requests are told apart."
    )
    organisation = serializers.SlugField(required=False, help_text="The slug of one organisation; for support staff.")

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of the language, so that it cannot be written as the others."""
        days = {
            "from": serializers.DateField(
                required=False, help_text="The first day; the report is about 90 days up to `to` unless told otherwise."
            ),
            "to": serializers.DateField(required=False, help_text="The last day, today unless told otherwise."),
        }
        return {**days, **super().get_fields()}


class CommitmentCountsOutput(serializers.Serializer[Any]):
    """How many promises stand how."""

    kept = serializers.IntegerField()
    breached = serializers.IntegerField()
    running = serializers.IntegerField()
    ended = serializers.IntegerField(help_text="Closed by the customer in time, without an answer.")
    superseded = serializers.IntegerField()
    none = serializers.IntegerField(help_text="No response time was committed.")


class SlaFiguresOutput(serializers.Serializer[Any]):
    """The figures of some requests."""

    requests = serializers.IntegerField(help_text="Filed in these days.")
    commitments = CommitmentCountsOutput()
    kept_share = serializers.FloatField(allow_null=True, help_text="Kept, of those kept or breached; from 0 to 1.")
    responses = serializers.IntegerField(help_text="First responses, one for each time a request was opened.")
    response_median_seconds = serializers.IntegerField(source="median", allow_null=True)
    response_p90_seconds = serializers.IntegerField(source="ninetieth", allow_null=True)
    closed = serializers.IntegerField(help_text="Requests that were ever closed.")
    reopened = serializers.IntegerField(help_text="Of these, reopened at least once.")
    reopen_rate = serializers.FloatField(allow_null=True, help_text="From 0 to 1.")
    survey_answers = serializers.IntegerField(source="answers")
    survey_average = serializers.FloatField(source="rating", allow_null=True, help_text="From 1 to 5.")


class SlaLineOutput(SlaFiguresOutput):
    """The figures of one group."""

    group = serializers.CharField(
        source="name", help_text="A code, a month as in 2026-11, or empty for requests about no service."
    )


class SlaReportOutput(serializers.Serializer[Any]):
    """What was promised and what became of it, for the requests that were filed in some days."""

    group_by = serializers.ChoiceField(GROUPS)
    timezone = serializers.CharField(source="span.zone", help_text="Whose days these are.")
    groups = SlaLineOutput(many=True, source="lines")
    total = SlaFiguresOutput()

    def get_fields(self) -> dict[str, Any]:
        """The days, as they were asked for."""
        days = {
            "from": serializers.DateField(source="span.first"),
            "to": serializers.DateField(source="span.last"),
        }
        return {**days, **super().get_fields()}
