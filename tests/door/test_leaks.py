"""The matrix of leaks: every operation, every kind of caller, every position of an id (P-5).

Tenants A and B are furnished alike (`worlds/`), each operation has a recipe (`recipes/`). The rightful caller of A
finds the canaries of A; everybody else finds none that they may not see, no id of A's, and cannot tell a thing of A's
from one that does not exist.
"""

from __future__ import annotations

import os
import re
from zlib import crc32

import pytest

from accounts.models import Delivery, Person
from tests.door.asking import Answer, Findings, Place, ask, missing, of, only, places, undone
from tests.door.headers import check_headers
from tests.door.operations import Operation, callback_of, operations
from tests.door.recipes import Recipe, Secret, recipes
from tests.door.state import changed_tables
from tests.door.worlds import (
    INTERNAL,
    ORGANISATION,
    PRIVATE,
    REQUEST,
    Caller,
    Tenant,
    World,
    canaries,
    ids_in,
)
from tests.door.worlds import requests as furnishing
from tickets.services import relay

STRANGERS = (
    "anonymous", "admin_of_b", "reader_of_b", "user_of_b", "exchange_admin_of_b", "former_partner",
    "partner_elsewhere", "partner_at_home", "account_manager_elsewhere", "operator",
)  # fmt: skip
INSIDERS = ("partner", "second_admin", "reader", "sharepoint_admin", "user", "without_scope")
READERS_OF_NONE = (
    "admin_of_b", "former_partner", "partner_elsewhere", "account_manager_elsewhere", "sharepoint_admin",
)  # fmt: skip
OF_A = ("admin", "second_admin", "reader", "user", "partner")
ALWAYS = ("anonymous", "admin_of_b", "former_partner", "reader", "user")  # the others take turns, unless DOOR=all
TURNS = 6
NAMED = re.compile(r"\{\w+\}")  # an id in the name of a field
ON_RECORD = ("api-audit-export", "api-export-file", "tickets:export_file", "tickets:staff_export_file")  # as events
DESK = ("operator",)  # told of failures by the numbers of requests


def named(operation: Operation) -> str:
    return str(operation)


def having_recipes() -> list[Operation]:
    return [each for each in operations() if (each.name, each.method) in recipes()]


def recipe_of(operation: Operation) -> Recipe:
    return recipes()[operation.name, operation.method]


def api_or_page(operation: Operation, caller: Caller) -> bool:
    return operation.is_api or not caller.api_only


# ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("operation", having_recipes(), ids=named)
def test_the_rightful_caller_succeeds_and_finds_the_canaries(world: World, operation: Operation) -> None:
    """P-5, the other side: the matrix is not green because nothing is ever found"""
    recipe, caller = recipe_of(operation), world.callers[recipe_of(operation).by]
    with undone():
        answer = ask(world, caller, operation, recipe, of(world.a))

    assert _succeeds(answer, recipe), f"{answer.status} {answer.location} {answer.body[:600]}"
    found = canaries(answer.untyped, "a")
    findings = Findings()
    check_headers(operation, answer, findings, "rightful")
    findings.settle()
    assert found or not recipe.shows, f"no canary of tenant A in the answer: {answer.body[:600]}"
    secrets = [each for _, each in places(recipe) if isinstance(each, Secret)]
    lawful = caller.sees | {part for each in secrets for part in (world.a.ids[each.name].part, *each.tells)}
    assert found <= lawful, f"{caller.name} sees {found - caller.sees}"
    assert not canaries(answer.untyped, "b") or caller.name in ("lead", "manager", "engineer", "senior", "operator")


def _asked(names: tuple[str, ...], operation: Operation) -> list[str]:
    """Who tries an operation in the ordinary run: some always, a sixth of the others, the same ones each time."""
    if os.environ.get("DOOR") == "all":
        return list(names)
    return [name for name in names if name in ALWAYS or crc32(f"{operation} {name}".encode()) % TURNS == 0]


def _succeeds(answer: Answer, recipe: Recipe) -> bool:
    good = answer.status in recipe.status if recipe.status else 200 <= answer.status < 400
    return good and not answer.location.startswith("/login/?")


