"""The field test: fields are granted one by one, whoever sends what (P-6; RELIABILITY.md, API)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from tests.door.asking import Answer, Findings, ask, of, undone
from tests.door.operations import Operation, operations
from tests.door.recipes import Recipe, recipes
from tests.door.state import changed_tables, changes, events_since, last_event, standing
from tests.door.test_leaks import ON_RECORD, recipe_of
from tests.door.worlds import World

PLANTED = "zqplanted"
PLANTED_AT = "2001-02-03T04:05:06Z"
# What a row has and nobody may send. Where an operation takes one of them, its serializer or form says so by its name.
HIDDEN: dict[str, Any] = {
    "id": 999_999_998,
    "pk": 999_999_998,
    "number": "SR-999999998",
    "organisation": 1,
    "organisation_id": 1,
    "customer": PLANTED,
    "state": "archived",
    "severity": "A",
    "tier": "elevated",
    "kind": "billing",
    "cycle": 9,
    "closed_at": PLANTED_AT,
    "created_at": PLANTED_AT,
    "responded_at": PLANTED_AT,
    "due_at": PLANTED_AT,
    "expires_at": PLANTED_AT,
    "revoked_at": PLANTED_AT,
    "answered_at": PLANTED_AT,
    "assignee": 1,
    "person": 1,
    "person_id": 1,
    "author": 1,
    "actor": 1,
    "on_behalf_of": 1,
    "granted_by": 1,
    "role": "global_admin",
    "roles": ["global_admin"],
    "is_staff": True,
    "is_active": False,
    "internal": True,
    "is_partner": True,
    "email": f"{PLANTED}@example.com",
    "password": PLANTED,
    "digest": PLANTED,
    "secret": PLANTED,
    "prefix": PLANTED,
    "key": PLANTED,
    "version": 77,
    "csrf": PLANTED,
    PLANTED: PLANTED,
    "__proto__": PLANTED,
}
KEPT = {("api-policy-draft", "document")}  # a draft may be unsound: `problems` names what nobody knows in it


def writes(*, api: bool) -> list[Operation]:
    """Every operation with a body."""
    found = [each for each in operations() if (each.name, each.method) in recipes() and not each.is_safe]
    return [each for each in found if each.is_api is api]


def reads() -> list[Operation]:
    return [each for each in operations() if (each.name, each.method) in recipes() and each.is_safe]


def with_json() -> list[Operation]:
    return [each for each in writes(api=True) if isinstance(recipe_of(each).body, dict)]


def extended(recipe: Recipe, extra: dict[str, Any]) -> Recipe:
    """The recipe with more in its body."""
    return Recipe(**{**vars(recipe), "body": {**(recipe.body or {}), **extra}})


def pointers(answer: Answer) -> set[str]:
    import json

    told = json.loads(answer.body)
    return {each.get("pointer", "") for each in told.get("errors", [])}


@pytest.mark.parametrize("operation", with_json(), ids=str)
def test_a_field_that_an_operation_does_not_know_is_refused_by_name(world: World, operation: Operation) -> None:
    """Settled point 11; P-6"""
    recipe, findings = recipe_of(operation), Findings()
    caller = world.callers[recipe.by]
    names = [name for name in HIDDEN if name not in recipe.body and name not in taken_by(operation)]
    with undone():
        extra = {name: HIDDEN[name] for name in names}
        answer = ask(world, caller, operation, extended(recipe, extra), of(world.a))
        assert answer.status == 400, answer.body[:300]
        findings.expect(pointers(answer) == {f"#/{name}" for name in names}, f"not named: {answer.body}")
        findings.expect(changed_tables(world.a) + changed_tables(world.b) == [], "something was written")
    findings.settle()


def taken_by(operation: Operation) -> set[str]:
    """The fields of an operation, from the schema."""
    from tests.door.test_recipes import fields_of

    return fields_of(operation)


@pytest.mark.parametrize("operation", with_json(), ids=str)
def test_nested_fields_that_nobody_knows_are_refused_too(world: World, operation: Operation) -> None:
    """Settled point 11"""
    recipe = recipe_of(operation)
    for name, value in recipe.body.items():
        if isinstance(value, dict) and (operation.name, name) not in KEPT:
            with undone():
                nested = {name: {**value, PLANTED: PLANTED}}
                answer = ask(world, world.callers[recipe.by], operation, extended(recipe, nested), of(world.a))
            assert (answer.status, pointers(answer)) == (400, {f"#/{name}/{PLANTED}"})


@pytest.mark.parametrize("operation", writes(api=False), ids=str)
def test_a_form_ignores_what_it_does_not_ask_for(world: World, operation: Operation) -> None:
    """P-6: what a form does not have is written nowhere"""
    recipe = recipe_of(operation)
    prefixes = {name.partition("-")[0] for name in recipe.body or {} if "-" in name} | {""}
    extra = {
        f"{prefix}-{name}" if prefix else name: value
        for prefix in prefixes
        for name, value in {**HIDDEN, "organisation": world.b.organisation.pk}.items()
        if (f"{prefix}-{name}" if prefix else name) not in (recipe.body or {}) and name not in NATURAL
    }
    with undone():
        plain = ask(world, world.callers[recipe.by], operation, recipe, of(world.a))
    with undone():
        answer = ask(world, world.callers[recipe.by], operation, extended(recipe, extra), of(world.a))
        assert answer.status == plain.status
        assert not changed_tables(world.b) or operation.name in ABOUT_ALL
        assert planted() == [] or operation.name in FILTERED


FILTERED = (
    "tickets:export_audit",
    "tickets:export_staff_audit",
)  # the event of an export keeps its filters, of which one is called so
ABOUT_ALL = ("tickets:retry_deliveries",)  # every failed one, whosever it is
NATURAL = ("key", "severity", "kind", "role", "person", "assignee", "email", "password", "version", "customer", "roles")


def planted() -> list[str]:
    """The tables in which something that was planted stands."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
            " AND table_type = 'BASE TABLE' AND table_name <> 'accounts_session'"
        )
        tables = [row[0] for row in cursor.fetchall()]
        parts = [
            f"SELECT '{table}' FROM {table} t WHERE t::text LIKE '%%{PLANTED}%%' OR t::text LIKE '%%2001-02-03%%'"
            " OR t::text LIKE '%%99999998%%'"
            for table in tables
        ]
        cursor.execute(" UNION ALL ".join(parts).replace("%%", "%"))
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize("operation", reads(), ids=str)
def test_reading_changes_nothing_whatever_method_is_smuggled_in(world: World, operation: Operation) -> None:
    """P-10: nor does it leave an event, but for what is on record because it was read; P-6: no method override"""
    recipe = recipe_of(operation)
    caller = world.callers[recipe.by]
    smuggled = dict.fromkeys(("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"), "DELETE")
    with undone():
        before, last = standing(), last_event()
        plain = ask(world, caller, operation, recipe, of(world.a))
        told = ask(world, caller, operation, recipe, of(world.a), headers=smuggled)
        assert (told.status, told.location) == (plain.status, plain.location)
        assert changes(before) == []
        assert bool(events_since(last)) is (operation.name in ON_RECORD)
