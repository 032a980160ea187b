"""The people behind the names of the escalation ladder, those on duty first (RO-3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from accounts import rota
from accounts import selectors as accounts
from accounts.models import DutyRole, Person
from accounts.services.duty_alerts import nobody_answers
from sla.ladder import Recipient
from tickets.models import ServiceRequest
from tickets.services.remembering import once

TEAM_ROLES = ("engineer", "senior_engineer", "billing_specialist", "presales_specialist")
Key = tuple[object, ...]


def people_behind(name: str, service_request: ServiceRequest, *, now: datetime) -> Iterable[Person]:
    """The people behind one name: the assignee (or the team while nobody has it), or a staff role.

    For duty manager and team it is whoever is on duty at `now`. With nobody on duty everybody who could be is told,
    and that is an alert; a team that keeps no rota is told as a whole as a matter of course.
    """
    if name == Recipient.ASSIGNEE_OR_TEAM:
        return assignee_of(service_request) or _on_call(service_request.team_id, now=now)
    if name == Recipient.TEAM:
        return _on_call(service_request.team_id, now=now)
    if name == Recipient.DUTY_MANAGER:
        return _on_duty(DutyRole.DUTY_MANAGER.value, service_request.team_id, now=now) or _holding(name)
    if name == Recipient.ACCOUNT_MANAGER:
        customer = service_request.organisation_id
        return _once(("account_manager", customer), lambda: _account_manager(customer, now=now))
    return _of_team(service_request.team_id, name) if name == Recipient.TEAM_LEAD else _holding(name)


def assignee_of(service_request: ServiceRequest) -> list[Person]:
    """Whoever has the request; nobody where they have left, so that their team hears of it instead (P-6)."""
    assignee = service_request.assignee_id
    return _once(("person", assignee), lambda: _active(assignee)) if assignee else []


def somebody_on_call(service_request: ServiceRequest, *, now: datetime) -> bool:
    """Whether one person answers for the request's team, so that it is not told as a whole."""
    roster = once("roster", lambda: rota.roster_at(now))
    return roster.shift(DutyRole.ON_CALL.value, service_request.team_id) is not None


def _on_call(team_id: int | None, *, now: datetime) -> Iterable[Person]:
    """Whoever is on call for a team; the whole team where it keeps no rota, or nobody is."""
    seats = once("seats", lambda: rota.kept_seats(now=now))
    role = DutyRole.ON_CALL.value
    kept = (role, team_id) in seats or (role, None) in seats
    return (_on_duty(role, team_id, now=now) if kept else []) or _of_team(team_id, *TEAM_ROLES)


def _on_duty(role: str, team_id: int | None, *, now: datetime) -> list[Person]:
    """Whoever is on duty in a role for a team; nobody there is an alert, once for a batch."""
    person = once("roster", lambda: rota.roster_at(now)).person(role, team_id)
    if person:
        return [person]
    once(("alert", role, team_id), lambda: nobody_answers(role=role, team_id=team_id, now=now))
    return []


def _once(key: Key, look_up: Callable[[], Iterable[Person]]) -> list[Person]:
    return once(key, lambda: list(look_up()))


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
