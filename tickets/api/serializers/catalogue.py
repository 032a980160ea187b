"""The catalogue: codes with their words."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from tickets.api.serializers.shared import KINDS
from tickets.catalogue import CATEGORIES


class NamedCodeOutput(serializers.Serializer[Any]):
    """A code in words."""

    code = serializers.CharField()
    name = serializers.CharField()


class CategoryOutput(NamedCodeOutput):
    """A category of requests."""

    meaning = serializers.CharField()
    kind = serializers.ChoiceField(KINDS)
    subscription_required = serializers.BooleanField()
    elevated_only = serializers.BooleanField()


class TopicOutput(NamedCodeOutput):
    """A topic of one category, and of one service or of any."""

    category = serializers.ChoiceField(list(CATEGORIES))
    service = serializers.CharField(allow_null=True)


class QuestionOutput(NamedCodeOutput):
    """An impact question with its answers."""

    answers = NamedCodeOutput(many=True)


class CatalogueOutput(serializers.Serializer[Any]):
    """Every code that a client needs, in the language of the answer."""

    categories = CategoryOutput(many=True)
    services = NamedCodeOutput(many=True)
    topics = TopicOutput(many=True)
    impact = QuestionOutput(many=True)
    severities = NamedCodeOutput(many=True)
    contact_methods = NamedCodeOutput(many=True)
    languages = NamedCodeOutput(many=True)
    resolutions = NamedCodeOutput(many=True)
    referrals = NamedCodeOutput(many=True)
