"""What failed for good, on the wire: timers and notices, never to whom or what they say."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import InstantField
from accounts.models import Delivery
from tickets.api.serializers.shared import OptionalText
from tickets.models import Commitment, Timer, TimerKind

TIMER_KINDS = TimerKind.values


class FailedTimerOutput(serializers.Serializer[Timer]):
    """A timer that was tried eight times."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(TIMER_KINDS)
    step = serializers.CharField(help_text="Of the ladder; may be empty.")
    number = serializers.CharField(source="request.number", help_text="Of its request.")
    due_at = InstantField()
    failed_at = InstantField(source="settled_at")
    attempts = serializers.IntegerField()
    error = OptionalText(source="cause", help_text="The last one.")


class RetriedTimerOutput(serializers.Serializer[Any]):
    """What became of a timer."""

    waits_again = serializers.BooleanField(help_text="False: its cause has passed, so it was cancelled.")


class FailedDeliveryOutput(serializers.Serializer[Delivery]):
    """A notice that was given up."""

    id = serializers.IntegerField()
    channel = serializers.CharField()
    notice = serializers.CharField()
    number = OptionalText(help_text="Of the request it is about; null for another one.")
    created_at = InstantField()
    attempts = serializers.IntegerField()
    error = OptionalText(source="last_error", help_text="The last one.")


class RetriedDeliveriesOutput(serializers.Serializer[Any]):
    """How many notices go out again."""

    retried = serializers.IntegerField()


class BrokenPromiseOutput(serializers.Serializer[Commitment]):
    """A promise whose deadline passed unanswered."""

    id = serializers.IntegerField()
    number = serializers.CharField(source="request.number", help_text="Of its request.")
    severity = serializers.CharField()
    tier = serializers.CharField()
    breached_at = InstantField(help_text="The deadline.")
    breach_detected_at = InstantField(allow_null=True, help_text="When the portal noticed.")
    responded_at = InstantField(allow_null=True)
