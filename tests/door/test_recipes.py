"""Every operation of the portal has a recipe, so that the tests of this folder exercise it (P-5)."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from tests.door.asking import Findings
from tests.door.operations import Operation, callback_of, operations
from tests.door.recipes import Common, Of, recipes

NAMES_SOMETHING = re.compile(
    r"(^|_|-)(id|ids|number|slug|reference|email|key|assignee|person|people|organisation|customer|partner|subscription|"
    r"duplicate_of|follow_up_of|primary_contact|token|delegation|engagement|message|account_manager)$"
)
PLAIN = {  # fields that are called like a thing and name none, and why
    ("accounts:new_organisation", "POST", "slug"): "a new one",
    ("accounts:plans", "POST", "slug"): "a new one",
    ("accounts:new_team", "POST", "slug"): "a new one",
    ("accounts:invite_admin", "POST", "email"): "nobody's yet",
    ("accounts:invite_staff", "POST", "email"): "nobody's yet",
    ("api-organisation", "PATCH", "is_partner"): "whether it is one",
    ("api-organisations", "POST", "is_partner"): "whether it is one",
    ("api-organisations", "POST", "slug"): "a new one",
    ("api-requests", "GET", "assignee"): "an engineer, who belongs to no tenant",
    ("accounts:grant_delegation", "POST", "partner"): "partners are told their short name by everybody",
    ("accounts:delegation_asks", "POST", "customer"): "another one each time; tests/accounts/test_delegation_asks.py",
    (
        "accounts:change_address",
        "POST",
        "email",
    ): "an address that nobody has; others: tests/accounts/test_mail_change.py",
    ("accounts:save_sign_on", "POST", "client_id"): "the portal's own name at an identity provider",
    ("api-sign-on", "PUT", "creates_people"): "whether accounts are made",
    ("api-sign-on", "PUT", "client_id"): "the portal's own name at an identity provider",
    ("api-delegations", "POST", "partner"): "partners are told their short name by everybody",
    ("api-delegation-asks", "POST", "customer"): "another one each time; tests/accounts/test_delegation_asks.py",
    ("api-delegates", "POST", "people"): "nobody in particular; tests/accounts/test_delegations_api.py tries others",
    ("api-engagement-plan", "POST", "message"): "words with the plan",
    ("api-engagement-begin", "POST", "message"): "words with the beginning",
    ("api-engagement-call-off", "POST", "message"): "the reason",
    ("api-engagement-complete", "POST", "message"): "the last words",
    ("api-audit", "GET", "request_id"): "a call, by its X-Request-ID",
    ("api-audit-export", "GET", "request_id"): "a call, by its X-Request-ID",
    ("api-close", "POST", "message"): "the last words",
    ("tickets:close", "POST", "close-message"): "the last words",
}
HOWTO = """{operation} has no recipe, so nobody tries whether it leaks (P-5).

Add to a module of your area in tests/door/recipes/ (make one; it is found by itself):

    operation("{operation.name}", "{operation.method}", by="admin"{path}{body})