# ── who may not ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("operation", having_recipes(), ids=named)
def test_strangers_learn_nothing_and_change_nothing(world: World, operation: Operation) -> None:
    """P-5: no byte of A; a foreign thing is a missing one; nothing of A changes"""
    recipe, findings = recipe_of(operation), Findings()
    for caller in (world.callers[name] for name in _asked(STRANGERS, operation)):
        _cell(world, caller, operation, recipe, findings)
    admin = world.callers["admin_of_b"]
    for place in _places_apart(world, admin, recipe):
        theirs, none = (only(place, choice(world.a), of(world.b)) for choice in (of, missing))
        _same(world, admin, operation, recipe, (theirs, none), findings, where=f"{'.'.join(place)} alone")
    for method in ("HEAD", "OPTIONS") if _has_ids(recipe) and is_first(operation) else ():
        pair = (of(world.a), missing(world.a))
        _same(world, admin, operation, recipe, pair, findings, method=method, where=method)
    findings.settle()


def _places_apart(world: World, caller: Caller, recipe: Recipe) -> list[Place]:
    """The places to hold an id of A's while the others hold B's; a single place is tried with all of A already."""
    found = places(recipe)
    if len(found) == 1 and _knows_nothing_of_it(world, caller, recipe) and not NAMED.search(repr(recipe.body)):
        return []
    return [place for place, each in found if not isinstance(each, Secret)]


def _knows_nothing_of_it(world: World, caller: Caller, recipe: Recipe) -> bool:
    """Whether the things that a recipe names may be neither known to the caller nor told from missing ones."""
    found = [each for _, each in places(recipe)]
    if caller.name in (recipe.by, *recipe.others) or any(isinstance(each, Secret) for each in found):
        return False
    parts = {world.a.ids[each.name].part for each in found}
    return bool(parts) and not parts & caller.sees


def is_first(operation: Operation) -> bool:
    """Whether no other method of this address comes before: for what the address answers whichever way it is asked."""
    return operation == next(each for each in having_recipes() if each.name == operation.name)


@pytest.mark.parametrize("operation", having_recipes(), ids=named)
def test_insiders_learn_what_is_theirs_and_no_more(world: World, operation: Operation) -> None:
    """P-5, P-6, RO-1, SH-2: of the same organisation, and yet not everything"""
    recipe, findings = recipe_of(operation), Findings()
    for caller in (world.callers[name] for name in _asked(INSIDERS, operation)):
        if api_or_page(operation, caller):
            _cell(world, caller, operation, recipe, findings, changes=True)
    findings.settle()


def _has_ids(recipe: Recipe) -> bool:
    return any(not isinstance(each, Secret) for _, each in places(recipe))


def _cell(
    world: World, caller: Caller, operation: Operation, recipe: Recipe, findings: Findings, *, changes: bool = False
) -> None:
    """One caller with everything of A in its place; and, where they may not know of it, with nothing there."""
    if caller.name in (recipe.by, *recipe.others) or any(isinstance(each, Secret) for _, each in places(recipe)):
        return
    if _knows_nothing_of_it(world, caller, recipe):
        _same(world, caller, operation, recipe, (of(world.a), missing(world.a)), findings)
        return
    with undone():
        answer = ask(world, caller, operation, recipe, of(world.a))
        _check(world, caller, operation, answer, findings)
        lawful = operation.is_safe or changes or not changed_tables(world.a)
        findings.expect(lawful, f"{caller.name} changed something of A: {answer.status}")


def _same(
    world: World,
    caller: Caller,
    operation: Operation,
    recipe: Recipe,
    choices: tuple,
    findings: Findings,
    *,
    method: str = "",
    where: str = "all places",
) -> None:
    theirs, none = choices
    for attempt in (1, 2):  # a minute may turn between two answers
        with undone():
            foreign = ask(world, caller, operation, recipe, theirs, method=method)
            changed = not operation.is_safe and bool(changed_tables(world.a))
        with undone():
            lost = ask(world, caller, operation, recipe, none, method=method)
        if foreign.told == lost.told or attempt == 2:
            break
    for answer in (foreign, lost):
        _check(world, caller, operation, answer, findings)
    told, missed = foreign.told, lost.told
    findings.expect(not changed, f"{caller.name} ({where}) changed something of A: {foreign.status}")
    findings.expect(
        told == missed,
        f"{caller.name} ({where}) can tell A's from a missing one: {foreign.status} and {lost.status}\n"
        f"  {_difference(told, missed)}",
    )


