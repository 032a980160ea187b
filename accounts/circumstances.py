"""Under which circumstances something is done: from which address, and which way it came (P-10).

The edges say so once; what is recorded meanwhile carries it. Way and address are facts of the connection, never of what
a caller claims: `support_portal.middleware.ProxyMiddleware` has decided by then whose address it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

PAGE = "page"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """`via` is `page`, `token:ID`, `command:NAME`, `sweep` or `task:NAME`; empty where nobody said."""

    via: str = ""
    address: str = ""


UNKNOWN = Circumstances()
_present: ContextVar[Circumstances] = ContextVar("circumstances", default=UNKNOWN)


def present() -> Circumstances:
    """The circumstances of what is being done."""
    return _present.get()


@contextmanager
def under(via: str, *, address: str = "") -> Iterator[None]:
    """Let what is done inside carry these circumstances."""
    token = _present.set(Circumstances(via=via, address=address))
    try:
        yield
    finally:
        _present.reset(token)


def came_by_token(token_id: int) -> None:
    """Note that what is being done came by an API token; whoever set the circumstances ends this too."""
    _present.set(replace(_present.get(), via=f"token:{token_id}"))
