"""Headers of answers that the matrix of leaks does not meet; it looks at those of every answer it gets (P-7)."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.door.asking import Findings, ask, of, undone
from tests.door.headers import POLICY, check_headers, directives
from tests.door.operations import METHODS, Operation
from tests.door.recipes import recipes
from tests.door.test_leaks import having_recipes, is_first, named, recipe_of
from tests.door.worlds import World
from tests.support_portal.test_headers import EVERYWHERE

FOR_PROBES = ("healthz", "readyz", "metrics")  # asked by the address of the machine


@pytest.mark.parametrize("operation", [each for each in having_recipes() if is_first(each)], ids=named)
def test_an_address_asked_by_a_wrong_method_answers_with_every_header_too(world: World, operation: Operation) -> None:
    """P-7; parts of pages are looked at in test_pages.py"""
    recipe, findings = recipe_of(operation), Findings()
    other = next(name for name in reversed(METHODS) if (operation.name, name) not in recipes())
    with undone():
        answer = ask(world, world.callers[recipe.by], operation, recipe, of(world.a), method=other)
    findings.expect(answer.status < 500, f"{answer.status}")
    check_headers(operation, answer, findings, f"another method ({answer.status})")
    findings.settle()


@pytest.mark.parametrize(
    "operation", [each for each in having_recipes()[::20] if each.name not in FOR_PROBES], ids=named
)
def test_a_host_that_is_not_ours_gets_every_header_too(world: World, operation: Operation) -> None:
    """P-7: refused before any operation is looked for"""
    recipe, findings = recipe_of(operation), Findings()
    with undone():
        answer = ask(world, world.callers[recipe.by], operation, recipe, of(world.a), headers={"Host": "evil.example"})
    findings.expect(answer.status == 400, f"{answer.status}")
    check_headers(operation, answer, findings, "another host")
    findings.settle()


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/metrics", "/static/css/portal.css", "/none", "/api/v1/none/"]
)
def test_answers_that_are_no_operation_have_every_header_too(world: World, path: str) -> None:
    """P-7"""
    with undone():
        answer = Client(raise_request_exception=False).get(path)

    told = {name: answer.headers.get(name) for name in EVERYWHERE}
    cached = told.pop("Cache-Control")
    policy = told.pop(POLICY)
    assert told == {name: value for name, value in EVERYWHERE.items() if name in told}
    assert directives(policy or "") == directives(EVERYWHERE[POLICY])
    assert cached == "no-store" or path.startswith("/static/")
