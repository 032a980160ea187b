"""The OpenAPI document: what drf-spectacular sees, and the refusals, headers and scopes that all operations share."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.serializers import ListField

from accounts.api.serializers import YEARS, InputSerializer
from accounts.scopes import ANY_SCOPE
from support_portal.api.described import add_examples
from support_portal.api.links import add_links
from support_portal.api.places import describe_parts, groups_of
from support_portal.api.problem_schema import PROBLEM_SCHEMAS
from support_portal.api.problem_table import example_problems
from support_portal.api.raising import problems_of
from support_portal.problems import Problem

NOT_MODIFIED = {
    "description": "The answer is still the one that `If-None-Match` names.",
    "headers": {"ETag": {"$ref": "#/components/headers/ETag"}},
}
REFUSALS: dict[int, str] = {
    400: "The input is not right; `errors` says where.",
    401: "No valid token and no session.",
    403: "The roles, the scopes of the token or the contract do not allow it.",
    404: "It does not exist, or not for this caller.",
    406: "Only application/json can be had.",
    409: "It does not fit the state of things, or a call with this Idempotency-Key is still at work.",
    410: "It is gone for good: a virus was found in it.",
    411: "A body without Content-Length.",
    412: "It has changed since it was read; `current_version` tells to what.",
    413: "The body is too large.",
    414: "Address and parameters are longer than 4 KiB.",
    415: "The body has a form that is not taken here.",
    416: "The file has no such part; `Content-Range` tells how long it is.",
    422: "The Idempotency-Key came before with another body, or there is no room left.",
    428: "If-Match is missing.",
    429: "Too many calls; Retry-After tells for how long.",
    503: "Busy, or the database is away; Retry-After tells for how long.",
}
RULE_IDS = re.compile(r"\s*\((?:[A-Z]{1,3}-\d+(?:, )?)+\)")
ALWAYS = (401, 403, 406, 429, 503)
BY_ADDRESS = {404, 412}  # these go by what address and headers name, also where the code behind could raise them
HEADERS: dict[str, dict[str, Any]] = {
    "RateLimit": {
        "schema": {"type": "string"},
        "description": 'As in `"token";r=599;t=42`: what is left, and until when.',
    },
    "RateLimit-Policy": {"schema": {"type": "string"}, "description": 'As in `"token";q=600;w=60`.'},
    "X-Request-ID": {"schema": {"type": "string"}, "description": "Quote it when you ask about a call."},
    "ETag": {
        "schema": {"type": "string"},
        "description": "The version, where the answer is about one object; for a GET with a digest of the answer.",
    },
    "Idempotency-Replayed": {
        "schema": {"type": "string", "enum": ["true"]},
        "description": "Present when this answer was given before.",
    },
    "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."},
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]+$"},
    "description": "Makes it safe to send the call again: for 48 hours the first answer is repeated.",
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "example": '"3-6f1ed002ab559585"'},
    "description": "The ETag of an answer that you have: 304 without a body where it is still the same.",
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string", "pattern": r'^(\*|"\d{1,9}(-[0-9a-f]{16})?")$', "example": '"3"'},
    "description": "The ETag that was read, or `*` for any.",
}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # not typed there
    """Bearer tokens."""

    target_class = "support_portal.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """Describe the scheme."""
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "sp_…",
            "description": "An API token of the portal.",
        }


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The session of the portal's own pages."""

    target_class = "support_portal.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """Describe the scheme."""
        from django.conf import settings

        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class Instants(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Instants are date-times."""

    target_class = "accounts.api.serializers.InstantField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, str]:
        """Describe the field."""
        years = {"pattern": YEARS} if direction == "request" else {}
        return {"type": "string", "format": "date-time", **years}


