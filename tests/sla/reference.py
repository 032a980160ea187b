"""A slow and plainly right answer to any line that `sla_what_if` reads, and random lines to hold against it.

It walks minute by minute over what the local clock shows, and shares no code with `sla/`. Windows lie on whole minutes,
and so does every change of a clock since 1973. By hand: `python -m tests.sla.reference 3000 17` (how many, seed).
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

MINUTE = timedelta(minutes=1)
TARGETS = (
    "PT40S",
    "PT1M",
    "PT45M",
    "PT1H",
    "PT90M",
    "PT2H",
    "PT4H",
    "PT8H30M",
    "PT17H",
    "P1D",
    "P1DT1S",
    "PT40H",
    "P1W",
)
DAY_TARGETS = ("next_day", "day+1", "day+2", "day+3", "day+5", "day+9")
# Clocks that jump at midnight, by half an hour, by two hours or over a whole day; offsets of quarters of an hour.
ODD_ZONES = (
    "Africa/Cairo", "Africa/Casablanca", "Africa/El_Aaiun", "America/Asuncion", "America/Caracas", "America/Godthab",
    "America/Havana", "America/Santiago", "America/Sao_Paulo", "America/Scoresbysund", "America/St_Johns",
    "Antarctica/Casey", "Antarctica/Troll", "Asia/Amman", "Asia/Beirut", "Asia/Gaza", "Asia/Kathmandu",
    "Asia/Pyongyang", "Asia/Tehran", "Atlantic/Azores", "Australia/Lord_Howe", "Europe/Dublin", "Pacific/Apia",
    "Pacific/Chatham", "Pacific/Enderbury", "Pacific/Fakaofo", "Pacific/Kwajalein", "Pacific/Norfolk",
)  # fmt: skip


def expected(case: dict[str, Any]) -> dict[str, Any]:
    """What the line promises, from the definitions of DESIGN.md (SLA-1, SLA-6)."""
    availability, target = case["policy"]["availability"], case["policy"]["target"]
    name = availability.partition(":")[2]
    calendar = case["calendars"][name] if name else case["calendar"]
    received_at = datetime.fromisoformat(case["received_at"]).astimezone(UTC)
    always = availability == "always"
    return {
        "id": case["id"],
        "due_at": _text(_due_at(calendar, received_at, target, always=always)),
        "open_at_receipt": always or is_open(calendar, received_at),
        "next_open_at": _text(received_at if always else _next_open_at(calendar, received_at)),
    }


def is_open(calendar: dict[str, Any], at: datetime) -> bool:
    """Whether the local clock shows a time in an open window of a day that is no holiday."""
    local = at.astimezone(ZoneInfo(calendar["timezone"]))
    if local.date().isoformat() in calendar["holidays"]:
        return False
    windows = calendar["windows"].get(str(local.weekday()), [])
    return any(start <= f"{local:%H:%M}" < end for start, end in windows)


def _due_at(calendar: dict[str, Any], received_at: datetime, target: str, *, always: bool) -> datetime | None:
    if target == "none":
        return None
    if days := {"next_day": 1}.get(target) or int((re.fullmatch(r"day\+(\d+)", target) or [0, 0])[1]):
        return _start_of_day(calendar, received_at, days + 1) if always else _end_of_day(calendar, received_at, days)
    counts = re.fullmatch(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", target)
    assert counts
    weeks, days, hours, minutes, seconds = (int(count or 0) for count in counts.groups())
    within = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return received_at + within if always else _counted(calendar, received_at, within)


def _pieces(start_at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The rest of the minute at hand, then one whole minute after the other."""
    end_at = start_at.replace(second=0, microsecond=0) + MINUTE
    while True:
        yield start_at, end_at
        start_at, end_at = end_at, end_at + MINUTE


def _counted(calendar: dict[str, Any], received_at: datetime, within: timedelta) -> datetime:
    for start_at, end_at in _pieces(received_at):
        if is_open(calendar, start_at):
            if end_at - start_at >= within:
                return start_at + within
            within -= end_at - start_at
    raise AssertionError


def _next_open_at(calendar: dict[str, Any], at: datetime) -> datetime:
    return next(start_at for start_at, _ in _pieces(at) if is_open(calendar, start_at))


def _local_day(calendar: dict[str, Any], at: datetime) -> date:
    return at.astimezone(ZoneInfo(calendar["timezone"])).date()


