"""Which refusals of its own an operation can meet, read from the code that it calls: nobody keeps a list of them.

From the method of a view on, every function of ours that it names is followed, and what those raise counts, or say in
their docstrings that they raise. It may name one too many, where a way through the code is never taken; a call that is
refused with a code that is not named fails the tests.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from types import FunctionType
from typing import Any

from rest_framework.views import APIView

from support_portal.problems import PROBLEMS, Problem

OURS = ("accounts", "selfhelp", "support_portal", "tickets")  # what the engines refuse depends on no call
SHARED = ("accounts.api.base", "accounts.actors", "accounts.idempotency", "accounts.transactions")
TOLD_ONCE = {  # of many operations, in docs/api.md
    *("not-permitted", "version-mismatch", "invalid-cursor", "too-many-requests", "busy"),
    *("idempotency-key-in-use", "idempotency-key-reused"),
}
OF_ITSELF = ("self", "cls")
SAID = re.compile(r"[Rr]aises ((?:[A-Z]\w+(?:, | and |, and | or )?)+)")
BY_NAME = {kind.__name__: kind for kind in PROBLEMS}

Kinds = frozenset[type[BaseException]]
NOTHING: Kinds = frozenset()
Step = tuple[FunctionType, type | None, Kinds]  # with the class whose `self` it has, if any, and what is caught there


@dataclass(frozen=True, slots=True)
class Body:
    """What one function raises, and what it names that may be called."""

    raises: Kinds
    names: tuple[Step, ...]


@cache
def problems_of(view: type[APIView], method: str) -> tuple[Problem, ...]:
    """The refusals that `method` of the view can meet beside those of every operation, by status and code."""
    names = ("post", "prepared") if method == "POST" else (method.lower(),)
    starts = (_function(getattr(view, name, None)) for name in names)
    found = _raised([(each, view, NOTHING) for each in starts if each and not _is_shared(each)])
    rows = {row.code: row for kind in found for row in _rows(kind) if row.code not in TOLD_ONCE}
    return tuple(sorted(rows.values(), key=lambda row: (row.status, row.code)))


def _rows(kind: type[BaseException]) -> Iterator[Problem]:
    """The row of the nearest class, none for what is no refusal."""
    yield from [PROBLEMS[each] for each in kind.__mro__ if each in PROBLEMS][:1]


def _raised(waiting: list[Step]) -> set[type[BaseException]]:
    seen: set[Step] = set()
    found: set[type[BaseException]] = set()
    while waiting:
        step = waiting.pop()
        if step not in seen:
            seen.add(step)
            function, owner, caught = step
            body = _read(function, owner)
            found |= _escaping(body.raises, caught)
            waiting.extend((each, whose, caught | caught_there) for each, whose, caught_there in body.names)
    return found


def _escaping(kinds: Iterable[type[BaseException]], caught: Kinds) -> Kinds:
    return frozenset(kind for kind in kinds if not issubclass(kind, tuple(caught)))


@cache
def _read(function: FunctionType, owner: type | None) -> Body:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    scope = {**function.__globals__, **inspect.getclosurevars(function).nonlocals, **dict(_imported(tree))}
    said = re.findall(r"\w+", " ".join(SAID.findall(inspect.getdoc(function) or "")))
    raised = {BY_NAME[name] for name in said if name in BY_NAME}
    named: dict[Step, None] = {}  # a set that keeps its order
    for node, caught in _with_caught(tree, scope):
        if isinstance(node, ast.Raise) and node.exc is not None:
            kind = _meant(node.exc.func if isinstance(node.exc, ast.Call) else node.exc, scope, owner)
            raised |= _escaping([kind], caught) if _is_refusal(kind) else NOTHING
        elif isinstance(node, ast.Name | ast.Attribute):
            for each, whose in _called(_meant(node, scope, owner), owner if _is_own(node) else None):
                named[each, whose, caught] = None
    return Body(frozenset(raised), tuple(named))


def _with_caught(node: ast.AST, scope: dict[str, Any], caught: Kinds = NOTHING) -> Iterator[tuple[ast.AST, Kinds]]:
    """Every part of the code, with the refusals that are caught around it and do not leave the function."""
    yield node, caught
    for name, value in ast.iter_fields(node):
        inside = caught | _caught_by(node, scope) if isinstance(node, ast.Try) and name == "body" else caught
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.AST):
                yield from _with_caught(part, scope, inside)


def _caught_by(attempt: ast.Try, scope: dict[str, Any]) -> Kinds:
    kept = [each.type for each in attempt.handlers if each.type and not any(map(_raises_again, ast.walk(each)))]
    named = [name for each in kept for name in (each.elts if isinstance(each, ast.Tuple) else [each])]
    kinds = [_meant(name, scope, None) for name in named]
    return frozenset(kind for kind in kinds if _is_refusal(kind))


def _raises_again(node: ast.AST) -> bool:
    return isinstance(node, ast.Raise) and node.exc is None


def _is_refusal(kind: Any) -> bool:
    return inspect.isclass(kind) and issubclass(kind, BaseException)


def _imported(tree: ast.AST) -> Iterator[tuple[str, Any]]:
    """What is imported within a function, where that breaks a circle."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            module = import_module(node.module)
            yield from ((each.asname or each.name, getattr(module, each.name, None)) for each in node.names)


def _is_own(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in OF_ITSELF


def _meant(node: ast.AST, scope: dict[str, Any], owner: type | None) -> Any:
    """What an expression of names and dots stands for, None where only running it would tell."""
    if isinstance(node, ast.Name):
        return scope.get(node.id)
    if not isinstance(node, ast.Attribute):
        return None
    if _is_own(node):
        return inspect.getattr_static(owner, node.attr, None) if owner else None
    whole = _meant(node.value, scope, owner)
    return getattr(whole, node.attr, None) if inspect.ismodule(whole) or inspect.isclass(whole) else None


def _called(thing: Any, owner: type | None) -> Iterator[tuple[FunctionType, type | None]]:
    """The functions of ours that are run when this is called or read."""
    if inspect.isclass(thing) and thing.__module__.partition(".")[0] in OURS:
        yield from ((each, thing) for each in map(_function, vars(thing).values()) if each and _is_making(each))
    elif (function := _function(thing)) and not _is_shared(function):
        yield function, owner


def _is_making(function: FunctionType) -> bool:
    is_written = not function.__code__.co_filename.startswith("<")  # not made by `dataclass`
    return is_written and function.__name__ in ("__init__", "__post_init__")


def _function(thing: Any) -> FunctionType | None:
    """The function in a property, a class method, a decorated function; None for anything else."""
    match thing:
        case property():
            thing = thing.fget
        case cached_property():
            thing = thing.func
        case staticmethod() | classmethod():
            thing = thing.__func__
    thing = inspect.unwrap(thing) if callable(thing) and not inspect.isclass(thing) else thing
    is_ours = isinstance(thing, FunctionType) and thing.__module__.partition(".")[0] in OURS
    return thing if is_ours else None


def _is_shared(function: FunctionType) -> bool:
    return function.__module__ in SHARED
