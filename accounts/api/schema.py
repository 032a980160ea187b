"""Short ways to describe operations of the API for its schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers

from accounts.api.serializers import NoFilters, PageParameters


def page_of(output: type[serializers.BaseSerializer[Any]]) -> serializers.Serializer[Any]:
    """The form of one page of a list."""
    name = f"PageOf{output.__name__.removesuffix('Output')}"
    address = {"allow_null": True, "help_text": "Address of the neighbouring page; null at the end."}
    fields = {"next": serializers.URLField(**address), "previous": serializers.URLField(**address)}
    return inline_serializer(name, {**fields, "results": output(many=True)})


def lists(
    output: type[serializers.BaseSerializer[Any]], *, filters: type[serializers.Serializer[Any]] = NoFilters
) -> Callable[[Any], Any]:
    """Describe a `get` that answers with pages of `output`, narrowed by `filters`."""
    describe: Callable[[Any], Any] = extend_schema(parameters=[filters, PageParameters], responses=page_of(output))
    return describe
