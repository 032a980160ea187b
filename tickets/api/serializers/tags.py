"""The desk's tags on the wire, and what is put on a request and taken off it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api.serializers import FlagField, InputSerializer, InstantField
from tickets.api.serializers.fields import LabelField
from tickets.api.serializers.shared import OptionalText
from tickets.models import Tag
from tickets.models.tags import NAME_LIMIT
from tickets.services.tags import MOST_ON_ONE
from tickets.tag_names import key_of

MOST_NAMES = 50


class TagOutput(serializers.Serializer[Tag]):
    """A tag of the desk's list."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    colour = OptionalText(help_text="`purple`, `blue`, `green`, `amber`, `red`; null for none.")
    archived_at = InstantField(allow_null=True, help_text="Since when no request is given it any more.")


class TagFilters(InputSerializer):
    """Which tags."""

    archived = serializers.BooleanField(required=False, help_text="Only those archived, or only those on offer.")


def _name(**options: Any) -> LabelField:
    return LabelField(max_length=NAME_LIMIT, **options)


class TagInput(InputSerializer):
    """A tag to be."""

    name = _name(help_text="Letters and digits, single spaces and - _ . / : + # &; case makes no other tag.")
    colour = serializers.ChoiceField(Tag.Colour.values, required=False, allow_null=True)


class TagPatch(InputSerializer):
    """What is to change; what is left out stays as it is."""

    name = _name(required=False)
    colour = serializers.ChoiceField(Tag.Colour.values, required=False, allow_null=True, help_text="Null for none.")
    archived = FlagField(required=False, help_text="True to archive it, false to offer it again.")


class TaggingInput(InputSerializer):
    """Names of tags, in any case; what is so already is no change."""

    sizes = {"minProperties": 1}

    add = serializers.ListField(child=_name(), required=False, max_length=MOST_ON_ONE, help_text="To put on it.")
    remove = serializers.ListField(child=_name(), required=False, max_length=MOST_NAMES, help_text="To take off it.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Something to do, and no tag both ways."""
        both = {key_of(name) for name in attrs.get("add", ())} & {key_of(name) for name in attrs.get("remove", ())}
        if both or not (attrs.get("add") or attrs.get("remove")):
            fault = serializers.ErrorDetail(str(_("Name tags to add or to remove, each once.")), "one_act")
            raise serializers.ValidationError({"add": [fault]})
        return attrs
