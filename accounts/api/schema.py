"""Short ways to describe operations of the API for its schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema, inline_serializer
from rest_framework import serializers

from accounts.api.serializers import NoFilters, PageParameters

_PAGES: dict[str, serializers.Serializer[Any]] = {}  # one for each name: two of a name would be two forms in the schema


def page_of(output: type[serializers.BaseSerializer[Any]]) -> serializers.Serializer[Any]:
    """The form of one page of a list."""
    name = f"PageOf{output.__name__.removesuffix('Output')}"
    fields: dict[str, Any] = {"next": _neighbour(), "previous": _neighbour(), "results": output(many=True)}
    return _PAGES.setdefault(name, inline_serializer(name, fields))


def included(output: type[serializers.BaseSerializer[Any]], help_text: str) -> serializers.Serializer[Any]:
    """A member that is there where `include` asks for it: the first page of a list."""
    return type(page_of(output))(required=False, help_text=help_text)


def _neighbour() -> serializers.URLField:
    return serializers.URLField(allow_null=True, help_text="Address of the neighbouring page; null at the end.")


def lists(
    output: type[serializers.BaseSerializer[Any]], *, filters: type[serializers.Serializer[Any]] = NoFilters
) -> Callable[[Any], Any]:
    """Describe a `get` that answers with pages of `output`, narrowed by `filters`."""
    parameters: list[Any] = [PageParameters] if filters is NoFilters else [filters, PageParameters]
    describe: Callable[[Any], Any] = extend_schema(parameters=parameters, responses=page_of(output))
    return describe


def refusing(*statuses: int) -> Callable[[Any], Any]:
    """Describe refusals of one operation beside those that its method and its address bring."""

    def mark(handler: Any) -> Any:
        handler.refuses = statuses
        return handler

    return mark


def sent(name: str, value: dict[str, Any]) -> OpenApiExample:
    """An example of a body to send."""
    return OpenApiExample(name, value=value, request_only=True)


def answered(name: str, value: dict[str, Any], status: int = 200) -> OpenApiExample:
    """An example of an answer."""
    return OpenApiExample(name, value=value, response_only=True, status_codes=[str(status)])
