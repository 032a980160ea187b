"""The published policies of response times, for programs of the support staff (SLA-1)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import ApiView, answer
from accounts.api.schema import lists
from accounts.api.serializers import InstantField
from accounts.keyset import Page
from sla.models import PolicyVersion
from tickets.selectors import policies


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


class PoliciesView(ApiView):
    """Published policies."""

    required_scopes = {"GET": "queue:read"}
    acts = {"GET": ("read_policies",)}

    @lists(PolicyOutput)
    def get(self, request: Request) -> Response:
        """List the published policies of response times, the newest first, which is in force (support staff)."""
        self.read_query()

        def fetch(cursor: str | None, size: int) -> Page[Any]:
            return policies.versions(self.actor, cursor=cursor, size=size)

        return self.answer_fetched(fetch, PolicyOutput)


class PolicyView(ApiView):
    """One published policy."""

    required_scopes = {"GET": "queue:read"}
    acts = {"GET": ("read_policies",)}

    @extend_schema(responses=PolicyDetailOutput)
    def get(self, request: Request, version: int) -> Response:
        """Return one published policy with its document (support staff)."""
        self.read_query()
        return answer(PolicyDetailOutput(policies.version_of(self.actor, version)).data)
