"""One row of the table: the form that a refusal takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from django.utils.functional import Promise

Words = Promise | str


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One thing that is wrong in the input: a JSON pointer into the body, or the name of a parameter or header."""

    place: str
    code: str
    detail: str
    kind: str = "pointer"

    def in_query(self) -> FieldFault:
        """The same fault of a read, which has no body: what points into one is a parameter."""
        return self if self.kind != "pointer" else replace(self, kind="parameter", place=self.place.removeprefix("#/"))

    def as_json(self) -> dict[str, str]:
        """The member of `errors`."""
        return {self.kind: self.place, "code": self.code, "detail": self.detail}


def nothing(_: Any) -> dict[str, Any]:
    """No members, no headers."""
    return {}


def no_faults(_: Any) -> list[FieldFault]:
    """Nothing in particular is wrong."""
    return []


@dataclass(frozen=True, slots=True)
class Problem:
    """Status, code and words of a refusal; `detail` says what to do, made from the exception where it must be.

    `extra` are further members of the document, `faults` its `errors`, `headers` what the answer carries.
    """

    status: HTTPStatus
    code: str
    title: Words
    detail: Words | Callable[[Any], str]
    faults: Callable[[Any], list[FieldFault]] = no_faults
    extra: Callable[[Any], dict[str, Any]] = nothing
    headers: Callable[[Any], dict[str, str]] = nothing

    @property
    def is_particular(self) -> bool:
        """Tell whether the detail differs from case to case."""
        return callable(self.detail)

    def detail_of(self, error: Exception) -> str:
        """The sentences for this very refusal."""
        return self.detail(error) if callable(self.detail) else str(self.detail)


def retry_after(seconds: int) -> Callable[[Any], dict[str, str]]:
    """The header of a refusal that time heals."""
    return lambda _: {"Retry-After": str(seconds)}


def at(pointer: str, code: str, detail: Words) -> Callable[[Any], list[FieldFault]]:
    """The one field that a refusal is always about."""
    return lambda _: [FieldFault(pointer, code, str(detail))]
