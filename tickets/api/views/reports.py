"""Reports over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock
from accounts.api.base import ApiView, answer
from accounts.api.schema import lists, refusing
from accounts.keyset import Page
from accounts.selectors import visible_organisation
from tickets.api.serializers import assessment_report
from tickets.api.serializers.assessment_report import AssessmentReportFilters, AssessmentReportOutput
from tickets.api.serializers.reports import SlaReportFilters, SlaReportOutput
from tickets.api.serializers.survey_report import SurveyAnswerOutput, SurveyReportOutput
from tickets.api.views.base import READ
from tickets.selectors import labels, surveys
from tickets.selectors.sla_report import ACT, range_of, sla_report

NARROWING = ("language", "service", "engine")


class SlaReportView(ApiView):
    """The report on commitments."""

    required_scopes = {"GET": READ}
    acts = {"GET": (ACT,)}

    @refusing(404)
    @extend_schema(parameters=[SlaReportFilters], responses=SlaReportOutput)
    def get(self, request: Request) -> Response:
        """Tell how many promises were kept, how soon support answered, how many requests came back, what surveys say.

        It is about the requests that were filed in these days (366 at most), on the clock of the caller, with all that
        followed; tests of an integration are left out. Promises count by their own severity and tier.
        """
        asked, now = self.read_query(SlaReportFilters), clock.now()
        span = range_of(asked.get("from"), asked.get("to"), zone=self.actor.timezone, now=now)
        slug, group_by = asked.get("organisation"), asked["group_by"]
        one = visible_organisation(self.actor, slug, now=now).pk if slug else None
        report = sla_report(self.actor, span, group_by=group_by, organisation_id=one, now=now)
        return answer(SlaReportOutput(report).data)


class SurveyReportView(ApiView):
    """What surveys say together."""

    required_scopes = {"GET": READ}
    acts = {"GET": ("read_surveys",)}

    @extend_schema(responses=SurveyReportOutput)
    def get(self, request: Request) -> Response:
        """Tell what surveys of the last 90 days say, for each severity and each team; for leads and duty managers."""
        self.read_query()
        now = clock.now()
        report = {
            "days": surveys.REPORTED.days,
            "total": surveys.report(self.actor, now=now),
            "severities": surveys.report_by_severity(self.actor, now=now),
            "teams": surveys.report_by_team(self.actor, now=now),
        }
        return answer(SurveyReportOutput(report).data)


class SurveyAnswersView(ApiView):
    """What customers answered."""

    required_scopes = {"GET": READ}
    acts = {"GET": ("read_surveys",)}

    @lists(SurveyAnswerOutput)
    def get(self, request: Request) -> Response:
        """List the answers to surveys of the last 90 days, the newest first; for leads and duty managers (RO-4)."""
        self.read_query()
        now = clock.now()

        def fetch(cursor: str | None, size: int) -> Page[Any]:
            return surveys.answers_page(self.actor, now=now, cursor=cursor, size=size)

        return self.answer_fetched(fetch, SurveyAnswerOutput)


class AssessmentReportView(ApiView):
    """How good the assessment is."""

    required_scopes = {"GET": READ}
    acts = {"GET": ("read_assessment",)}

    @extend_schema(parameters=[AssessmentReportFilters], responses=AssessmentReportOutput)
    def get(self, request: Request) -> Response:
        """Hold assessed severities against those that engineers decided in the last 90 days, or left as they were.

        It is for senior engineers, team leads and duty managers, about the requests that they may read; tests of an
        integration are left out.
        """
        asked, now = self.read_query(AssessmentReportFilters), clock.now()
        narrowed = labels.Narrowed(decided_only="decisions" in asked, **{name: asked[name] for name in NARROWING})
        chosen = labels.choose(labels.tallies(self.actor, narrowed, now=now), narrowed)
        report = assessment_report.shown(
            chosen,
            days=labels.REPORTED.days,
            too_low=labels.mistakes(self.actor, narrowed, "under", now=now),
            too_high=labels.mistakes(self.actor, narrowed, "over", now=now),
            sortings=labels.sortings(self.actor, narrowed, now=now),
        )
        return answer(AssessmentReportOutput(report).data)