class PortalSchema(AutoSchema):
    """Describes one operation with everything that it shares with the others."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Return the operation, or None where there is nothing to describe."""
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is not None:
            operation.setdefault("parameters", []).extend(self._headers())
            describe_parts(self.path, operation["parameters"])
            if self._is_tagged(operation):
                operation["parameters"].append(IF_NONE_MATCH)
            for code, response in operation["responses"].items():
                response["description"] = response["description"] or HTTPStatus(int(code)).phrase
                response.setdefault("headers", {}).update({name: _ref("headers", name) for name in self._announced()})
            if self._is_tagged(operation):
                operation["responses"]["304"] = NOT_MODIFIED
            for status in self._refusals(operation):
                operation["responses"].setdefault(str(status), _ref("responses", str(status)))
            self._name_problems(operation)
        return operation

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        """The docstring, and the scope that a token needs."""
        scope = getattr(self.view, "required_scopes", {}).get(self.method, ANY_SCOPE)
        needs = f"Scope: `{scope}`." if scope else "Any token will do."
        of_staff = getattr(self.view, "staff_scopes", {}).get(self.method)
        needs += f" For support staff: `{of_staff}`." if of_staff else ""
        return f"{self._told()}\n\n{needs}".strip()

    def get_summary(self) -> str:
        """The docstring's first sentence."""
        explicit: str | None = super().get_summary()
        return explicit or re.split(r"(?<=[.;])\s", self._told(), maxsplit=1)[0].rstrip(".;")

    def _told(self) -> str:
        """The docstring without the ids of rules, which say nothing to readers of the API."""
        return RULE_IDS.sub("", super().get_description())

    def is_deprecated(self) -> bool:
        """Whether it will go."""
        return self.method in getattr(self.view, "ending", {})

    def get_operation_id(self) -> str:
        """A name for generated clients: `requests_list` for pages, `requests_retrieve` for one."""
        name: str = super().get_operation_id()
        return f"{name.removesuffix('_retrieve')}_list" if self._is_page() else name

    def _is_tagged(self, operation: dict[str, Any]) -> bool:
        """Whether it can be asked conditionally: everything that is read, but files."""
        content = operation["responses"].get("200", {}).get("content", {})
        return self.method == "GET" and "application/json" in content

    def _is_page(self) -> bool:
        serializer = self.get_response_serializers() if self.method == "GET" else None
        return type(serializer).__name__.startswith("PageOf")

    def _announced(self) -> tuple[str, ...]:
        usual = ("RateLimit", "RateLimit-Policy", "X-Request-ID")
        if self.method == "DELETE":
            return usual
        return (*usual, "ETag", "Idempotency-Replayed") if self._takes_key() else (*usual, "ETag")

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        """What is sent may have no other members than those that are named, as `InputSerializer` sees to."""
        schema: dict[str, Any] = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        is_closed = direction == "request" and isinstance(serializer, InputSerializer) and "properties" in schema
        return {**schema, "additionalProperties": False, **serializer.sizes} if is_closed else schema

    def _insert_field_validators(self, field: Any, schema: dict[str, Any]) -> None:
        """What our fields look at besides: the characters of texts, lists that may not be empty, names of members."""
        super()._insert_field_validators(field, schema)  # type: ignore[no-untyped-call]
        told = {"pattern": "pattern", "uniqueItems": "is_unique", "propertyNames": "names"}
        schema |= {key: value for key, name in told.items() if (value := getattr(field, name, None))}
        if isinstance(field, ListField) and not field.allow_empty:
            schema["minItems"] = max(schema.get("minItems", 0), 1)

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """`TokenOutput` is called Token, `TokenInput` TokenRequest."""
        name: str = super().get_serializer_name(serializer, direction)
        return name.removesuffix("Output").removesuffix("Input")

    def _problems(self) -> tuple[Problem, ...]:
        """What it may refuse beside what all operations refuse."""
        return problems_of(type(self.view), self.method)  # type: ignore[arg-type]  # classes have hashes

    def _name_problems(self, operation: dict[str, Any]) -> None:
        """Name them by their codes, for people and for programs."""
        named = [row for row in self._problems() if str(int(row.status)) in operation["responses"]]
        operation["x-problem-codes"] = [row.code for row in named]
        if named:
            told = ", ".join(f"{row.status:d} `{row.code}`" for row in named)
            operation["description"] += f"\n\nMay be refused with {told}."

    def _handler(self) -> Any:
        return getattr(self.view, self.method.lower(), None)

    def _takes_key(self) -> bool:
        return bool(getattr(self._handler(), "is_idempotent", False))

    def _headers(self) -> list[dict[str, Any]]:
        if self.method in ("PUT", "PATCH", "DELETE"):
            return [{**IF_MATCH, "required": True}]
        if self.method != "POST":
            return []
        told = getattr(self.view, "versioned", None)
        is_versioned = "{" in self.path if told is None else told
        versioned = [{**IF_MATCH, "required": False}] if is_versioned else []
        return [IDEMPOTENCY_KEY, *versioned] if self._takes_key() else versioned

    def _refusals(self, operation: dict[str, Any]) -> list[int]:
        found = set(ALWAYS) - (set() if self.view.content_negotiation_class is DefaultContentNegotiation else {406})
        places = {parameter["in"] for parameter in operation["parameters"] if parameter is not IF_NONE_MATCH}
        found |= {400} if places - {"path"} or self.method == "GET" else set()
        found |= {404} if "path" in places else set()
        found |= {414} if "query" in places else set()
        found |= {400, 411, 413, 415} if "requestBody" in operation else set()
        found |= {409, 422} if self._takes_key() else set()
        found |= {412} if any(each["name"] == "If-Match" for each in operation["parameters"]) else set()
        found |= {428} if self.method in ("PUT", "PATCH", "DELETE") else set()
        found |= set(getattr(self._handler(), "refuses", ()))
        found |= {int(row.status) for row in self._problems()} - BY_ADDRESS
        return sorted(found)


def add_shared_parts(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the components that every operation refers to."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {}).update(PROBLEM_SCHEMAS)
    components["headers"] = HEADERS
    components["responses"] = {str(status): _refusal(status, words) for status, words in REFUSALS.items()}
    result["tags"] = groups_of(result)
    _share_choices(result)
    add_examples(result)
    add_links(result)
    return result


def _share_choices(document: dict[str, Any]) -> None:
    """Let parameters name the choices that bodies have too, so that clients get one type for them, not one for each."""
    shared = {tuple(each["enum"]): name for name, each in document["components"]["schemas"].items() if "enum" in each}
    for operation in (each for methods in document["paths"].values() for each in methods.values()):
        for parameter in operation.get("parameters", ()):
            schema = parameter["schema"]
            name = shared.get(tuple(schema.get("enum", schema.get("items", {}).get("enum", ()))))
            if name and "items" in schema:
                schema["items"] = _ref("schemas", name)
            elif name:
                kept = {key: value for key, value in schema.items() if key not in ("enum", "type")}
                parameter["schema"] = {"allOf": [_ref("schemas", name)], **kept} if kept else _ref("schemas", name)


def _refusal(status: int, words: str) -> dict[str, Any]:
    headers = {"X-Request-ID": _ref("headers", "X-Request-ID")}
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        headers["Retry-After"] = _ref("headers", "Retry-After")
    problem = {"schema": _ref("schemas", "Problem"), "examples": example_problems(status)}
    content = {"application/problem+json": problem}
    return {"description": words, "headers": headers, "content": content}


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}
