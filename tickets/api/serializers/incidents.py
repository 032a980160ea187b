"""Incidents on the wire."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api.serializers import FlagField, InputSerializer, InstantField, LineField, TextField
from tickets.api.serializers.fields import CodeField, CountryField
from tickets.api.serializers.shared import OrganisationReference, PersonOutput
from tickets.incidents import OPEN, IncidentImpact, IncidentState
from tickets.models import Incident, IncidentUpdate
from tickets.services.incidents import BODY_LIMIT, MOST_COUNTRIES, TITLE_LIMIT

STATES = [state.value for state in IncidentState]
OPEN_STATES = [state.value for state in OPEN]
IMPACTS = [impact.value for impact in IncidentImpact]
MOST_SERVICES = 50
NUMBER_LIMIT = 14
TOUCHED = "Codes of the catalogue."
WHERE = "ISO 3166-1 alpha-2; none for everywhere."


class IncidentFilters(InputSerializer):
    """Which incidents."""

    open = serializers.BooleanField(required=False, allow_null=True, default=None, help_text="Whether it goes on.")
    state = serializers.MultipleChoiceField(choices=STATES, required=False, help_text="May be given more than once.")
    service = CodeField(required=False, default="", help_text="One of those that it is about.")


class ParticularsInput(InputSerializer):
    """What an incident is."""

    title = LineField(max_length=TITLE_LIMIT, help_text="Read by every customer whom it concerns: name nobody in it.")
    services = serializers.ListField(child=CodeField(), allow_empty=False, max_length=MOST_SERVICES, help_text=TOUCHED)
    impact = serializers.ChoiceField(IMPACTS)
    countries = serializers.ListField(
        child=CountryField(), required=False, max_length=MOST_COUNTRIES, default=list, help_text=WHERE
    )


class DeclareInput(ParticularsInput):
    """An incident, with what is said of it first."""

    body = TextField(max_length=BODY_LIMIT, help_text="The first public update. Markdown; name no customer in it.")
    state = serializers.ChoiceField(OPEN_STATES, required=False, default=STATES[0])
    started_at = InstantField(required=False, help_text="Since when; without it, just now.")


class IncidentPatch(InputSerializer):
    """What to put right; what is left out stays as it is."""

    title = LineField(max_length=TITLE_LIMIT, required=False)
    services = serializers.ListField(
        child=CodeField(), allow_empty=False, max_length=MOST_SERVICES, required=False, help_text=TOUCHED
    )
    impact = serializers.ChoiceField(IMPACTS, required=False)
    countries = serializers.ListField(child=CountryField(), required=False, max_length=MOST_COUNTRIES, help_text=WHERE)
    started_at = InstantField(required=False)


class IncidentUpdateInput(InputSerializer):
    """News on an incident; `internal` ones are notes for support staff."""

    body = TextField(max_length=BODY_LIMIT, help_text="Markdown; name no customer in a public one.")
    state = serializers.ChoiceField(STATES, required=False, help_text="Without it, it stays as it is.")
    resolved_at = InstantField(required=False, help_text="With `resolved`: when it was over; without it, now.")
    internal = FlagField(required=False, default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A note changes nothing."""
        if attrs["internal"] and {"state", "resolved_at"} & set(attrs):
            fault = serializers.ErrorDetail(str(_("A note for support staff changes no state.")), "internal")
            raise serializers.ValidationError({"internal": [fault]})
        return attrs


class FollowInput(InputSerializer):
    """Whether to be told of its updates."""

    following = FlagField()


class IncidentLinkInput(InputSerializer):
    """The incident that requests belong to."""

    incident = LineField(
        max_length=NUMBER_LIMIT, allow_null=True, help_text="Its number, such as INC-2026-00012, or null for none."
    )


class IncidentReference(serializers.Serializer[Incident]):
    """The known incident that a request belongs to."""

    number = serializers.CharField()
    title = serializers.CharField()
    impact = serializers.ChoiceField(IMPACTS)
    state = serializers.ChoiceField(STATES)


class IncidentOutput(serializers.Serializer[Incident]):
    """An incident as it stands."""

    number = serializers.CharField()
    title = serializers.CharField()
    services = serializers.ListField(child=serializers.CharField(), help_text=TOUCHED)
    countries = serializers.ListField(child=serializers.CharField(), help_text=WHERE)
    impact = serializers.ChoiceField(IMPACTS)
    state = serializers.ChoiceField(STATES)
    started_at = InstantField()
    declared_at = InstantField()
    updated_at = InstantField(help_text="When the last public update was written.")
    resolved_at = InstantField(allow_null=True)
    last_update = serializers.CharField(source="last_words", help_text="The last public update. Markdown.")


class FollowOutput(serializers.Serializer[Any]):
    """Whether the caller is told of its updates."""

    number = serializers.CharField()
    following = serializers.BooleanField()


class IncidentUpdateOutput(serializers.Serializer[IncidentUpdate]):
    """What was said about an incident."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(STATES, help_text="With this update.")
    body = serializers.CharField(help_text="Markdown.")
    at = InstantField()
    internal = serializers.BooleanField(help_text="A note that only support staff see.")
    author = PersonOutput(help_text="For support staff; null for customers.", allow_null=True)

    def to_representation(self, instance: IncidentUpdate) -> dict[str, Any]:
        """The desk speaks as one: who wrote it is the desk's own business."""
        shown: dict[str, Any] = super().to_representation(instance)
        if not self.context["actor"].is_staff:
            shown["author"] = None
        return shown


class LinkedRequestOutput(serializers.Serializer[Any]):
    """A request that belongs to an incident."""

    number = serializers.CharField()
    subject = serializers.CharField()
    organisation = OrganisationReference()
