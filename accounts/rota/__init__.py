"""Reads of the duty rota: who is on duty at an instant, and where nobody will be (RO-3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import DutyPattern, DutyRole, DutyShift, Person, RoleGrant, Team
from accounts.permissions import ACTS
from accounts.rota.duty_time import DAY, Span, duty_days, duty_span, uncovered
from accounts.timezones import zone_or_utc

LOOK_AHEAD = timedelta(days=14)  # gaps are shown as far as that
INSTANT = timedelta(microseconds=1)
KEPT_FOR = timedelta(days=14)  # a seat that nobody sat on for so long is no longer kept
LAST_NIGHT = timedelta(hours=36)  # it may end so long after UTC's last day, where clocks are 12 hours behind
TAKING_CALLS = tuple(sorted(ACTS["take_request"]))

Seat = tuple[str, int | None]  # role, and the team or None for all


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody on duty at one instant, by seat."""

    at: datetime
    shifts: Mapping[Seat, DutyShift]

    def shift(self, role: str, team_id: int | None) -> DutyShift | None:
        """Who answers in a role for a team: its own person, else the one for all teams."""
        return self.shifts.get((role, team_id)) or self.shifts.get((role, None))

    def in_order(self) -> list[DutyShift]:
        """Everybody, the duty manager first, then by team."""
        return in_order(self.shifts.values())

    def person(self, role: str, team_id: int | None) -> Person | None:
        """The same as a person."""
        shift = self.shift(role, team_id)
        return shift.person if shift else None


def in_order(shifts: Iterable[DutyShift]) -> list[DutyShift]:
    """The duty manager first, then by team."""
    seats = list(DutyRole.values)
    return sorted(shifts, key=lambda shift: (seats.index(shift.role), shift.team.code if shift.team else ""))


@dataclass(frozen=True, slots=True)
class Gap:
    """Where a role is without anybody: for one team, or (None) for all that have nobody of their own."""

    role: str
    team: Team | None
    spans: list[Span]


@dataclass(frozen=True, slots=True)
class Figures:
    """What operators see of the rota: seats without anybody at this instant, and when the next gap begins."""

    kept: bool
    uncovered: int = 0
    next_gap_at: datetime | None = None


def _can_sit() -> Q:
    """That whoever has a shift may still do it: who left the staff or lost the role is on duty no longer (P-6)."""
    holding = RoleGrant.objects.filter(person=OuterRef("person"))
    manages = Q(Exists(holding.filter(role=DutyRole.DUTY_MANAGER.value)), role=DutyRole.DUTY_MANAGER.value)
    takes_calls = Q(Exists(holding.filter(role__in=TAKING_CALLS)), role=DutyRole.ON_CALL.value)
    return Q(manages | takes_calls, person__is_active=True, person__is_staff=True)


def roster_at(at: datetime) -> Roster:
    """Who is on duty at an instant, in one query."""
    running = DutyShift.objects.filter(_can_sit(), starts_at__lte=at, ends_at__gt=at)
    shifts = running.select_related("person", "team")
    return Roster(at=at, shifts={(shift.role, shift.team_id): shift for shift in shifts})


def on_duty(role: str, *, team_id: int | None, at: datetime) -> Person | None:
    """Who answers in a role for a team at an instant."""
    return roster_at(at).person(role, team_id)


def shifts_between(start_at: datetime, end_at: datetime) -> QuerySet[DutyShift]:
    """The shifts that touch a span, in order of their beginning."""
    touching = DutyShift.objects.filter(starts_at__lt=end_at, ends_at__gt=start_at)
    return touching.select_related("person", "team").order_by("starts_at", "pk")


def handover_after(roster: Roster) -> datetime | None:
    """When the next of those on duty goes, None while nobody is."""
    return min((shift.ends_at for shift in roster.shifts.values()), default=None)


def gaps(*, now: datetime, within: timedelta = LOOK_AHEAD) -> list[Gap]:
    """Where nobody is on duty although somebody is wanted, from now on; in three queries.

    The duty manager is always wanted, since the ladder leads to them. On call somebody is wanted in the hours that the
    seat's own weekly patterns and shifts name; outside of them the whole team is told as a matter of course.
    """
    span = Span(now, now + within)
    around = DutyShift.objects.filter(starts_at__lt=span.end_at, ends_at__gt=now - KEPT_FOR).annotate(can=_can_sit())
    sitting, wanted = defaultdict[Seat, list[Span]](list), _pattern_hours(span)
    for role, team, start_at, end_at, can in around.values_list("role", "team", "starts_at", "ends_at", "can"):
        wanted[role, team].append(Span(start_at, end_at))
        sitting[role, team] += [Span(start_at, end_at)] if can else []
    unwanted = {
        seat: uncovered(spans, within=span) if seat[0] == DutyRole.ON_CALL else [] for seat, spans in wanted.items()
    }
    teams = list(Team.objects.order_by("code"))
    found = [gap for role in DutyRole.values for gap in _gaps_of(role, sitting, unwanted, teams, span)]
    return [gap for gap in found if gap.spans]


