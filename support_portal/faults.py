"""The last request that this web server answered with 500, known to all its processes: memory they share by forking."""

import mmap
import struct
import time
from dataclasses import dataclass

LAYOUT = struct.Struct("d64s")
_memory = mmap.mmap(-1, LAYOUT.size)  # made before the fork, empty at first; nothing here can be locked or left behind


@dataclass(frozen=True, slots=True)
class Fault:
    """When it was, and by which id the log knows it."""

    age: float
    request_id: str


def note(request_id: str) -> None:
    """Remember this one."""
    LAYOUT.pack_into(_memory, 0, time.time(), request_id.encode()[:64])


def last() -> Fault | None:
    """Return the last one, or None since this web server began."""
    at, request_id = LAYOUT.unpack_from(_memory, 0)
    return Fault(age=max(0.0, time.time() - at), request_id=request_id.rstrip(b"\0").decode()) if at else None


def forget() -> None:
    """Begin anew."""
    LAYOUT.pack_into(_memory, 0, 0.0, b"")