def _check(world: World, caller: Caller, operation: Operation, answer: Answer, findings: Findings) -> None:
    seen = canaries(answer.untyped, "a") - caller.sees
    findings.expect(not seen, f"{caller.name} sees {sorted(seen)} of A: {answer.status} {_around(answer.untyped)}")
    if REQUEST not in caller.sees and ORGANISATION not in caller.sees and caller.name not in DESK:
        ids = ids_in(answer.untyped, world.a) - _lawful_ids(world, caller)
        findings.expect(not ids, f"{caller.name} sees ids of A: {sorted(ids)} in {answer.status}")
    findings.expect(answer.status < 500, f"{caller.name} met {answer.status}: {answer.body[:300]}")
    check_headers(operation, answer, findings, f"{caller.name} ({answer.status})")


def _lawful_ids(world: World, caller: Caller) -> set[str]:
    """Whom a partner may act for, whom it chose while it might, and one's own rows."""
    chosen = {str(caller.acting_for.pk)} if caller.acting_for else set()
    own = chosen | ({str(caller.person.pk), caller.person.phone.rpartition(" ")[2]} if caller.person else set())
    return own | {str(known.value) for known in world.a.ids.values() if known.part in caller.sees}


def _around(text: str) -> str:
    at = text.lower().find("zqa")
    return repr(text[max(0, at - 120) : at + 80]) if at >= 0 else ""


def _difference(one: Answer, other: Answer) -> str:
    if one.body == other.body:
        return f"headers {set(one.headers.items()) ^ set(other.headers.items())}"
    at = next((i for i, (x, y) in enumerate(zip(one.body, other.body, strict=False)) if x != y), 0)
    return f"{one.body[max(0, at - 80) : at + 120]!r}\n  {other.body[max(0, at - 80) : at + 120]!r}"


# ── other ways in: cursors, keys, notes, mails ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("operation", [each for each in having_recipes() if recipe_of(each).pages], ids=named)
def test_a_cursor_of_somebody_else_opens_nothing(world: World, operation: Operation) -> None:
    """P-5: a place in A's list is a place in the caller's own"""
    recipe, findings = recipe_of(operation), Findings()
    with undone():
        first = ask(world, world.callers[recipe.by], operation, recipe, of(world.a), query={"page_size": "1"})
    cursor = first.body.partition(f"{recipe.pages}=")[2].partition('"')[0].partition("&")[0] or "eyJ2IjpbMV0sImIiOjB9"
    for name in _asked(READERS_OF_NONE, operation):
        for choice in (of(world.a), of(world.b)):
            with undone():
                answer = ask(world, world.callers[name], operation, recipe, choice, query={recipe.pages: cursor})
            answer = Answer(answer.status, answer.headers, answer.body, (*answer.typed, cursor))
            _check(world, world.callers[name], operation, answer, findings)
    findings.settle()


def takes_key(operation: Operation) -> bool:
    view = getattr(callback_of(operation), "cls", None)
    return bool(view and getattr(getattr(view, operation.method.lower()), "is_idempotent", False))


@pytest.mark.parametrize("operation", [each for each in having_recipes() if takes_key(each)], ids=named)
def test_a_key_of_somebody_else_replays_nothing(world: World, operation: Operation) -> None:
    """P-2, P-5: an Idempotency-Key is each caller's own"""
    recipe, findings = recipe_of(operation), Findings()
    keyed = {"Idempotency-Key": "a-key-of-everybody-2"}
    with undone():
        first = ask(world, world.callers[recipe.by], operation, recipe, of(world.a), headers=keyed)
        assert _succeeds(first, recipe), first.body
        for name, tenant in (("admin_of_b", world.b), ("former_partner", world.a), ("second_admin", world.a)):
            answer = ask(world, world.callers[name], operation, recipe, of(tenant), headers=keyed)
            _check(world, world.callers[name], operation, answer, findings)
            findings.expect("Idempotency-Replayed" not in answer.headers, f"{name} got A's answer again")
    findings.settle()


