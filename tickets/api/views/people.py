"""Somebody leaves: their account is closed, and a colleague takes their requests over (RO-1, RO-2)."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import people_examples as examples
from accounts.api.base import answer, idempotent
from accounts.api.people import ActOnPersonView
from accounts.api.people_serializers import MemberOutput
from accounts.api.serializers import FlagField, InputSerializer
from tickets.services.leaving import Left, close_account


class DeactivateInput(InputSerializer):
    """Who takes the open requests over of which the person is the primary contact."""

    hand_over_to = serializers.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, help_text="The id of a colleague; nobody unless given."
    )
    confirm_self = FlagField(
        required=False, help_text="True to close one's own account (`confirm-yourself` otherwise)."
    )


class HandedOverOutput(serializers.Serializer[Left]):
    """How many requests have another primary contact now, and how many the colleague may not write on."""

    done = serializers.IntegerField()
    left = serializers.IntegerField()


class LeftOutput(serializers.Serializer[Left]):
    """The closed account, and what became of the requests."""

    person = MemberOutput()
    handed_over = HandedOverOutput()


class DeactivateView(ActOnPersonView):
    """The end of somebody's access."""

    versioned = False

    @extend_schema(request=DeactivateInput, responses=LeftOutput, examples=examples.DEACTIVATE)
    @idempotent
    def post(self, request: Request, person_id: int) -> Response:
        """Close the account: the next request of its sessions and tokens is refused, and they end for good.

        The last global admin cannot go (`last-global-admin`). Requests that nobody takes over keep their contact; the
        admins who look after all requests are told in their place.
        """
        given = self.read(DeactivateInput)
        left = close_account(
            person_id=person_id,
            hand_over_to=given.get("hand_over_to"),
            even_mine=given.get("confirm_self", False),
            actor=self.actor,
        )
        return answer(LeftOutput(left).data)
