"""Room for deep calls: no depth of the stack at which a loop of calls is slow."""

import resource

import pytest
from django.core.handlers.wsgi import WSGIHandler

from support_portal import wsgi
from support_portal.roominess import SLOTS, with_room

CALLS = 1000


def leaf():
    return None


def descend(depth):
    """Go down some frames, and call something a thousand times from there."""
    if depth:
        return descend(depth - 1)
    for _ in range(CALLS):
        leaf()
    return depth


def mapped_by(depth):
    """How often memory was touched anew by the calls at this depth."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    with_room(descend)(depth)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def test_no_depth_maps_memory_for_every_call():
    """P-8: a page's time does not hang on how deep the web server happens to call it."""
    assert max(mapped_by(depth) for depth in range(240)) < CALLS / 2


def test_arguments_results_and_errors_pass_through():
    assert with_room(divmod)(7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        with_room(divmod)(7, 0)


def test_the_portal_is_served_with_room():
    assert wsgi.application.__code__.co_stacksize == SLOTS
    assert any(isinstance(cell.cell_contents, WSGIHandler) for cell in wsgi.application.__closure__)
