"""One event per change: whatever an operation changes, its transaction says who did it, and says it once (P-10).

Generated from the recipes: every operation is carried out by somebody who may. What it changed PostgreSQL itself tells
(`state.py`), so that nobody can forget to say it of a new operation.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from accounts.calendars.choices import Choices
from accounts.calendars.editor import seal_of
from accounts.models import ApiToken, Event, SingleSignOn
from accounts.pseudonyms import pseudonym
from tests.door.asking import REQUEST_ID, Answer, Findings, ask, of, undone
from tests.door.operations import Operation
from tests.door.recipes import Recipe, recipes
from tests.door.state import changes, events_since, last_event, standing
from tests.door.test_leaks import having_recipes, recipe_of, takes_key
from tests.door.worlds import Caller, World
from tickets.models import ServiceRequest

KEYED = {"Idempotency-Key": "a-key-of-each-act-1"}
WEDNESDAYS = Choices(timezone="Asia/Taipei", windows={"2": [["10:00", "16:00"]]}, country="TW", renews=False)
HOURS = {  # as they were previewed
    "do": "save", "version": "2", "timezone": "Asia/Taipei", "windows": "1", "days": "0", "country": "TW",
    "window-0-opens": "10:00", "window-0-closes": "16:00", "window-0-days": ["2"], "seal": seal_of(WEDNESDAYS),
}  # fmt: skip
SAID_ALONE = {  # what is on record although no row changed, and why
    "tickets:export_audit": "the trail was taken along",
    "tickets:export_staff_audit": "the trail was taken along",
    "tickets:my_data": "somebody's data was taken along",
    "accounts:acting_for": "a choice of the session",
    "accounts:stop_acting": "a choice of the session",
    "accounts:gate": "a wrong code",
}
LASTS_NOT = {  # what changes nothing that lasts, and why
    "account_change_password PUT": "a form without fields",
    "account_login PUT": "a form without fields",
    "account_reset_password PUT": "a form without fields",
    "account_reset_password_from_key PUT": "a form without fields",
    "account_login POST": "the first of two steps; tests/accounts/test_second_factors.py",
    "mfa_authenticate POST": "the second of two steps; tests/accounts/test_second_factors.py",
    "account_reset_password_from_key POST": "the second of two steps; tests/accounts/test_passwords.py",
    "accounts:add_app POST": "a wrong code; tests/accounts/test_second_factors.py",
    "accounts:add_key POST": "an answer of no key; tests/accounts/test_second_factors.py",
    "passkey POST": "an answer of no key; tests/accounts/test_second_factors.py",
    "passkey_options POST": "a challenge",
    "sign_on_choose POST": "asks who lets somebody in",
    "set_theme POST": "a cookie",
    "api-calendar-preview POST": "a preview",
    "api-preview POST": "a preview",
    "api-commitment-preview POST": "a preview",
    "tickets:preview POST": "a preview",
    "tickets:notices POST": "what somebody has read is nobody else's business",
    "api-inbox-read POST": "what somebody has read is nobody else's business",
}
CUSTOMERS_OWN = ("tickets:", "api-")
ONES_OWN = ("api-caller", "api-own-notices", "api-own-session", "api-end-own-sessions")  # whomever one acts for
FORGETFUL = ("account_reset_password",)  # anybody may ask for it, so nobody is named


@dataclass(frozen=True)
class Lead:
    """What comes before an act that would change nothing as the world stands, and what else it is given."""

    first: str = ""
    arrange: Callable[[World], object] = lambda _world: None
    body: Callable[[World], dict[str, Any]] = lambda _world: {}


def _signs_on(**how: object) -> Callable[[World], object]:
    return lambda world: SingleSignOn.objects.filter(organisation=world.a.organisation).update(**how)


def _colleague(world: World) -> int:
    person = world.callers["partner"].person
    assert person is not None
    return person.pk


def _is_contact(world: World) -> object:
    mine = ServiceRequest.objects.filter(number=world.a.ids["open"].value)
    return mine.update(primary_contact=world.a.people["reader"])


LEADS = {
    "accounts:bring_team_back POST": Lead("accounts:retire_team"),
    "accounts:offer_plan POST": Lead("accounts:retire_plan"),
    "accounts:reactivate_staff POST": Lead("accounts:deactivate_staff"),
    "accounts:reopen_organisation POST": Lead("accounts:close_organisation"),
    "accounts:acting_for POST": Lead("accounts:stop_acting"),
    "accounts:switch_sign_on_on POST": Lead(arrange=_signs_on(tested_at="2026-11-26T09:00:00Z")),
    "accounts:switch_sign_on_off POST": Lead(
        arrange=_signs_on(tested_at="2026-11-26T09:00:00Z", enabled_at="2026-11-26T09:00:00Z")
    ),
    "api-organisation-reopen POST": Lead("api-organisation-close"),
    "api-team-bring-back POST": Lead("api-team-retire"),
    "api-colleague-open POST": Lead("api-colleague-close"),
    "api-plan-offer POST": Lead("api-plan-retire"),
    "api-sign-on-on POST": Lead(arrange=_signs_on(tested_at="2026-11-26T09:00:00Z")),
    "api-sign-on-off POST": Lead(
        arrange=_signs_on(tested_at="2026-11-26T09:00:00Z", enabled_at="2026-11-26T09:00:00Z")
    ),
    "tickets:hand_over_all POST": Lead(arrange=_is_contact),
    "accounts:edit_calendar POST": Lead(body=lambda _world: HOURS),
    "accounts:edit_desk_calendar POST": Lead(body=lambda _world: HOURS),
    "accounts:delegates POST": Lead(
        body=lambda world: {"who": "named", f"person-{_colleague(world)}": ["service_support_admin"]}
    ),
    "api-delegates POST": Lead(
        body=lambda world: {"people": [{"person": _colleague(world), "duties": ["service_support_admin"]}]}
    ),
}


@dataclass
class Act:
    """One operation, carried out once: what it changed, and which events its transaction holds."""

    answer: Answer
    changed: list[str]
    events: list[Event]


def _carried_out(world: World, caller: Caller, operation: Operation, recipe: Recipe, **how: Any) -> Act:
    last, before = last_event(), standing()
    answer = ask(world, caller, operation, recipe, of(world.a), **how)
    return Act(answer, changes(before), events_since(last))


@contextmanager
def led_up_to(world: World, operation: Operation) -> Iterator[Recipe]:
    """Inside, the recipe of an operation is one that changes something."""
    recipe, lead = recipe_of(operation), LEADS.get(str(operation), Lead())
    with undone():
        if lead.first:
            before = recipes()[lead.first, "POST"]
            ask(world, world.callers[before.by], replace(operation, name=lead.first), before, of(world.a))
        lead.arrange(world)
        extra = lead.body(world)
        yield Recipe(**{**vars(recipe), "body": {**(recipe.body or {}), **extra} if extra else recipe.body})


@pytest.mark.parametrize("operation", [each for each in having_recipes() if not each.is_safe], ids=str)
def test_a_change_leaves_an_event_that_says_whose_it_is_and_says_it_once(world: World, operation: Operation) -> None:
    """P-10, P-2"""
    caller, keyed = world.callers[recipe_of(operation).by], KEYED if takes_key(operation) else {}
    with led_up_to(world, operation) as recipe:
        first = _carried_out(world, caller, operation, recipe, headers=keyed)
        again = _carried_out(world, caller, operation, recipe, headers=keyed)

    what = f"{first.answer.status} {first.answer.location} changed {first.changed}, events {_told(first.events)}"
    lasts, alone = str(operation) not in LASTS_NOT, operation.name in SAID_ALONE
    assert (bool(first.changed), bool(first.events)) == (lasts and not alone, lasts), what
    assert not lasts or any(_says_who(event, caller, operation) for event in first.events), what
    assert all(_says_how(event, caller, operation) for event in first.events), what
    assert len({_content(event) for event in first.events}) == len(first.events), f"said twice: {what}"
    if keyed:
        assert ("Idempotency-Replayed" in again.answer.headers, again.changed, again.events) == (True, [], [])
    assert again.changed or not again.events or alone, f"changed nothing: {_told(again.events)}"


def test_what_a_partner_changes_names_both_who_did_it_and_the_customer(world: World) -> None:
    """P-10, PA-1"""
    partner, findings, acted = world.callers["partner"], Findings(), 0
    for operation in having_recipes():
        if operation.is_safe or recipe_of(operation).by != "admin" or not operation.name.startswith(CUSTOMERS_OWN):
            continue
        if operation.name in ONES_OWN:
            continue
        with undone():
            act = _carried_out(world, partner, operation, recipe_of(operation))
        if act.changed:
            acted += 1
            named = [event for event in act.events if _says_who(event, partner, operation)]
            findings.expect(bool(named), f"{operation} changed {act.changed}: {_told(act.events)}")
    findings.settle()
    assert acted > 15


def _says_how(event: Event, caller: Caller, operation: Operation) -> bool:
    """From where and which way it came; the copy for the other side of a delegation tells neither, nor who it was."""
    if event.actor_id is None and not event.via:
        return (event.request_id, event.address) == (REQUEST_ID, "")
    token = ApiToken.objects.filter(name=f"The program of {caller.name}").first()
    way = f"token:{token.pk}" if operation.is_api and token else "page"
    return (event.request_id, event.address, event.via) == (REQUEST_ID, pseudonym("127.0.0.1"), way)


def _says_who(event: Event, caller: Caller, operation: Operation) -> bool:
    """Who did it and on whose behalf; whoever came by a secret link is the one it was sent to."""
    if caller.person is None:
        return event.actor_id is not None or operation.name in FORGETFUL
    behalf = caller.acting_for.pk if caller.acting_for else None
    return (event.actor_id, event.on_behalf_of_id) == (caller.person.pk, behalf)


def _content(event: Event) -> str:
    return json.dumps([event.kind, event.organisation_id, event.number, event.data], sort_keys=True, default=str)


def _told(events: list[Event]) -> list[Any]:
    return [(each.kind, each.actor_id, each.on_behalf_of_id, each.via, each.request_id) for each in events]


def test_what_is_said_to_change_nothing_is_an_operation() -> None:
    """What was removed leaves no exception behind"""
    assert {*LASTS_NOT, *LEADS} <= {str(each) for each in having_recipes()}
    assert {*SAID_ALONE, *FORGETFUL} <= {each.name for each in having_recipes()}
