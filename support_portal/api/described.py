"""Examples for every body and every answer of the description that has none of its own.

An object shown in one operation is shown in all; what nobody has shown is put together from its schema, with values
that fields of that name usually have. A test holds every example against its schema.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from support_portal.api.usual_values import ADDRESS, AT, DAY, LIKE, NOTHING_YET, TEXT_OF_FILE, USUAL

Schema = dict[str, Any]

MADE_UP = "Example"
DEEPEST = 8


def add_examples(document: Schema) -> None:
    """Give an example to every JSON body and answer without one."""
    made = Made(document["components"]["schemas"])
    contents = list(_contents(document))
    for _path, content, _form in contents:
        made.learn(content)
    for path, content, form in contents:
        if "example" not in content and not content.get("examples"):
            made.fill(path, content, form)


def _contents(document: Schema) -> Iterator[tuple[str, Schema, str]]:
    """What is sent and what is answered, with address and media type; refusals have examples of their own."""
    for path, methods in document["paths"].items():
        for operation in methods.values():
            for body in (operation.get("requestBody", {}), *operation["responses"].values()):
                for form, content in body.get("content", {}).items():
                    yield path, content, form


class Made:
    """Examples of components: those that operations bring, and others as they are needed."""

    def __init__(self, schemas: dict[str, Schema]) -> None:
        self.schemas = schemas
        self.shown: dict[str, Any] = {}

    def learn(self, content: Schema) -> None:
        """Remember what an operation shows of components, those inside others included."""
        for example in list(content.get("examples", {}).values())[:1]:
            self._learn(content["schema"], example["value"])

    def _learn(self, schema: Schema, value: Any) -> None:
        name = _name_of(schema)
        seen = self._seen(schema)
        if isinstance(value, dict) and "properties" in seen:
            if name and name not in self.shown:
                self.shown[name] = value
            for field, below in seen["properties"].items():
                self._learn(below, value.get(field))
        elif isinstance(value, list) and value and "items" in seen:
            self._learn(seen["items"], value[0])
        elif value is not None:
            for choice in seen.get("oneOf") or seen.get("allOf") or ():
                self._learn(choice, value)

    def fill(self, path: str, content: Schema, form: str) -> None:
        """Put an example into a content."""
        schema = content["schema"]
        if form in TEXT_OF_FILE:
            content["examples"] = {MADE_UP: {"value": TEXT_OF_FILE[form]}}
        elif schema.get("format") != "binary":
            value = self.of(schema)
            if _name_of(schema).startswith("PageOf"):
                value = {**value, "next": f"{ADDRESS}{path.removeprefix('/api/v1/')}?cursor=cD0yMDI2", "previous": None}
            content["examples"] = {MADE_UP: {"value": value}}

    def of(self, schema: Schema, field: str = "", within: str = "", depth: int = 0) -> Any:
        """A value that the schema takes, for a field of this name within that component."""
        name = _name_of(schema)
        if name:
            if name not in self.shown:
                self.shown[name] = self.of(self.schemas[name], field, name, depth + 1)
            return self.shown[name]
        usual = USUAL.get(f"{within}.{field}")
        if usual is not None:
            return usual
        if field in NOTHING_YET and self._may_be_null(schema):
            return None
        for several in ("oneOf", "anyOf", "allOf"):
            if several in schema:
                return self.of(self._telling(schema[several]), field, within, depth)
        if "enum" in schema:
            return self._of_enum(schema["enum"], USUAL.get(field))
        return self._of_type(schema, field, within, depth)

    def _telling(self, choices: list[Schema]) -> Schema:
        """The first choice that is not merely nothing."""
        blank = ({"type": "null"}, {"enum": [""]}, {"enum": [None]})
        return next((each for each in choices if each not in blank and not _is_blank(self._seen(each))), choices[0])

    def _may_be_null(self, schema: Schema) -> bool:
        choices = schema.get("oneOf") or schema.get("anyOf") or ()
        return "null" in schema.get("type", "") or any(_is_null(self._seen(each)) for each in choices)

    def _seen(self, schema: Schema) -> Schema:
        name = _name_of(schema)
        return self.schemas[name] if name else schema

    def _of_enum(self, values: list[Any], usual: Any) -> Any:
        return usual if usual in values else next((each for each in values if each not in ("", None)), values[0])

    def _of_type(self, schema: Schema, field: str, within: str, depth: int) -> Any:
        types = schema.get("type", "object" if "properties" in schema else "string")
        kind = next(each for each in ([types] if isinstance(types, str) else types) if each != "null")
        usual = USUAL.get(field)
        if kind == "object":
            return self._of_object(schema, usual, within, depth)
        if kind == "array":
            return self._of_array(schema, field, within, depth)
        if kind == "boolean":
            return usual is True
        if kind in ("integer", "number"):
            return usual if isinstance(usual, int) else max(1, schema.get("minimum", 1))
        return _text(schema, field, usual)

    def _of_object(self, schema: Schema, usual: Any, within: str, depth: int) -> Any:
        if "properties" not in schema:
            return usual if isinstance(usual, dict) else {}
        shown = self._like(within)
        fields = schema["properties"].items()
        return {
            name: shown[name] if name in shown else self.of(below, name, within, depth + 1) for name, below in fields
        }

    def _like(self, name: str) -> dict[str, Any]:
        """What another component with the same fields shows."""
        like: dict[str, Any] = self.shown.get(LIKE.get(name, ""), {})
        return like

    def _of_array(self, schema: Schema, field: str, within: str, depth: int) -> list[Any]:
        usual = USUAL.get(field)
        if isinstance(usual, list) and not _name_of(schema["items"]):
            return usual
        return [] if depth > DEEPEST else [self.of(schema["items"], field, within, depth + 1)]


def _text(schema: Schema, field: str, usual: Any) -> str:
    by_form = {"date-time": AT, "date": DAY, "email": USUAL["email"], "uri": ADDRESS}
    form = schema.get("format", "")
    text = usual if isinstance(usual, str) else by_form.get(form, field.replace("_", " "))
    return text[: schema.get("maxLength", len(text))]


def _is_blank(schema: Schema) -> bool:
    return schema.get("enum") in ([""], [None]) or schema.get("type") == "null"


def _is_null(schema: Schema) -> bool:
    return schema.get("enum") == [None] or schema.get("type") == "null"


def _name_of(schema: Schema) -> str:
    return str(schema.get("$ref", "")).removeprefix("#/components/schemas/")
