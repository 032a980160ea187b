"""What others wrote, made harmless for a terminal (P-7): no escape sequences, no turned direction of writing."""

from __future__ import annotations

import json
import re
from typing import Any

DANGEROUS = "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"
CONTROL = re.compile(f"[{DANGEROUS}]")
IN_JSON = re.compile(f"[{DANGEROUS}\\ud800-\\udfff]")
SURROGATE = re.compile("[\ud800-\udfff]")
SIGN = "\N{REPLACEMENT CHARACTER}"


def inert(text: object) -> str:
    """The text with a sign in place of every character that a terminal would obey; lines and tabs stay."""
    return SURROGATE.sub(SIGN, CONTROL.sub(SIGN, str(text).replace("\r\n", "\n")))


def one_line(text: object) -> str:
    """The same in one line, for tables and columns."""
    return " ".join(inert(text).split())


def as_json(value: Any, *, indent: int | None = None) -> str:
    """JSON whose strings keep every character, the dangerous ones as escapes of JSON."""
    written = json.dumps(value, ensure_ascii=False, indent=indent)
    return IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", written)
