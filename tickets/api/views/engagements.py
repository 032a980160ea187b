"""Operations on engagements under elevated support, for customers and for the desk (EL-1)."""

from __future__ import annotations

import json
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import ApiView, answer, idempotent
from accounts.api.schema import lists
from accounts.idempotency import Answer
from accounts.models import ApiToken
from tickets.api import engagement_examples as examples
from tickets.api.serializers.engagements import (
    BeginInput,
    EndInput,
    EngagementFilters,
    EngagementOutput,
    EntryInput,
    EntryOutput,
    LinkedOutput,
    LinkInput,
    PlanInput,
    WishInput,
)
from tickets.api.views.base import READ, READ_QUEUE, WRITE, WRITE_QUEUE
from tickets.models import Engagement
from tickets.selectors import engagements as selectors
from tickets.selectors.visibility import request_of
from tickets.services import engagements as services


class EngagementApiView(ApiView):
    """An operation on engagements."""

    @property
    def shared(self) -> dict[str, Any]:
        """What output needs to know of the call."""
        token = self.request.auth
        internal = not isinstance(token, ApiToken) or READ_QUEUE in token.scopes
        return {"actor": self.actor, "internal": internal}

    def told(self, number: str, *, status: int = 200) -> Response:
        """The engagement as it stands, with its version."""
        engagement: Engagement = selectors.engagement_of(self.actor, number)
        address = reverse("api-engagement", kwargs={"number": number}) if status == 201 else ""
        data = EngagementOutput(engagement, context=self.shared).data
        return answer(data, status=status, version=engagement.version, location=address)

    def check_replay(self, stored: Answer) -> None:
        """The engagement must still be there for the caller (P-6)."""
        selectors.engagement_of(self.actor, self.kwargs.get("number") or json.loads(stored.body)["number"])


class EngagementsApiView(EngagementApiView):
    """Engagements."""

    required_scopes = {"GET": READ, "POST": WRITE}
    staff_scopes = {"GET": READ_QUEUE}
    acts = {"GET": ("read_engagements",), "POST": ("request_engagement",)}

    @lists(EngagementOutput, filters=EngagementFilters)
    def get(self, request: Request) -> Response:
        """List the engagements of the organisation; for support staff, of the customers within their reach."""
        filters = self.read_query(EngagementFilters)
        rows = selectors.listed(selectors.visible_engagements(self.actor), ongoing=filters["ongoing"])
        return self.answer_page(
            rows.select_related(*selectors.RELATED).order_by("-id"), EngagementOutput, **self.shared
        )

    @extend_schema(request=WishInput, responses={201: EngagementOutput}, examples=examples.REQUEST)
    @idempotent
    def post(self, request: Request) -> Response:
        """Ask for an engagement. The organisation needs an elevated contract in force (`no-elevated-support`)."""
        made = services.request_engagement(wish=services.Wish(**self.read(WishInput)), actor=self.actor)
        return self.told(made.number, status=201)


class EngagementOneApiView(EngagementApiView):
    """One engagement."""

    required_scopes = {"GET": READ}
    staff_scopes = {"GET": READ_QUEUE}
    acts = {"GET": ("read_engagements",)}

    @extend_schema(responses=EngagementOutput)
    def get(self, request: Request, number: str) -> Response:
        """Tell what was wished for, and what is planned."""
        self.read_query()
        return self.told(number)


class EntriesApiView(EngagementApiView):
    """What was written on an engagement."""

    required_scopes = {"GET": READ, "POST": WRITE}
    staff_scopes = {"GET": READ_QUEUE, "POST": WRITE_QUEUE}
    acts = {"GET": ("read_engagements",), "POST": ("write_on_engagement",)}

    @lists(EntryOutput)
    def get(self, request: Request, number: str) -> Response:
        """List what was written on an engagement, the oldest first."""
        self.read_query()
        engagement = selectors.engagement_of(self.actor, number)
        rows = engagement.entries.select_related("author", "on_behalf_of").order_by("id")
        return self.answer_page(rows, EntryOutput, **self.shared)

    @extend_schema(request=EntryInput, responses={201: EntryOutput}, examples=examples.WRITE)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Write something that both sides read, as long as the engagement has not ended."""
        given, version = self.read(EntryInput), self.version_given()
        entry = services.write_on_engagement(number=number, actor=self.actor, version=version, **given)
        return answer(EntryOutput(entry, context=self.shared).data, status=201, version=entry.engagement.version)


class LinkedApiView(EngagementApiView):
    """The service requests that belong to an engagement."""

    required_scopes = {"GET": READ, "POST": WRITE}
    staff_scopes = {"GET": READ_QUEUE, "POST": WRITE_QUEUE}
    acts = {"GET": ("read_engagements",), "POST": ("write_on_engagement",)}

    @lists(LinkedOutput)
    def get(self, request: Request, number: str) -> Response:
        """List the service requests that belong to an engagement, as far as the caller may see them."""
        self.read_query()
        engagement = selectors.engagement_of(self.actor, number)
        return self.answer_page(selectors.requests_of(self.actor, engagement), LinkedOutput)

    @extend_schema(request=LinkInput, responses={201: LinkedOutput}, examples=examples.LINK)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Note that a service request of the same customer belongs to an engagement."""
        wanted, version = self.read(LinkInput)["request"], self.version_given()
        linked = services.link_request(number=number, request_number=wanted, actor=self.actor, version=version)
        row = request_of(self.actor, wanted.upper())
        return answer(LinkedOutput(row).data, status=201, version=linked.version)


class PlanApiView(EngagementApiView):
    """The plan of an engagement."""

    required_scopes = {"POST": WRITE_QUEUE}
    acts = {"POST": ("plan_engagement",)}

    @extend_schema(request=PlanInput, responses=EngagementOutput, examples=examples.PLAN)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Accept an engagement, or change its plan: a senior engineer leads it in these days; for the desk."""
        plan, version = services.Plan(**self.read(PlanInput)), self.version_given()
        services.plan_engagement(number=number, plan=plan, actor=self.actor, version=version)
        return self.told(number)


class BeginApiView(EngagementApiView):
    """The beginning of an engagement."""

    required_scopes = {"POST": WRITE_QUEUE}
    acts = {"POST": ("work_on_engagement",)}

    @extend_schema(request=BeginInput, responses=EngagementOutput, examples=examples.BEGIN)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Begin what was planned; for the desk."""
        given, version = self.read(BeginInput), self.version_given()
        services.begin_engagement(number=number, actor=self.actor, version=version, **given)
        return self.told(number)


class CompleteApiView(EngagementApiView):
    """The end of an engagement."""

    required_scopes = {"POST": WRITE_QUEUE}
    acts = {"POST": ("work_on_engagement",)}

    @extend_schema(request=EndInput, responses=EngagementOutput, examples=examples.COMPLETE)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Complete an engagement, with words on what came of it; for the desk."""
        given, version = self.read(EndInput), self.version_given()
        services.complete_engagement(number=number, actor=self.actor, version=version, **given)
        return self.told(number)


class CallOffApiView(EngagementApiView):
    """An engagement that is called off."""

    required_scopes = {"POST": WRITE}
    staff_scopes = {"POST": WRITE_QUEUE}
    acts = {"POST": ("call_off_engagement",)}

    @extend_schema(request=EndInput, responses=EngagementOutput, examples=examples.CALL_OFF)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Call an engagement off, by either side; the other one reads why."""
        given, version = self.read(EndInput), self.version_given()
        services.call_off_engagement(number=number, actor=self.actor, version=version, **given)
        return self.told(number)
