"""What support staff correct in how a request is sorted."""

from __future__ import annotations

from rest_framework import serializers

from accounts.api.serializers import InputSerializer, InstantField, TextField
from tickets.api.serializers.fields import CodeField
from tickets.api.serializers.shared import OptionalText, PersonOutput
from tickets.catalogue import CATEGORIES, SCOPES
from tickets.models import Correction
from tickets.services.corrections import NOTE_LIMIT


class CorrectionInput(InputSerializer):
    """Scope, category and topic as they are right; what is left out stays as it is."""

    scope = serializers.ChoiceField(SCOPES, required=False)
    category = serializers.ChoiceField(list(CATEGORIES), required=False, help_text="Of the same kind of support.")
    topic = CodeField(
        required=False,
        allow_null=True,
        help_text="Of the category, for the request's service; null for none. One that does not fit the category goes.",
    )
    note = TextField(required=False, allow_blank=True, max_length=NOTE_LIMIT, help_text="Why. Customers do not see it.")


class CorrectionOutput(serializers.Serializer[Correction]):
    """One particular that was corrected."""

    id = serializers.IntegerField()
    what = serializers.ChoiceField(Correction.What.values)
    previous = OptionalText(help_text="The code that it had; null for no topic.")
    corrected = OptionalText(help_text="The code that it was given; null for no topic.")
    note = serializers.CharField()
    actor = PersonOutput()
    at = InstantField()
