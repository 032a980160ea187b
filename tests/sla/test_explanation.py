"""A promise explains itself: what counted, what did not, in data and in sentences."""

from datetime import timedelta

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from sla.commitments import Cell, due_at
from sla.explanation import MOST_LINES, LineKind, explain
from sla.explanation_wording import SENTENCES, explanation_sentences
from tests.sla.builders import ALL_DAY, OFFICE, SPLIT, at, calendar
from tests.sla.test_business_time_properties import calendars_and_instants

BERLIN = calendar("Europe/Berlin", SPLIT, holidays=["2026-11-23", "2026-12-24", "2026-12-25"])


def sentences(availability, target, received_at, office=BERLIN, viewer="Europe/Berlin", **facts):
    cell = Cell.parse(availability=availability, target=target)
    explanation = explain(cell=cell, received_at=at(received_at), calendar=office, **facts)
    with override("en"):
        return explanation_sentences(explanation, viewer_timezone=viewer)


def test_business_hours_over_a_weekend_and_a_holiday():
    """DESIGN, Commitments"""
    assert sentences("business_hours", "PT4H", "2026-11-20T16:00Z") == [
        "Friday, 20 November, 17:00–17:30: 30 min counted.",
        "Saturday, 21 November and Sunday, 22 November: weekend, closed.",
        "Monday, 23 November: public holiday, closed.",
        "Tuesday, 24 November, 08:30–12:00: 3 h 30 min counted.",
        "That makes 4 h, reached on Tuesday, 24 November, 12:00.",
    ]


def test_a_receipt_outside_business_hours():
    assert sentences("business_hours", "PT1H", "2026-11-24T11:15Z") == [
        "Tuesday, 24 November, 12:15–13:00: outside business hours.",
        "Tuesday, 24 November, 13:00–14:00: 1 h counted.",
        "That makes 1 h, reached on Tuesday, 24 November, 14:00.",
    ]


def test_a_receipt_in_the_evening_before_closed_days():
    assert sentences("business_hours", "PT1H", "2026-11-20T19:30Z")[:3] == [
        "Friday, 20 November, 20:30–24:00: outside business hours.",
        "Saturday, 21 November and Sunday, 22 November: weekend, closed.",
        "Monday, 23 November: public holiday, closed.",
    ]


def test_a_night_between_two_days():
    assert sentences("business_hours", "PT1H", "2026-11-24T16:00Z") == [
        "Tuesday, 24 November, 17:00–17:30: 30 min counted.",
        "Tuesday, 24 November, 17:30 to Wednesday, 25 November, 08:30: outside business hours.",
        "Wednesday, 25 November, 08:30–09:00: 30 min counted.",
        "That makes 1 h, reached on Wednesday, 25 November, 09:00.",
    ]


def test_around_the_clock_every_hour_counts():
    """SLA-1"""
    assert sentences("always", "PT1H", "2026-11-21T01:30:05Z") == [
        "Every hour counts, day and night: Saturday, 21 November, 02:30:05–03:30:05, that is 1 h."
    ]


def test_around_the_clock_past_midnight():
    assert sentences("always", "PT4H", "2026-11-21T21:00Z") == [
        "Every hour counts, day and night: 4 h from Saturday, 21 November, 22:00 to Sunday, 22 November, 02:00."
    ]


def test_a_change_of_the_clock_is_told_where_it_makes_hours_look_wrong():
    assert sentences("always", "PT1H", "2026-10-25T00:30Z") == [
        "Every hour counts, day and night: Sunday, 25 October, 02:30–02:30, that is 1 h.",
        "The clocks go back by 1 h on Sunday, 25 October.",
    ]
    assert sentences("business_hours", "PT4H", "2026-03-29T00:00Z", calendar("Europe/Berlin", ALL_DAY)) == [
        "Sunday, 29 March, 01:00–06:00: 4 h counted.",
        "The clocks go forward by 1 h on Sunday, 29 March.",
        "That makes 4 h, reached on Sunday, 29 March, 06:00.",
    ]


def test_the_end_of_the_next_day():
    """SLA-1: enterprise B"""
    assert sentences("always", "next_day", "2026-11-23T22:30Z") == [
        "Monday, 23 November is the day of receipt; the days after it are counted.",
        "Tuesday, 24 November: day 1, which counts to its end at midnight.",
    ]


def test_the_end_of_an_open_day():
    assert sentences("business_hours", "day+3", "2026-11-18T22:30Z") == [
        "Wednesday, 18 November is the day of receipt; the days after it are counted.",
        "Thursday, 19 November to Friday, 20 November: business days 1 to 2.",
        "Saturday, 21 November and Sunday, 22 November: weekend, closed.",
        "Monday, 23 November: public holiday, closed.",
        "Tuesday, 24 November: business day 3, which counts to its closing at 17:30.",
    ]


