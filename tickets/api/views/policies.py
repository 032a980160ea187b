"""The published policies of response times, for programs of the support staff (SLA-1)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import ApiView, answer
from accounts.api.schema import lists
from accounts.keyset import Page
from tickets.api.serializers.policies import PolicyDetailOutput, PolicyOutput
from tickets.selectors import policies


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