def _start_of_day(calendar: dict[str, Any], received_at: datetime, days: int) -> datetime:
    day = _local_day(calendar, received_at) + timedelta(days=days)
    return next(start_at for start_at, _ in _pieces(received_at) if _local_day(calendar, start_at) >= day)


def _end_of_day(calendar: dict[str, Any], received_at: datetime, days: int) -> datetime:
    """The last open minute's end on the day that is the so-manieth later one with an open minute.

    A day is over once the clock shows two days later; until then a clock put back may return to it.
    """
    receipt, ends = _local_day(calendar, received_at), dict[date, datetime]()
    for start_at, end_at in _pieces(received_at):
        today = _local_day(calendar, start_at)
        if len(ends) >= days and today > sorted(ends)[days - 1] + timedelta(days=2):
            return ends[sorted(ends)[days - 1]]
        if today > receipt and is_open(calendar, start_at):
            ends[today] = end_at
    raise AssertionError


def _text(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None


def random_case(chance: random.Random, number: int) -> dict[str, Any]:
    """One line: any zone and calendar, most of them received near a change of the clock."""
    calendar, named = _calendar(chance), _calendar(chance)
    availability = chance.choice(["always", "business_hours", "business_hours", "calendar:desk"])
    counted = named if availability == "calendar:desk" else calendar
    received_at = _instant(chance, counted["timezone"])
    for each in (calendar, named):
        near = [
            (received_at + timedelta(days=chance.randint(-1, 9))).date().isoformat()
            for _ in range(chance.randint(0, 4))
        ]
        each["holidays"] = sorted(set(near))
    zone = ZoneInfo(calendar["timezone"]) if chance.random() < 0.3 else UTC
    return {
        "id": f"random-{number}",
        "policy": {"availability": availability, "target": chance.choice([*TARGETS, *DAY_TARGETS, "none"])},
        "calendar": calendar,
        "calendars": {"desk": named},
        "received_at": received_at.astimezone(zone).isoformat(),
    }


def _calendar(chance: random.Random) -> dict[str, Any]:
    zones = ODD_ZONES if chance.random() < 0.6 else sorted(name for name in available_timezones() if "/" in name)
    open_days = chance.sample(range(7), chance.choice([1, 2, 5, 5, 6, 7, 7]))
    return {"timezone": chance.choice(zones), "windows": {str(day): _windows(chance) for day in sorted(open_days)}}


def _windows(chance: random.Random) -> list[list[str]]:
    usual = [[["09:00", "18:00"]], [["00:00", "24:00"]], [["09:00", "12:00"], ["13:00", "24:00"]], [["22:00", "24:00"]]]
    if chance.random() < 0.4:
        return chance.choice(usual)
    marks = sorted(chance.sample(range(0, 1441, chance.choice([1, 5, 15, 60])), chance.choice([2, 2, 4, 6])))
    times = [f"{mark // 60:02}:{mark % 60:02}" for mark in marks]
    return [list(pair) for pair in zip(times[::2], times[1::2], strict=True)]


def _instant(chance: random.Random, timezone: str) -> datetime:
    zone, year = ZoneInfo(timezone), chance.choice([1993, 1994, 2011, *range(2015, 2038)])
    hours = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(366 * 24)]
    offsets = [hour.astimezone(zone).utcoffset() for hour in hours]
    changes = [hour for hour, before, after in zip(hours[1:], offsets, offsets[1:], strict=False) if before != after]
    near = chance.choice(changes) if changes and chance.random() < 0.8 else chance.choice(hours)
    shift = timedelta(minutes=chance.randint(-4 * 1440, 1440))
    return near + shift + timedelta(microseconds=chance.choice([0, 0, 1, 30_000_000, 59_999_999]))


def main(count: int, seed: int) -> int:
    """Hold `sla_what_if` against the reference; print what differs, and return how many do."""
    from sla.management.commands.sla_what_if import answer

    chance, wrong = random.Random(seed), 0
    for number in range(count):
        case = random_case(chance, number)
        given, right = answer(json.dumps(case).encode()), expected(case)
        if given != right:
            wrong += 1
            print(json.dumps(case), "\n  answered", given, "\n  expected", right)
    print(f"{count} lines, seed {seed}: {wrong} wrong")
    return wrong


if __name__ == "__main__":
    sys.exit(bool(main(*map(int, sys.argv[1:3]))))
