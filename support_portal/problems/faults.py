"""What is wrong in the input, field by field, from the nested detail of a ValidationError."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rest_framework.exceptions import ErrorDetail
from rest_framework.settings import api_settings

from support_portal.problems.row import FieldFault

WHOLE = api_settings.NON_FIELD_ERRORS_KEY


def body_faults(error: Any) -> list[FieldFault]:
    """The faults of a body, each at its JSON pointer (RFC 6901)."""
    return [FieldFault(f"#{path}", str(fault.code), str(fault)) for path, fault in _walk(error.detail, "")]


def query_faults(error: Any) -> list[FieldFault]:
    """The faults of a query, each with the name of its parameter."""
    return [
        FieldFault(name, str(fault.code), str(fault), kind="parameter")
        for name, detail in error.detail.items()
        for _, fault in _walk(detail, "")
    ]


def _walk(detail: Any, path: str) -> Iterator[tuple[str, ErrorDetail]]:
    if isinstance(detail, Mapping):
        for key, below in detail.items():
            yield from _walk(below, path if key == WHOLE else f"{path}/{_escaped(key)}")
    elif isinstance(detail, list):
        for index, below in enumerate(detail):
            yield from _walk(below, path if isinstance(below, str) else f"{path}/{index}")
    else:
        yield path, detail if isinstance(detail, ErrorDetail) else ErrorDetail(str(detail), "invalid")


def _escaped(key: object) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")
