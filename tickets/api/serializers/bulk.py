"""What is answered about an act on many requests."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tickets.api.bulk import Result


@extend_schema_field({"type": "array", "items": {"$ref": "#/components/schemas/Fault"}})
class FaultsField(serializers.ListField):
    """The `errors` of a refusal, in the form that they have in problem documents."""


class BulkResultOutput(serializers.Serializer[Result]):
    """What became of one request."""

    number = serializers.CharField()
    status = serializers.IntegerField(help_text="As a call about this request alone would have answered.")
    code = serializers.CharField(allow_null=True, help_text="Of the refusal; null where it was done.")
    detail = serializers.CharField(allow_null=True, help_text="What to do about it.")
    version = serializers.IntegerField(allow_null=True, help_text="Of the request afterwards; null where refused.")
    errors = FaultsField(  # type: ignore[assignment]  # a field of the answer, as in problem documents
        help_text="What is wrong in the input, each with its place in the body of this call."
    )


class BulkOutput(serializers.Serializer[Any]):
    """The results, in the order of the numbers."""

    done = serializers.IntegerField()
    refused = serializers.IntegerField()
    results = BulkResultOutput(many=True)
