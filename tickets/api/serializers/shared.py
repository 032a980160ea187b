"""Parts that several answers share; customers learn nothing that is for support staff."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from sla.vocabulary import TIERS
from tickets.catalogue import CATEGORIES

KINDS = tuple(dict.fromkeys(CATEGORIES.values()))
PLAN_TIERS = tuple(tier for tier in TIERS if tier != "elevated")  # elevated support is a contract, not a plan


class OptionalText(serializers.CharField):
    """A code or a text; null where there is none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_null=True, read_only=True, **options)

    def get_attribute(self, instance: Any) -> Any:
        """Return None for an empty text."""
        return super().get_attribute(instance) or None


class OptionalChoice(serializers.ChoiceField):
    """One of several codes; null where there is none."""

    def __init__(self, choices: Iterable[str], **options: Any) -> None:
        super().__init__(list(choices), allow_null=True, read_only=True, **options)

    def get_attribute(self, instance: Any) -> Any:
        """Return None for an empty text."""
        return super().get_attribute(instance) or None


class PersonOutput(serializers.Serializer[Any]):
    """Somebody by name."""

    id = serializers.IntegerField(source="pk", required=False, help_text="For support staff only.")
    name = serializers.CharField()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Leave the id to support staff."""
        shown: dict[str, Any] = super().to_representation(instance)
        if not self.context["actor"].is_staff:
            del shown["id"]
        return shown


class OrganisationReference(serializers.Serializer[Any]):
    """An organisation by name."""

    slug = serializers.SlugField()
    name = serializers.CharField()
