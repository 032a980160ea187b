"""How each operation is called rightfully: one recipe for each, in a module of this folder for each area.

Whoever adds an operation adds its recipe; `test_every_operation_has_a_recipe` says so otherwise. A recipe names who may
do it, and gives every value that the operation needs so that it succeeds:

    operation("tickets:message", "POST", by="admin", path={"number": Of("open")}, body={"body": "Hello.", "key": KEY})

`Of("open")` stands for something of a tenant, by the name under which `tests/door/worlds/` made it. It is what makes
the matrix: the tests put the same thing of tenant A, of tenant B, and one that does not exist in its place, for every
kind of caller. Whatever names something of a tenant (in the path, the query, the body) is an `Of`, never a bare value.
What belongs to no tenant is a `Common` (a rota's shift, a policy draft). A `Secret` is an id that is authority by
itself, such as the key of a survey's link. Where a field is called after an id, `"decline-{ask}-reason"` names it.

`shows` says whether the rightful answer must contain canaries of tenant A (a page that shows its data does); it is what
keeps the matrix from being green because nothing is ever found. `body` is a form for pages and JSON for the API;
`files` names the fields of `body` that are files. `session` holds what an earlier page put there;
`pages` names the query parameter that holds a cursor;
`status` what the rightful answer has, where that is no 2xx or 3xx; `others` who of the callers may do it as well.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

KEY = "a-key-of-the-matrix-0001"  # of forms that are sent once


@dataclass(frozen=True)
class Of:
    """Something of a tenant, by its name in the world."""

    name: str


@dataclass(frozen=True)
class Secret(Of):
    """Something of a tenant whose knowledge is the authority: the key of a link in a mail.

    It lawfully tells the part of the tenant that it belongs to, and `tells` beside that.
    """

    tells: tuple[str, ...] = ()


@dataclass(frozen=True)
class Common:
    """Something that belongs to no tenant, by its name in the world."""

    name: str


@dataclass(frozen=True)
class Recipe:
    """How one operation is called so that it succeeds."""

    name: str
    method: str
    by: str
    path: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    files: tuple[str, ...] = ()
    shows: bool = False
    pages: str = ""
    session: dict[str, Any] = field(default_factory=dict)
    status: tuple[int, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        return self.name, self.method


RECIPES: dict[tuple[str, str], Recipe] = {}


def operation(name: str, method: str = "GET", *, by: str, **how: Any) -> None:
    """Register a recipe."""
    recipe = Recipe(name, method, by, **how)
    assert recipe.key not in RECIPES, f"{name} {method} has two recipes"
    RECIPES[recipe.key] = recipe


@cache
def recipes() -> dict[tuple[str, str], Recipe]:
    """All recipes of all modules of this folder."""
    for module in pkgutil.iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return RECIPES
