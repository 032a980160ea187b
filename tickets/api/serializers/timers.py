"""The timers of a request, for support staff."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.serializers import InstantField
from sla.ladder import Recipient
from tickets import wording
from tickets.models import Timer, TimerKind, TimerState
from tickets.selectors.ladder import TOLD_TO_CUSTOMERS

CUSTOMER = "customer"
TOLD = [*(each.value for each in Recipient), CUSTOMER]


class TimerOutput(serializers.Serializer[Timer]):
    """One deadline of a request, and what became of it."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(TimerKind.values)
    step = serializers.CharField(help_text="Of the ladder: a percentage, a number, or nothing.")
    text = serializers.SerializerMethodField(help_text="Kind and step in words.")
    tells = serializers.SerializerMethodField(help_text="Whom it tells.")
    due_at = InstantField()
    state = serializers.ChoiceField(TimerState.values)
    settled_at = InstantField(allow_null=True, help_text="When it was done, cancelled or given up.")
    cause = serializers.SerializerMethodField(help_text="Why it was cancelled; null otherwise.")

    def get_text(self, timer: Timer) -> str:
        """As the page of the request says it."""
        words, step = wording.words(wording.TIMERS, timer.kind), wording.timer_step(timer.kind, timer.step)
        return f"{words} · {step}" if step else words

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(TOLD)))
    def get_tells(self, timer: Timer) -> list[str]:
        """Codes of the ladder, or the customer."""
        return [CUSTOMER] if timer.kind in TOLD_TO_CUSTOMERS else list(timer.recipients)

    @extend_schema_field(serializers.ChoiceField(list(wording.TIMER_CAUSES), allow_null=True))
    def get_cause(self, timer: Timer) -> Any:
        """A code; what failed is for operators to read."""
        return timer.cause if timer.cause in wording.TIMER_CAUSES else None
