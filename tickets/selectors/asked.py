"""The filters of a list as callers name them, turned into what the selectors of lists take."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from tickets.lifecycle import OPEN, State
from tickets.selectors.lists import Wanted
from tickets.selectors.narrowing import Within

FOLDERS = {"open": set(OPEN), "recently_closed": {State.CLOSED}, "archived": {State.ARCHIVED}}  # each has its index


def wanted_from(filters: Mapping[str, Any], *, within: Within) -> Wanted:
    """What a list, or an export, is narrowed to."""
    states = states_of(filters)
    folder = next((name for name, held in FOLDERS.items() if held == states), "")
    return Wanted(
        folder=folder or "all",
        states=None if folder or states is None else sorted(states),
        severities=sorted(filters.get("severity", ())),
        categories=_each(filters.get("category")),
        services=_each(filters.get("service")),
        assignee=filters.get("assignee", ""),
        breached=filters.get("breached"),
        due_before=filters.get("due_before"),
        created_after=filters.get("created_after"),
        created_before=filters.get("created_before"),
        changed_after=filters.get("changed_after"),
        text=filters.get("q", ""),
        within=within,
    )


def _each(values: str | Collection[str] | None) -> list[str]:
    """One or several, in order; exports that were asked for before there could be several name one as it is."""
    return [values] if isinstance(values, str) and values else sorted(values or ())


def states_of(filters: Mapping[str, Any]) -> set[str] | None:
    """The states that `state`, `open` and `recently_closed` leave together; None for all."""
    chosen = set(filters.get("state") or State)
    is_open, recent = filters.get("open"), filters.get("recently_closed")
    being_open, recently_closed = set(OPEN), {State.CLOSED}
    if is_open and recent:
        chosen &= being_open | recently_closed
    else:
        chosen &= _narrowed(is_open, being_open) & _narrowed(recent, recently_closed)
    return None if chosen == set(State) else {State(state).value for state in chosen}


def _narrowed(wanted: bool | None, group: set[State]) -> set[State]:
    if wanted is None:
        return set(State)
    return group if wanted else set(State) - group
