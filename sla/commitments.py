"""Commitments: what is promised for one request, until when, and how the promise stands (SLA-1, SLA-6)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from sla.business_time import BusinessCalendar
from sla.errors import AvailabilityInvalid, CalendarUnknown, InstantOutOfRange, TargetInvalid
from sla.local_time import to_utc
from sla.vocabulary import is_above

LONGEST_TARGET = timedelta(days=366)
CALENDAR_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)
DURATION = re.compile(
    r"P(?=[\dT])(?:(?P<weeks>\d{1,8})W|"
    r"(?:(?P<days>\d{1,8})D)?(?:T(?=\d)(?:(?P<hours>\d{1,8})H)?(?:(?P<minutes>\d{1,8})M)?(?:(?P<seconds>\d{1,8})S)?)?)",
    re.ASCII,
)
DAY_COUNT = re.compile(r"day\+([1-9]\d{0,2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Availability:
    """When the desk works on a request: around the clock, in the organisation's hours, or in those of a calendar."""

    text: str

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read `always`, `business_hours` or `calendar:NAME`; raises AvailabilityInvalid."""
        if not isinstance(text, str):
            raise AvailabilityInvalid(repr(text))
        kind, _, name = text.partition(":")
        named = kind == "calendar" and CALENDAR_NAME.fullmatch(name) is not None
        if not named and text not in ("always", "business_hours"):
            raise AvailabilityInvalid(text)
        return cls(text)

    @property
    def is_always(self) -> bool:
        """Tell whether every instant counts."""
        return self.text == "always"

    @property
    def calendar_name(self) -> str | None:
        """Return NAME of `calendar:NAME`, None for the others."""
        return self.text.partition(":")[2] or None

    def pick(
        self, *, calendar: BusinessCalendar, named_calendars: Mapping[str, BusinessCalendar] | None = None
    ) -> BusinessCalendar:
        """Return the calendar whose clock and days count, which for `always` is the organisation's.

        Raises CalendarUnknown.
        """
        if self.calendar_name is None:
            return calendar
        try:
            return (named_calendars or {})[self.calendar_name]
        except KeyError:
            raise CalendarUnknown(self.calendar_name) from None

    def __str__(self) -> str:
        """Return the text of the policy document."""
        return self.text


@dataclass(frozen=True, slots=True)
class Target:
    """By when the first response is promised: a length of time, the end of a later day, or not at all (SLA-6).

    A length is counted in elapsed time if the desk is always available and in business time otherwise; a day of `P1D`
    is 24 h of it, a week seven of those. Years, months and fractions are not understood, since they have no exact
    length or none down to seconds.
    """

    within: timedelta | None = None
    days: int | None = None
    text: str = field(default="none", compare=False)

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read an ISO 8601 duration, `day+N`, `next_day` (which is `day+1`) or `none`; raises TargetInvalid."""
        if text == "none":
            return cls()
        if text == "next_day":
            return cls(days=1, text="next_day")
        if not isinstance(text, str):
            raise TargetInvalid(repr(text))
        if match := DAY_COUNT.fullmatch(text):
            return cls._checked(text, days=int(match[1]))
        if match := DURATION.fullmatch(text):
            parts = {unit: int(count) for unit, count in match.groupdict().items() if count}
            return cls._checked(text, within=timedelta(**parts))
        raise TargetInvalid(text)

    @classmethod
    def _checked(cls, text: str, *, within: timedelta | None = None, days: int | None = None) -> Self:
        if (within or timedelta(days=days or 0)) > LONGEST_TARGET:
            raise TargetInvalid(text)
        return cls(within=within, days=days, text=text)

    @property
    def is_none(self) -> bool:
        """Tell whether nothing is promised (SLA-6)."""
        return self.within is None and self.days is None

    def __str__(self) -> str:
        """Return the text of the policy document."""
        return self.text


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a policy: when the desk works, and by when it promises to answer."""

    availability: Availability
    target: Target

    @classmethod
    def parse(cls, *, availability: object, target: object) -> Self:
        """Read both texts; raises AvailabilityInvalid, TargetInvalid."""
        return cls(availability=Availability.parse(availability), target=Target.parse(target))


class CommitmentState(StrEnum):
    """How a promise stands."""

    NONE = "none"
    RUNNING = "running"
    KEPT = "kept"
    BREACHED = "breached"
    ENDED = "ended"
    SUPERSEDED = "superseded"


class Supersession(StrEnum):
    """Which change of severity put another promise in the place of this one."""

    RAISED = "raised"
    LOWERED = "lowered"


@dataclass(frozen=True, slots=True)
class Commitment:
    """What was promised for one request (SLA-1), in aware UTC; `due_at` is None where nothing was (SLA-6).

    It ends at `ended_at`: first response, close or supersession.
    """

    availability: Availability
    received_at: datetime
    due_at: datetime | None
    target: Target = Target()
    ended_at: datetime | None = None
    superseded_by: Supersession | None = None

    def state_at(
        self, now: datetime, *, responded_at: datetime | None = None, closed_at: datetime | None = None
    ) -> CommitmentState:
        """Tell how the promise stands; a response at exactly `due_at` keeps it.

        What happens after `now` has not happened. A promise that lowering superseded is still watched: with no response
        and no close by its due instant it is breached, though another one is in force.
        """
        ended_at, responded_at, closed_at = (
            at if at is not None and at <= now else None for at in (self.ended_at, responded_at, closed_at)
        )
        superseded = self.superseded_by is not None and ended_at is not None
        if self.due_at is None:
            return CommitmentState.SUPERSEDED if superseded else CommitmentState.NONE
        watched = superseded and self.superseded_by is Supersession.LOWERED
        stops = (now, responded_at, closed_at, None if watched else ended_at)
        if min(at for at in stops if at is not None) > self.due_at:
            return CommitmentState.BREACHED
        if superseded:
            return CommitmentState.SUPERSEDED
        if responded_at is not None:
            return CommitmentState.KEPT
        return CommitmentState.RUNNING if ended_at is None and closed_at is None else CommitmentState.ENDED

    def breached_at(
        self, now: datetime, *, responded_at: datetime | None = None, closed_at: datetime | None = None
    ) -> datetime | None:
        """Return the deadline itself if the promise is broken, None otherwise."""
        state = self.state_at(now, responded_at=responded_at, closed_at=closed_at)
        return self.due_at if state is CommitmentState.BREACHED else None


def due_at(
    *,
    cell: Cell,
    received_at: datetime,
    calendar: BusinessCalendar,
    named_calendars: Mapping[str, BusinessCalendar] | None = None,
) -> datetime | None:
    """Return the instant up to which a response keeps the promise, None where nothing is promised (SLA-6).

    `always` counts elapsed time, or the end of a day in the organisation's time zone; every other availability counts
    business time, or the end of the last open window of an open day. Raises CalendarUnknown, InstantOutOfRange.
    """
    counted = cell.availability.pick(calendar=calendar, named_calendars=named_calendars)
    within, days = cell.target.within, cell.target.days
    if within is not None:
        return _elapsed(received_at, within) if cell.availability.is_always else counted.add(received_at, within)
    if days is None:
        return None
    if cell.availability.is_always:
        return counted.start_of_day_after(received_at, days + 1)
    return counted.end_of_open_day(received_at, days)


def _elapsed(received_at: datetime, within: timedelta) -> datetime:
    try:
        return to_utc(received_at) + within
    except OverflowError:
        raise InstantOutOfRange(str(received_at)) from None


def promise(
    *,
    cell: Cell,
    received_at: datetime,
    calendar: BusinessCalendar,
    named_calendars: Mapping[str, BusinessCalendar] | None = None,
) -> Commitment:
    """Return what a policy's cell promises for a request received at an instant (SLA-1).

    `calendar` is the organisation's; `named_calendars` are those that the policy brings. Raises CalendarUnknown.
    """
    due = due_at(cell=cell, received_at=received_at, calendar=calendar, named_calendars=named_calendars)
    return Commitment(availability=cell.availability, received_at=to_utc(received_at), due_at=due, target=cell.target)


@dataclass(frozen=True, slots=True)
class Promised:
    """A due instant that was promised earlier in the same cycle, and the severity it was promised at."""

    severity: str
    due_at: datetime | None


def promise_after_raising(
    *,
    cell: Cell,
    severity: str,
    changed_at: datetime,
    received_at: datetime,
    earlier: Iterable[Promised],
    calendar: BusinessCalendar,
    named_calendars: Mapping[str, BusinessCalendar] | None = None,
) -> Commitment:
    """Return the promise after the severity was raised before the first response.

    It is due at the earliest of every due instant promised in this cycle at a severity not above the new one, and of
    the new target computed as if received at the change. What was promised while the severity stood higher than now
    does not count. `received_at` is that of the cycle, and stays.
    """
    fresh = due_at(cell=cell, received_at=changed_at, calendar=calendar, named_calendars=named_calendars)
    standing = (promised.due_at for promised in earlier if not is_above(promised.severity, severity))
    due = min((at for at in (fresh, *standing) if at is not None), default=None)
    return Commitment(availability=cell.availability, received_at=to_utc(received_at), due_at=due, target=cell.target)


def change_of(*, before: str, after: str) -> Supersession | None:
    """Tell which way the severity moved, None if it stayed."""
    if before == after:
        return None
    return Supersession.RAISED if is_above(after, before) else Supersession.LOWERED
