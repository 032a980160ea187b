"""How a severity was decided, and disputed (SE-5)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api.serializers import FlagField, InputSerializer, InstantField, TextField
from tickets.api.serializers.shared import OptionalChoice, OptionalText, OrganisationReference, PersonOutput
from tickets.models import DisputeState, SeverityDecision, SeverityDispute
from tickets.selectors.prospects import SEVERITIES
from tickets.services.disputes import STATEMENT_LIMIT
from tickets.services.severity import REASON_LIMIT

DISPUTE_STATES, SOURCES = DisputeState.values, SeverityDecision.Source.values
PARTNERS = "The customer for whom a partner acted."


class DisputeInput(InputSerializer):
    """The severity that is thought right, and why."""

    severity = serializers.ChoiceField(SEVERITIES)
    statement = TextField(max_length=STATEMENT_LIMIT, help_text="The impact on the business.")


class SettleDisputeInput(InputSerializer):
    """What comes of a dispute."""

    accepted = FlagField(help_text="Whether the severity changes.")
    severity = serializers.ChoiceField(
        SEVERITIES, required=False, help_text="With `accepted`: another severity than the one that is asked for."
    )
    reason = TextField(max_length=REASON_LIMIT, help_text="The customer reads it.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Let nobody name a severity that would not come to count."""
        if "severity" in attrs and not attrs["accepted"]:
            words = _("Only a dispute that is accepted changes the severity.")
            raise serializers.ValidationError({"severity": words}, code="not_accepted")
        return attrs


class DisputeOutput(serializers.Serializer[SeverityDispute]):
    """A dispute of the severity, and what came of it."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(
        DISPUTE_STATES,
        help_text="`ended`: the request was closed before it was settled. `withdrawn`: the customer set the severity.",
    )
    disputed = serializers.ChoiceField(SEVERITIES, help_text="The severity that stood.")
    asked = serializers.ChoiceField(SEVERITIES, help_text="The severity that is thought right.")
    statement = serializers.CharField()
    asked_by = PersonOutput()
    on_behalf_of = OrganisationReference(allow_null=True, help_text=PARTNERS)
    at = InstantField()
    severity = OptionalChoice(SEVERITIES, source="decision.severity", default=None, help_text="What was agreed.")
    settled_by = PersonOutput(allow_null=True)
    settled_at = InstantField(allow_null=True)
    reason = serializers.CharField(help_text="Of whoever settled it.")


class SeverityDecisionOutput(serializers.Serializer[Any]):
    """One assessment or change of the severity; the evidence of the engine's is told in `assessment`."""

    severity = serializers.ChoiceField(SEVERITIES)
    previous = OptionalChoice(SEVERITIES)
    source = serializers.ChoiceField(  # type: ignore[assignment]  # fields leave the class, its own source stays
        SOURCES, help_text="Who decided: the portal (`engine`), `customer`, or support (`engineer`)."
    )
    actor = PersonOutput(allow_null=True)
    on_behalf_of = OrganisationReference(allow_null=True, help_text=PARTNERS)
    reason = serializers.CharField()
    engine_version = OptionalText()
    at = InstantField()
