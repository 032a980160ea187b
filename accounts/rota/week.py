"""The duty rota as a page shows it: seats, warnings, and a week of cells."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from accounts import rota
from accounts.forms.rota import DUTY_ROLES, team_label
from accounts.models import DutyRole, DutyShift, Team
from accounts.rota.duty_time import DAY, instant_of

DAYS = 7
GAPS_SHOWN = 3


def seated(shift: DutyShift) -> dict[str, Any]:
    """A shift with its seat in words."""
    return {"shift": shift, "role": DUTY_ROLES[shift.role], "team": team_label(shift.team)}


def warning(gap: rota.Gap) -> dict[str, Any]:
    """Where nobody is on duty, in words, and the first gaps."""
    return {
        "role": DUTY_ROLES[gap.role],
        "team": team_label(gap.team),
        "spans": gap.spans[:GAPS_SHOWN],
        "more": max(0, len(gap.spans) - GAPS_SHOWN),
    }


def week_of(first: date, zone: ZoneInfo, team: Team | None, *, now: datetime) -> list[dict[str, Any]]:
    """A row for each seat with its shifts day by day; the duty manager of all teams always has one."""
    edges = [instant_of(first + DAY * index, time.min, zone) for index in range(DAYS + 1)]
    shifts = [
        shift for shift in rota.shifts_between(edges[0], edges[-1]) if team is None or shift.team_id in (None, team.pk)
    ]
    seats = {(DutyRole.DUTY_MANAGER.value, ""): (DUTY_ROLES["duty_manager"], team_label(None))}
    for shift in rota.in_order(shifts):
        seats.setdefault(_seat(shift), (DUTY_ROLES[shift.role], team_label(shift.team)))
    return [
        {"role": role, "team": label, "cells": [_cell(shifts, seat, edges[i], edges[i + 1], now) for i in range(DAYS)]}
        for seat, (role, label) in seats.items()
    ]


def _seat(shift: DutyShift) -> tuple[str, str]:
    return (str(shift.role), shift.team.code if shift.team else "")


def _cell(
    shifts: list[DutyShift], seat: tuple[str, str], start_at: datetime, end_at: datetime, now: datetime
) -> list[dict[str, Any]]:
    """What of a day is whose: an end beyond the day is left to the neighbouring cell."""
    return [
        {
            "shift": shift,
            "from": shift.starts_at if shift.starts_at > start_at else None,
            "until": shift.ends_at if shift.ends_at < end_at else None,
            "running": shift.starts_at <= now < shift.ends_at,
        }
        for shift in shifts
        if _seat(shift) == seat and shift.starts_at < end_at and shift.ends_at > start_at
    ]
