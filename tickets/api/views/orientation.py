"""What is good to know before filing: severities, hours of support, and what would be promised."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import answer
from accounts.api.schema import refusing
from tickets import wording
from tickets.api import orientation_examples as examples
from tickets.api.serializers.orientation import (
    AskedPromiseOutput,
    PromiseInput,
    SeverityLevelsOutput,
    SupportHoursFilters,
    SupportHoursOutput,
    hours_data,
)
from tickets.api.views.base import READ, RequestsView
from tickets.selectors.asked_terms import Asked, may_set_severity, promise_asked, support_hours


class SeverityLevelsView(RequestsView):
    """The severities."""

    required_scopes = {"GET": "selfhelp:read"}

    @extend_schema(responses=SeverityLevelsOutput, examples=examples.LEVELS)
    def get(self, request: Request) -> Response:
        """List the severities in words, and whether you may set them (SE-1, SE-5).

        Support staff and admins with elevated support may, these until the first response; others see what the portal
        proposes, and may dispute it.
        """
        self.read_query()
        may_set = may_set_severity(self.actor, now=self.now)
        levels = [
            {"code": code, "name": name, "meaning": wording.SEVERITY_MEANINGS[code], "may_set": may_set}
            for code, name in wording.SEVERITIES.items()
        ]
        return answer(SeverityLevelsOutput({"levels": levels}).data)


class SupportHoursView(RequestsView):
    """When support is there."""

    required_scopes = {"GET": READ}
    acts = {"GET": ("read_request",)}

    @refusing(404)
    @extend_schema(parameters=[SupportHoursFilters], responses=SupportHoursOutput, examples=examples.SUPPORT_HOURS)
    def get(self, request: Request) -> Response:
        """Tell when support is there for a language, a region and a severity (LA-1, SLA-3, SLA-4).

        Whether it is now, when it is next, and on which of the next 30 days nobody is there at all: the desk by the
        terms of the subscription, the business hours of the organisation and its holidays, engineers by language.
        """
        given = self.read_query(SupportHoursFilters)
        severity, language = given.pop("severity", ""), given.pop("language", "")
        hours = support_hours(self.actor, _asked(given), severity=severity, language=language, now=self.second)
        return answer(SupportHoursOutput(hours_data(hours), context=self.shared).data)


class CommitmentPreviewView(RequestsView):
    """A promise asked for beforehand."""

    required_scopes = {"GET": READ, "POST": READ}
    acts = {"GET": ("read_request",), "POST": ("read_request",)}

    @refusing(404)
    @extend_schema(parameters=[PromiseInput], responses=AskedPromiseOutput, examples=examples.PROMISE[-1:])
    def get(self, request: Request) -> Response:
        """Tell what would be promised to a request of this kind and severity (SLA-1, SLA-6).

        By when, and what counts towards it and what does not, under the policy and the business hours in force now.
        """
        return self._promise(self.read_query(PromiseInput))

    @refusing(404)
    @extend_schema(request=PromiseInput, responses=AskedPromiseOutput, examples=examples.PROMISE)
    def post(self, request: Request) -> Response:
        """Tell what would be promised to a request of this kind and severity; nothing is stored (SLA-1, SLA-6)."""
        return self._promise(self.read(PromiseInput))

    def _promise(self, given: dict[str, Any]) -> Response:
        severity, received_at = given.pop("severity"), given.pop("received_at", None)
        standing = promise_asked(self.actor, _asked(given), severity=severity, received_at=received_at, now=self.second)
        return answer(AskedPromiseOutput(standing, context=self.shared).data)


def _asked(given: dict[str, Any]) -> Asked:
    """The terms that a query or a body asks about."""
    return Asked(country=given.pop("region", ""), **given)
