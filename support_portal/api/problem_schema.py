"""How problem documents look, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

FAULT = {
    "type": "object",
    "description": "One thing that is wrong in the input; `pointer`, `parameter` or `header` says where.",
    "required": ["code", "detail"],
    "properties": {
        "pointer": {"type": "string", "description": "Into the body, as in `#/impact/workaround`."},
        "parameter": {"type": "string", "description": "Of the query."},
        "header": {"type": "string"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
    },
}
# What some refusals tell besides; a test compares these with the table of problems.
PARTICULARS: dict[str, dict[str, Any]] = {
    "current_version": {"type": "integer", "description": "What If-Match would have to name now (412)."},
    "state": {"type": "string", "description": "How the thing stands, where that is in the way."},
    "to": {"type": "string", "description": "The state that it was to come to."},
    "action": {"type": "string", "description": "What it does not allow, in the words of transitions."},
    "act": {"type": "string", "description": "What was to be done, in the words of `may`."},
    "scope": {"type": "string", "description": "What the token would need."},
    "reopen_until": {"type": "string", "format": "date-time", "description": "The last instant at which it could be."},
    "again_at": {"type": "string", "format": "date-time", "description": "When it may be done again."},
    "kind": {"type": "string", "description": "The kind of support that the request is of."},
    "reason": {"type": "string", "description": "Why not, as a code."},
}
PROBLEM = {
    "type": "object",
    "description": "A refusal (RFC 9457). `code` is stable; `title` and `detail` are for people, in their language.",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "Address of the explanation of `code`."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What to do about it."},
        "code": {"type": "string"},
        "request_id": {"type": "string", "description": "Also in the header X-Request-ID."},
        "errors": {
            "type": "array",
            "description": "What is wrong in the input, where that is known.",
            "items": {"$ref": "#/components/schemas/Fault"},
        },
        **PARTICULARS,
    },
    "additionalProperties": True,
}
PROBLEM_SCHEMAS = {"Fault": FAULT, "Problem": PROBLEM}
