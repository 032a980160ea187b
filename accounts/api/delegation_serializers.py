"""Delegations and asks on the wire (PA-1)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts import selectors
from accounts.api.serializers import InputSerializer, InstantField, LineField, TextField
from accounts.forms.partners import ADDRESS_LIMIT
from accounts.models import Delegation, DelegationAsk, DelegationAskState, Event
from accounts.permissions import DELEGABLE_ROLES
from accounts.services.delegation_asks import REASON_LIMIT

GRANTED, HELD = SIDES = ("granted", "held")
MOST_DELEGATES = 200


class DutiesField(serializers.ListField):
    """Roles of a customer that a partner can take on."""

    def __init__(self, **options: Any) -> None:
        child = serializers.ChoiceField(DELEGABLE_ROLES)
        super().__init__(child=child, allow_empty=False, max_length=len(DELEGABLE_ROLES), **options)


class DelegationFilters(InputSerializer):
    """Which delegations."""

    side = serializers.ChoiceField(SIDES, required=False, help_text="`granted` to partners, or `held` as a partner.")
    in_force = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Whether it counts today; both unless told otherwise."
    )


class AskFilters(InputSerializer):
    """Which asks."""

    side = serializers.ChoiceField(
        ["received", "made"],
        required=False,
        default="received",
        help_text="`received` from partners, or `made` as one.",
    )
    open = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Whether it waits for its answer."
    )


class TermsInput(InputSerializer):
    """What is granted, and for how long."""

    duties = DutiesField()
    expires_at = InstantField(help_text="At most the same date two years on; it counts through this instant.")


class DelegationInput(TermsInput):
    """A partner to appoint."""

    partner = LineField(max_length=60, help_text="Its short name.")


class AskInput(InputSerializer):
    """What a partner asks a customer for."""

    customer = LineField(max_length=ADDRESS_LIMIT, help_text="Short name or mail domain. Nothing tells if it exists.")
    duties = DutiesField()
    wished_until = InstantField(help_text="At most the same date two years on.")
    reason = TextField(max_length=REASON_LIMIT, help_text="The customer reads it.")


class DeclineInput(InputSerializer):
    """Why nothing is granted."""

    reason = TextField(max_length=REASON_LIMIT, help_text="The partner reads it.")


class DelegateInput(InputSerializer):
    """One of the partner's people, and the duties that they take on."""

    person = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    duties = DutiesField()


class DelegatesInput(InputSerializer):
    """Who acts for the customer: null for everybody who holds a role at the partner."""

    people = serializers.ListField(child=DelegateInput(), allow_null=True, max_length=MOST_DELEGATES)


class OrganisationName(serializers.Serializer[Any]):
    """An organisation by name."""

    slug = serializers.SlugField()
    name = serializers.CharField()


class DelegateOutput(serializers.Serializer[Any]):
    """One of the partner's people who act."""

    person = serializers.IntegerField(source="person_id")
    name = serializers.CharField(source="person.name")
    duties = serializers.ListField(child=serializers.CharField())


class DelegationOutput(serializers.Serializer[Delegation]):
    """A delegation, of either side."""

    id = serializers.IntegerField()
    customer = OrganisationName()
    partner = OrganisationName()
    duties = serializers.ListField(child=serializers.CharField())
    granted_at = InstantField()
    expires_at = InstantField()
    ended_at = InstantField(allow_null=True)
    in_force = serializers.SerializerMethodField()
    for_everybody = serializers.BooleanField(help_text="Whether all of the partner's people with a role act.")
    people = serializers.SerializerMethodField(help_text="Who acts, for the partner's global admins; else null.")

    def get_in_force(self, row: Delegation) -> bool:
        """Whether it counts now."""
        return not selectors.is_over(row, now=self.context["now"])

    @extend_schema_field(DelegateOutput(many=True, allow_null=True))
    def get_people(self, row: Delegation) -> Any:
        """The people who were named."""
        if not selectors.sees_delegates(self.context["actor"], row):
            return None
        return DelegateOutput(row.assignments.all(), many=True).data


class AskOutput(serializers.Serializer[DelegationAsk]):
    """What a partner asked for, and what came of it."""

    id = serializers.IntegerField()
    state = serializers.SerializerMethodField()
    partner = OrganisationName()
    customer = serializers.CharField(source="addressed_to", help_text="As the partner wrote it.")
    duties = serializers.ListField(child=serializers.CharField())
    wished_until = InstantField()
    reason = serializers.CharField()
    asked_by = serializers.CharField(source="asked_by.name")
    asked_at = InstantField()
    lapses_at = InstantField()
    settled_at = InstantField(allow_null=True)
    answer = serializers.CharField(help_text="Why it was declined; else empty.")
    delegation = serializers.IntegerField(source="delegation_id", allow_null=True, help_text="What was granted.")

    @extend_schema_field(serializers.ChoiceField(DelegationAskState.values))
    def get_state(self, row: DelegationAsk) -> str:
        """As it counts now."""
        return selectors.state_of_ask(row, now=self.context["now"])


class ActOutput(serializers.Serializer[Event]):
    """Something that was done under a delegation, on behalf of the customer."""

    kind = serializers.CharField()
    number = serializers.CharField(help_text="Of the service request; empty where it concerns none.")
    actor = serializers.CharField(source="actor.name")
    at = InstantField()
