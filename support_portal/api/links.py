"""Links of the description: what can be asked next about the thing that an answer tells of, and with which parameters.

They follow from addresses. What `/tokens/` makes or lists is found again at `/tokens/{token_id}/`, by the member of the
answer that the parameter is named for; what is read at an address can be changed there and acted on below it, with the
`ETag` of the answer as `If-Match`. Nothing here knows an operation by name. docs/api.md tells clients of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from support_portal.api.usual_values import LIKE

Schema = dict[str, Any]
PARAMETER = re.compile(r"{(\w+)}")
OF_ONE = re.compile(r"(?<={)\w+(?=}/$)")  # what names the thing that an address ends with


def add_links(document: Schema) -> None:
    """Link the answers that make, list or read things to what can be asked about these."""
    portal = Portal(document)
    for answer in portal.answers:
        links = {link["operationId"]: link for link in portal.links_of(answer)}
        if links:
            answer.told["links"] = links


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation, as far as links need to know it."""

    path: str
    method: str
    told: Schema

    def takes(self, header: str) -> bool:
        """Whether it has this header among its parameters."""
        return any(each["name"] == header for each in self.told["parameters"])


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers when all went well: the component it is, or that its page holds."""

    operation: Operation
    status: str
    told: Schema
    component: str
    is_page: bool

    @property
    def is_made(self) -> bool:
        """Whether it tells of something that was not there before."""
        return self.status == "201"

    @property
    def is_read(self) -> bool:
        """Whether it is one thing, read at its own address."""
        return self.operation.method == "get" and not self.is_page

    @property
    def has_version(self) -> bool:
        """Whether its ETag names the version of the thing."""
        return not self.is_page and "ETag" in self.told.get("headers", {})


class Portal:
    """All operations and answers, and where the things are found that the answers tell of."""

    def __init__(self, document: Schema) -> None:
        self.schemas: dict[str, Schema] = document["components"]["schemas"]
        self.operations = [
            Operation(path, method, told)
            for path, methods in document["paths"].items()
            for method, told in methods.items()
        ]
        self.answers = [answer for operation in self.operations for answer in self._answers_of(operation)]
        self.read_at = {answer.operation.path for answer in self.answers if answer.is_read}
        self.homes = self._homes()

    def _answers_of(self, operation: Operation) -> Iterator[Answer]:
        for status, told in operation.told["responses"].items():
            schema = told.get("content", {}).get("application/json", {}).get("schema", {})
            name = _name_of(schema)
            if name and status.startswith("2"):
                rows = self.schemas[name].get("properties", {}).get("results")
                is_page = name.startswith("PageOf")
                yield Answer(operation, status, told, _name_of(rows["items"]) if is_page else name, is_page)

    def _homes(self) -> dict[str, str]:
        """By component, the one address without other parameters at which a thing of it is read."""
        found: dict[str, set[str]] = {}
        for answer in self.answers:
            path = answer.operation.path
            if answer.is_read and OF_ONE.search(path) and len(PARAMETER.findall(path)) == 1:
                found.setdefault(answer.component, set()).add(path)
        return {component: paths.pop() for component, paths in found.items() if len(paths) == 1}

    def links_of(self, answer: Answer) -> Iterator[Schema]:
        """What can be asked about the thing that the answer tells of; of lists, only what can be read, if anything."""
        home, named = self._thing_of(answer)
        given = {f"path.{name}": f"$request.path.{name}" for name in PARAMETER.findall(answer.operation.path)} | named
        about = [each for each in self._about(home) if each != answer.operation and _names(each) <= set(given)]
        if answer.is_page and home in self.read_at:
            about = [each for each in about if each.method == "get"]
        for operation in about:
            parameters = {name: given[name] for name in sorted(_names(operation))}
            yield _link(operation, parameters | self._version(answer, operation, home))

    def _thing_of(self, answer: Answer) -> tuple[str, dict[str, str]]:
        """Where the thing is found that the answer tells of, and what of the answer names it there."""
        path = answer.operation.path
        below = {found[0] for each in self.operations if (found := _one_of(path, each.path))}
        member, component = self._held(answer)
        home = self.homes.get(component, "")
        if (answer.is_page or answer.is_made) and len(below) == 1:
            home = below.pop()
        elif answer.is_read and not member:
            return path, {}
        elif path.startswith(home) and not answer.is_made:
            return "", {}
        return home, self._naming(answer, home, member, component)

    def _held(self, answer: Answer) -> tuple[str, str]:
        """The component that is found somewhere: that of the answer, or else of its one member that is."""
        component = LIKE.get(answer.component, answer.component)
        members = self.schemas[answer.component].get("properties", {}).items()
        held = [(name, LIKE.get(each, each)) for name, schema in members if (each := _name_of(schema))]
        found = [(name, each) for name, each in held if each in self.homes]
        return ("", component) if component in self.homes or len(found) != 1 else found[0]

    def _naming(self, answer: Answer, home: str, member: str, component: str) -> dict[str, str]:
        """The parameter that names the thing, and where the answer tells it."""
        found = OF_ONE.search(home)
        members = self.schemas[component if member else answer.component].get("properties", {})
        names = [name for name in (found[0], found[0].endswith("_id") and "id") if name in members] if found else []
        place = "/".join(part for part in ("results/0" if answer.is_page else "", member, *names[:1]) if part)
        return {f"path.{found[0]}": f"$response.body#/{place}"} if found and names else {}

    def _about(self, home: str) -> Iterator[Operation]:
        """The operations at an address and below it that need no other names."""
        for operation in self.operations:
            below = operation.path.removeprefix(home) if home and operation.path.startswith(home) else "{"
            if "{" not in below:
                yield operation

    def _version(self, answer: Answer, operation: Operation, home: str) -> dict[str, str]:
        """The version to send along, unless what is read at that address below has one of its own."""
        is_of_it = operation.path == home or operation.path not in self.read_at
        sent = answer.has_version and is_of_it and operation.takes("If-Match")
        return {"header.If-Match": "$response.header.ETag"} if sent else {}


def _one_of(collection: str, path: str) -> re.Match[str] | None:
    """The address of one thing of a collection, in an address that begins with it."""
    return re.compile(re.escape(collection) + r"{\w+}/").match(path)


def _names(operation: Operation) -> set[str]:
    return {f"path.{name}" for name in PARAMETER.findall(operation.path)}


def _link(operation: Operation, parameters: dict[str, str]) -> Schema:
    named = {"parameters": parameters} if parameters else {}
    return {"operationId": operation.told["operationId"], **named, "description": operation.told["summary"]}


def _name_of(schema: Schema) -> str:
    return str(schema.get("$ref", "")).removeprefix("#/components/schemas/")
