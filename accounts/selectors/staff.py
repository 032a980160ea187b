"""Reads of the support staff and its teams (RO-3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils.module_loading import import_string

from accounts import rota
from accounts.errors import PersonNotFound, TeamNotFound
from accounts.models import DutyShift, Person, Team
from accounts.working_hours import works_at

ORDER = ("name", "id")


def people(sought: str = "", *, team: str = "", gone: bool = False) -> QuerySet[Person]:
    """The staff with these words in name or address, those who have left (`gone`) or not; an index orders them."""
    called = Q(name__icontains=sought) | Q(email__icontains=sought) if sought else Q()
    within = Q(team__code=team) if team else Q()
    rows = Person.objects.with_roles().filter(called, within, is_staff=True, is_active=not gone, erased_at=None)
    return rows.select_related("team")


def member(person_id: int, *, lock: bool = False) -> Person:
    """One of the staff with `role_names`, or PersonNotFound."""
    if lock:
        Person.objects.select_for_update(no_key=True).filter(pk=person_id, is_staff=True).first()
    person = (
        Person.objects.with_roles().filter(pk=person_id, is_staff=True, erased_at=None).select_related("team").first()
    )
    if person is None:
        raise PersonNotFound
    return person


def teams() -> QuerySet[Team]:
    """Every team; those that take requests first."""
    return Team.objects.order_by(F("retired_at").asc(nulls_first=True), "code")


@dataclass(frozen=True, slots=True)
class Crew:
    """Who belongs to a team: how many, how many of them work now by their hours, and whom the rota names for it."""

    members: int = 0
    at_work: int = 0
    on_duty: Sequence[DutyShift] = ()


NOBODY = Crew()


def crews(*, now: datetime) -> dict[int, Crew]:
    """The crews of all teams at an instant, by team, in two queries; teams without anybody are left out."""
    of_team: dict[int, list[Person]] = defaultdict(list)
    for person in Person.objects.filter(team__isnull=False, is_staff=True, is_active=True, erased_at=None):
        of_team[person.team_id or 0].append(person)
    on_duty: dict[int, list[DutyShift]] = defaultdict(list)
    for shift in rota.roster_at(now).in_order():
        on_duty[shift.team_id or 0].append(shift)
    return {
        team: Crew(
            members=len(of_team[team]),
            at_work=sum(works_now(person, now=now) is True for person in of_team[team]),
            on_duty=on_duty[team],
        )
        for team in {*of_team, *on_duty} - {0}
    }


def team_called(code: str, *, lock: bool = False) -> Team:
    """The team of a code, or TeamNotFound."""
    rows = Team.objects.select_for_update(no_key=True) if lock else Team.objects.all()
    team = rows.filter(code=code).first()
    if team is None:
        raise TeamNotFound
    return team


def skills(kind: str) -> list[tuple[str, str]]:
    """Codes and names of the `services` that can be known, or of the `languages` that can be spoken."""
    return list(import_string(settings.SKILLS[kind])())


def named(codes: Any, names: Mapping[str, str]) -> list[str]:
    """The names of codes; of one that is no longer on offer, the code."""
    return [names.get(code, code) for code in codes]


def works_now(person: Person, *, now: datetime) -> bool | None:
    """Whether somebody works at this instant; None where their hours are not known."""
    return works_at(person.working_hours, person.timezone, now) if person.working_hours else None
