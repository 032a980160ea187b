"""Two people change the same hours, or put somebody on the same seat, in the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from accounts import clock
from accounts.calendars.choices import Choices
from accounts.errors import AccountsError
from accounts.models import CalendarVersion, DutyShift, Event
from accounts.rota.duty_time import Span
from accounts.services.calendars import change_calendar, renew_calendar
from accounts.services.duty_alerts import nobody_answers
from accounts.services.duty_patterns import extend_rota
from accounts.services.rota import add_shift
from tests import factories
from tests.accounts.test_rota import weekly

MANY = 6
HOUR = timedelta(hours=1)


def at_once(work: Callable[[int], object]) -> list[object]:
    """What each of several threads came to, a refusal included."""
    start = Barrier(MANY)

    def run(number: int) -> object:
        start.wait(timeout=10)
        try:
            return work(number)
        except AccountsError as refusal:
            return type(refusal).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(run, range(MANY)))


@pytest.mark.usefixtures("own_database")
def test_of_several_changes_of_one_version_one_counts() -> None:
    """Settled point 11"""
    organisation = factories.make_organisation("lotus")
    admin = factories.actor(factories.make_person(organisation, "global_admin"))

    def change(number: int) -> object:
        windows = {"0": [["09:00", f"{10 + number}:00"]]}
        return change_calendar(slug="lotus", choices=Choices("UTC", windows), actor=admin, version=1).version

    assert sorted(map(str, at_once(change))) == ["2", *["CalendarChanged"] * (MANY - 1)]
    assert list(CalendarVersion.objects.order_by("version").values_list("version", flat=True)) == [1, 2]


@pytest.mark.usefixtures("own_database")
def test_several_processes_renew_a_calendar_once() -> None:
    organisation = factories.make_organisation("lotus")
    admin = factories.actor(factories.make_person(organisation, "global_admin"))
    windows = {"0": [["09:00", "12:00"]]}
    change_calendar(slug="lotus", choices=Choices("Asia/Taipei", windows, country="TW"), actor=admin)
    next_year = clock.now().replace(month=1, day=2) + timedelta(days=366)

    assert sum(map(bool, at_once(lambda _: renew_calendar(organisation_id=organisation.pk, now=next_year)))) == 1
    assert CalendarVersion.objects.filter(organisation=organisation).count() == 3


@pytest.mark.usefixtures("own_database")
def test_one_person_gets_the_seat() -> None:
    lead = factories.actor(factories.make_staff("team_lead"))
    managers = [factories.make_staff("duty_manager") for _ in range(MANY)]
    now = clock.now()

    def sit(number: int) -> object:
        span = Span(now + HOUR * (1 + number / 10), now + HOUR * 9)
        add_shift(role="duty_manager", team="", person_id=managers[number].pk, span=span, actor=lead)
        return "seated"

    assert sorted(map(str, at_once(sit))) == [*["ShiftOverlaps"] * (MANY - 1), "seated"]
    assert DutyShift.objects.count() == Event.objects.filter(kind="duty_shift_added").count() == 1


@pytest.mark.usefixtures("own_database")
def test_several_processes_make_each_shift_once_and_one_alert() -> None:
    """P-2"""
    lead = factories.actor(factories.make_staff("team_lead"))
    now = clock.now()
    pattern = weekly(lead, factories.make_staff("duty_manager"), now=now - timedelta(days=7), first_day=now.date())
    before = pattern.shifts.count()

    made = at_once(lambda _: extend_rota(now=now))

    assert sum(map(int, map(str, made))) == pattern.shifts.count() - before == 7
    late = now + timedelta(days=70)
    assert at_once(lambda _: nobody_answers(role="duty_manager", team_id=None, now=late)).count(True) == 1
    assert Event.objects.filter(kind="nobody_on_duty").count() == 1
