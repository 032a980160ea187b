"""The duty rota, for programs of the support staff (RO-3)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock, rota
from accounts.api.base import ApiView, answer
from accounts.api.schema import answered
from accounts.api.serializers import InputSerializer, InstantField
from accounts.models import DutyRole

AT = "2026-11-24T01:00:00Z"
EXAMPLES = [
    answered(
        "Somebody for all teams",
        {
            "at": AT,
            "on_duty": [
                {
                    "role": "duty_manager",
                    "team": None,
                    "person": {"id": 17, "name": "Ravi Iyer"},
                    "starts_at": "2026-11-24T00:00:00Z",
                    "ends_at": "2026-11-24T12:00:00Z",
                }
            ],
        },
    )
]


class RotaFilters(InputSerializer):
    """When."""

    at = InstantField(required=False, help_text="Now unless told otherwise.")


class OnDutyPersonOutput(serializers.Serializer[Any]):
    """Who it is."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()


class OnDutyOutput(serializers.Serializer[Any]):
    """Somebody on duty."""

    role = serializers.ChoiceField(DutyRole.values)
    team = serializers.CharField(source="team.code", default=None, allow_null=True, help_text="Null for all teams.")
    person = OnDutyPersonOutput()
    starts_at = InstantField()
    ends_at = InstantField(help_text="Not on duty any more at this instant.")


class RosterOutput(serializers.Serializer[Any]):
    """Everybody on duty at an instant, the duty manager first."""

    at = InstantField()
    on_duty = OnDutyOutput(many=True, source="in_order")


class RotaView(ApiView):
    """The duty rota."""

    required_scopes = {"GET": "queue:read"}
    acts = {"GET": ("read_rota",)}

    @extend_schema(parameters=[RotaFilters], responses=RosterOutput, examples=EXAMPLES)
    def get(self, request: Request) -> Response:
        """Tell who is on duty now, or at another instant (support staff)."""
        at = self.read_query(RotaFilters).get("at") or clock.now()
        return answer(RosterOutput(rota.roster_at(at)).data)
