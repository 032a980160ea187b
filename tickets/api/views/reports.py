"""Reports over the API."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock
from accounts.api.base import ApiView, answer
from accounts.api.schema import refusing
from accounts.selectors import visible_organisation
from tickets.api.serializers.reports import SlaReportFilters, SlaReportOutput
from tickets.api.views.base import READ
from tickets.selectors.sla_report import ACT, range_of, sla_report


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
