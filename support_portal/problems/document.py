"""From an exception to the document that tells of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import psycopg2
from django.conf import settings
from django.db import DatabaseError, OperationalError

from support_portal.problems.row import FieldFault, Problem
from support_portal.problems.table import PROBLEMS

ERRORS_PAGE = "/api/v1/docs/errors/"


@dataclass(frozen=True, slots=True)
class Document:
    """A problem in the language of the caller (RFC 9457); pages show its title and detail."""

    status: int
    code: str
    title: str
    detail: str
    errors: list[FieldFault] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def as_json(self, *, request_id: str) -> dict[str, Any]:
        """The members of `application/problem+json`."""
        members: dict[str, Any] = {
            "type": f"{settings.PUBLIC_URL}{ERRORS_PAGE}#{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": request_id,
            **self.extra,
        }
        if self.errors:
            members["errors"] = [fault.as_json() for fault in self.errors]
        return members


def row_for(error: BaseException) -> Problem | None:
    """The row of the nearest class, or None for what is no refusal."""
    if _is_lost_connection(error):
        return PROBLEMS[OperationalError]
    return next((PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS), None)


def _is_lost_connection(error: BaseException) -> bool:
    """Whether the database went while it answered; psycopg2 then names the base of its classes, and no SQLSTATE."""
    cause = error.__cause__
    return type(error) is DatabaseError and type(cause) is psycopg2.DatabaseError and cause.pgcode is None


def problem_for(error: BaseException) -> Document | None:
    """What to tell about this refusal, in the active language; None for what is no refusal but a fault of ours."""
    row = row_for(error)
    return None if row is None else filled(row, error)


def filled(row: Problem, error: Any) -> Document:
    """The row with the particulars of one refusal."""
    return Document(
        status=row.status.value,
        code=row.code,
        title=str(row.title),
        detail=row.detail_of(error),
        errors=row.faults(error),
        extra=row.extra(error),
        headers=row.headers(error),
    )
