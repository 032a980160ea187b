"""Promises in sentences."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from sla import wording
from sla.commitments import Availability, Cell, promise
from sla.ladder import Recipient
from tests.sla.builders import at, calendar

BERLIN = calendar("Europe/Berlin")


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


@pytest.mark.parametrize(
    ("availability", "target", "text"),
    [
        ("always", "PT1H", "within 1 hour"),
        ("always", "PT2H", "within 2 hours"),
        ("always", "P1D", "within 24 hours"),
        ("always", "PT1M", "within 1 minute"),
        ("always", "PT90M", "within 90 minutes"),
        ("always", "PT1S", "within 1 second"),
        ("always", "PT90S", "within 90 seconds"),
        ("always", "next_day", "by the end of the next day"),
        ("always", "day+3", "by the end of day 3 after receipt"),
        ("business_hours", "PT1H", "within 1 business hour"),
        ("business_hours", "PT4H", "within 4 business hours"),
        ("business_hours", "PT30M", "within 30 minutes of business hours"),
        ("business_hours", "PT20S", "within 20 seconds of business hours"),
        ("business_hours", "day+1", "by the end of the next business day"),
        ("calendar:emea", "day+2", "by the end of business day 2 after receipt"),
        ("always", "none", "no committed response time"),
        ("business_hours", "none", "no committed response time"),
    ],
)
def test_a_target_reads_as_people_say_it(availability, target, text):
    """SLA-1, SLA-6"""
    assert wording.target_text(Cell.parse(availability=availability, target=target)) == text


@pytest.mark.parametrize(
    ("availability", "text"),
    [
        ("always", "around the clock, every day"),
        ("business_hours", "in local business hours"),
        ("calendar:emea", "in the hours of “emea”"),
    ],
)
def test_an_availability_reads_as_people_say_it(availability, text):
    assert wording.availability_text(Availability.parse(availability)) == text


@pytest.mark.parametrize(
    ("availability", "target", "timezone", "text"),
    [
        ("always", "next_day", "Europe/Berlin", "by the end of Tuesday, 24 November"),
        ("always", "next_day", "Asia/Taipei", "by Wednesday, 25 November, 07:00 (Asia/Taipei)"),
        ("always", "PT1H", "Europe/Berlin", "by Monday, 23 November, 12:00 (Europe/Berlin)"),
        ("always", "PT40S", "Europe/Berlin", "by Monday, 23 November, 11:01:10 (Europe/Berlin)"),
        (
            "business_hours",
            "day+1",
            "Europe/Berlin",
            "by the end of business hours on Tuesday, 24 November, 18:00 (Europe/Berlin)",
        ),
        ("always", "none", "Europe/Berlin", "no committed response time"),
    ],
)
def test_a_due_instant_reads_as_it_was_promised(availability, target, timezone, text):
    """DESIGN, Commitments; SLA-6"""
    cell = Cell.parse(availability=availability, target=target)
    due_at = promise(cell=cell, received_at=at("2026-11-23T10:00:30"), calendar=BERLIN).due_at

    assert wording.due_text(cell=cell, due_at=due_at, timezone=timezone) == text


def test_the_end_of_a_day_without_a_midnight_is_still_the_end_of_that_day():
    """In Cairo the clock jumps from Thursday 24:00 to Friday 01:00 on 2026-04-24."""
    cell = Cell.parse(availability="always", target="next_day")
    due_at = promise(cell=cell, received_at=at("2026-04-22T10:00"), calendar=calendar("Africa/Cairo")).due_at

    assert wording.due_text(cell=cell, due_at=due_at, timezone="Africa/Cairo") == "by the end of Thursday, 23 April"


def test_another_year_is_named():
    cell = Cell.parse(availability="always", target="next_day")

    text = wording.due_text(
        cell=cell, due_at=at("2027-01-01T23:00"), timezone="Europe/Berlin", now=at("2026-12-31T10:00")
    )

    assert text == "by the end of Friday, 1 January 2027"


def test_an_hour_that_comes_twice_is_told_apart():
    first, second = at("2026-11-01T05:30"), at("2026-11-01T06:30")

    assert [wording.instant_text(instant, timezone="America/New_York") for instant in (first, second)] == [
        "Sunday, 1 November, 01:30 (America/New York, UTC-04:00)",
        "Sunday, 1 November, 01:30 (America/New York, UTC-05:00)",
    ]


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(0), "0 s"),
        (timedelta(microseconds=1), "0 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(minutes=30), "30 min"),
        (timedelta(hours=1, minutes=30), "1 h 30 min"),
        (timedelta(hours=25, seconds=5), "25 h 5 s"),
    ],
)
def test_a_length_of_time_is_short(length, text):
    assert wording.duration_text(length) == text


def test_every_recipient_has_words():
    assert all(wording.recipient_text(recipient) for recipient in Recipient)


def test_a_time_of_day_follows_the_local_clock():
    assert wording.time_text(at("2026-11-24T23:30").astimezone(ZoneInfo("Asia/Kathmandu"))) == "05:15"
