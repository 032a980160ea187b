"""Disputing the severity of a request, and settling that (SE-5)."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import answer, idempotent
from tickets.api import dispute_examples as examples
from tickets.api.serializers.disputes import DisputeInput, DisputeOutput, SettleDisputeInput
from tickets.api.views.base import WRITE, WRITE_QUEUE, RequestsView
from tickets.models import SeverityDispute
from tickets.services.disputes import agree_to_dispute, decline_dispute, dispute_severity


class DisputesView(RequestsView):
    """An operation on disputes."""

    def told(self, dispute: SeverityDispute, *, status: int = 200) -> Response:
        """The dispute as it stands, with the version of its request."""
        data = DisputeOutput(dispute, context=self.shared).data
        return answer(data, status=status, version=dispute.request.version)


class DisputeView(DisputesView):
    """A severity that is thought wrong."""

    required_scopes = {"POST": WRITE}
    acts = {"POST": ("dispute_severity",)}

    @extend_schema(request=DisputeInput, responses={201: DisputeOutput}, examples=examples.DISPUTE)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Dispute the severity of an open request, once until it is closed (SE-5). No promise moves by it.

        A senior engineer settles it. Customers with elevated support set the severity themselves until the first
        response (`severity-not-disputed`); afterwards they dispute it like everybody else.
        """
        given, version = self.read(DisputeInput), self.version_given()
        made = dispute_severity(number=number, actor=self.actor, version=version, **given)
        return self.told(made, status=201)


class SettleDisputeView(DisputesView):
    """What comes of a dispute."""

    required_scopes = {"POST": WRITE_QUEUE}
    acts = {"POST": ("settle_dispute",)}

    @extend_schema(request=SettleDisputeInput, responses=DisputeOutput, examples=examples.SETTLE)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Settle the dispute that stands; for senior engineers, team leads and duty managers. The asker is told.

        Accepted, the severity changes to the one asked for, or to `severity`. Of two who settle it one gets 409.
        """
        given, version = self.read(SettleDisputeInput), self.version_given()
        if not given["accepted"]:
            settled = decline_dispute(number=number, actor=self.actor, reason=given["reason"], version=version)
            return self.told(settled)
        severity = given.get("severity", "")
        settled = agree_to_dispute(
            number=number, actor=self.actor, reason=given["reason"], severity=severity, version=version
        )
        return self.told(settled)
