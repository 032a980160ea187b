"""Policy documents as text: JSON read strictly, and written so that people find their way in it."""

import json
from collections.abc import Sequence
from typing import Any

from sla.errors import PolicyInvalid, PolicyProblem, shown
from sla.vocabulary import KINDS, SEVERITIES, TIERS

LONGEST_TEXT = 256 * 1024
DEEPEST, MOST_MEMBERS = 32, 250  # whoever reads a document recurs in it, and pages show one list within another
KEYS = (
    *("version", "note", "max_severity", "regions", "calendars", "rules", "ladders"),
    *KINDS,
    *TIERS,
    *SEVERITIES,
    *("availability", "target", "timezone", "windows", "holidays", "at", "to", *map(str, range(7))),
)


class _Unfit(ValueError):
    """A value that JSON's grammar or the database does not know, or a key given twice."""

    def __init__(self, code: str, value: object) -> None:
        self.code, self.value = code, value
        super().__init__(code)


def read_text(text: str) -> object:
    """Return the document that a text holds; raises PolicyInvalid where it is no JSON, with the place."""
    if len(text) > LONGEST_TEXT:
        raise _refused("text_too_long", most=LONGEST_TEXT)
    try:
        document = json.loads(text, object_pairs_hook=_members, parse_constant=_constant)
        written = json.dumps(document, ensure_ascii=False)
        written.encode()
    except json.JSONDecodeError as error:
        raise _refused("text_unreadable", line=error.lineno, column=error.colno, problem=error.msg) from None
    except _Unfit as error:
        raise _refused(error.code, value=shown(error.value)) from None
    except UnicodeEncodeError:
        raise _refused("text_unfit") from None
    except (RecursionError, ValueError):  # too deep, or a number of thousands of digits
        raise _refused("text_too_deep") from None
    if "\\u0000" in written:
        raise _refused("text_unfit")
    if _is_deeper(document, DEEPEST):
        raise _refused("text_too_deep")
    return document


def write_text(document: object) -> str:
    """Return a document as indented JSON, with every window, step and cell on a line of its own."""
    return _written(document, 0)


def ordered(document: Any) -> Any:
    """Return a document with its keys in the order of the table and of this list; the database keeps another."""
    if not isinstance(document, dict):
        return document
    places = {key: place for place, key in enumerate(KEYS)}
    keys = sorted(document, key=lambda key: places.get(key, len(places)))
    return {key: ordered(document[key]) for key in keys}


def _written(value: object, depth: int) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value or (_is_leaf(value) and len(flat) <= 100):
        return flat
    inner, outer = "\n" + "  " * (depth + 1), "\n" + "  " * depth
    if isinstance(value, list):
        return "[" + inner + ("," + inner).join(_written(each, depth + 1) for each in value) + outer + "]"
    members = [f"{json.dumps(key, ensure_ascii=False)}: {_written(each, depth + 1)}" for key, each in value.items()]
    return "{" + inner + ("," + inner).join(members) + outer + "}"


def _is_leaf(value: dict[str, Any] | list[Any]) -> bool:
    """Whether it holds nothing but plain values, or lists of them."""
    inner = value.values() if isinstance(value, dict) else value
    return all(not isinstance(each, dict) and (not isinstance(each, list) or _is_leaf(each)) for each in inner)


def _members(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for key, value in pairs:
        if key in members:
            raise _Unfit("key_twice", key)
        members[key] = value
    if len(members) > MOST_MEMBERS:
        raise _refused("too_many_members", most=MOST_MEMBERS)
    return members


def _is_deeper(value: object, levels: int) -> bool:
    """Whether lists and objects are nested deeper than so many levels; looks no further down than that."""
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in inner)


def _constant(name: str) -> object:
    raise _Unfit("constant_unknown", name)


def _refused(code: str, **params: object) -> PolicyInvalid:
    return PolicyInvalid([PolicyProblem("", code, params)])
