"""The duty rota of the demo: duty managers around the clock, and somebody on call in each technical team."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from accounts import selectors as accounts
from accounts.actors import Actor
from accounts.models import DutyRole, Person
from accounts.services.duty_patterns import HORIZON, add_pattern, extend_rota

EVERY_DAY = list(range(7))
# Eight hours each, by the one clock that they share: from the morning in Taipei to the evening in New York.
MANAGERS = (("technical-apac", 0), ("technical-emea", 8), ("technical-amer", 16))
ON_CALL_FROM = time(8)  # on the clocks of whoever leads the team, a whole day each, changing every week


def make_rota(staff: Mapping[str, Person], *, since: datetime, now: datetime) -> None:
    """Put people on duty from `since` to the coming weeks; nobody's part goes to somebody of another team."""
    team_of = {person.pk: person.team.code for person in staff.values() if person.team}
    leads = {team_of[person.pk]: person for person in _with("team_lead") if person.pk in team_of}
    managers = {team_of[person.pk]: person for person in _with("duty_manager") if person.pk in team_of}
    for team, hour in MANAGERS:
        if team not in managers or team not in leads:
            continue
        actor = accounts.actor_for(leads[team], now=now)
        _daily(
            managers[team], DutyRole.DUTY_MANAGER, "", "UTC", (time(hour), time((hour + 8) % 24)), actor, since=since
        )
        _on_call(
            team, [person for person in _with("engineer") if team_of.get(person.pk) == team], leads[team], since=since
        )
    at = since
    while (at := at + HORIZON / 2) < now:
        extend_rota(now=at)
    extend_rota(now=now)


def _on_call(team: str, engineers: list[Person], lead: Person, *, since: datetime) -> None:
    """Two engineers take turns by the week; where there is one only, that one stays."""
    actor, turns = accounts.actor_for(lead, now=since), engineers[:2]
    for turn, person in enumerate(turns):
        first = since + timedelta(weeks=turn) - timedelta(days=since.weekday())
        hours = (ON_CALL_FROM, ON_CALL_FROM)
        _daily(person, DutyRole.ON_CALL, team, lead.timezone, hours, actor, since=since, first=first, turns=len(turns))


def _daily(
    person: Person,
    role: DutyRole,
    team: str,
    timezone: str,
    hours: tuple[time, time],
    actor: Actor,
    *,
    since: datetime,
    first: datetime | None = None,
    turns: int = 1,
) -> None:
    add_pattern(
        role=role.value,
        team=team,
        person_id=person.pk,
        timezone=timezone,
        weekdays=EVERY_DAY,
        starts=hours[0],
        ends=hours[1],
        first_day=(first or since).date(),
        every_weeks=turns,
        actor=actor,
        now=since,
    )


def _with(role: str) -> list[Person]:
    """The staff who hold a role, as they act."""
    return list(Person.objects.with_roles().filter(role_grants__role=role, is_staff=True).order_by("pk"))
