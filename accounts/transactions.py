"""How a service runs: in one transaction, tried again after a deadlock, refused when it would wait too long."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

from accounts import clock
from accounts.errors import Busy

SERIALIZATION_FAILURE, DEADLOCK, LOCK_NOT_AVAILABLE = "40001", "40P01", "55P03"
ATTEMPTS = 3

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
        for attempt in range(1, ATTEMPTS + 1):
            nested = connection.in_atomic_block
            try:
                with transaction.atomic():
                    kwargs["now"] = kwargs.get("now") or clock.now()
                    return function(*args, **kwargs)  # type: ignore[arg-type]
            except OperationalError as error:
                if sqlstate(error) == LOCK_NOT_AVAILABLE:
                    raise Busy from error
                if nested or attempt == ATTEMPTS or sqlstate(error) not in (SERIALIZATION_FAILURE, DEADLOCK):
                    raise
        raise AssertionError("unreachable")

    return run
