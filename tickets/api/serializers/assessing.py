"""The assessment of a request, and what was promised for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.serializers import InstantField
from severity import wording
from severity.assessment import Contradiction, Counterfactual, Evidence
from sla.commitments import Cell, CommitmentState
from sla.explanation_wording import explanation_sentences
from sla.vocabulary import TIERS
from sla.wording import availability_text, due_text
from tickets.api.serializers.shared import OptionalChoice
from tickets.catalogue import SCOPES
from tickets.models import Commitment
from tickets.selectors.detail import StandingCommitment
from tickets.selectors.prospects import SEVERITIES

COMMITMENT_STATES = [state.value for state in CommitmentState]


class EvidenceOutput(serializers.Serializer[Any]):
    """One thing that counted: an answer, or words of the text with their place."""

    rule = serializers.CharField(help_text="Of the service description, such as SE-2.")
    code = serializers.CharField()
    source = serializers.CharField(  # type: ignore[assignment]  # fields leave the class, its own source stays
        help_text="`answer`, `subject` or `description`."
    )
    text = serializers.CharField(help_text="The answer, or the very words.")
    start = serializers.IntegerField(allow_null=True)
    end = serializers.IntegerField(allow_null=True)
    direction = serializers.CharField(help_text="`raises`, `lowers` or `neutral`.")
    weight = serializers.FloatField()
    sentence = serializers.CharField(help_text="The same in words.")


class CounterfactualOutput(serializers.Serializer[Any]):
    """An answer that would change the severity."""

    answer = serializers.CharField()
    value = serializers.CharField()
    severity = serializers.ChoiceField(SEVERITIES)
    sentence = serializers.CharField(help_text="The same in words.")


class ContradictionOutput(serializers.Serializer[Any]):
    """An answer that the text contradicts."""

    answer = serializers.CharField()
    value = serializers.CharField()
    text = serializers.CharField(help_text="The words that contradict it.")
    sentence = serializers.CharField(help_text="The same in words.")


class AssessmentOutput(serializers.Serializer[Any]):
    """What the portal made of text and answers; which severity counts is said beside it."""

    severity = serializers.ChoiceField(SEVERITIES)
    confidence = serializers.FloatField(min_value=0, max_value=1)
    needs_confirmation = serializers.BooleanField(help_text="Whether a person is yet to confirm the severity.")
    reason = serializers.CharField(help_text="Which rule fits, in words.")
    scope = serializers.ChoiceField(SCOPES)
    evidence = EvidenceOutput(many=True)
    counterfactual = CounterfactualOutput(many=True)
    contradictions = ContradictionOutput(many=True)


class PromiseOutput(serializers.Serializer[Any]):
    """What was promised: when the desk works on it, and by when somebody answers."""

    availability = serializers.CharField(
        source="row.availability", help_text="`always`, `business_hours`, `calendar:NAME`"
    )
    target = serializers.CharField(source="row.target", help_text="ISO 8601 duration, `next_day`, `day+N`, or `none`")
    received_at = InstantField(source="row.received_at")
    due_at = InstantField(source="row.due_at", allow_null=True, help_text="Null where no response time is committed.")
    state = serializers.ChoiceField(COMMITMENT_STATES)


class CommitmentOutput(PromiseOutput):
    """A promise with its explanation."""

    severity = serializers.ChoiceField(SEVERITIES, source="row.severity")
    tier = serializers.ChoiceField(TIERS, source="row.tier")
    policy_version = serializers.IntegerField(source="row.policy_version_id")
    severity_cap = serializers.CharField(
        source="cap",
        allow_null=True,
        help_text="The highest severity that this kind of support is treated as under that policy, if it has a cap.",
    )
    availability_text = serializers.SerializerMethodField(help_text="When the desk works on it, in words.")
    due_text = serializers.SerializerMethodField(help_text="By when, in words, on the clock of the caller.")
    explanation = serializers.SerializerMethodField(help_text="What counted and what did not, a sentence each.")

    def get_availability_text(self, standing: StandingCommitment) -> str:
        """When the desk works on it."""
        return availability_text(_cell(standing).availability)

    def get_due_text(self, standing: StandingCommitment) -> str:
        """By when somebody answers, or that nothing is promised (SLA-6)."""
        zone, now = self.context["actor"].timezone, self.context["now"]
        return due_text(cell=_cell(standing), due_at=standing.row.due_at, timezone=zone, now=now)

    def get_explanation(self, standing: StandingCommitment) -> list[str]:
        """What counted and what did not."""
        return explanation_sentences(standing.explanation, viewer_timezone=self.context["actor"].timezone)


class PastCommitmentOutput(CommitmentOutput):
    """A promise of a request, the current one or an earlier one."""

    cycle = serializers.IntegerField(source="row.cycle", help_text="1 at filing, one more at each reopening.")
    revision = serializers.IntegerField(source="row.revision", help_text="Within the cycle, from 1.")
    reason = serializers.ChoiceField(Commitment.Reason.values, source="row.reason")
    responded_at = InstantField(source="row.responded_at", allow_null=True)
    ended_at = InstantField(source="row.ended_at", allow_null=True)
    end = OptionalChoice(Commitment.End.values, source="row.end", help_text="What ended it.")
    breached_at = serializers.SerializerMethodField(help_text="The deadline itself, where it was missed.")

    @extend_schema_field(InstantField(allow_null=True))
    def get_breached_at(self, standing: StandingCommitment) -> str | None:
        """The deadline, if it was missed, whether or not that is on record yet (P-4)."""
        due_at = standing.row.due_at
        missed = standing.state is CommitmentState.BREACHED and due_at is not None
        return InstantField().to_representation(due_at) if missed and due_at else None


def _cell(standing: StandingCommitment) -> Cell:
    return Cell.parse(availability=standing.row.availability, target=standing.row.target)


def assessment_data(document: Mapping[str, Any], *, needs_confirmation: bool) -> dict[str, Any]:
    """An assessment as it was kept, with its sentences in the active language."""
    return {
        "severity": document["severity"],
        "confidence": document["confidence"],
        "needs_confirmation": needs_confirmation,
        "reason": str(wording.ROWS.get(document["row"], "")),
        "scope": document["scope"]["scope"],
        "evidence": evidence_data(document["evidence"]),
        "counterfactual": _said(
            document["counterfactuals"], lambda it: wording.counterfactual_sentence(Counterfactual(**it))
        ),
        "contradictions": _said(
            document["contradictions"], lambda it: wording.contradiction_sentence(Contradiction(**it))
        ),
    }


def evidence_data(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Pieces of evidence with their sentences."""
    return _said(items, lambda it: wording.evidence_sentence(Evidence(**it)))


def _said(items: list[dict[str, Any]], sentence: Callable[[dict[str, Any]], str]) -> list[dict[str, Any]]:
    return [{**item, "sentence": _tried(item, sentence)} for item in items]


def _tried(item: dict[str, Any], sentence: Callable[[dict[str, Any]], str]) -> str:
    """The sentence, or nothing for what an earlier engine knew and today's has no words for."""
    try:
        return sentence(item)
    except (KeyError, TypeError):
        return ""