def leaves_nothing(operation: Operation) -> bool:
    """Whether somebody reads by it without leaving a trace that the next one finds."""
    return operation.is_safe and operation.name not in ON_RECORD and recipe_of(operation).by != "anonymous"


def test_a_note_of_the_desk_changes_nothing_that_its_customer_can_see(world: World) -> None:
    """P-5, the second gate: answers, counts, ETag and Last-Modified stay as they were"""
    reads = [each for each in having_recipes() if leaves_nothing(each)]
    admin, findings = world.callers["admin"], Findings()
    with undone():
        _warm_up(world, admin, world.a)
        before = {each: ask(world, admin, each, recipe_of(each), of(world.a)).told for each in reads}
        furnishing.note(world, world.a)
        for each in reads:
            after = ask(world, admin, each, recipe_of(each), of(world.a)).told
            findings.expect(after == before[each], f"{each} changed: {_difference(before[each], after)}")
            findings.expect(INTERNAL not in canaries(after.text, "a"), f"{each} shows a note")
    findings.settle()


def test_what_one_tenant_does_changes_nothing_that_another_can_see(world: World) -> None:
    """P-5: no count, no order and no page of B's tells that A was busy"""
    known, findings = having_recipes(), Findings()
    reads = [each for each in known if leaves_nothing(each)]
    with undone():
        for name in ("admin_of_b", "reader_of_b", "partner_elsewhere"):
            _warm_up(world, world.callers[name], world.b)
        cells = [
            (world.callers[name], each)
            for each in reads
            for name in _asked(("admin_of_b", "reader_of_b", "partner_elsewhere"), each)
        ]
        before = {(who.name, each): ask(world, who, each, recipe_of(each), of(world.b)).told for who, each in cells}
        for operation in known:
            if not operation.is_safe and recipe_of(operation).by in OF_A:
                ask(world, world.callers[recipe_of(operation).by], operation, recipe_of(operation), of(world.a))
        for who, each in cells:
            after = ask(world, who, each, recipe_of(each), of(world.b)).told
            same = before[who.name, each]
            findings.expect(after == same, f"{who.name}: {each} changed: {_difference(same, after)}")
    findings.settle()


def _warm_up(world: World, caller: Caller, tenant: Tenant) -> None:
    """Pages and a call which note the use of session and token, or draw a secret that stays for the session."""
    for name in ("tickets:list", "accounts:add_app", "api-requests"):
        operation = next(each for each in having_recipes() if each.name == name and each.is_safe)
        ask(world, caller, operation, recipe_of(operation), of(tenant))


def test_no_mail_carries_what_its_receiver_may_not_see(world: World) -> None:
    """P-5, P-6: mails as they would be composed now"""
    findings, composed = Findings(), 0
    with undone():
        for operation in having_recipes():
            if not operation.is_safe:
                recipe = recipe_of(operation)
                ask(world, world.callers[recipe.by], operation, recipe, of(world.a))
        people = {person.pk: person for person in Person.objects.all()}
        former = world.callers["former_partner"].person
        for delivery in Delivery.objects.filter(channel="mail").select_related("event"):
            message = relay._message(delivery)
            if message is None:
                continue
            composed += 1
            text = "\n".join([message.message().as_string(), str(message.body)])
            seen = canaries(text, "a")
            if delivery.person_id is None:
                findings.expect(
                    seen <= {"name", "people"}, f"{delivery.notice} tells somebody without an account {seen}"
                )
                continue
            person = people[delivery.person_id]
            if person.organisation_id == world.b.organisation.pk or person == former:
                findings.expect(not seen, f"{delivery.notice} tells {person.email} {seen} of A")
            elif not person.is_staff:
                findings.expect(INTERNAL not in seen, f"{delivery.notice} tells a customer what is internal")
            findings.expect(PRIVATE not in seen or person == world.a.people["admin"], f"{delivery.notice}: {seen}")
    assert composed > 20
    findings.settle()
