"""Nobody on duty is itself an alert: recorded once for each gap, and again while it lasts (RO-3)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection

from accounts import rota
from accounts.audit import About, Notice, record_event, send_notice
from accounts.models import DutyRole, Event
from accounts.selectors import staff_with_roles
from accounts.transactions import service

AGAIN_AFTER = timedelta(hours=6)
NOBODY_ON_DUTY = "nobody_on_duty"
NEVER = "never"
LEADS = ("team_lead", "duty_manager")


@service
def watch_rota(*, now: datetime | None = None) -> int:
    """Record every seat that is empty at `now` and should not be; return how many are newly on record.

    Swept: one query while somebody sits on every seat that is kept.
    """
    assert now
    seats = rota.kept_seats(now=now)
    for_all = {role for (role, team), empty_since in seats.items() if team is None and empty_since is None}
    empty = {seat: since for seat, since in seats.items() if since is not None and seat[0] not in for_all}
    wanted = _wanted(empty, now=now)
    return sum(_record(role, team, since, now=now) for (role, team), since in empty.items() if (role, team) in wanted)


@service
def nobody_answers(*, role: str, team_id: int | None, now: datetime | None = None) -> bool:
    """Record that somebody on duty was wanted and there was nobody; False while it is on record already."""
    assert now
    seats = rota.kept_seats(now=now)
    since = [at for seat in {(role, team_id), (role, None)} if (at := seats.get(seat)) is not None]
    return _record(role, team_id if (role, team_id) in seats else None, max(since, default=None), now=now)


def _wanted(empty: Collection[rota.Seat], *, now: datetime) -> Collection[rota.Seat]:
    """Those of the seats that alarm: a duty manager is always wanted, somebody on call in the hours of their seat.

    Whoever is wanted outside of them is missed by `nobody_answers`, and not by anybody before.
    """
    if all(role == DutyRole.DUTY_MANAGER for role, _ in empty):
        return empty
    return {seat for seat in empty if seat[0] == DutyRole.DUTY_MANAGER} | rota.empty_seats(now=now)


def _record(role: str, team_id: int | None, since: datetime | None, *, now: datetime) -> bool:
    """Write the event and tell the leads, unless that was done; another process may be about to, then it does."""
    ref = _ref(role, team_id, since, now=now)
    if not _may_write(ref) or Event.objects.filter(kind=NOBODY_ON_DUTY, ref=ref).exists():
        return False  # asked in this order, so that what the holder before us wrote is seen
    data = {"role": role, "team": team_id, "since": since.isoformat() if since else None}
    event = record_event(NOBODY_ON_DUTY, about=About(), at=now, ref=ref, internal=True, data=data)
    team = team_id if role == DutyRole.ON_CALL else None
    leads = staff_with_roles(*LEADS, team_id=team) if team else staff_with_roles(*LEADS)
    send_notice(event, Notice(NOBODY_ON_DUTY, leads or staff_with_roles(*LEADS), data, mail_only=True), about=About())
    return True


def _ref(role: str, team_id: int | None, since: datetime | None, *, now: datetime) -> str:
    """What makes an alert the same: the seat, the beginning of its gap, and which six hours of it."""
    began = since.timestamp() if since else 0.0
    turn = int((now.timestamp() - began) // AGAIN_AFTER.total_seconds())
    return f"{role}:{team_id or 'all'}:{int(began) or NEVER}:{turn}"


def _may_write(ref: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s))", [f"accounts.nobody_on_duty:{ref}"])
        return bool(cursor.fetchone()[0])
