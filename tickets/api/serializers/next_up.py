"""The next request to take, and why."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.serializers import InstantField
from tickets.api.serializers.requests import QueueEntryOutput
from tickets.choosing import Engineer, Reason, Urgency
from tickets.choosing_wording import reason_sentence
from tickets.selectors.next_up import Next

URGENCIES = [urgency.name.lower() for urgency in Urgency]


class ReasonOutput(serializers.Serializer[Any]):
    """One reason."""

    code = serializers.ChoiceField([reason.value for reason in Reason])
    sentence = serializers.CharField(help_text="The same in words, on the clock of the caller.")


class StandingOutput(serializers.Serializer[Engineer]):
    """How whoever asks stands; it is told, and decides nothing."""

    on_duty = serializers.BooleanField(help_text="Whether the rota names you now.")
    works_now = serializers.BooleanField(allow_null=True, help_text="By your working hours; null where you gave none.")
    in_hand = serializers.IntegerField(help_text="Requests that you have and that are yours to act on.")
    late_in_hand = serializers.IntegerField(help_text="Those of them of which something is owed already.")
    owes_at = InstantField(allow_null=True, help_text="When something is first owed of one of them.")


class NextOutput(serializers.Serializer[Next]):
    """The request to take next."""

    request = QueueEntryOutput(source="listed")
    urgency = serializers.SerializerMethodField(
        help_text="`neglected`: it has waited so long that language and skills count no more; `broken`: its "
        "promise is; `soon`: due within the hour, or somebody should have looked at it by now; or `later`."
    )
    owed_at = InstantField(source="waiting.owed_at", help_text="When something is owed next.")
    promised = serializers.SerializerMethodField(help_text="Whether that is a promise to the customer.")
    seconds_left = serializers.IntegerField(help_text="Until `owed_at`; below zero once that has passed.")
    reasons = serializers.SerializerMethodField(
        help_text="Why this one, what weighs most first; then what is good to know before you take it."
    )
    you = StandingOutput(source="engineer")

    @extend_schema_field(serializers.ChoiceField(URGENCIES))
    def get_urgency(self, found: Next) -> str:
        """Its urgency by name."""
        return found.urgency.name.lower()

    def get_promised(self, found: Next) -> bool:
        """Whether what is owed next is a promise."""
        return found.waiting.due_at is not None and found.waiting.due_at == found.waiting.owed_at

    @extend_schema_field(ReasonOutput(many=True))
    def get_reasons(self, found: Next) -> list[dict[str, str]]:
        """The reasons in words."""
        about = {"timezone": self.context["actor"].timezone, "now": found.now}
        row = found.listed.row
        return [
            {"code": reason.value, "sentence": reason_sentence(reason, found.waiting, row, found.engineer, **about)}
            for reason in found.reasons
        ]
