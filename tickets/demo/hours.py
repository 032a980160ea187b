"""The hours at which people do things: engineers by day, customers in their business hours."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from random import Random

from tickets.demo.surroundings import House, Member

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SHIFT = (time(7, 30), time(19, 30))  # of an engineer, on their own clock; the desk works on every day of the week
AWAKE = (time(7), time(21))  # when a customer may write outside business hours


def is_at_work(member: Member, at: datetime) -> bool:
    """Tell whether it is daytime where somebody of the desk works."""
    return SHIFT[0] <= at.astimezone(member.zone).time() < SHIFT[1]


def is_awake(house: House, at: datetime) -> bool:
    """Tell whether people are up where the customer is, on whatever day."""
    return AWAKE[0] <= at.astimezone(house.zone).time() < AWAKE[1]


def at_desk(member: Member, at: datetime, rng: Random) -> datetime:
    """The instant itself, or a while into the next morning of an engineer."""
    if is_at_work(member, at):
        return at
    local = at.astimezone(member.zone)
    morning = datetime.combine(local.date(), SHIFT[0], tzinfo=member.zone)
    if morning < local:
        morning = datetime.combine(local.date() + DAY, SHIFT[0], tzinfo=member.zone)
    return morning.astimezone(UTC) + MINUTE * rng.uniform(5, 80)


def in_business(house: House, at: datetime, rng: Random) -> datetime:
    """The instant itself, or a while into the customer's next business hours."""
    if house.calendar.is_open(at):
        return at
    opened_at = house.calendar.next_open_at(at)
    later = opened_at + MINUTE * rng.uniform(4, 150)
    return later if house.calendar.is_open(later) else opened_at + MINUTE * rng.uniform(4, 30)


def near(house: House, at: datetime, *, clock: time | None, weekdays: tuple[int, ...]) -> datetime:
    """The instant of this time of day, on the last of these weekdays that is not after the day of `at`."""
    local = at.astimezone(house.zone)
    day = local.date()
    while weekdays and day.weekday() not in weekdays:
        day -= DAY
    return datetime.combine(day, clock or local.time(), tzinfo=house.zone).astimezone(UTC)
