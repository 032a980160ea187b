"""Every operation of the portal: each address of the URLconf with each method that it answers."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from rest_framework.views import APIView

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SAFE = ("GET",)
PARAMETER = re.compile(r"\(\?P<(\w+)>|<(?:\w+:)?(\w+)>")


@dataclass(frozen=True, order=True)
class Operation:
    """One method of one address; `name` is that of the URLconf, with its namespace."""

    name: str
    method: str
    pattern: str
    is_api: bool

    def __str__(self) -> str:
        return f"{self.name} {self.method}"

    @property
    def parameters(self) -> list[str]:
        """The names of what varies in the address."""
        return [first or second for first, second in PARAMETER.findall(self.pattern)]

    @property
    def is_safe(self) -> bool:
        return self.method in SAFE


@cache
def operations() -> tuple[Operation, ...]:
    """All of them, in the order of their names."""
    found = {
        Operation(name, method, pattern, is_api=_is_api(callback))
        for name, pattern, callback in _patterns(get_resolver().url_patterns)
        for method in methods_of(callback)
    }
    return tuple(sorted(found))


def callback_of(operation: Operation) -> Any:
    """The view behind an operation."""
    return next(cb for name, _, cb in _patterns(get_resolver().url_patterns) if name == operation.name)


def address_of(operation: Operation, values: dict[str, Any]) -> str:
    """Its address with these values."""
    return reverse(operation.name, kwargs=values)


def _patterns(entries: list[Any], before: str = "", space: str = "") -> Iterator[tuple[str, str, Any]]:
    for entry in entries:
        pattern = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(
                entry.url_patterns, pattern, space + (f"{entry.namespace}:" if entry.namespace else "")
            )
        elif isinstance(entry, URLPattern):
            yield f"{space}{entry.name or pattern}", pattern, entry.callback


def _is_api(callback: Any) -> bool:
    return issubclass(getattr(callback, "cls", getattr(callback, "view_class", object)), APIView)


def methods_of(callback: Any) -> list[str]:
    """The methods that a view answers; a function has Django's decorator say so."""
    view = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
    if view is not None:
        return [method for method in METHODS if hasattr(view, method.lower())]
    allowed = inspect.getclosurevars(callback).nonlocals.get("request_method_list", ["GET"])
    return [method for method in METHODS if method in allowed]
