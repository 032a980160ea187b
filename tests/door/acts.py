"""What pages do and what the API does, read from the code: which services each of their views reaches."""

from __future__ import annotations

import dis
import inspect
from collections.abc import Callable, Iterable, Iterator
from functools import cache, cached_property
from itertools import pairwise
from types import CodeType, FunctionType, ModuleType
from typing import Any

from accounts.transactions import service
from tests.door.operations import Operation, callback_of, operations

OURS = ("accounts", "tickets", "selfhelp", "support_portal")
MADE_BY_SERVICE = service(lambda *, now: now).__code__


def acts_of(operation: Operation) -> set[FunctionType]:
    """The writes that an operation asks for: the services that its view comes to first."""
    callback = callback_of(operation)
    view = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
    start = getattr(view, operation.method.lower()) if view else callback
    return {each for each in _reached(start, view, past=lambda each: not _is_write(each)) if _is_write(each)}


def only_on_pages(operation: Operation) -> bool:
    """Whether a page writes what no operation of the API writes, or nothing that we could find there."""
    acts = acts_of(operation)
    return not acts or any(act not in acts_of_the_api() and not _merely_asks(act) for act in acts)


@cache
def acts_of_the_api() -> frozenset[FunctionType]:
    """Every write that some operation of the API comes to, be it within another one."""
    asked = [act for each in operations() if each.is_api for act in acts_of(each)]
    return frozenset(inner for act in asked for inner in [act, *_reached(act, None, past=lambda _each: True)])


def _merely_asks(act: FunctionType) -> bool:
    """Whether a write is one that the API has, with another answer."""
    named = _reached(act, None, past=lambda each: each is act or not _is_write(each)) - {act}
    within = {each for each in named if _is_write(each)}
    return bool(within) and within <= acts_of_the_api()


def _reached(start: Any, view: Any, *, past: Callable[[FunctionType], bool]) -> set[FunctionType]:
    """The functions that one names, itself too, and those that these name as long as the way leads `past` them."""
    found, todo = set[FunctionType](), [start]
    while todo:
        each = _function(todo.pop())
        if each is None or each in found or not each.__module__.startswith(OURS):
            continue
        found.add(each)
        if past(each):
            todo += _named_by(each)
            for name in _attributes_in(each) if view else ():
                todo += _within(inspect.getattr_static(view, name, None))
    return found


def _is_write(function: FunctionType) -> bool:
    return function.__code__ is MADE_BY_SERVICE and ".services" in function.__module__


def _function(each: Any) -> FunctionType | None:
    """The function that something is, or that it wraps."""
    if isinstance(each, property):
        each = each.fget
    if isinstance(each, cached_property):
        each = each.func
    if isinstance(each, staticmethod | classmethod):
        each = each.__func__
    return each if isinstance(each, FunctionType) else None


@cache
def _named_by(function: FunctionType) -> tuple[FunctionType, ...]:
    """The functions that one names: of its module, of modules that it knows, or as values of a table."""
    inner = inspect.unwrap(function)
    named = [_resolved(inner.__globals__, one, after) for one, after in _instructions(inner.__code__)]
    return tuple(each for value in named for each in map(_function, _within(value)) if each is not None)


@cache
def _attributes_in(function: FunctionType) -> frozenset[str]:
    """What one asks of an object by name, which may be its own view."""
    code = inspect.unwrap(function).__code__
    return frozenset(str(one.argval) for one, _ in _instructions(code) if one.opname in ("LOAD_ATTR", "LOAD_METHOD"))


def _resolved(names: dict[str, Any], one: dis.Instruction, after: dis.Instruction | None) -> Any:
    named = names.get(one.argval) if one.opname in ("LOAD_GLOBAL", "LOAD_NAME") else None
    return getattr(named, str(after.argval), None) if isinstance(named, ModuleType) and after else named


def _within(named: Any) -> Iterable[Any]:
    """What hangs on a name: itself, or what stands in a table."""
    values = named.values() if isinstance(named, dict) else [named]
    return [each for value in values for each in (value if isinstance(value, tuple) else (value,))]


def _instructions(code: CodeType) -> Iterator[tuple[dis.Instruction, dis.Instruction | None]]:
    yield from pairwise([*dis.get_instructions(code), None])  # type: ignore[type-var, misc]  # only the last is None
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _instructions(each)
