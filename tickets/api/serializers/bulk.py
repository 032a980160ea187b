"""What is answered about an act on many requests."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from tickets.api.bulk import Result


class BulkResultOutput(serializers.Serializer[Result]):
    """What became of one request."""

    number = serializers.CharField()
    status = serializers.IntegerField(help_text="As a call about this request alone would have answered.")
    code = serializers.CharField(allow_null=True, help_text="Of the refusal; null where it was done.")
    detail = serializers.CharField(allow_null=True, help_text="What to do about it.")
    version = serializers.IntegerField(allow_null=True, help_text="Of the request afterwards; null where refused.")


class BulkOutput(serializers.Serializer[Any]):
    """The results, in the order of the numbers."""

    done = serializers.IntegerField()
    refused = serializers.IntegerField()
    results = BulkResultOutput(many=True)
