"""Business hours of organisations: versions that never move a promise, holidays that renew, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from accounts import selectors
from accounts.calendars.changes import changes_between
from accounts.calendars.choices import FOREVER, Choices, OwnDay, choices_of, closed_days_of
from accounts.calendars.years import DayState, year_view
from accounts.errors import CalendarChanged, InvalidCalendar, NotPermitted, OrganisationNotFound
from accounts.models import CalendarVersion, Event, Organisation
from accounts.services.calendars import change_calendar, open_calendar, renew_calendar, renew_calendars
from tests import factories
from tests.tickets import making
from tests.tickets.policies import document as policy
from tickets import verification
from tickets.models import Commitment
from tickets.services.policies import publish_policy

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday, 10:00 in Taipei
WEEKDAYS = {str(day): [["09:00", "18:00"]] for day in range(5)}
TAIPEI = Choices(timezone="Asia/Taipei", windows=WEEKDAYS, country="TW")

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation() -> Organisation:
    organisation = factories.make_organisation("lotus")
    factories.make_subscription(organisation)
    return organisation


@pytest.fixture
def admin(organisation: Organisation):
    return factories.actor(factories.make_person(organisation, "global_admin"))


def change(admin, choices: Choices = TAIPEI, **more) -> CalendarVersion:
    return change_calendar(slug="lotus", choices=choices, actor=admin, **{"now": NOW, **more})


# Versions ------------------------------------------------------------------------------------------------------------


def test_a_change_is_a_version_of_its_own_with_who_when_and_why(organisation, admin):
    """Settled point 8, P-10"""
    version = change(admin, note="  We close on public holidays ")

    assert (version.version, version.created_by_id, version.created_at) == (2, admin.person_id, NOW)
    assert version.note == "We close on public holidays"
    assert selectors.calendar_of(organisation.pk) == version
    event = Event.objects.get(kind="calendar_changed")
    assert (event.organisation, event.actor_id, event.at, event.data) == (
        organisation,
        admin.person_id,
        NOW,
        {"version": 2, "from": 1, "to": 2},
    )


def test_the_same_hours_again_are_no_new_version(admin):
    first = change(admin, version=1)
    again = change(admin, version=1)

    assert again == first
    assert Event.objects.filter(kind="calendar_changed").count() == 1


def test_the_document_names_holidays_from_last_year_to_the_year_after_next(admin):
    document = change(admin).document

    assert {text[:4] for text in document["holidays"]} == {"2025", "2026", "2027", "2028"}
    assert "2027-01-01" in document["holidays"]


def test_own_days_are_closed_and_worked_holidays_are_not(admin):
    own = (OwnDay(date(2026, 12, 24), "Inventory", yearly=True), OwnDay(date(2027, 3, 1), "Move"))
    version = change(
        admin,
        Choices(
            timezone="Asia/Taipei",
            windows=WEEKDAYS,
            country="TW",
            own_days=own,
            worked_days=frozenset({date(2027, 1, 1)}),
        ),
    )

    days = version.document["holidays"]
    assert {"2025-12-24", "2026-12-24", "2027-12-24", "2028-12-24", "2027-03-01"} <= set(days)
    assert "2027-01-01" not in days
    assert "2028-03-01" not in days


def test_a_yearly_day_of_29_february_comes_in_leap_years(admin):
    version = change(
        admin, Choices(timezone="UTC", windows=WEEKDAYS, own_days=(OwnDay(date(2024, 2, 29), "Leap", yearly=True),))
    )

    assert version.document["holidays"] == ["2024-02-29", "2028-02-29"]


@pytest.mark.parametrize(
    ("choices", "place", "code"),
    [
        (Choices(timezone="Mars/Olympus", windows=WEEKDAYS), "timezone", "unknown_timezone"),
        (Choices(timezone="UTC", windows={}), "windows", "never_open"),
        (Choices(timezone="UTC", windows={"0": [["18:00", "09:00"]]}), "windows.0.0", "window_ends_before_start"),
        (Choices(timezone="UTC", windows=WEEKDAYS, country="XX"), "country", "country_unknown"),
        (Choices(timezone="UTC", windows=WEEKDAYS, country="DE", subdivision="TX"), "country", "country_unknown"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_place_and_changes_nothing(organisation, admin, choices, place, code):
    """Settled point 8"""
    with pytest.raises(InvalidCalendar) as refusal:
        change(admin, choices)

    assert [problem[:2] for problem in refusal.value.problems] == [(place, code)]
    assert selectors.calendar_of(organisation.pk).version == 1


def test_a_change_made_for_an_older_version_is_refused(organisation, admin):
    """Settled point 11"""
    change(admin, version=1)

    with pytest.raises(CalendarChanged) as refusal:
        change(admin, Choices(timezone="UTC", windows=WEEKDAYS), version=1)

    assert refusal.value.current == 2


@pytest.mark.parametrize("role", ["service_support_admin", "reader"])
def test_only_the_global_admin_of_the_organisation_changes_its_hours(organisation, role):
    """RO-1"""
    with pytest.raises(NotPermitted):
        change(factories.actor(factories.make_person(organisation, role)))


def test_the_hours_of_another_organisation_do_not_exist(admin):
    """P-5"""
    factories.make_organisation("cedar")

    with pytest.raises(OrganisationNotFound):
        change_calendar(slug="cedar", choices=TAIPEI, actor=admin, now=NOW)


def test_leads_change_the_hours_of_any_organisation_and_engineers_of_none(organisation):
    """RO-3"""
    assert change(factories.actor(factories.make_staff("team_lead"))).version == 2
    with pytest.raises(NotPermitted):
        change(factories.actor(factories.make_staff("engineer")))


@pytest.mark.parametrize(
    "statement", ["UPDATE accounts_calendarversion SET note = 'x'", "DELETE FROM accounts_calendarversion"]
)
def test_the_database_refuses_to_touch_a_version(organisation, statement):
    """P-10"""
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


# Promises ------------------------------------------------------------------------------------------------------------


def test_a_change_moves_no_promise_and_counts_for_the_next_request(admin):
    """SLA-1, settled point 8: old promises stay to the microsecond, and verify can still tell where they come from."""
    document = policy(version=2)
    document["rules"]["technical"]["enterprise"]["A"] = {"availability": "business_hours", "target": "PT4H"}
    publish_policy(document=document, label="test")
    old = making.filed(admin, now=NOW)
    assert old.due_at == datetime(2026, 11, 23, 6, 0, tzinfo=UTC)

    change(admin, Choices(timezone="Asia/Taipei", windows={str(day): [["13:00", "15:00"]] for day in range(5)}))
    new = making.filed(admin, now=NOW)

    old.refresh_from_db()
    assert old.due_at == Commitment.objects.get(request=old).due_at == datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
    assert new.due_at == datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
    assert list(verification.faults()) == []


# Renewal -------------------------------------------------------------------------------------------------------------

NEXT_YEAR = datetime(2027, 1, 1, 3, 0, tzinfo=UTC)


def test_the_turn_of_the_year_adds_the_holidays_of_one_more(organisation, admin):
    before = change(admin)

    assert renew_calendars(now=NEXT_YEAR) == 1

    after = selectors.calendar_of(organisation.pk)
    assert (after.version, after.covers_until, after.created_by) == (3, 2029, None)
    assert [day for day in after.document["holidays"] if day < "2029"] == before.document["holidays"]
    assert "2029-01-01" in after.document["holidays"]
    assert Event.objects.get(kind="calendar_renewed").data == {"version": 3, "from": 2, "to": 3}


def test_renewal_happens_once_a_year(organisation, admin):
    change(admin)
    renew_calendars(now=NEXT_YEAR)

    assert renew_calendars(now=NEXT_YEAR + timedelta(days=200)) == 0
    assert not renew_calendar(organisation_id=organisation.pk, now=NEXT_YEAR + timedelta(days=200))


def test_a_holiday_that_is_worked_is_worked_in_the_years_that_come(organisation, admin):
    new_year = frozenset(date(year, 1, 1) for year in (2027, 2028))
    change(admin, Choices(timezone="Asia/Taipei", windows=WEEKDAYS, country="TW", worked_days=new_year))

    renew_calendars(now=NEXT_YEAR)

    days = selectors.calendar_of(organisation.pk).document["holidays"]
    assert "2029-01-01" not in days
    assert any(day.startswith("2029") for day in days)


@pytest.mark.parametrize(
    "choices",
    [
        Choices(timezone="Asia/Taipei", windows=WEEKDAYS, country="TW", renews=False),
        Choices(timezone="Asia/Taipei", windows=WEEKDAYS, own_days=(OwnDay(date(2027, 3, 1)),)),
    ],
    ids=["does not want it", "has nothing to renew"],
)
def test_a_calendar_that_is_not_to_be_renewed_stays(organisation, admin, choices):
    change(admin, choices)

    assert renew_calendars(now=NEXT_YEAR) == 0
    assert selectors.calendar_of(organisation.pk).version == 2


def test_a_calendar_of_before_the_editor_is_read_back_and_renewed(organisation):
    """Its public holidays are told from its own days, and from those that are worked."""
    public = TAIPEI.closed_days(range(2026, 2028))
    days = {*public, date(2026, 12, 24)} - {date(2027, 1, 1)}
    document = {"timezone": "Asia/Taipei", "windows": WEEKDAYS, "holidays": sorted(map(str, days))}
    version = CalendarVersion.objects.create(organisation=organisation, version=2, document=document)

    choices = choices_of(version, organisation)
    assert (choices.country, choices.own_days) == ("TW", (OwnDay(date(2026, 12, 24)),))
    assert choices.worked_days == {date(2027, 1, 1)}
    assert renew_calendars(now=NOW) == 1
    renewed = selectors.calendar_of(organisation.pk)
    assert (renewed.covers_until, renewed.country) == (2028, "TW")
    assert "2028-01-01" not in renewed.document["holidays"]
    assert "2028-10-10" in renewed.document["holidays"]


def test_a_new_organisation_begins_with_a_calendar_of_its_own():
    organisation = Organisation.objects.create(slug="new", name="New", country="DE", timezone="Europe/Berlin")
    choices = Choices(timezone="Europe/Berlin", windows=WEEKDAYS, country="DE", subdivision="BY")

    version = open_calendar(organisation, choices, now=NOW)

    assert version.version == 1
    assert "2026-01-06" in version.document["holidays"]  # Epiphany, in Bavaria


def test_what_never_changes_from_year_to_year_covers_every_year(admin):
    assert change(admin, Choices(timezone="UTC", windows=WEEKDAYS)).covers_until == FOREVER


# What people see -----------------------------------------------------------------------------------------------------


def test_a_year_shows_open_short_closed_and_named_days():
    windows = {**WEEKDAYS, "5": [["09:00", "12:00"]]}
    document = {"timezone": "Asia/Taipei", "windows": windows, "holidays": ["2026-12-25", "2026-12-27"]}

    months = year_view(document, year=2026, names={date(2026, 12, 25): "Constitution Day"})

    december = {day.date.day: day for week in months[11].weeks for day in week if day}
    assert len(months) == 12
    assert [december[day].state for day in (24, 25, 26, 27)] == [
        DayState.OPEN,
        DayState.HOLIDAY,
        DayState.SHORT,
        DayState.CLOSED,
    ]
    assert december[25].name == "Constitution Day"
    assert months[11].weeks[0][0] is None  # 1 December 2026 is a Tuesday
    assert [day.date.day for day in months[11].named] == [25, 27]


def test_a_preview_tells_hours_days_and_the_sum_of_a_year():
    before = {"timezone": "UTC", "windows": WEEKDAYS, "holidays": ["2026-12-24", "2026-01-01"]}
    after = {
        "timezone": "Europe/Berlin",
        "windows": {**WEEKDAYS, "4": [["09:00", "12:00"]]},
        "holidays": ["2026-12-25", "2026-12-26"],
    }

    changes = changes_between(
        before, after, since=date(2026, 11, 23), years=range(2026, 2027), names={date(2026, 12, 25): "Christmas Day"}
    )

    assert changes.timezone == ("UTC", "Europe/Berlin")
    assert [(day.weekday, day.before, day.after) for day in changes.week] == [
        (4, [["09:00", "18:00"]], [["09:00", "12:00"]])
    ]
    assert [(day.date, day.name) for day in changes.closes] == [(date(2026, 12, 25), "Christmas Day")]
    assert [day.date for day in changes.opens] == [date(2026, 12, 24)]  # 1 January is past, the 26th a Saturday
    fridays, days = 52, 261
    assert changes.years[0].before == (days - 2) * 9 * 60
    assert changes.years[0].after == (days - 52 - 0) * 9 * 60 + (fridays - 1) * 3 * 60


def test_days_are_named_in_the_language_of_the_reader(organisation, admin):
    version = change(admin)

    assert closed_days_of(version, organisation, language="zh-hant")[date(2027, 1, 1)] == "中華民國開國紀念日"
    assert "Founding Day" in closed_days_of(version, organisation, language="en")[date(2027, 1, 1)]
