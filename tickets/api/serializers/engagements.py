"""Engagements on the wire (EL-1)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import InputSerializer, InstantField, LineField, TextField
from tickets.api.serializers.shared import OptionalText, OrganisationReference, PersonOutput
from tickets.engagements import EngagementKind, EngagementState
from tickets.models import Engagement, EngagementEntry
from tickets.services.engagements import BODY_LIMIT, LANGUAGES, LINE_LIMIT

KINDS = [kind.value for kind in EngagementKind]
STATES = [state.value for state in EngagementState]


class EngagementFilters(InputSerializer):
    """Which engagements."""

    ongoing = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Neither completed nor called off; both unless told."
    )


class WishInput(InputSerializer):
    """What a customer wishes for."""

    kind = serializers.ChoiceField(KINDS)
    subject = LineField(max_length=LINE_LIMIT)
    wish = TextField(max_length=BODY_LIMIT, help_text="Markdown.")
    wished_from = serializers.DateField()
    wished_until = serializers.DateField()
    language = serializers.ChoiceField(LANGUAGES, required=False, default="en")
    place = LineField(
        max_length=LINE_LIMIT, required=False, allow_blank=True, default="", help_text="Required for a workshop."
    )


class PlanInput(InputSerializer):
    """Who leads it, and when."""

    lead = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="The id of a senior engineer.")
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    message = TextField(max_length=BODY_LIMIT, required=False, allow_blank=True, default="")


class EntryInput(InputSerializer):
    """Something that both sides read."""

    body = TextField(max_length=BODY_LIMIT, help_text="Markdown.")


class BeginInput(InputSerializer):
    """Words with the beginning, if any."""

    message = TextField(max_length=BODY_LIMIT, required=False, allow_blank=True, default="")


class EndInput(InputSerializer):
    """What came of it, or why it is called off."""

    message = TextField(max_length=BODY_LIMIT)


class LinkInput(InputSerializer):
    """A service request that belongs to it."""

    request = LineField(max_length=12, help_text="The number of a request of the same customer.")


class EngagementOutput(serializers.Serializer[Engagement]):
    """An engagement as it stands."""

    number = serializers.CharField()
    organisation = OrganisationReference()
    kind = serializers.ChoiceField(KINDS)
    state = serializers.ChoiceField(STATES)
    subject = serializers.CharField()
    language = serializers.CharField()
    place = OptionalText()
    wished_from = serializers.DateField()
    wished_until = serializers.DateField()
    requested_by = PersonOutput()
    on_behalf_of = OrganisationReference(allow_null=True, help_text="The customer for whom a partner acted.")
    requested_at = InstantField()
    lead = PersonOutput(allow_null=True)
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    ended_at = InstantField(allow_null=True)
    content_removed_at = InstantField(
        allow_null=True, help_text="When what people wrote was removed, as the rule of retention says."
    )


class EntryOutput(serializers.Serializer[EngagementEntry]):
    """Something that was written on an engagement."""

    id = serializers.IntegerField()
    what = serializers.ChoiceField(EngagementEntry.What.values)
    body = serializers.CharField(help_text="Markdown; empty where an act came without words.")
    author = PersonOutput()
    on_behalf_of = OrganisationReference(allow_null=True, help_text="The customer for whom a partner acted.")
    at = InstantField()


class LinkedOutput(serializers.Serializer[Any]):
    """A service request that belongs to an engagement."""

    number = serializers.CharField()
    subject = serializers.CharField()
