"""Housekeeping goes on behind a part that fails (P-9)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts import clock
from accounts.models import CalendarVersion, DutyPattern
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
