"""Shifts of the duty rota: adding, taking over, removing (RO-3). Every act leaves an event (P-10)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from accounts import rota
from accounts.actors import Actor
from accounts.audit import About, record_event
from accounts.errors import InvalidShift, PersonNotFound, ShiftNotFound, ShiftOverlaps
from accounts.models import DutyRole, DutyShift, Person, Team
from accounts.permissions import require
from accounts.rota.duty_time import Span
from accounts.transactions import check_waiting, service
from accounts.versions import check_version, version_from

LONGEST_SHIFT = timedelta(days=14)
LAST_YEAR = 2100  # the last that the pages of the rota lead to; 9999 has instants without a local time


@service
def add_shift(
    *, role: str, team: str, person_id: int, span: Span, actor: Actor, now: datetime | None = None
) -> DutyShift:
    """Put somebody on duty once; `team` is a code, empty for all of them.

    Raises NotPermitted, InvalidShift, PersonNotFound, ShiftOverlaps.
    """
    assert now
    require(actor, "manage_rota")
    _check_span(span, now=now)
    person, found = candidate(role, person_id), team_called(team)
    shift = _store(DutyShift(role=role, team=found, person=person, starts_at=span.start_at, ends_at=span.end_at))
    _record("duty_shift_added", shift, actor=actor, now=now)
    return shift


@service
def take_over(
    *,
    shift_id: int,
    person_id: int,
    span: Span | None = None,
    actor: Actor,
    version: int | None = None,
    now: datetime | None = None,
) -> DutyShift:
    """Let somebody else do a shift from now on, or the part of it within `span`; the rest stays as it was.

    What is past stays on record as it was. Raises NotPermitted, ShiftNotFound, InvalidShift, PersonNotFound, and
    RecordChanged when another `version` was read.
    """
    assert now
    require(actor, "manage_rota")
    shift = _lock_shift(shift_id)
    check_version(version, shift_version(shift))
    person = candidate(shift.role, person_id)
    part = _within(shift, span, now=now)
    if person.pk == shift.person_id:
        return shift
    before, after = Span(shift.starts_at, part.start_at), Span(part.end_at, shift.ends_at)
    taken = _replace(shift, person, part, before=before, after=after)
    data = {"from": shift.person_id, "to": person.pk, "starts_at": _iso(part.start_at), "ends_at": _iso(part.end_at)}
    _record("duty_shift_taken_over", taken, actor=actor, now=now, more=data)
    return taken


@service
def remove_shift(*, shift_id: int, actor: Actor, version: int | None = None, now: datetime | None = None) -> None:
    """Take a coming shift away, or end one that runs; a past one stays.

    Raises NotPermitted, ShiftNotFound, InvalidShift, RecordChanged when another `version` was read.
    """
    assert now
    require(actor, "manage_rota")
    shift = _lock_shift(shift_id)
    check_version(version, shift_version(shift))
    if shift.ends_at <= now:
        raise InvalidShift("ends_at", "past")
    _record("duty_shift_removed", shift, actor=actor, now=now)
    if shift.starts_at >= now:
        shift.delete()
    else:
        DutyShift.objects.filter(pk=shift.pk).update(ends_at=now)


def shift_version(shift: DutyShift) -> int:
    """The version of a shift: who does it, and when."""
    return version_from(shift.person_id, _iso(shift.starts_at), _iso(shift.ends_at))


def hold_seat(role: str, team_id: int | None) -> None:
    """Let one fill a seat at a time; a shift added meanwhile would be in the way."""
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"accounts.rota:{role}:{team_id}"])


def _replace(shift: DutyShift, person: Person, part: Span, *, before: Span, after: Span) -> DutyShift:
    """Cut a shift so that `person` does a part of it; the row keeps its first piece."""
    if before.start_at < before.end_at:
        DutyShift.objects.filter(pk=shift.pk).update(ends_at=before.end_at)
        taken = _piece(shift, person, part)
    else:
        DutyShift.objects.filter(pk=shift.pk).update(ends_at=part.end_at, person=person)
        taken = DutyShift(pk=shift.pk, role=shift.role, team_id=shift.team_id, person=person)
        taken.starts_at, taken.ends_at = part
    if after.start_at < after.end_at:
        _piece(shift, shift.person, after)
    return taken


def _piece(shift: DutyShift, person: Person, span: Span) -> DutyShift:
    return DutyShift.objects.create(
        role=shift.role,
        team_id=shift.team_id,
        person=person,
        starts_at=span.start_at,
        ends_at=span.end_at,
        pattern_id=shift.pattern_id,
    )


def _within(shift: DutyShift, span: Span | None, *, now: datetime) -> Span:
    """The part of a shift that can still change hands."""
    whole = Span(max(shift.starts_at, now), shift.ends_at)
    part = Span(max(span.start_at, whole.start_at), min(span.end_at, whole.end_at)) if span else whole
    if part.start_at >= part.end_at:
        raise InvalidShift("starts_at", "past" if shift.ends_at <= now else "outside")
    return part


def _check_span(span: Span, *, now: datetime) -> None:
    if span.end_at <= span.start_at:
        raise InvalidShift("ends_at", "ends_before_start")
    if span.end_at - span.start_at > LONGEST_SHIFT:
        raise InvalidShift("ends_at", "too_long")
    if span.end_at <= now:
        raise InvalidShift("ends_at", "past")
    if span.end_at.year > LAST_YEAR:
        raise InvalidShift("ends_at", "too_far")


def _store(shift: DutyShift) -> DutyShift:
    """Store a shift; the database says whether somebody sits there already."""
    hold_seat(shift.role, shift.team_id)
    try:
        with transaction.atomic():
            shift.save()
    except IntegrityError as error:
        raise ShiftOverlaps from error
    return shift


def candidate(role: str, person_id: int) -> Person:
    """Somebody who may be on duty in a role, or PersonNotFound."""
    if role not in DutyRole.values:
        raise InvalidShift("role", "unknown_role")
    person = rota.candidates(role).filter(pk=person_id).first()
    if person is None:
        raise PersonNotFound
    return person


def team_called(code: str) -> Team | None:
    """The team of a code, None for an empty one; raises InvalidShift."""
    if not code:
        return None
    team = Team.objects.filter(code=code).first()
    if team is None:
        raise InvalidShift("team", "unknown_team")
    return team


def _lock_shift(shift_id: int) -> DutyShift:
    shift = DutyShift.objects.select_for_update(of=("self",)).select_related("person").filter(pk=shift_id).first()
    if shift is None:
        raise ShiftNotFound
    check_waiting()
    return shift


def _record(kind: str, shift: DutyShift, *, actor: Actor, now: datetime, more: dict[str, Any] | None = None) -> None:
    data = {
        "shift": shift.pk,
        "role": shift.role,
        "team": shift.team_id,
        "person": shift.person_id,
        "starts_at": _iso(shift.starts_at),
        "ends_at": _iso(shift.ends_at),
    }
    record_event(kind, about=About(), actor=actor, at=now, internal=True, data={**data, **(more or {})})


def _iso(at: datetime) -> str:
    return at.isoformat()
