"""Webhook endpoints, and the log of their deliveries, on the wire."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.serializers import FlagField, InputSerializer, InstantField, LineField
from accounts.models import Delivery, OffReason, WebhookAttempt, WebhookEndpoint
from tickets.api.serializers.shared import OptionalChoice, OptionalText, OrganisationReference
from tickets.selectors.endpoints import STATES
from tickets.services.endpoints import DESCRIPTION_LIMIT
from tickets.services.webhook_sender import payload_of
from tickets.webhooks import TEST, TYPES

URL_LIMIT = 2_000


class EndpointInput(InputSerializer):
    """An endpoint to be made."""

    url = LineField(max_length=URL_LIMIT, help_text="`https://`, at port 443 or 8443, in no private network.")
    description = LineField(max_length=DESCRIPTION_LIMIT, required=False, allow_blank=True, default="")
    types = serializers.ListField(
        child=serializers.ChoiceField(TYPES), min_length=1, max_length=len(TYPES), help_text="What it hears of."
    )


class EndpointPatchInput(InputSerializer):
    """What of an endpoint changes."""

    url = LineField(max_length=URL_LIMIT, required=False)
    description = LineField(max_length=DESCRIPTION_LIMIT, required=False, allow_blank=True)
    types = serializers.ListField(
        child=serializers.ChoiceField(TYPES), min_length=1, max_length=len(TYPES), required=False
    )
    active = FlagField(required=False, help_text="False: nothing is sent, and nothing is kept to be sent later.")


class ResendInput(InputSerializer):
    """From when on what failed goes out again."""

    since = InstantField()


class DeliveryFilters(InputSerializer):
    """Which deliveries."""

    state = serializers.ChoiceField(STATES, required=False, help_text="Those in this state only.")


class EndpointOutput(serializers.Serializer[WebhookEndpoint]):
    """An endpoint as it stands; its secret is told when it is made, and never again."""

    id = serializers.IntegerField()
    url = serializers.CharField()
    description = serializers.CharField()
    types = serializers.ListField(child=serializers.ChoiceField(TYPES))
    active = serializers.BooleanField(source="is_on")
    off_reason = OptionalChoice(
        OffReason.values,
        help_text="`gone`: it answered 410. `failing`: it took nothing for five days. `access_ended`: the partner who "
        "made it may no longer look after it.",
    )
    switched_off_at = InstantField(allow_null=True)
    failing_since = InstantField(allow_null=True, help_text="Since when it has taken nothing.")
    delivered_at = InstantField(allow_null=True, help_text="When it last took a delivery.")
    former_secret_until = InstantField(source="former_until", allow_null=True, help_text="Until when two secrets sign.")
    partner = OrganisationReference(allow_null=True, help_text="The partner who made it for the customer.")
    created_at = InstantField()


class MadeEndpointOutput(EndpointOutput):
    """An endpoint with its secret, this once."""

    secret = serializers.CharField(allow_null=True, help_text="Null in a replayed answer.")


class WebhookTryOutput(serializers.Serializer[WebhookAttempt]):
    """One try to deliver."""

    at = InstantField()
    took_ms = serializers.IntegerField()
    status = serializers.IntegerField(allow_null=True, help_text="HTTP status of the answer.")
    fault = OptionalText(help_text="Why there is no answer: `unreachable`, `timeout`, `tls`, `address`, …")
    answer = serializers.CharField(help_text="Its first 1,000 characters.")


class WebhookPayloadOutput(serializers.Serializer[Any]):
    """The body of a webhook."""

    type = serializers.ChoiceField((*TYPES, TEST))
    timestamp = InstantField()
    data = serializers.DictField(  # type: ignore[assignment]  # a field, which the framework takes out of the class
        help_text="What this type tells; members may be added."
    )


class WebhookDeliveryOutput(serializers.Serializer[Delivery]):
    """One delivery: what it tells, how it stands, and each try."""

    id = serializers.IntegerField()
    message_id = serializers.CharField(help_text="The header `webhook-id`, the same at each try.")
    type = serializers.ChoiceField((*TYPES, TEST), source="notice")
    number = OptionalText(help_text="Of the service request.")
    state = serializers.ChoiceField(STATES)
    attempts = serializers.IntegerField()
    created_at = InstantField()
    delivered_at = InstantField(allow_null=True)
    next_attempt_at = serializers.SerializerMethodField()
    tries = WebhookTryOutput(many=True)
    payload = serializers.SerializerMethodField()

    @extend_schema_field(InstantField(allow_null=True))
    def get_next_attempt_at(self, delivery: Delivery) -> str | None:
        """When it is tried next; null where it is not."""
        waits = delivery.state == "pending"
        return InstantField().to_representation(delivery.next_attempt_at) if waits else None

    @extend_schema_field(WebhookPayloadOutput)
    def get_payload(self, delivery: Delivery) -> dict[str, Any]:
        """The body that is sent."""
        return payload_of(delivery)


class ResentOutput(serializers.Serializer[Any]):
    """How many deliveries go out again."""

    count = serializers.IntegerField()
