"""Room for deep calls: a way around a slowness of CPython 3.11, 3.12 and the first releases of 3.13 and 3.14.

They keep the frames of Python functions in chunks of 16 KiB, and hand a chunk back to the system as soon as it is empty
(cpython gh-142183). Where a loop deep inside a template happens to sit at the border of a chunk, each call in it maps
memory and unmaps it again: 1,700 times for one queue page, a third of the page's time.
"""

from collections.abc import Callable
from typing import Any, TypeVar

Result = TypeVar("Result")

SLOTS = 16 * 1024  # of 8 bytes; the chunk made for such a frame leaves as much room again for what is called from it


def with_room(function: Callable[..., Result]) -> Callable[..., Result]:
    """Return `function`, called from a frame that claims so large a stack that everything below fits into its chunk.

    The memory is mapped once a call and costs nothing until it is touched.
    """

    def call(*args: Any) -> Result:
        return function(*args)

    call.__code__ = call.__code__.replace(co_stacksize=SLOTS)
    return call
