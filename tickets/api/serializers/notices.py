"""Who was told what about a request, for support staff: which notice, by which way, and how far it has come."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.serializers import InstantField
from accounts.models import Delivery, DeliveryState
from tickets.api.serializers.shared import OptionalText, PersonOutput
from tickets.notice_wording import notice_label

WAYS = [Delivery.Channel.MAIL.value, Delivery.Channel.PORTAL.value]


class MailStandingOutput(serializers.Serializer[Delivery]):
    """How far a mail has come."""

    state = serializers.ChoiceField(DeliveryState.values)
    attempts = serializers.IntegerField()
    delivered_at = InstantField(allow_null=True, help_text="When the mail server took it.")
    next_attempt_at = serializers.SerializerMethodField(help_text="When it is tried next; null once that is over.")
    error = OptionalText(source="last_error", help_text="What was in its way last.")

    @extend_schema_field(InstantField(allow_null=True))
    def get_next_attempt_at(self, delivery: Delivery) -> str | None:
        """Of what still waits, the instant."""
        waits = delivery.state == DeliveryState.PENDING or (
            delivery.state == DeliveryState.DIGESTED and delivery.digest_id is None
        )
        return InstantField().to_representation(delivery.next_attempt_at) if waits else None


class RequestNoticeOutput(serializers.Serializer[Delivery]):
    """One notice to one person by one way."""

    id = serializers.IntegerField()
    event = serializers.IntegerField(
        source="event_id", help_text="The `id` of what happened; mail and copy of one notice have the same."
    )
    notice = serializers.CharField(help_text="What kind of notice it is.")
    text = serializers.SerializerMethodField(help_text="The same in words.")
    person = PersonOutput(allow_null=True)
    at = InstantField(source="event.at")
    channel = serializers.ChoiceField(WAYS, help_text="By mail, or the copy in the portal.")
    mail = serializers.SerializerMethodField(help_text="How far the mail has come; null for the copy in the portal.")
    digest = serializers.SerializerMethodField(help_text="The mail that told it with others, in its place.")
    read_at = InstantField(allow_null=True, help_text="When the person read the copy in the portal.")

    @extend_schema_field(serializers.CharField())
    def get_text(self, delivery: Delivery) -> str:
        """As the page of the request says it."""
        return notice_label(delivery.notice)

    @extend_schema_field(MailStandingOutput(allow_null=True))
    def get_mail(self, delivery: Delivery) -> Any:
        """Nothing of a copy, which needs no sending."""
        return MailStandingOutput(delivery).data if delivery.channel == Delivery.Channel.MAIL else None

    @extend_schema_field(MailStandingOutput(allow_null=True))
    def get_digest(self, delivery: Delivery) -> Any:
        """Nothing where none told it, or none has yet."""
        return MailStandingOutput(delivery.digest).data if delivery.digest else None
