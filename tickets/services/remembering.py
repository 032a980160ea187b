"""What is looked up again and again within one piece of work, all of whose parts share one `now`, looked up once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")
_known: ContextVar[dict[object, Any] | None] = ContextVar("known", default=None)


@contextmanager
def looked_up_once() -> Iterator[None]:
    """Remember what is looked up inside, for instance by one batch of timers."""
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


def once(key: object, look_up: Callable[[], T]) -> T:
    """What was looked up before in this piece of work, else what is looked up now."""
    known = _known.get()
    if known is None:
        return look_up()
    if key not in known:
        known[key] = look_up()
    found: T = known[key]
    return found
