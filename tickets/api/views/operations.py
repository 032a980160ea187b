"""Operations for whoever looks after the portal: what failed for good, and trying it again."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock
from accounts.api.base import ApiView, answer, idempotent
from accounts.api.people_serializers import NothingInput
from accounts.api.schema import answered, lists
from accounts.idempotency import Answer
from tickets.api.serializers.operations import (
    BrokenPromiseOutput,
    FailedDeliveryOutput,
    FailedTimerOutput,
    RetriedDeliveriesOutput,
    RetriedTimerOutput,
)
from tickets.selectors import operations as selectors
from tickets.services import operating


class _FailuresView(ApiView):
    """A list of what failed."""

    required_scopes = {"GET": "operations:read"}
    acts = {"GET": ("read_operations",)}


class FailedTimersView(_FailuresView):
    """Timers that failed."""

    @lists(FailedTimerOutput)
    def get(self, request: Request) -> Response:
        """List the timers that failed eight times, the newest first; for leads, duty managers and operators (P-3)."""
        self.read_query()
        return self.answer_page(selectors.failed_timers().order_by("-id"), FailedTimerOutput)


class FailedDeliveriesView(_FailuresView):
    """Notices that failed."""

    @lists(FailedDeliveryOutput)
    def get(self, request: Request) -> Response:
        """List the notices that were given up, the newest first; never to whom, or what they say (P-5).

        Webhooks are not among them: whoever looks after an endpoint sends these again.
        """
        self.read_query()
        return self.answer_page(selectors.failed_deliveries().order_by("-id"), FailedDeliveryOutput)


class BrokenPromisesView(_FailuresView):
    """Promises that were broken."""

    @lists(BrokenPromiseOutput)
    def get(self, request: Request) -> Response:
        """List the promises broken in the last seven days, the newest first, and when each was noticed (P-4)."""
        self.read_query()
        rows = selectors.broken_promises(now=clock.now()).order_by("-breached_at", "-id")
        return self.answer_page(rows, BrokenPromiseOutput)


class _RepairView(ApiView):
    """An act on what failed."""

    versioned = False
    required_scopes = {"POST": "operations:write"}
    acts = {"POST": (operating.ACT,)}

    def check_replay(self, stored: Answer) -> None:
        """Look nothing up: what was tried again has not failed any more, and the first answer tells nothing of it."""


class RetryTimerView(_RepairView):
    """A timer that failed."""

    @extend_schema(
        request=NothingInput, responses=RetriedTimerOutput, examples=[answered("Retried", {"waits_again": True})]
    )
    @idempotent
    def post(self, request: Request, timer_id: int) -> Response:
        """Try it again with the next sweep; one whose cause has passed is cancelled instead."""
        self.read(NothingInput)
        waits_again = operating.retry_timer(timer_id=timer_id, actor=self.actor)
        return answer({"waits_again": waits_again})


class RetryDeliveryView(_RepairView):
    """A notice that failed."""

    @extend_schema(request=NothingInput, responses={204: None})
    @idempotent
    def post(self, request: Request, delivery_id: int) -> Response:
        """Send it again."""
        self.read(NothingInput)
        operating.retry_delivery(delivery_id=delivery_id, actor=self.actor)
        return Response(status=204)


class GiveUpDeliveryView(_RepairView):
    """A notice that nobody will send."""

    @extend_schema(request=NothingInput, responses={204: None})
    @idempotent
    def post(self, request: Request, delivery_id: int) -> Response:
        """Stop counting it as failed; it still stands in the portal."""
        self.read(NothingInput)
        operating.give_up_delivery(delivery_id=delivery_id, actor=self.actor)
        return Response(status=204)


class RetryDeliveriesView(_RepairView):
    """All notices that failed."""

    @extend_schema(
        request=NothingInput, responses=RetriedDeliveriesOutput, examples=[answered("Retried", {"retried": 42})]
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Send all of them again, at most 1,000 in one go: once the mail server is in order again."""
        self.read(NothingInput)
        return answer({"retried": operating.retry_deliveries(actor=self.actor)})