def empty_seats(*, now: datetime) -> set[Seat]:
    """Where nobody is on duty at an instant although somebody is wanted."""
    return {(gap.role, gap.team.pk if gap.team else None) for gap in gaps(now=now, within=INSTANT)}


def figures(*, now: datetime) -> Figures:
    """How the rota stands; a portal that keeps none has nothing to look at."""
    if not DutyShift.objects.filter(ends_at__gt=now - KEPT_FOR).exists():
        return Figures(kept=False)
    starts = [span.start_at for gap in gaps(now=now) for span in gap.spans]
    coming = [at for at in starts if at > now]
    return Figures(kept=True, uncovered=len(starts) - len(coming), next_gap_at=min(coming, default=None))


def _gaps_of(
    role: str, sitting: Mapping[Seat, list[Span]], unwanted: Mapping[Seat, list[Span]], teams: list[Team], span: Span
) -> list[Gap]:
    for_all = sitting.get((role, None), [])
    own = [team for team in teams if (role, team.pk) in unwanted]
    found = [
        Gap(role, team, uncovered(sitting.get((role, team.pk), []) + for_all + unwanted[role, team.pk], within=span))
        for team in own
    ]
    others = role == DutyRole.DUTY_MANAGER and len(own) < max(1, len(teams))
    if for_all or others or (role == DutyRole.ON_CALL and (role, None) in unwanted):
        found.append(Gap(role, None, uncovered(for_all + unwanted.get((role, None), []), within=span)))
    return found


def _pattern_hours(span: Span) -> defaultdict[Seat, list[Span]]:
    """When the weekly patterns want somebody on call, by seat."""
    found = defaultdict[Seat, list[Span]](list)
    for pattern in patterns(now=span.start_at).filter(role=DutyRole.ON_CALL):
        found[pattern.role, pattern.team_id] += _hours(pattern, span)
    return found


def _hours(pattern: DutyPattern, span: Span) -> list[Span]:
    zone = zone_or_utc(pattern.timezone)
    first, last = (at.astimezone(zone).date() for at in span)
    days = duty_days(
        weekdays=pattern.weekdays,
        every_weeks=pattern.every_weeks,
        first_day=pattern.first_day,
        since=first - DAY,  # a night that has begun
        until=min(last, pattern.last_day or last),
    )
    return [duty_span(day, starts=pattern.starts, ends=pattern.ends, zone=zone) for day in days]


def kept_seats(*, now: datetime) -> dict[Seat, datetime | None]:
    """The seats that somebody sat on lately: since when each is empty, None while somebody sits there.

    One query, for the sweep: what is empty and was never kept does not show here. A seat that only people had who may
    not do it any more counts as empty since their last shift began.
    """
    around = DutyShift.objects.filter(ends_at__gt=now - KEPT_FOR, starts_at__lte=now).annotate(can=_can_sit())
    until = Coalesce(Max("ends_at", filter=Q(can=True)), Max("starts_at"))
    seats = around.values_list("role", "team").annotate(until=until)
    return {(role, team): until if until <= now else None for role, team, until in seats.order_by("role", "team")}


def shift_of(shift_id: int) -> DutyShift | None:
    """One shift with its people."""
    return DutyShift.objects.select_related("person", "team", "pattern").filter(pk=shift_id).first()


def patterns(*, now: datetime) -> QuerySet[DutyPattern]:
    """The weekly patterns that are not over, each with whether its person may still be on duty (`can`).

    Until nobody can be on duty by them any more, on whatever clocks; on their own some have been over for a day.
    """
    running = Q(last_day=None) | Q(last_day__gte=(now - LAST_NIGHT).date())
    rows = DutyPattern.objects.filter(running).annotate(can=_can_sit())
    return rows.select_related("person", "team").order_by("role", "team__code", "first_day", "pk")


def pattern_of(pattern_id: int) -> DutyPattern | None:
    """One weekly pattern, over or not."""
    return DutyPattern.objects.select_related("person", "team").filter(pk=pattern_id).first()


def candidates(role: str) -> QuerySet[Person]:
    """The staff who may be on duty in a role, by name."""
    roles = (DutyRole.DUTY_MANAGER.value,) if role == DutyRole.DUTY_MANAGER else TAKING_CALLS
    holders = RoleGrant.objects.filter(role__in=roles).values("person")
    return Person.objects.filter(pk__in=holders, is_staff=True, is_active=True).order_by("name", "pk")


def teams() -> QuerySet[Team]:
    """Every team."""
    return Team.objects.order_by("code")
