"""The lists of the API, as its schema tells them: whatever is read in pages."""

from __future__ import annotations

from functools import cache

from drf_spectacular.generators import SchemaGenerator


@cache
def list_paths() -> tuple[str, ...]:
    """Their addresses, with names in braces for what varies."""
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return tuple(path for path, operations in sorted(paths.items()) if _is_paged(operations.get("get", {})))


def _is_paged(operation: dict[str, object]) -> bool:
    parameters = operation.get("parameters", [])
    return isinstance(parameters, list) and any(each["name"] == "cursor" for each in parameters)
