"""Every kind of event has words, and every service that changes something leaves an event (P-10)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from django.utils import translation

from accounts.models import Event
from tickets import audit_wording
from tickets.audit_wording import Fact, Names, facts_of
from tickets.events import EventKind

ROOT = Path(__file__).parents[2]
APPS = ("accounts", "tickets", "selfhelp", "sla")
WRITERS = {"services.py"}
RECORDERS = {"record_event", "record"}
# Services that leave no event of their own, and why.
WITHOUT = {
    "_accept_key": "a key that was used, whose sign-in is on record",
    "read_notices": "a person reads what is theirs",
}


@cache
def modules() -> list[tuple[Path, ast.Module]]:
    files = [file for app in APPS for file in sorted((ROOT / app).rglob("*.py")) if "migrations" not in file.parts]
    return [(file, ast.parse(file.read_text())) for file in files]


@cache
def called(tree: ast.AST) -> set[str]:
    """The names of what is called, or chosen among modules to be called."""
    calls = {_name(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return calls | {
        node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }


@cache
def functions() -> dict[str, list[ast.FunctionDef]]:
    found: dict[str, list[ast.FunctionDef]] = {}
    for file, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and ("services" in file.parts or file.name in WRITERS):
                found.setdefault(node.name, []).append(node)
    return found


def services() -> Iterator[ast.FunctionDef]:
    for each in (node for nodes in functions().values() for node in nodes):
        if any(isinstance(mark, ast.Name) and mark.id == "service" for mark in each.decorator_list):
            yield each


def records(node: ast.FunctionDef, *, seen: set[str]) -> bool:
    """Whether an event can follow from this function, by what it calls."""
    names = called(node)
    if names & RECORDERS:
        return True
    further = (names & set(functions())) - seen
    seen |= further
    return any(records(each, seen=seen) for name in sorted(further) for each in functions()[name])


def test_every_service_leaves_an_event():
    """P-10"""
    silent = {node.name for node in services() if not records(node, seen={node.name})}

    assert silent == set(WITHOUT)


def kinds_in_code() -> set[str]:
    """Every kind that is written down where an event is recorded."""
    kinds = {kind.value for kind in EventKind}
    for _, tree in modules():
        constants = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node.func) in {"record_event", "_record", "_settle"} and node.args:
                kinds |= {each for first in node.args for each in _strings(first, constants)}
    return {kind for kind in kinds if kind.isascii() and "_" in kind}


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _strings(node: ast.expr, constants: dict[str, object]) -> set[str]:
    """The texts that an argument can be: itself, either side of a choice, or a constant of the module."""
    if isinstance(node, ast.IfExp):
        return _strings(node.body, constants) | _strings(node.orelse, constants)
    value = node.value if isinstance(node, ast.Constant) else constants.get(getattr(node, "id", ""))
    return {value} if isinstance(value, str) else set()


def test_every_kind_of_event_has_words_in_both_languages():
    """P-10: a new kind needs a line in tickets/audit_wording.py"""
    assert kinds_in_code() <= set(audit_wording.KINDS)
    for kind in kinds_in_code():
        with translation.override("en"):
            english = audit_wording.kind_words(kind)
        with translation.override("zh-hant"):
            assert audit_wording.kind_words(kind) not in (english, kind)


def told(kind: str, data: dict[str, object], names: Names | None = None) -> list[Fact]:
    event = Event(kind=kind, data=data, at=datetime(2026, 11, 26, tzinfo=UTC), actor_id=3)
    return facts_of(event, names or Names())


@pytest.mark.parametrize(
    ("kind", "data", "facts"),
    [
        (
            "role_given",
            {"person": 7, "role": "reader", "from": [], "to": ["reader"]},
            [Fact("Roles", "Reader", "none"), Fact("Person", "Ben"), Fact("Role", "Reader")],
        ),
        ("severity_changed", {"from": "C", "to": "A"}, [Fact("Severity", "A – critical", "C – non-critical")]),
        (
            "request_closed",
            {"resolution": "solved", "state": {"from": "in_progress", "to": "closed"}},
            [Fact("State", "Closed", "In progress"), Fact("Resolution", "Solved")],
        ),
        ("request_taken", {"assignee": 7, "from": None, "to": 7}, [Fact("Assignee", "Ben", "none")]),
        (
            "subscription_changed",
            {"from": {"subscription": "one", "tier": "business"}, "to": {"subscription": "two", "tier": "enterprise"}},
            [Fact("Subscription", "two", "one"), Fact("Tier", "Enterprise", "Business")],
        ),
        (
            "profile_changed",
            {"fields": ["name", "phone"], "from": {"name": "h1", "phone": ""}, "to": {"name": "h2", "phone": "h3"}},
            [Fact("Name", "Ann Lee", "Ann Li"), Fact("Phone number", "erased", "none")],
        ),
        ("escalation_step", {"timer": "response", "step": "50", "to": ["team"]}, []),
        ("from_a_version_to_come", {"from": 1, "to": 2, "whatever": {}}, [Fact("State", "2", "1")]),
    ],
)
def test_an_event_tells_what_it_changed_from_and_to(kind, data, facts):
    """P-10"""
    names = Names(people={7: "Ben"}, clear={(3, "h1"): "Ann Li", (3, "h2"): "Ann Lee"})

    assert told(kind, data, names) == facts
