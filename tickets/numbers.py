"""Numbers of requests: unique, nine digits, and no measure of how many there are."""

import hashlib
import hmac

LARGEST = 10**9
_HALF_BITS = 15  # 2 × 15 bits hold nine digits
_MASK = (1 << _HALF_BITS) - 1
_ROUNDS = 8


def number_of(position: int, *, key: str) -> str:
    """The number of the `position`-th request, `SR-` and nine digits.

    A keyed permutation of 0…999,999,999 (a Feistel network, walked until it lands inside), so that no two positions
    share a number. Raises ValueError outside the range.
    """
    if not 0 <= position < LARGEST:
        raise ValueError(position)
    value = _permute(position, key.encode())
    while value >= LARGEST:
        value = _permute(value, key.encode())
    return f"SR-{value:09d}"


def _permute(value: int, key: bytes) -> int:
    left, right = value >> _HALF_BITS, value & _MASK
    for turn in range(_ROUNDS):
        left, right = right, left ^ _round(turn, right, key)
    return (left << _HALF_BITS) | right


def _round(turn: int, half: int, key: bytes) -> int:
    digest = hmac.new(key, bytes([turn]) + half.to_bytes(2, "big"), hashlib.sha256).digest()
    return int.from_bytes(digest[:2], "big") & _MASK
