"""Operations on webhook endpoints and their deliveries, for customers, their partners and the desk."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import ApiView, answer, idempotent
from accounts.api.people_serializers import NothingInput
from accounts.api.schema import lists
from accounts.idempotency import Answer
from accounts.models import WebhookEndpoint
from tickets.api import webhook_examples as examples
from tickets.api.serializers.webhooks import (
    DeliveryFilters,
    EndpointInput,
    EndpointOutput,
    EndpointPatchInput,
    MadeEndpointOutput,
    ResendInput,
    ResentOutput,
    WebhookDeliveryOutput,
)
from tickets.selectors import endpoints as selectors
from tickets.services import endpoints as services

READ, WRITE = "webhooks:read", "webhooks:write"
ACTS = ("manage_webhooks", "manage_desk_webhooks")


class WebhooksApiView(ApiView):
    """An operation on webhooks."""

    def told(self, endpoint: WebhookEndpoint) -> Response:
        """The endpoint as it stands, with its version."""
        return answer(EndpointOutput(endpoint, context={"actor": self.actor}).data, version=endpoint.version)

    def told_with_secret(self, made: services.Made, *, status: int = 200) -> Response:
        """The same, with a secret that is told this once."""
        endpoint = made.endpoint
        data = {**EndpointOutput(endpoint, context={"actor": self.actor}).data, "secret": made.secret}
        address = reverse("api-webhook", kwargs={"endpoint_id": endpoint.pk}) if status == 201 else ""
        return answer(data, status=status, version=endpoint.version, location=address)

    def check_replay(self, stored: Answer) -> None:
        """The endpoint must still be theirs."""
        if "endpoint_id" in self.kwargs:
            selectors.endpoint_of(self.actor, self.kwargs["endpoint_id"])


class EndpointsApiView(WebhooksApiView):
    """Endpoints."""

    required_scopes = {"GET": READ, "POST": WRITE}
    acts = {"GET": ACTS, "POST": ACTS}

    @lists(EndpointOutput)
    def get(self, request: Request) -> Response:
        """List the endpoints of the organisation, the newest first; for support staff, those of the desk.

        A partner that acts for a customer sees those that it made for this customer.
        """
        self.read_query()
        return self.answer_page(selectors.visible_endpoints(self.actor).order_by("-id"), EndpointOutput)

    @extend_schema(request=EndpointInput, responses={201: MadeEndpointOutput}, examples=examples.CREATE)
    @idempotent
    def post(self, request: Request) -> Response:
        """Make an endpoint, one of 20 at most. Its secret is in this answer and nowhere else.

        A replayed answer has null in its place.
        """
        return self.told_with_secret(services.create_endpoint(actor=self.actor, **self.read(EndpointInput)), status=201)

    def to_store(self, data: Any) -> Any:
        """Keep no secrets."""
        return {**data, "secret": None}


class EndpointApiView(WebhooksApiView):
    """One endpoint."""

    required_scopes = {"GET": READ, "PATCH": WRITE, "DELETE": WRITE}
    acts = {"GET": ACTS, "PATCH": ACTS, "DELETE": ACTS}

    @extend_schema(responses=EndpointOutput, examples=examples.READ)
    def get(self, request: Request, endpoint_id: int) -> Response:
        """Tell what it hears of, and how it stands."""
        self.read_query()
        return self.told(selectors.endpoint_of(self.actor, endpoint_id))

    @extend_schema(request=EndpointPatchInput, responses=EndpointOutput, examples=examples.CHANGE)
    def patch(self, request: Request, endpoint_id: int) -> Response:
        """Change the address, what it hears of, or switch it on or off.

        What has not gone out when it is switched off counts as failed, and can be sent again.
        """
        version, wanted = self.version_required(), services.Wanted(**self.read(EndpointPatchInput))
        services.change_endpoint(endpoint_id=endpoint_id, wanted=wanted, actor=self.actor, version=version)
        return self.told(selectors.endpoint_of(self.actor, endpoint_id))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, endpoint_id: int) -> Response:
        """Remove it with its secret. Nothing more is sent."""
        services.remove_endpoint(endpoint_id=endpoint_id, actor=self.actor, version=self.version_required())
        return Response(status=204)


class ActOnEndpointView(WebhooksApiView):
    """An act on one endpoint."""

    required_scopes = {"POST": WRITE}
    acts = {"POST": ACTS}


class RotateSecretApiView(ActOnEndpointView):
    """The secret of an endpoint."""

    @extend_schema(request=NothingInput, responses=MadeEndpointOutput, examples=examples.ROTATE)
    @idempotent
    def post(self, request: Request, endpoint_id: int) -> Response:
        """Give it a new secret, told this once. For 24 hours each delivery is signed with both."""
        self.read(NothingInput)
        version = self.version_given()
        return self.told_with_secret(services.rotate_secret(endpoint_id=endpoint_id, actor=self.actor, version=version))

    def to_store(self, data: Any) -> Any:
        """Keep no secrets."""
        return {**data, "secret": None}


class TryWebhookApiView(ActOnEndpointView):
    """A test event."""

    versioned = False

    @extend_schema(request=NothingInput, responses={202: WebhookDeliveryOutput}, examples=examples.TESTED)
    @idempotent
    def post(self, request: Request, endpoint_id: int) -> Response:
        """Send a `webhook.test`, ten times an hour at most; read the delivery to see what came of it."""
        self.read(NothingInput)
        delivery = services.send_test(endpoint_id=endpoint_id, actor=self.actor)
        return answer(WebhookDeliveryOutput(delivery).data, status=202)


class ResendMissedApiView(ActOnEndpointView):
    """What failed since an instant."""

    versioned = False

    @extend_schema(request=ResendInput, responses=ResentOutput, examples=examples.RESEND)
    @idempotent
    def post(self, request: Request, endpoint_id: int) -> Response:
        """Send again what failed since an instant, in its order and under the same ids; 1,000 in one go.

        What waits for its next try is tried at once.
        """
        since = self.read(ResendInput)["since"]
        count = services.send_missed(endpoint_id=endpoint_id, since=since, actor=self.actor)
        return answer({"count": count})


class WebhookDeliveriesApiView(WebhooksApiView):
    """The log of an endpoint."""

    required_scopes = {"GET": READ}
    acts = {"GET": ACTS}

    @lists(WebhookDeliveryOutput, filters=DeliveryFilters)
    def get(self, request: Request, endpoint_id: int) -> Response:
        """List its deliveries, the newest first, with each try."""
        state = self.read_query(DeliveryFilters).get("state", "")
        endpoint = selectors.endpoint_of(self.actor, endpoint_id)
        return self.answer_page(selectors.deliveries_to(endpoint, state=state), WebhookDeliveryOutput)


class WebhookDeliveryApiView(WebhooksApiView):
    """One delivery."""

    required_scopes = {"GET": READ}
    acts = {"GET": ACTS}

    @extend_schema(responses=WebhookDeliveryOutput, examples=examples.DELIVERED)
    def get(self, request: Request, endpoint_id: int, delivery_id: int) -> Response:
        """Tell how a delivery stands, with what is sent and what was answered."""
        self.read_query()
        endpoint = selectors.endpoint_of(self.actor, endpoint_id)
        return answer(WebhookDeliveryOutput(selectors.delivery_to(endpoint, delivery_id)).data)


class ResendApiView(ActOnEndpointView):
    """A delivery that is to go out again."""

    versioned = False

    @extend_schema(request=NothingInput, responses={202: WebhookDeliveryOutput}, examples=examples.RESENT)
    @idempotent
    def post(self, request: Request, endpoint_id: int, delivery_id: int) -> Response:
        """Send it again at once, under the same `webhook-id`, whatever became of it before."""
        self.read(NothingInput)
        delivery = services.send_again(endpoint_id=endpoint_id, delivery_id=delivery_id, actor=self.actor)
        return answer(WebhookDeliveryOutput(delivery).data, status=202)

    def check_replay(self, stored: Answer) -> None:
        """Endpoint and delivery must still be theirs."""
        endpoint = selectors.endpoint_of(self.actor, self.kwargs["endpoint_id"])
        selectors.delivery_to(endpoint, self.kwargs["delivery_id"])