def test_several_holidays_and_single_closed_days():
    wednesdays_off = calendar("UTC", {**OFFICE, "2": []}, holidays=["2026-12-24", "2026-12-25"])

    assert sentences("business_hours", "day+2", "2026-12-22T10:00Z", wednesdays_off, "UTC") == [
        "Tuesday, 22 December is the day of receipt; the days after it are counted.",
        "Wednesday, 23 December: closed.",
        "Thursday, 24 December to Friday, 25 December: public holidays, closed.",
        "Saturday, 26 December and Sunday, 27 December: weekend, closed.",
        "Monday, 28 December: business day 1.",
        "Tuesday, 29 December: business day 2, which counts to its closing at 18:00.",
    ]


def test_a_day_that_the_calendar_skips():
    samoa = calendar("Pacific/Apia", ALL_DAY)

    assert sentences("business_hours", "day+1", "2011-12-29T20:00Z", samoa, "Pacific/Apia") == [
        "Thursday, 29 December is the day of receipt; the days after it are counted.",
        "Friday, 30 December: the calendar of Pacific/Apia skips this day.",
        "Saturday, 31 December: business day 1, which counts to its closing at 24:00.",
    ]


def test_no_commitment_is_said_plainly():
    """SLA-6"""
    assert sentences("business_hours", "none", "2026-11-20T16:00Z", viewer="Asia/Taipei") == [
        "No response time is committed."
    ]


def test_a_viewer_on_another_clock_is_told_whose_clock_it_is():
    viewed = sentences("always", "PT1H", "2026-11-21T01:30Z", calendar("America/New_York"), "Asia/Taipei")

    assert viewed[0] == "Days and times are those of America/New York."


def test_the_hours_of_a_named_calendar_are_explained_on_its_own_clock():
    named = {"taipei": calendar("Asia/Taipei")}

    assert sentences("calendar:taipei", "PT1H", "2026-11-24T01:00Z", viewer=None, named_calendars=named) == [
        "Days and times are those of Asia/Taipei.",
        "Tuesday, 24 November, 09:00–10:00: 1 h counted.",
        "That makes 1 h, reached on Tuesday, 24 November, 10:00.",
    ]


def test_a_raised_severity_is_counted_from_the_change():
    """Settled point 2"""
    assert sentences(
        "always",
        "PT1H",
        "2026-11-24T08:00Z",
        counted_from=at("2026-11-24T10:00"),
        promised_due_at=at("2026-11-24T11:00"),
    ) == [
        "The severity was raised on Tuesday, 24 November, 11:00, and the time counts from then.",
        "Every hour counts, day and night: Tuesday, 24 November, 11:00–12:00, that is 1 h.",
    ]


@pytest.mark.parametrize("target", ["PT1H", "none"])
def test_an_earlier_promise_that_stands_is_named(target):
    """Settled point 2"""
    explained = sentences(
        "always",
        target,
        "2026-11-24T08:00Z",
        counted_from=at("2026-11-24T10:00"),
        promised_due_at=at("2026-11-24T10:30"),
    )

    assert explained[-1] == (
        "A response was already promised by Tuesday, 24 November, 11:30, which is sooner and stands."
    )


def test_a_long_explanation_is_shortened_in_the_middle():
    cell = Cell.parse(availability="business_hours", target="PT80H")

    lines = explain(cell=cell, received_at=at("2026-11-24T08:00"), calendar=BERLIN).lines

    assert len(lines) <= MOST_LINES
    assert lines[-1].kind is LineKind.REACHED
    assert sum((line.counted for line in lines[:-1] if line.counted), timedelta()) == timedelta(hours=80)


def test_a_long_explanation_of_days_says_that_it_goes_on():
    explained = sentences("business_hours", "day+60", "2026-11-18T22:30Z")

    assert "And so on in between, where days and hours follow the same pattern." in explained


@settings(max_examples=150, deadline=None)
@given(
    calendars_and_instants(),
    st.sampled_from(["always", "business_hours"]),
    st.sampled_from(["PT1S", "PT90S", "PT1H", "PT16H", "P3D", "P366D", "next_day", "day+3", "day+40", "none"]),
)
def test_any_promise_is_explained_shortly_and_what_counted_adds_up(case, availability, target):
    office, received_at = case
    cell = Cell.parse(availability=availability, target=target)

    explanation = explain(cell=cell, received_at=received_at, calendar=office)

    counting = [line for line in explanation.lines if line.kind is not LineKind.REACHED]
    assert 1 <= len(explanation.lines) <= MOST_LINES
    if cell.target.within is not None:
        assert sum((line.counted for line in counting if line.counted), timedelta()) == cell.target.within
    if not cell.target.is_none:
        assert explanation.lines[-1].end_at in (due_at(cell=cell, received_at=received_at, calendar=office), None)
    for language in ("en", "zh-hant"):
        with override(language):
            assert not any("%(" in text for text in explanation_sentences(explanation))


def test_every_kind_of_line_has_a_sentence():
    several = {
        LineKind.CLOSED_DAYS: "closed_day",
        LineKind.HOLIDAYS: "holiday",
        LineKind.SKIPPED_DAYS: "skipped_day",
        LineKind.OPEN_DAYS: "open_day",
        LineKind.CLOCK_CHANGED: "clock_back",
    }

    assert all(several.get(kind, kind.value) in SENTENCES for kind in LineKind)
