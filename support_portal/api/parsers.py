"""JSON as we take it: UTF-8, no deeper and no larger than we can use, and nothing that is lost or breaks later."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import IO, Any

from django.utils.http import parse_header_parameters
from django.utils.translation import gettext as _
from rest_framework.parsers import JSONParser

from support_portal.api.refusals import BodyRefused, CharsetRefused

DEEPEST = 32
MOST_KEYS = 1000
LARGEST_INTEGER = 2**63 - 1
UTF_8 = frozenset({"utf-8", "utf8"})
SURROGATES = re.compile("[\ud800-\udfff]")


class Fault(Enum):
    """What can be wrong with a value; stands in its place until we know where that is."""

    DUPLICATE = "duplicate_key"
    NOT_FINITE = "not_finite"
    TOO_BIG = "number_too_big"


class StrictJSONParser(JSONParser):
    """Parses JSON that holds no surprises; what it refuses, it names with a pointer."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the parsed body, or raise BodyRefused or CharsetRefused."""
        _type, parameters = parse_header_parameters(media_type or "")
        if parameters.get("charset", "utf-8").lower() not in UTF_8:  # also one that Python does not know
            raise CharsetRefused(media_type or "")
        return parse_json(stream.read())


class MergePatchParser(StrictJSONParser):
    """The same as a merge patch (RFC 7396): members that are left out stay, null takes away."""

    media_type = "application/merge-patch+json"


def parse_json(body: bytes) -> Any:
    """Return what a body says, checked whole."""
    try:
        value = json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_decimal,
            parse_constant=lambda _name: Fault.NOT_FINITE,
        )
    except UnicodeDecodeError as error:
        raise BodyRefused("not_utf8", _("The body is not UTF-8.")) from error
    except RecursionError:
        raise _too_deep("#") from None
    except ValueError as error:
        raise BodyRefused("syntax", _syntax(error)) from error
    _check(value)
    return value


def _syntax(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        place = {"line": error.lineno, "column": error.colno}
        return _("The JSON cannot be read at line %(line)d, column %(column)d.") % place
    return _("The JSON cannot be read.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for key, value in pairs:
        members[key] = Fault.DUPLICATE if key in members else value
    return members


def _integer(digits: str) -> int | Fault:
    value = int(digits) if len(digits) <= 20 else None
    return value if value is not None and abs(value) <= LARGEST_INTEGER else Fault.TOO_BIG


def _decimal(digits: str) -> float | Fault:
    value = float(digits)
    return value if math.isfinite(value) else Fault.TOO_BIG


def _check(value: Any) -> None:
    """Walk over everything, without recursion, and refuse the first thing that is wrong."""
    keys = 0
    for place, depth, member in _members(value):
        if depth > DEEPEST:
            raise _too_deep(place)
        if isinstance(member, Fault):
            raise BodyRefused(member.value, _fault(member), pointer=place)
        if isinstance(member, str):
            _check_string(member, place)
        if isinstance(member, dict):
            keys += len(member)
            for key in member:
                _check_string(key, place)
        if keys > MOST_KEYS:
            raise BodyRefused("too_many_keys", _("The body has more than 1,000 keys."), pointer=place)


def _members(value: Any) -> Iterator[tuple[str, int, Any]]:
    waiting: list[tuple[str, int, Any]] = [("#", 1, value)]
    while waiting:
        place, depth, member = waiting.pop()
        yield place, depth, member
        if isinstance(member, dict):
            waiting += [(f"{place}/{_escaped(key)}", depth + 1, below) for key, below in member.items()]
        elif isinstance(member, list):
            waiting += [(f"{place}/{index}", depth + 1, below) for index, below in enumerate(member)]


def _check_string(text: str, place: str) -> None:
    if "\x00" in text:
        raise BodyRefused("null_character", _("Text cannot contain the character U+0000."), pointer=place)
    if SURROGATES.search(text):
        raise BodyRefused("surrogate", _("Text cannot contain half of a surrogate pair."), pointer=place)


def _too_deep(place: str) -> BodyRefused:
    return BodyRefused("too_deep", _("The body is nested more than 32 levels deep."), pointer=place)


def _fault(fault: Fault) -> str:
    words = {
        Fault.DUPLICATE: _("This key comes twice; we cannot know which one you mean."),
        Fault.NOT_FINITE: _("JSON has no NaN and no Infinity."),
        Fault.TOO_BIG: _("This number is too big."),
    }
    return words[fault]


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
