"""Housekeeping goes on behind a part that fails (P-9)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from accounts import clock
from accounts.models import CalendarVersion, DutyPattern, PersonSession
from accounts.selectors import calendar_of
from accounts.services.calendars import renew_calendars
from accounts.services.duty_patterns import extend_rota
from tests import factories
from tests.accounts.test_rota import weekly
from tickets.services.housekeeping import tidy_up

pytestmark = pytest.mark.django_db


def test_a_calendar_that_cannot_be_renewed_does_not_empty_the_rota():
    """P-9: else nobody would be on duty eight weeks later, and nothing would have told why"""
    lotus = factories.make_organisation("lotus")
    CalendarVersion.objects.create(organisation=lotus, version=2, document={}, covers_until=2020)  # beyond repair
    now = clock.now()
    lead = factories.actor(factories.make_staff("team_lead"))
    weekly(lead, factories.make_staff("duty_manager"), now=now - timedelta(days=7), first_day=now.date())
    before = DutyPattern.objects.get().shifts.count()

    counts = tidy_up()

    assert (counts["calendars"], counts["shifts"]) == (0, 7)
    assert DutyPattern.objects.get().shifts.count() == before + 7


def test_sessions_that_have_run_out_go_and_others_stay():
    browsers = [factories.browser_of(factories.make_staff("engineer")) for _ in range(2)]
    gone = PersonSession.objects.filter(session_key=browsers[0].session.session_key)
    gone.update(expire_date=clock.now() - timedelta(microseconds=1))

    assert tidy_up()["sessions"] == 1
    assert [browser.get("/profile/").status_code for browser in browsers] == [302, 200]


def test_a_calendar_that_cannot_be_renewed_does_not_stop_those_behind_it():
    """P-9: the first bad row would else keep every other one from ever being renewed"""
    now = datetime(2027, 1, 1, 3, 0, tzinfo=UTC)
    bad, good = factories.make_organisation("bad"), factories.make_organisation("good")
    for organisation, document in ((bad, {}), (good, calendar_of(good.pk).document)):
        CalendarVersion.objects.create(organisation=organisation, version=2, document=document, covers_until=2027)

    with capture_logs() as lines:
        assert renew_calendars(now=now) == 1

    assert calendar_of(good.pk).version == 3
    failed = [line for line in lines if line["event"] == "row.failed"]
    assert [(line["what"], line["key"], line["exc_info"]) for line in failed] == [("calendar", bad.pk, True)]


def test_a_weekly_duty_that_cannot_be_extended_does_not_stop_those_behind_it():
    """P-9"""
    now = clock.now()
    lead, ada = factories.actor(factories.make_staff("team_lead")), factories.make_staff("duty_manager")
    for team in ("billing", "technical-emea"):
        weekly(lead, ada, now=now - timedelta(days=7), first_day=now.date(), team=team)
    first, second = DutyPattern.objects.order_by("team__code")
    before = second.shifts.count()
    DutyPattern.objects.filter(pk=first.pk).update(expanded_until=date.max)  # there is no day after it

    assert extend_rota(now=now) == 7
    assert second.shifts.count() == before + 7
