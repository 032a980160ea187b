"""Weekly patterns of the duty rota, and the shifts that they become some weeks ahead (RO-3)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from accounts import clock, rota
from accounts.actors import PORTAL, Actor
from accounts.audit import About, record_event
from accounts.errors import DutyPatternNotFound, InvalidShift
from accounts.models import DutyPattern, DutyShift
from accounts.permissions import require
from accounts.rota.duty_time import Span, duty_days, duty_span, uncovered
from accounts.services.rota import candidate, hold_seat, team_called
from accounts.timezones import is_known, zone_or_utc
from accounts.transactions import check_waiting, one_by_one, service

HORIZON = timedelta(days=56)  # shifts stand as far ahead as that
MOST_WEEKS = 12


@service
def add_pattern(
    *,
    role: str,
    team: str,
    person_id: int,
    timezone: str,
    weekdays: list[int],
    starts: time,
    ends: time,
    first_day: date,
    every_weeks: int = 1,
    actor: Actor,
    now: datetime | None = None,
) -> DutyPattern:
    """Put somebody on duty each week, or every so many; shifts for the coming weeks are made at once.

    Where somebody sits on the seat already, that shift stays and the pattern fills what is left.
    Raises NotPermitted, InvalidShift, PersonNotFound.
    """
    assert now
    require(actor, "manage_rota")
    days = sorted(set(weekdays))
    if not days or not set(days) <= set(range(7)):
        raise InvalidShift("weekdays", "none")
    if not is_known(timezone):
        raise InvalidShift("timezone", "unknown_timezone")
    if not 1 <= every_weeks <= MOST_WEEKS:
        raise InvalidShift("every_weeks", "out_of_range")
    pattern = DutyPattern.objects.create(
        role=role,
        team=team_called(team),
        person=candidate(role, person_id),
        timezone=timezone,
        weekdays=days,
        starts=starts,
        ends=ends,
        every_weeks=every_weeks,
        first_day=first_day,
        created_by_id=actor.person_id,
        created_at=now,
    )
    data = {"pattern": pattern.pk, "person": person_id, "role": role}
    record_event("duty_pattern_added", about=About(), actor=actor, at=now, internal=True, data=data)
    _expand(pattern, now=now)
    return pattern


@service
def end_pattern(*, pattern_id: int, last_day: date, actor: Actor, now: datetime | None = None) -> None:
    """Let a pattern end with a local day; its own coming shifts after that go, those that others took over stay.

    A later day than was named before brings back the shifts that went. The same day again changes nothing.
    Raises NotPermitted, DutyPatternNotFound.
    """
    assert now
    require(actor, "manage_rota")
    pattern = _lock_pattern(pattern_id)
    before, pattern.last_day = pattern.last_day, last_day
    if before and before < last_day and pattern.expanded_until:
        pattern.expanded_until = min(before, pattern.expanded_until)  # what stood behind it went with the earlier end
    pattern.save(update_fields=["last_day", "expanded_until"])
    zone = zone_or_utc(pattern.timezone)
    end_at = duty_span(last_day, starts=time.min, ends=time.min, zone=zone).end_at
    theirs = DutyShift.objects.filter(pattern=pattern, person=pattern.person_id)
    removed, _ = theirs.filter(starts_at__gte=max(end_at, now)).delete()
    if before == last_day and not removed:
        return
    data = {"pattern": pattern.pk, "last_day": last_day.isoformat(), "shifts": removed}
    record_event("duty_pattern_ended", about=About(), actor=actor, at=now, internal=True, data=data)
    _expand(pattern, now=now)


def extend_rota(*, now: datetime | None = None) -> int:
    """Make the shifts of every pattern up to some weeks ahead, a bad one aside; return how many were made."""
    now = now or clock.now()
    running = rota.patterns(now=now).values_list("pk", flat=True)
    return one_by_one(lambda pk: extend_pattern(pattern_id=pk, now=now), list(running), what="duty_pattern")


@service
def extend_pattern(*, pattern_id: int, now: datetime | None = None) -> int:
    """Make the shifts of one pattern that are still to be made."""
    assert now
    return _expand(_lock_pattern(pattern_id), now=now)


def _expand(pattern: DutyPattern, *, now: datetime) -> int:
    """Fill the pattern's seat up to the horizon wherever nobody sits; the caller holds the pattern.

    Whoever may not be on duty any more gets no shifts, which would keep others off the seat (P-6).
    """
    if not rota.candidates(pattern.role).filter(pk=pattern.person_id).exists():
        return 0
    zone = zone_or_utc(pattern.timezone)
    until = (now + HORIZON).astimezone(zone).date()
    since = pattern.expanded_until + timedelta(days=1) if pattern.expanded_until else now.astimezone(zone).date()
    if since > until:
        return 0
    days = duty_days(
        weekdays=pattern.weekdays,
        every_weeks=pattern.every_weeks,
        first_day=pattern.first_day,
        since=since if pattern.expanded_until else since - timedelta(days=1),  # a night that has begun
        until=min(until, pattern.last_day or until),
    )
    spans = [duty_span(day, starts=pattern.starts, ends=pattern.ends, zone=zone) for day in days]
    made = _fill(pattern, [Span(max(start, now), end) for start, end in spans if end > now])
    pattern.expanded_until = until
    pattern.save(update_fields=["expanded_until"])
    if made:
        data = {"pattern": pattern.pk, "until": until.isoformat(), "shifts": made}
        record_event("duty_rota_extended", about=About(), actor=PORTAL, at=now, internal=True, data=data)
    return made


def _fill(pattern: DutyPattern, spans: list[Span]) -> int:
    if not spans:
        return 0
    hold_seat(pattern.role, pattern.team_id)
    taken = rota.shifts_between(spans[0].start_at, spans[-1].end_at)
    seated = [
        Span(row.starts_at, row.ends_at) for row in taken.filter(role=pattern.role) if row.team_id == pattern.team_id
    ]
    free = [piece for span in spans for piece in uncovered(seated, within=span)]
    made = [
        DutyShift(
            role=pattern.role,
            team_id=pattern.team_id,
            person_id=pattern.person_id,
            starts_at=piece.start_at,
            ends_at=piece.end_at,
            pattern=pattern,
        )
        for piece in free
    ]
    return len(DutyShift.objects.bulk_create(made))


def _lock_pattern(pattern_id: int) -> DutyPattern:
    pattern = DutyPattern.objects.select_for_update().filter(pk=pattern_id).first()
    if pattern is None:
        raise DutyPatternNotFound
    check_waiting()
    return pattern
