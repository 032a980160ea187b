"""How a service runs: in one transaction, tried again after a deadlock, refused when it would wait too long."""

import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from datetime import timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import structlog
from django.db import OperationalError, connection, transaction

from accounts import clock
from accounts.errors import Busy

SERIALIZATION_FAILURE, DEADLOCK, LOCK_NOT_AVAILABLE = "40001", "40P01", "55P03"
ATTEMPTS = 3
LONGEST_WAIT = timedelta(seconds=3)
_began: ContextVar[float | None] = ContextVar("began", default=None)
_last: ContextVar[list[Callable[[], Any]] | None] = ContextVar("last", default=None)
log = structlog.get_logger(__name__)

P = ParamSpec("P")
R = TypeVar("R")


def sqlstate(error: BaseException) -> str:
    """The five-character SQLSTATE behind a database error, or nothing."""
    return getattr(error.__cause__, "pgcode", None) or ""


def service(function: Callable[P, R]) -> Callable[P, R]:
    """Make a write one transaction that is retried, with its first `now`, after a deadlock.

    The wrapped function takes `now` as a keyword argument; None becomes the database's clock. Raises Busy when a
    lock could not be had in time.
    """

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        outermost = _began.get() is None
        token = _began.set(time.monotonic()) if outermost else None
        try:
            return _attempt(function, args, kwargs)
        finally:
            if token:
                _began.reset(token)

    return run


def _attempt(function: Callable[..., R], args: tuple[Any, ...], kwargs: dict[str, Any]) -> R:
    for attempt in range(1, ATTEMPTS + 1):
        nested = connection.in_atomic_block
        try:
            with transaction.atomic():
                if kwargs.get("now"):
                    return _to_the_end(function, args, kwargs)
                kwargs["now"] = clock.now()
                with clock.reading(kwargs["now"]):
                    return _to_the_end(function, args, kwargs)
        except OperationalError as error:
            if sqlstate(error) == LOCK_NOT_AVAILABLE:
                raise Busy from error
            if nested or attempt == ATTEMPTS or sqlstate(error) not in (SERIALIZATION_FAILURE, DEADLOCK):
                raise
    raise AssertionError("unreachable")


def _to_the_end(function: Callable[..., R], args: tuple[Any, ...], kwargs: dict[str, Any]) -> R:
    """What it returns, once the work is done that it left for its end."""
    left: list[Callable[[], Any]] = []
    token = _last.set(left)
    try:
        result = function(*args, **kwargs)
        for work in left:
            work()
        return result
    finally:
        _last.reset(token)


def at_the_end(work: Callable[[], Any]) -> None:
    """Do this last in the service that runs, in its transaction; at once where none runs, as in sweeps."""
    left = _last.get()
    if left is None:
        work()
    else:
        left.append(work)


def check_waiting() -> None:
    """Raise Busy when the outermost service began more than 3 s ago; asked right after a lock was had.

    A service is dated at its beginning, and sweeps grant 4 s of grace; what waited longer must not pass for in time.
    Measured on this process's steady clock, which a wrong wall clock cannot bend and which runs on while it is stopped.
    """
    began = _began.get()
    if began is not None and time.monotonic() - began > LONGEST_WAIT.total_seconds():
        raise Busy


def one_by_one(work: Callable[[int], int], keys: Iterable[int], *, what: str) -> int:
    """Do some work for each key in a savepoint of its own and return the sum; a bad row never stops those behind it."""
    return sum(_apart(work, key, what=what) for key in keys)


def _apart(work: Callable[[int], int], key: int, *, what: str) -> int:
    try:
        with transaction.atomic():
            return work(key)
    except Exception:
        log.exception("row.failed", what=what, key=key)
        return 0
