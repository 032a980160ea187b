"""Every code that the API refuses with, for its pages, its description and docs/api-errors.md."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from itertools import groupby
from typing import Any

from django.utils import translation

from support_portal.problems import PROBLEMS, Problem
from support_portal.problems.document import ERRORS_PAGE
from support_portal.problems.frameworks import BY_STATUS, INTERNAL

OURS = ("accounts", "selfhelp", "severity", "sla", "support_portal", "tickets")
ASIDES = re.compile(r"\s*\((?:(?:[A-Z]{1,3}-\d+(?:, | to )?)+|`[^)]*|\d{3})\)|[;:,] `[^`]+`.*$")  # rules, attributes
WHENS: dict[str, str] = {  # where the exception is not ours
    "malformed-request": "The call is not HTTP as it should be, or holds a value that cannot be stored.",
    "invalid-input": "A field of the body is wrong, missing or unknown.",
    "invalid-token": "The token is unknown, has expired or was revoked.",
    "forbidden": "The portal refuses it, whoever asks.",
    "not-found": "Nothing at this address, or not for this caller.",
    "method-not-allowed": "The address takes other methods.",
    "not-acceptable": "Accept asks for something else than JSON.",
    "length-required": "A body came in pieces, without its length.",
    "body-too-large": "The body is larger than the operation takes.",
    "address-too-long": "Address and parameters are longer than 4 KiB.",
    "headers-too-large": "The headers are larger than 16 KiB.",
    "unsupported-media-type": "The Content-Type is not one that the operation takes.",
    "too-many-requests": "A limit of the token, the organisation or the operation is reached.",
    "internal-error": "A fault of the portal.",
    "unavailable": "The database cannot be reached, or the portal is starting.",
}
IN_THE_CASE_AT_HAND = "The detail of the answer tells what to do in the case at hand."
EXAMPLE_ID = "1f0c7b2e9a"

# Which codes show what a status is about. Where a detail differs from case to case, one of the cases.
SHOWN: dict[int, tuple[str, ...]] = {
    400: ("invalid-input", "malformed-json"),
    401: ("sign-in-required", "invalid-token"),
    403: ("not-permitted", "scope-missing"),
    404: ("not-found", "request-not-found"),
    406: ("not-acceptable",),
    409: ("illegal-transition", "already-taken", "reopen-window-closed", "idempotency-key-in-use"),
    410: ("attachment-infected",),
    411: ("length-required",),
    412: ("version-mismatch",),
    413: ("body-too-large", "attachment-too-large"),
    414: ("address-too-long",),
    415: ("unsupported-media-type", "unsupported-charset"),
    416: ("export-part-unknown",),
    422: ("idempotency-key-reused", "storage-full"),
    428: ("if-match-required",),
    429: ("too-many-requests",),
    503: ("unavailable", "busy"),
}
PARTICULARS: dict[str, dict[str, Any]] = {
    "invalid-input": {
        "errors": [
            {
                "pointer": "#/impact/workaround",
                "code": "invalid_choice",
                "detail": '"perhaps" is not a valid choice.',
            }
        ]
    },
    "malformed-json": {
        "detail": "A key stands there twice.",
        "errors": [{"pointer": "#/subject", "code": "duplicate_key", "detail": "A key stands there twice."}],
    },
    "not-permitted": {
        "detail": "Your roles do not include this. A global admin of your organisation can change what you may do.",
        "act": "manage_people",
    },
    "too-many-requests": {
        "detail": "The limit is 5 exports an hour for an organisation. Nothing was changed; try again in 20 minutes."
    },
    "scope-missing": {"detail": "The token needs the scope requests:write. Make one that has it."},
    "illegal-transition": {
        "detail": "The request is closed. Reopen it first, or file a follow-up if that is no longer possible.",
        "state": "closed",
    },
    "reopen-window-closed": {
        "detail": "It could be reopened until 8 December 2026, 11:00:00 (Asia/Taipei). File a follow-up that refers to "
        "it instead.",
        "reopen_until": "2026-12-08T03:00:00Z",
    },
    "version-mismatch": {"current_version": 4},
    "unsupported-media-type": {
        "detail": "Send the body as application/json in UTF-8, or files as multipart/form-data where files are taken."
    },
}


def problems() -> list[Problem]:
    """One row for each code, by status and code: the first of those that share it, which says least of the case."""
    by_code: dict[str, Problem] = {}
    for row in (*PROBLEMS.values(), *BY_STATUS.values(), INTERNAL):
        by_code.setdefault(row.code, row)
    return sorted(by_code.values(), key=lambda row: (row.status, row.code))


def example_problems(status: int) -> dict[str, dict[str, Any]]:
    """Documents with this status, by their codes, as examples of OpenAPI."""
    by_code = {row.code: row for row in problems()}
    with translation.override("en"):
        return {code: {"summary": str(by_code[code].title), "value": _example(by_code[code])} for code in SHOWN[status]}


def _example(row: Problem) -> dict[str, Any]:
    document = {
        "type": f"https://support.example.com{ERRORS_PAGE}#{row.code}",
        "title": str(row.title),
        "status": row.status.value,
        "detail": IN_THE_CASE_AT_HAND if row.is_particular else str(row.detail),
        "code": row.code,
        "request_id": EXAMPLE_ID,
    }
    return {**document, **PARTICULARS.get(row.code, {})}


# ── docs/api-errors.md ──────────────────────────────────────────────────────────────────────────────────────────────

HEADING = """# Errors of the API

Every code that a [problem document](api.md#errors) can have. `python manage.py api_errors` writes this page from the
tables in `support_portal/problems/`, from which the answers come; do not edit it. A running portal shows the same in
the reader's language at `/api/v1/docs/errors/`, where `type` of each problem leads.

Codes stay what they are: [what may change, and how](api-versions.md).
"""


def as_markdown() -> str:
    """The whole page, in English."""
    with translation.override("en"):
        return "\n".join([HEADING, *_sections()])


def _sections() -> Iterator[str]:
    whens = _whens()
    for status, rows in groupby(problems(), key=lambda row: row.status):
        yield f"## {status.value} {HTTPStatus(status).phrase}\n"
        yield "| code | title | when | what to do |\n| --- | --- | --- | --- |"
        yield from (_line(row, whens.get(row.code, [])) for row in rows)
        yield ""


def _line(row: Problem, whens: Iterable[str]) -> str:
    todo = IN_THE_CASE_AT_HAND if row.is_particular else row.detail
    return (
        f"| `{row.code}` | "
        + " | ".join(_cell(words) for words in (row.title, WHENS.get(row.code) or " ".join(whens), todo))
        + " |"
    )


def _cell(words: object) -> str:
    return str(words).replace("|", "\\|").replace("\n", " ")


def _whens() -> dict[str, list[str]]:
    """By code, the first sentences of what our exceptions say of themselves."""
    found: dict[str, list[str]] = {}
    for kind, row in PROBLEMS.items():
        told = _first_sentence(kind) if kind.__module__.partition(".")[0] in OURS else ""
        if told and told not in found.setdefault(row.code, []):
            found[row.code].append(told)
    return found


def _first_sentence(kind: type[BaseException]) -> str:
    text = " ".join((kind.__doc__ or "").split("\n\n")[0].split())
    first = ASIDES.sub("", re.split(r"(?<=[.])\s", text, maxsplit=1)[0]).rstrip(".:;")
    return f"{first}." if first else ""
