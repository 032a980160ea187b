"""Text that breaks things (RELIABILITY.md, section 4), and what of an operation reads text."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from zlib import crc32

import pytest
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

MARK = "zqasked"
CSRF = "csrfmiddlewaretoken"
Place = tuple[str, ...]
Try = TypeVar("Try", bound=tuple[Any, ...])
TURNS = 16  # operations take turns, unless DOOR=all
# Escaped, none of the marks stands in a page as it is written here: `<zqtag`, `"zqquote`, `'zqquote`.
MARKUP = "<zqtag onload=x>\"zqquote'zqquote</textarea></script></title>&lt;--"
TEXTS = {
    "nul": "a\x00b",
    "surrogate": "a\ud800b",
    "hidden": "a\x07b\u202ec\u2066d\u200be\ufeff",
    "accents": "e" + "\u0301" * 10_000,
    "long": "x" * 50_001,
    "code": "=cmd|' /C calc'!A0 zq{{ 7|add:1330 }}{% now 'Y' %}{0.__class__}%(x)s%n%5000000d${x}'; DROP TABLE x --"
    + MARKUP,
    "lines": "a\r\nZqheader: x\r\n\r\nb\u2028c\u2029d",
    "path": "../../etc/passwd\\%2e%2e%00 %_ * ? :* & | ! <-> (",
    "digits": "١٢٣",
    "number": "9" * 5_000,
    "wide": str(2**63),
    "not a number": "NaN",
    "infinite": "-1e999",
    "first year": "0001-01-01",
    "last year": "9999-12-31T23:59:59",
    "blank": " \t\u3000\u00a0",
    "empty": "",
}
KINDS: dict[str, Any] = {  # what JSON may hold in place of a text
    "yes": True,
    "null": None,
    "negative": -(2**63),
    "fraction": 1e308,
    "list": [],
    "object": {},
    "nested": [[{"x": ["y"]}]],
    "texts": ["a\u202eb", {"x": 1}],
}
UNSHOWN = ("nul", "surrogate", "blank", "empty")  # what no page need show again
HEADERS = {  # as they come from a server: bytes as Latin-1, one line
    "code": TEXTS["code"],
    "high": "".join(map(chr, range(0x80, 0x100))),
    "hidden": TEXTS["hidden"].encode().decode("latin-1"),
    "long": "x," * 3_000,
    "number": "9" * 4_000,
    "wide": str(2**63),
    "odd": ',;="\\, ,;q=;q=NaN, *;q=1e999',
    "year nought": "Sat, 00 Jan 0000 99:99:99 GMT",
    "last year": "Fri, 31 Dec 9999 23:59:59 GMT",
    "empty": "",
}


@dataclass
class Looked:
    """The names that an answer looked up in its query, its form and its files."""

    query: set[str] = field(default_factory=set)
    form: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)

    def note(self, source: Any, name: Any) -> None:
        if isinstance(name, str) and name not in (MARK, CSRF):
            self._of(source).add(name)

    def _of(self, source: Any) -> set[str]:
        if not isinstance(source, QueryDict):  # the resolver has dictionaries of this kind too, and they are full
            return set() if source else self.files
        return self.query if dict.__contains__(source, MARK) else self.form


@contextmanager
def noted() -> Iterator[Looked]:
    """Note every name that is looked up inside; the query is told from the form by MARK, which has to be in it."""
    looked = Looked()
    with pytest.MonkeyPatch.context() as patched:
        for method in ("__getitem__", "get", "getlist", "__contains__"):
            patched.setattr(MultiValueDict, method, _noting(getattr(MultiValueDict, method), looked), raising=False)
        yield looked


def _noting(method: Any, looked: Looked) -> Any:
    def look(self: Any, key: Any, *rest: Any, **more: Any) -> Any:
        looked.note(self, key)
        return method(self, key, *rest, **more)

    return look


def in_turn(about: object, tries: Iterable[Try], of_these: int) -> list[Try]:
    """All of them by `DOOR=all`, otherwise one of so many, the same ones each time."""
    if os.environ.get("DOOR") == "all":
        return list(tries)
    return [each for each in tries if crc32(f"{about} {each[0]}".encode(errors="replace")) % of_these == 0]


def leaves(schema: dict[str, Any], part: dict[str, Any], place: Place = ()) -> Iterator[Place]:
    """Every place of a body that a schema describes: members, members of members, items (as "0")."""
    part = _resolved(schema, part)
    for name, each in part.get("properties", {}).items():
        if not each.get("readOnly"):
            yield (*place, name)
            yield from leaves(schema, each, (*place, name))
    for key, name in (("items", "0"), ("additionalProperties", "zqkey")):
        if isinstance(part.get(key), dict):
            yield (*place, name)
            yield from leaves(schema, part[key], (*place, name))


def _resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    merged = dict(part)
    for each in [part, *part.get("allOf", []), *part.get("oneOf", []), *part.get("anyOf", [])]:
        if "$ref" in each:
            merged |= _resolved(schema, schema["components"]["schemas"][each["$ref"].rpartition("/")[2]])
        merged |= {key: value for key, value in each.items() if key in ("properties", "items", "additionalProperties")}
    return merged


def planted(body: Any, place: Place, value: Any) -> Any:
    """The body with this value in one place, which is made where there is none."""
    if not place:
        return value
    name, rest = place[0], place[1:]
    if name == "0":
        items = body if isinstance(body, list) and body else [None]
        return [planted(items[0], rest, value), *items[1:]]
    members = body if isinstance(body, dict) else {}
    return {**members, name: planted(members.get(name), rest, value)}
