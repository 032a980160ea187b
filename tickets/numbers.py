"""Numbers of requests and incidents: unique, and no measure of how many there are."""

import hashlib
import hmac
import re

LARGEST = 10**9
LARGEST_OF_YEAR = 10**5
_HALF_BITS = 15  # 2 × 15 bits hold nine digits
_HALF_BITS_OF_YEAR = 9  # and 2 × 9 bits five
_ROUNDS = 8
TYPED = re.compile(r"(?:SR)?[\s#-]*(\d{9})", re.ASCII | re.IGNORECASE)


def number_of(position: int, *, key: str) -> str:
    """The number of the `position`-th request, `SR-` and nine digits.

    A keyed permutation of 0…999,999,999 (a Feistel network, walked until it lands inside), so that no two positions
    share a number. Raises ValueError outside the range.
    """
    return f"SR-{_within(LARGEST, position, key=key, half_bits=_HALF_BITS):09d}"


def number_sought(text: str) -> str:
    """The number of a request that somebody types into a search: its digits do, with or without `SR-`."""
    found = TYPED.fullmatch(text.strip())
    return f"SR-{found[1]}" if found else text.strip().upper()


def incident_number_of(position: int, *, year: int, key: str) -> str:
    """The number of the `position`-th incident of a year: `INC-`, the year, and five digits of that year's permutation.

    Raises ValueError outside the range of a hundred thousand in a year.
    """
    digits = _within(LARGEST_OF_YEAR, position, key=f"{key}:incidents:{year}", half_bits=_HALF_BITS_OF_YEAR)
    return f"INC-{year}-{digits:05d}"


def _within(largest: int, position: int, *, key: str, half_bits: int) -> int:
    """Where the permutation of the numbers below `largest` puts a position."""
    if not 0 <= position < largest:
        raise ValueError(position)
    value = _permute(position, key.encode(), half_bits)
    while value >= largest:
        value = _permute(value, key.encode(), half_bits)
    return value


def _permute(value: int, key: bytes, half_bits: int) -> int:
    mask = (1 << half_bits) - 1
    left, right = value >> half_bits, value & mask
    for turn in range(_ROUNDS):
        left, right = right, left ^ (_round(turn, right, key) & mask)
    return (left << half_bits) | right


def _round(turn: int, half: int, key: bytes) -> int:
    digest = hmac.new(key, bytes([turn]) + half.to_bytes(2, "big"), hashlib.sha256).digest()
    return int.from_bytes(digest[:2], "big")
