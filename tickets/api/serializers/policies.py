"""Published policies and their drafts on the wire (SLA-1)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.serializers import CleanCharField, InputSerializer, InstantField, LineField
from sla.errors import PolicyProblem
from sla.models import PolicyVersion
from sla.policy_text import LONGEST_TEXT
from sla.policy_wording import place_text
from sla.problem_wording import problem_sentence
from sla.vocabulary import SEVERITIES
from tickets.api.serializers.shared import PersonOutput
from tickets.selectors import policies
from tickets.selectors.policies import LARGEST_VERSION, Draft
from tickets.selectors.what_if import MOST_SHOWN, Breaches, Change, WhatIf
from tickets.services.policies import LONGEST_NAME


class PolicyOutput(serializers.Serializer[PolicyVersion]):
    """A published version; promises name it as `policy_version`."""

    version = serializers.IntegerField()
    note = serializers.CharField(help_text="Why it was published; may be empty.")
    published_at = InstantField()
    published_by = serializers.CharField(help_text="May be empty.")


class PolicyDetailOutput(PolicyOutput):
    """The same with its document."""

    document = serializers.SerializerMethodField(help_text="As it was published; `publish_policy` takes it.")

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_document(self, row: PolicyVersion) -> dict[str, Any]:
        """The document, its keys in order."""
        return policies.document_of(row)


class PolicyDraftInput(InputSerializer):
    """A draft to be begun."""

    version = serializers.IntegerField(
        min_value=1, max_value=LARGEST_VERSION, help_text="Of the published policy whose document it begins with."
    )
    name = LineField(
        required=False, allow_blank=True, max_length=LONGEST_NAME, help_text="The number to come unless told."
    )


class TypedText(CleanCharField):
    """A text to be kept as it was typed."""

    clean = staticmethod(str)


class PolicyDraftPatch(InputSerializer):
    """What is to change; what is left out stays as it is."""

    sizes = {"minProperties": 1, "maxProperties": 1}

    document = serializers.DictField(
        required=False,
        help_text="A merge patch of the document: cells, caps, calendars, regions, ladders, note. Null takes a member "
        "away, a list is replaced whole.",
    )
    text = TypedText(
        required=False,
        allow_blank=True,
        max_length=LONGEST_TEXT,
        help_text="The whole document as text, kept sound or not.",
    )
    name = LineField(required=False, max_length=LONGEST_NAME, help_text="Another name; the comparison stays.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One way to change it."""
        if len(attrs) != 1:
            fault = serializers.ErrorDetail(str(_("Give one of document, text and name.")), "one_act")
            raise serializers.ValidationError({"document": [fault]})
        return attrs


class PolicyProblemOutput(serializers.Serializer[PolicyProblem]):
    """One thing that is wrong in a document."""

    path = serializers.CharField(help_text="Such as `rules.technical.business.A.target`; empty for the whole.")
    code = serializers.CharField()
    place = serializers.SerializerMethodField(help_text="The path in words.")
    detail = serializers.SerializerMethodField(help_text="What is wrong there, in words.")

    def get_place(self, problem: PolicyProblem) -> str:
        """Where it is."""
        return place_text(problem.path)

    def get_detail(self, problem: PolicyProblem) -> str:
        """What it is."""
        return problem_sentence(problem)


class PolicyDifferenceOutput(serializers.Serializer[Any]):
    """One thing that a draft changes of the policy in force, in words."""

    place = serializers.CharField()
    change = serializers.CharField()


class BreachesOutput(serializers.Serializer[Breaches]):
    """How many promises were broken, and would have been."""

    recorded = serializers.IntegerField(help_text="As it happened.")
    in_force = serializers.IntegerField(help_text="Under the policy in force.")
    draft = serializers.IntegerField(help_text="Under the draft.")


class ChangedPromiseOutput(serializers.Serializer[Change]):
    """One promise that the draft would have made another."""

    number = serializers.CharField(help_text="Of the service request.")
    severity = serializers.ChoiceField(SEVERITIES)
    counts_as = serializers.ChoiceField(SEVERITIES, help_text="The severity that it counts as under the draft.")
    policy_version = serializers.IntegerField()
    received_at = InstantField(source="received")
    recorded_due_at = InstantField(source="recorded_due", allow_null=True)
    due_at = InstantField(source="due", allow_null=True, help_text="Under the policy in force.")
    would_be_due_at = InstantField(source="would_be_due", allow_null=True, help_text="Under the draft.")
    breached = serializers.BooleanField(help_text="Under the policy in force.")
    would_be_breached = serializers.BooleanField(help_text="Under the draft.")


class PolicyComparisonOutput(serializers.Serializer[WhatIf]):
    """What a draft would have changed in the last 30 days."""

    at = InstantField(source="computed_at")
    in_force = serializers.IntegerField(help_text="The version that it was compared with.")
    promises = serializers.IntegerField(help_text="Looked at: the newest of `total`.")
    total = serializers.IntegerField()
    requests = serializers.IntegerField()
    older = serializers.IntegerField(help_text="Promised under another version than the one in force.")
    differ = serializers.IntegerField(help_text="Promises that would have been others.")
    breaches_more = serializers.IntegerField()
    breaches_fewer = serializers.IntegerField()
    breaches = serializers.DictField(child=BreachesOutput(), help_text="By severity.")
    shifts = serializers.DictField(child=serializers.IntegerField(), help_text="How far due instants move: promises.")
    changes = ChangedPromiseOutput(many=True, help_text=f"The {MOST_SHOWN} that weigh most.")


class PolicyDraftOutput(serializers.Serializer[Draft]):
    """A policy in the making; nothing of it counts before it is published."""

    id = serializers.IntegerField(source="row.pk")
    name = serializers.CharField(source="row.name")
    base_version = serializers.IntegerField(source="row.base_id", help_text="The published policy that it stands upon.")
    created_at = InstantField(source="row.created_at")
    changed_at = InstantField(source="row.changed_at")
    changed_by = PersonOutput(source="row.changed_by")


class PolicyDraftDetailOutput(PolicyDraftOutput):
    """The same with its text, and how it stands."""

    text = serializers.CharField(help_text="As it was typed.")
    document = serializers.DictField(allow_null=True, help_text="Null while the text is no JSON object.")
    problems = PolicyProblemOutput(
        many=True, help_text="All that is wrong; with any it can be neither compared nor published."
    )
    version_in_force = serializers.IntegerField(source="in_force")
    is_behind = serializers.BooleanField(help_text="Whether another version came into force meanwhile: catch up.")
    differences = serializers.SerializerMethodField(
        help_text="From the policy in force; empty while anything is wrong."
    )
    comparison = PolicyComparisonOutput(
        source="what_if", allow_null=True, help_text="Null until it was made for the draft as it is."
    )

    @extend_schema_field(PolicyDifferenceOutput(many=True))
    def get_differences(self, draft: Draft) -> list[dict[str, str]]:
        """What it changes."""
        lines = [] if draft.problems else draft.differences
        return [{"place": place, "change": change} for place, change in lines]
