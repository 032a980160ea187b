"""The version of what has no column for one: a number that follows from what somebody may see of it.

It changes when that does and only then, so nobody learns from it that something changed which they cannot see.
"""

from __future__ import annotations

import hashlib
import json
from enum import Enum
from typing import Any, Literal

from accounts.errors import RecordChanged

DIGITS = 10**9  # as many as the tag of a version holds


class Kept(Enum):
    """What is given for a value that shall not change, where None means that there shall be none."""

    AS_IT_IS = "as it is"


AS_IT_IS = Kept.AS_IT_IS
AsItIs = Literal[Kept.AS_IT_IS]


def version_from(*seen: Any) -> int:
    """The version of something that is seen so; instants and the like count by their text."""
    digest = hashlib.sha256(json.dumps(seen, default=str, sort_keys=True).encode()).digest()
    return int.from_bytes(digest[:8]) % DIGITS


def check_version(read: int | None, current: int) -> None:
    """Refuse who read another version than is current; None is whatever it is now. Raises RecordChanged."""
    if read is not None and read != current:
        raise RecordChanged(current)
