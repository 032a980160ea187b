"""What is done to a request: closing, reopening, severity, assignment, a follow-up."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.api.base import idempotent
from tickets.api import examples
from tickets.api.serializers.acts import ME, AssignInput, CloseInput, ReopenInput, SeverityInput
from tickets.api.serializers.filing import FollowUpInput, follow_up_of
from tickets.api.serializers.requests import RequestOutput
from tickets.api.views.base import WRITE, WRITE_QUEUE, RequestsView
from tickets.errors import VersionMismatch
from tickets.models import ServiceRequest
from tickets.services import assignment
from tickets.services.closing import Ending, close_request, reopen_request
from tickets.services.severity import change_severity


class CloseView(RequestsView):
    """The end of a request."""

    required_scopes = {"POST": WRITE}
    staff_scopes = {"POST": WRITE_QUEUE}
    acts = {"POST": ("withdraw_request", "close_request")}

    @extend_schema(request=CloseInput, responses=RequestOutput, examples=examples.CLOSE)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Close a request. Customers close it as `solved` or `withdrawn`; support staff write a message with it.

        It can be reopened until `reopen_until` (CH-4).
        """
        ending = Ending(**self.read(CloseInput))
        close_request(number=number, actor=self.actor, ending=ending, version=self.version_given())
        return self.shown(number)


class ReopenView(RequestsView):
    """The return of a request."""

    required_scopes = {"POST": WRITE}
    staff_scopes = {"POST": WRITE_QUEUE}
    acts = {"POST": ("reopen_request",)}

    @extend_schema(request=ReopenInput, responses=RequestOutput, examples=examples.REOPEN)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Put a closed request back to work, within 14 × 24 hours of its closing (CH-4).

        A new response time begins under the policy in force now.
        """
        given = self.read(ReopenInput)
        reopen_request(number=number, actor=self.actor, version=self.version_given(), **given)
        return self.shown(number)


class SeverityView(RequestsView):
    """The severity of a request."""

    required_scopes = {"POST": WRITE}
    staff_scopes = {"POST": WRITE_QUEUE}
    acts = {"POST": ("set_severity", "change_severity")}

    @extend_schema(request=SeverityInput, responses=RequestOutput, examples=examples.SEVERITY)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Change the severity, with a reason; support staff, and customers with elevated support (SE-5).

        The severity as it stands confirms the proposal, for which no reason is needed. From the first response on
        customers dispute the severity instead (`severity-by-request`).
        """
        given = self.read(SeverityInput)
        change_severity(number=number, actor=self.actor, version=self.version_given(), **given)
        return self.shown(number)


class AssignView(RequestsView):
    """Who works on a request."""

    required_scopes = {"POST": WRITE_QUEUE}
    acts = {"POST": ("take_request", "assign_request", "release_request")}

    @extend_schema(request=AssignInput, responses=RequestOutput, examples=examples.ASSIGN)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Take a request (`me`), give it to an engineer (an id), or release it (null).

        Of two engineers who take the same request one gets 409.
        """
        assign(number, self.read(AssignInput)["assignee"], actor=self.actor, version=self.version_given())
        return self.shown(number)


def assign(number: str, assignee: int | str | None, *, actor: Actor, version: int | None = None) -> ServiceRequest:
    """Take a request (`me`), give it to an engineer, or release it (None)."""
    if assignee is None:
        return assignment.release_request(number=number, actor=actor, version=version)
    if assignee == ME:
        return assignment.take_request(number=number, actor=actor, version=version)
    return assignment.assign_request(number=number, actor=actor, assignee_id=int(assignee), version=version)


class FollowUpView(RequestsView):
    """What comes after a request was archived."""

    required_scopes = {"POST": WRITE}
    acts = {"POST": ("file_follow_up",)}

    @extend_schema(request=FollowUpInput, responses={201: RequestOutput}, examples=examples.FOLLOW_UP)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """File a request that goes on with an archived one; what it is about is taken from there (CH-4)."""
        given, version = self.read(FollowUpInput), self.version_given()
        original = self.request_of(number)
        if version is not None and version != original.version:
            raise VersionMismatch(original.version)
        return self.filed(follow_up_of(original, given))
