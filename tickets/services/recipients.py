"""The people behind the names of the escalation ladder (RO-3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from accounts import selectors as accounts
from accounts.models import Person
from sla.ladder import Recipient
from tickets.models import ServiceRequest

TEAM_ROLES = ("engineer", "senior_engineer", "billing_specialist", "presales_specialist")
Key = tuple[object, ...]
_known: ContextVar[dict[Key, list[Person]] | None] = ContextVar("known", default=None)


@contextmanager
def looked_up_once() -> Iterator[None]:
    """Remember who is behind a name for one batch of timers, all of which share one `now`."""
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


def people_behind(name: str, service_request: ServiceRequest, *, now: datetime) -> Iterable[Person]:
    """The people behind one name: the assignee (or the team while nobody has it), or a staff role."""
    if name in (Recipient.ASSIGNEE_OR_TEAM, Recipient.TEAM):
        assignee = service_request.assignee_id
        if name == Recipient.ASSIGNEE_OR_TEAM and assignee:
            return _once(("person", assignee), lambda: _active(assignee))
        return _of_team(service_request.team_id, *TEAM_ROLES)
    if name == Recipient.ACCOUNT_MANAGER:
        customer = service_request.organisation_id
        return _once(("account_manager", customer), lambda: _account_manager(customer, now=now))
    return _of_team(service_request.team_id, name) if name == Recipient.TEAM_LEAD else _holding(name)


def _once(key: Key, look_up: Callable[[], Iterable[Person]]) -> list[Person]:
    known = _known.get()
    if known is None:
        return list(look_up())
    if key not in known:
        known[key] = list(look_up())
    return known[key]


def _active(person_id: int) -> Iterable[Person]:
    return Person.objects.filter(pk=person_id, is_active=True)


def _account_manager(organisation_id: int, *, now: datetime) -> Iterable[Person]:
    contract = accounts.elevated_contract_of(organisation_id, now=now)
    return _active((contract and contract.account_manager_id) or 0)


def _of_team(team_id: int | None, *roles: str) -> Iterable[Person]:
    """The people of a team in these roles; everybody in them where the team has none."""
    in_team = _once((team_id, *roles), lambda: accounts.staff_with_roles(*roles, team_id=team_id))
    return in_team or _holding(*roles)


def _holding(*roles: str) -> list[Person]:
    return _once((None, *roles), lambda: accounts.staff_with_roles(*roles))
