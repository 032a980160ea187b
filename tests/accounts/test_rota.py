"""The duty rota: who is on duty when, exact over changes of the clock, and what happens when nobody is."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from accounts import rota
from accounts.errors import (
    DutyPatternNotFound,
    InvalidShift,
    NotPermitted,
    PersonNotFound,
    ShiftNotFound,
    ShiftOverlaps,
)
from accounts.models import Delivery, DutyShift, Event, Person, RoleGrant, Team
from accounts.rota.duty_time import Span, duty_days, duty_span, uncovered
from accounts.services.duty_alerts import nobody_answers, watch_rota
from accounts.services.duty_patterns import add_pattern, end_pattern, extend_rota
from accounts.services.rota import add_shift, remove_shift, take_over
from tests import factories

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def lead(db: None):
    return factories.actor(factories.make_staff("team_lead"))


@pytest.fixture
def ada(db: None) -> Person:
    return factories.make_staff("duty_manager", name="Ada")


@pytest.fixture
def ben(db: None) -> Person:
    return factories.make_staff("duty_manager", "engineer", name="Ben")


def hours(first: float, last: float) -> Span:
    """Hours after Monday 08:00 UTC."""
    return Span(MONDAY + HOUR * first, MONDAY + HOUR * last)


def put(lead, person: Person, span: Span, *, role: str = "duty_manager", team: str = "") -> DutyShift:
    return add_shift(role=role, team=team, person_id=person.pk, span=span, actor=lead, now=MONDAY)


def weekly(lead, person: Person, *, now: datetime = MONDAY, **changes):
    usual = {
        "role": "duty_manager",
        "team": "",
        "timezone": "Europe/Berlin",
        "weekdays": [0, 1, 2, 3, 4, 5, 6],
        "starts": time(8),
        "ends": time(20),
        "first_day": date(2026, 11, 23),
    }
    return add_pattern(person_id=person.pk, actor=lead, now=now, **{**usual, **changes})


def times() -> list[tuple[str, datetime, datetime]]:
    return [(row.person.name, row.starts_at, row.ends_at) for row in DutyShift.objects.order_by("starts_at")]


# Instants ------------------------------------------------------------------------------------------------------------


def test_a_shift_begins_at_its_first_instant_and_is_over_at_its_last(lead, ada):
    put(lead, ada, hours(1, 2))
    tick = timedelta(microseconds=1)

    found = [
        rota.on_duty("duty_manager", team_id=None, at=at)
        for at in (MONDAY + HOUR - tick, MONDAY + HOUR, MONDAY + 2 * HOUR - tick, MONDAY + 2 * HOUR)
    ]

    assert found == [None, ada, ada, None]


def test_a_team_has_its_own_person_or_the_one_for_all(lead, ada, ben, django_assert_num_queries):
    emea, apac = Team.objects.get(code="technical-emea"), Team.objects.get(code="technical-apac")
    put(lead, ada, hours(0, 8))
    put(lead, ben, hours(0, 8), team="technical-emea")

    with django_assert_num_queries(1):
        roster = rota.roster_at(MONDAY)
        assert roster.person("duty_manager", emea.pk) == ben
        assert roster.person("duty_manager", apac.pk) == ada
        assert roster.person("on_call", emea.pk) is None
        assert rota.handover_after(roster) == MONDAY + 8 * HOUR


def test_whoever_left_is_on_duty_no_longer(lead, ada):
    """P-6"""
    put(lead, ada, hours(0, 8))
    Person.objects.filter(pk=ada.pk).update(is_active=False)

    assert rota.on_duty("duty_manager", team_id=None, at=MONDAY) is None


def test_gaps_are_what_no_span_covers():
    whole = hours(0, 10)

    assert uncovered([], within=whole) == [whole]
    assert uncovered([hours(-2, 3), hours(2, 4), hours(6, 12)], within=whole) == [hours(4, 6)]
    assert uncovered([hours(0, 5), hours(5, 10)], within=whole) == []
    assert uncovered([hours(11, 12)], within=whole) == [whole]


@pytest.mark.parametrize(
    ("day", "lasts"),
    [(date(2027, 3, 27), 11), (date(2027, 10, 30), 13), (date(2027, 5, 1), 12)],
    ids=["the clock goes forward", "the clock goes back", "an ordinary night"],
)
def test_a_night_on_duty_lasts_as_long_as_the_clocks_say(day, lasts):
    span = duty_span(day, starts=time(20), ends=time(8), zone=BERLIN)

    assert span.end_at - span.start_at == HOUR * lasts


@pytest.mark.parametrize("clock", [time(2), time(2, 30), time(2, 59)])
@pytest.mark.parametrize("day", [date(2027, 3, 28), date(2027, 10, 31)])
def test_two_patterns_that_meet_on_the_clock_meet_to_the_microsecond(day, clock):
    before = duty_span(day - DAY, starts=time(20), ends=clock, zone=BERLIN)
    after = duty_span(day, starts=clock, ends=time(12), zone=BERLIN)

    assert before.end_at == after.start_at


def test_every_other_week_counts_from_the_week_of_the_first_day():
    days = duty_days(
        weekdays=[0, 6], every_weeks=2, first_day=date(2026, 11, 25), since=date(2026, 11, 1), until=date(2026, 12, 14)
    )

    assert list(days) == [date(2026, 11, 29), date(2026, 12, 7), date(2026, 12, 13)]


# Shifts --------------------------------------------------------------------------------------------------------------


def test_two_people_cannot_sit_on_one_seat(lead, ada, ben):
    put(lead, ada, hours(0, 8))

    with pytest.raises(ShiftOverlaps):
        put(lead, ben, hours(7, 9))
    with pytest.raises(IntegrityError), transaction.atomic():
        DutyShift.objects.create(role="duty_manager", person=ben, starts_at=MONDAY, ends_at=MONDAY + HOUR)

    put(lead, ben, hours(8, 9))  # one microsecond less would do
    put(lead, ben, hours(0, 8), role="on_call")
    put(lead, ben, hours(0, 8), team="billing")
    assert DutyShift.objects.count() == 4


def test_every_act_leaves_an_event(lead, ada, ben):
    """P-10"""
    shift = put(lead, ada, hours(1, 9))
    take_over(shift_id=shift.pk, person_id=ben.pk, actor=lead, now=MONDAY)
    remove_shift(shift_id=shift.pk, actor=lead, now=MONDAY)

    events = list(Event.objects.filter(kind__startswith="duty_shift").order_by("pk"))
    assert [event.kind for event in events] == ["duty_shift_added", "duty_shift_taken_over", "duty_shift_removed"]
    assert {event.actor_id for event in events} == {lead.person_id}
    assert (events[1].data["from"], events[1].data["to"]) == (ada.pk, ben.pk)
    assert times() == []


def test_taking_over_from_now_on_leaves_the_past_as_it_was(lead, ada, ben):
    shift = put(lead, ada, hours(0, 8))

    take_over(shift_id=shift.pk, person_id=ben.pk, actor=lead, now=MONDAY + 3 * HOUR)

    assert times() == [("Ada", *hours(0, 3)), ("Ben", *hours(3, 8))]


def test_a_part_of_a_shift_can_change_hands(lead, ada, ben):
    shift = put(lead, ada, hours(0, 8))

    take_over(shift_id=shift.pk, person_id=ben.pk, span=hours(2, 4), actor=lead, now=MONDAY)

    assert times() == [("Ada", *hours(0, 2)), ("Ben", *hours(2, 4)), ("Ada", *hours(4, 8))]


def test_a_running_shift_is_ended_and_a_past_one_stays(lead, ada, ben):
    shift = put(lead, ada, hours(0, 8))
    remove_shift(shift_id=shift.pk, actor=lead, now=MONDAY + HOUR)

    assert times() == [("Ada", *hours(0, 1))]
    for act in (
        lambda: remove_shift(shift_id=shift.pk, actor=lead, now=MONDAY + HOUR),
        lambda: take_over(shift_id=shift.pk, person_id=ben.pk, actor=lead, now=MONDAY + HOUR),
    ):
        with pytest.raises(InvalidShift, match="past"):
            act()


@pytest.mark.parametrize(
    ("span", "fault"),
    [
        (hours(2, 1), "ends_before_start"),
        (hours(-3, -1), "past"),
        (hours(0, 24 * 14 + 1), "too_long"),
        (Span(datetime(9999, 12, 31, 15, tzinfo=UTC), datetime(9999, 12, 31, 22, tzinfo=UTC)), "too_far"),
    ],
)
def test_what_cannot_be_a_shift_is_refused(lead, ada, span, fault):
    with pytest.raises(InvalidShift, match=fault):
        put(lead, ada, span)


def test_on_duty_are_those_whose_roles_allow_it(lead, ada, ben):
    """RO-3"""
    with pytest.raises(PersonNotFound):
        put(lead, factories.make_staff("engineer"), hours(0, 8))
    with pytest.raises(PersonNotFound):
        put(lead, factories.make_staff("operator"), hours(0, 8), role="on_call")
    with pytest.raises(NotPermitted):
        put(factories.actor(factories.make_staff("engineer")), ada, hours(0, 8))
    with pytest.raises(ShiftNotFound):
        remove_shift(shift_id=0, actor=lead, now=MONDAY)
    with pytest.raises(DutyPatternNotFound):
        end_pattern(pattern_id=0, last_day=MONDAY.date(), actor=lead, now=MONDAY)


# Patterns ------------------------------------------------------------------------------------------------------------


def test_a_pattern_becomes_shifts_some_weeks_ahead_and_goes_on(lead, ada):
    weekly(lead, ada)

    first = times()
    assert first[0] == ("Ada", MONDAY, datetime(2026, 11, 23, 19, 0, tzinfo=UTC))  # began at 07:00 UTC, before now
    assert first[1][1:] == (datetime(2026, 11, 24, 7, 0, tzinfo=UTC), datetime(2026, 11, 24, 19, 0, tzinfo=UTC))
    assert len(first) == 57
    assert extend_rota(now=MONDAY) == 0
    assert extend_rota(now=MONDAY + 3 * DAY) == 3


def test_a_pattern_keeps_its_local_time_over_a_change_of_the_clock(lead, ada):
    weekly(lead, ada, now=datetime(2027, 3, 20, 12, 0, tzinfo=UTC), first_day=date(2027, 3, 20))

    starts = {row[1].date(): row[1].hour for row in times()}
    assert (starts[date(2027, 3, 27)], starts[date(2027, 3, 28)]) == (7, 6)


def test_a_pattern_fills_what_others_leave_free(lead, ada, ben):
    put(lead, ben, Span(datetime(2026, 11, 24, 10, 0, tzinfo=UTC), datetime(2026, 11, 24, 12, 0, tzinfo=UTC)))

    weekly(lead, ada, weekdays=[1])

    tuesday = [row for row in times() if row[1].date() == date(2026, 11, 24)]
    assert [(name, starts.hour, ends.hour) for name, starts, ends in tuesday] == [
        ("Ada", 7, 10),
        ("Ben", 10, 12),
        ("Ada", 12, 19),
    ]


def test_what_was_removed_or_taken_over_stays_so_when_the_pattern_goes_on(lead, ada, ben):
    weekly(lead, ada)
    removed, taken = DutyShift.objects.order_by("starts_at")[3:5]
    remove_shift(shift_id=removed.pk, actor=lead, now=MONDAY)
    take_over(shift_id=taken.pk, person_id=ben.pk, actor=lead, now=MONDAY)

    extend_rota(now=MONDAY + 5 * DAY)

    assert rota.on_duty("duty_manager", team_id=None, at=removed.starts_at) is None
    assert rota.on_duty("duty_manager", team_id=None, at=taken.starts_at) == ben


def test_the_end_of_a_pattern_takes_its_coming_shifts_and_no_other(lead, ada, ben):
    pattern = weekly(lead, ada)
    swapped = DutyShift.objects.order_by("starts_at")[10]
    take_over(shift_id=swapped.pk, person_id=ben.pk, actor=lead, now=MONDAY)

    end_pattern(pattern_id=pattern.pk, last_day=date(2026, 11, 25), actor=lead, now=MONDAY)

    assert [(row[0], row[1].date().day) for row in times()] == [("Ada", 23), ("Ada", 24), ("Ada", 25), ("Ben", 3)]
    assert extend_rota(now=MONDAY + 20 * DAY) == 0


@pytest.mark.parametrize(("hour", "listed"), [(17, True), (36, False)])
def test_a_pattern_is_not_over_before_its_last_night_is(lead, ada, hour, listed):
    """Of 24 November: on the clocks of Hawaii it ends on the 25th, at 18:00 UTC."""
    pattern = weekly(lead, ada, timezone="Pacific/Honolulu", starts=time(20), ends=time(8))
    end_pattern(pattern_id=pattern.pk, last_day=date(2026, 11, 24), actor=lead, now=MONDAY)

    assert rota.patterns(now=datetime(2026, 11, 25, tzinfo=UTC) + HOUR * hour).exists() == listed


def test_a_pattern_that_ends_later_after_all_gets_its_shifts_back(lead, ada):
    pattern = weekly(lead, ada)
    before = times()
    end_pattern(pattern_id=pattern.pk, last_day=date(2026, 11, 25), actor=lead, now=MONDAY)

    end_pattern(pattern_id=pattern.pk, last_day=date(2026, 12, 2), actor=lead, now=MONDAY + DAY)

    assert times() == [row for row in before if row[1].date() <= date(2026, 12, 2)]
    assert extend_rota(now=MONDAY + 20 * DAY) == 0


@pytest.mark.parametrize(
    "lost",
    [
        lambda person: RoleGrant.objects.filter(person=person).delete(),
        lambda person: Person.objects.filter(pk=person.pk).update(is_active=False),
    ],
    ids=["role", "access"],
)
def test_whoever_left_gets_no_more_shifts_and_keeps_nobody_off_the_seat(lead, ada, ben, lost):
    """P-6"""
    weekly(lead, ada)
    lost(ada)

    assert extend_rota(now=MONDAY + 7 * DAY) == 0
    put_later = Span(MONDAY + 57 * DAY, MONDAY + 57 * DAY + HOUR)
    assert put(lead, ben, put_later).person == ben


def test_whoever_comes_back_gets_the_shifts_that_are_still_to_come(lead, ada):
    weekly(lead, ada)
    Person.objects.filter(pk=ada.pk).update(is_active=False)
    extend_rota(now=MONDAY + 7 * DAY)
    Person.objects.filter(pk=ada.pk).update(is_active=True)

    assert extend_rota(now=MONDAY + 7 * DAY) == 7


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"weekdays": []}, "none"),
        ({"timezone": "Atlantis"}, "unknown_timezone"),
        ({"every_weeks": 0}, "out_of_range"),
        ({"team": "nobody"}, "unknown_team"),
        ({"role": "king"}, "unknown_role"),
    ],
)
def test_what_cannot_be_a_pattern_is_refused(lead, ada, changes, fault):
    with pytest.raises(InvalidShift, match=fault):
        weekly(lead, ada, **changes)


# Nobody on duty ------------------------------------------------------------------------------------------------------


def test_the_gaps_to_come_are_known_for_every_seat_that_is_kept(lead, ada, ben, django_assert_num_queries):
    put(lead, ada, hours(0, 24 * 13))
    put(lead, ben, hours(0, 8), role="on_call", team="technical-emea")  # outside of it the team is told as a whole

    with django_assert_num_queries(3):
        found = rota.gaps(now=MONDAY)

    assert [(gap.role, gap.team and gap.team.code, gap.spans) for gap in found] == [
        ("duty_manager", None, [hours(24 * 13, 24 * 14)])
    ]


def test_without_any_rota_the_duty_manager_is_missing_and_no_team_is(db):
    found = rota.gaps(now=MONDAY)

    assert [(gap.role, gap.team, gap.spans) for gap in found] == [("duty_manager", None, [hours(0, 24 * 14)])]


def test_the_sweep_records_a_gap_once_and_again_while_it_lasts(lead, ada, django_assert_num_queries):
    put(lead, ada, hours(0, 8))
    end = MONDAY + 8 * HOUR

    assert watch_rota(now=end - timedelta(microseconds=1)) == 0
    assert watch_rota(now=end) == 1
    assert watch_rota(now=end + 5 * HOUR) == 0
    assert watch_rota(now=end + 6 * HOUR) == 1
    alert = Event.objects.filter(kind="nobody_on_duty").earliest("pk")
    assert (alert.at, alert.data) == (end, {"role": "duty_manager", "team": None, "since": end.isoformat()})
    told = Delivery.objects.filter(event=alert).values_list("person__name", "notice")
    assert ("Ada", "nobody_on_duty") in set(told)


def test_watching_costs_the_sweep_one_query_while_all_is_well(lead, ada, django_assert_num_queries):
    put(lead, ada, hours(0, 8))

    with django_assert_num_queries(3):  # one, and a savepoint around it
        watch_rota(now=MONDAY)


OFFICE = {"role": "on_call", "weekdays": [0, 1, 2, 3, 4], "starts": time(9), "ends": time(18)}


@pytest.mark.parametrize("team", ["technical-emea", ""])
def test_a_rota_of_office_hours_alarms_neither_at_night_nor_at_the_weekend(lead, ada, ben, team):
    """RO-3: an alert each night is an alert that nobody reads"""
    put(lead, ada, hours(0, 24 * 14))
    weekly(lead, ben, **OFFICE, team=team)

    assert sum(watch_rota(now=MONDAY + HOUR * n) for n in range(24 * 13)) == 0
    assert rota.gaps(now=MONDAY) == []
    assert rota.figures(now=MONDAY + 12 * HOUR) == rota.Figures(kept=True, next_gap_at=MONDAY + 14 * DAY)


@pytest.mark.parametrize("team", ["technical-emea", ""])
def test_whoever_left_is_missed_in_the_hours_of_their_seat_and_in_no_others(lead, ada, ben, team):
    """P-6"""
    put(lead, ada, hours(0, 24 * 14))
    weekly(lead, ben, **OFFICE, team=team)
    Person.objects.filter(pk=ben.pk).update(is_active=False)

    night, morning = MONDAY + 12 * HOUR, MONDAY + DAY
    assert (watch_rota(now=night), rota.figures(now=night).uncovered) == (0, 0)
    assert (watch_rota(now=morning), rota.figures(now=morning).uncovered) == (1, 1)
    assert rota.gaps(now=night)[-1].spans[0] == hours(24, 33)


def test_a_shift_that_was_taken_out_of_a_weekly_duty_on_call_is_missed(lead, ada, ben):
    put(lead, ada, hours(0, 24 * 14))
    weekly(lead, ben, **OFFICE, team="technical-emea")
    tuesday = DutyShift.objects.filter(role="on_call").order_by("starts_at")[1]

    remove_shift(shift_id=tuesday.pk, actor=lead, now=MONDAY)

    assert [gap.spans for gap in rota.gaps(now=MONDAY)] == [[Span(tuesday.starts_at, tuesday.ends_at)]]
    assert watch_rota(now=tuesday.starts_at) == 1


def test_whoever_is_wanted_outside_of_the_hours_on_call_is_missed(lead, ben):
    weekly(lead, ben, **OFFICE, team="technical-emea")
    team = Team.objects.get(code="technical-emea")

    assert nobody_answers(role="on_call", team_id=team.pk, now=MONDAY + 12 * HOUR)
    assert Event.objects.get(kind="nobody_on_duty").data["team"] == team.pk


def test_somebody_for_all_teams_closes_the_gap_of_each(lead, ada, ben):
    put(lead, ben, hours(0, 1), team="technical-emea")
    put(lead, ada, hours(0, 8))

    assert watch_rota(now=MONDAY + 2 * HOUR) == 0


def test_operators_see_whether_somebody_is_on_duty_and_when_the_next_gap_begins(lead, ada):
    assert rota.figures(now=MONDAY) == rota.Figures(kept=False)
    put(lead, ada, hours(0, 8))

    assert rota.figures(now=MONDAY) == rota.Figures(kept=True, uncovered=0, next_gap_at=MONDAY + 8 * HOUR)
    assert rota.figures(now=MONDAY + 9 * HOUR).uncovered == 1


def test_the_next_gap_is_known_while_a_seat_is_empty(lead, ada):
    """RO-3: the gap of now and the one behind the next shift are two"""
    put(lead, ada, hours(0, 8))
    put(lead, ada, hours(24, 32))

    assert rota.figures(now=MONDAY + 9 * HOUR) == rota.Figures(kept=True, uncovered=1, next_gap_at=MONDAY + 32 * HOUR)


def test_wanting_somebody_where_nobody_was_ever_on_duty_is_an_alert_too(db):
    assert nobody_answers(role="duty_manager", team_id=None, now=MONDAY)
    assert not nobody_answers(role="duty_manager", team_id=None, now=MONDAY + HOUR)
    assert Event.objects.get(kind="nobody_on_duty").data["since"] is None