`by` is who may do it: one of the callers that tests/door/worlds/people.py lets in. `Of("…")` names something that
tests/door/worlds/ furnishes for each tenant: `tenant.knows("…", value, part)`. See tests/door/recipes/__init__.py.
"""


def test_every_operation_has_a_recipe() -> None:
    """P-5: an operation that nobody exercises fails"""
    lacking = [_howto(each) for each in operations() if (each.name, each.method) not in recipes()]
    if lacking:
        pytest.fail("\n".join(lacking), pytrace=False)


def _howto(operation: Operation) -> str:
    inner = ", ".join(f'"{each}": Of("…")' for each in operation.parameters)
    path = f", path={{{inner}}}" if inner else ""
    body = ", body={…}" if operation.method in ("POST", "PUT", "PATCH") else ", shows=True"
    return HOWTO.format(operation=operation, path=path, body=body)


def test_every_recipe_is_of_an_operation() -> None:
    """What was removed leaves no recipe behind"""
    known = {(each.name, each.method) for each in operations()}

    assert set(recipes()) <= known, set(recipes()) - known


def test_every_address_has_a_name_of_its_own() -> None:
    """A recipe is found by the name of its address"""
    names = Counter((each.name, each.method) for each in operations())

    assert not [key for key, count in names.items() if count > 1]


def test_every_parameter_of_an_address_is_given() -> None:
    for operation in operations():
        recipe = recipes().get((operation.name, operation.method))
        assert recipe is None or set(recipe.path) == set(operation.parameters), operation


def test_what_is_called_like_a_thing_is_given_as_one() -> None:
    """P-5: a bare value would not be tried with another tenant's"""
    findings = Findings()
    for recipe in recipes().values():
        for name, value in [*recipe.path.items(), *recipe.query.items(), *_flat(recipe.body)]:
            bare = NAMES_SOMETHING.search(name) and isinstance(value, str | int) and not name.endswith("key")
            words = f"{recipe.key} {name}={value!r}: give it `Of(…)`, or tell in PLAIN why it names nothing"
            findings.expect(not bare or (*recipe.key, name) in PLAIN, words)
    findings.settle()


def _flat(body: Any) -> list[tuple[str, Any]]:
    return list(body.items()) if isinstance(body, dict) else []


@cache
def _schema() -> dict[str, Any]:
    return dict(SchemaGenerator().get_schema(request=None, public=True))


def _operations_of_schema() -> list[tuple[str, str, dict[str, Any]]]:
    paths = _schema()["paths"]
    return [
        (path, method.upper(), told)
        for path, methods in paths.items()
        for method, told in methods.items()
        if method.upper() in ("GET", "POST", "PUT", "PATCH", "DELETE")
    ]


def test_the_schema_has_no_operation_that_the_addresses_do_not_have() -> None:
    """P-5: generated from both"""
    places = {(_shape(each.pattern), each.method) for each in operations() if each.is_api}

    assert {(_shape(path), method) for path, method, _ in _operations_of_schema()} <= places


def test_fields_and_filters_of_the_schema_that_name_something_are_in_the_recipes() -> None:
    """P-5: every position of an id, in bodies and queries too"""
    schema = _schema()
    by_place = {(_shape(each.pattern), each.method): each for each in operations() if each.is_api}
    left_out = []
    for path, method, told in _operations_of_schema():
        operation = by_place[_shape(path), method]
        recipe = recipes().get((operation.name, operation.method))
        if recipe is None:
            continue
        names = {each["name"] for each in told.get("parameters", []) if each["in"] == "query"}
        names |= _properties(schema, told.get("requestBody", {}))
        given = {**recipe.query, **dict(_flat(recipe.body))}
        for name in sorted(names):
            thing = NAMES_SOMETHING.search(name) and (*recipe.key, name) not in PLAIN
            if thing and not isinstance(given.get(name), Of | Common):
                left_out.append(
                    f"{operation}: {name} names something; give it `Of(…)` in the recipe, or say in PLAIN why not"
                )

    assert not left_out, "\n".join(left_out)


def fields_of(operation: Operation) -> set[str]:
    """What the body of an operation of the API may hold, by the schema."""
    schema, told = described(operation)
    return _properties(schema, told.get("requestBody", {}))


def described(operation: Operation) -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema, and what it says of an operation of the API."""
    for path, method, told in _operations_of_schema():
        if (_shape(path), method) == (_shape(operation.pattern), operation.method):
            return _schema(), told
    return _schema(), {}


def _properties(schema: dict[str, Any], body: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    for media in body.get("content", {}).values():
        reference = media.get("schema", {}).get("$ref", "")
        parts = schema["components"]["schemas"].get(reference.rpartition("/")[2], media.get("schema", {}))
        found |= {name for name, each in parts.get("properties", {}).items() if not each.get("readOnly")}
    return found


def _shape(pattern: str) -> str:
    return re.sub(r"<[^>]*>|\{[^}]*\}", "*", pattern).strip("/")


def test_a_view_of_a_class_is_told_from_one_of_a_function() -> None:
    for operation in operations():
        assert callback_of(operation)
