"""The sweeper also sends mail and tidies up, where nobody else does (P-9)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts import clock
from accounts.models import Delivery, DeliveryState, DutyPattern
from tests import factories
from tests.accounts.test_rota import weekly
from tests.conftest import OwnDatabase
from tests.tickets import making
from tickets.management.commands.sweeper import TIDY_EVERY, Command
from tickets.models import SweepHeartbeat

pytestmark = pytest.mark.usefixtures("own_database")


@pytest.fixture
def pattern(own_database: OwnDatabase) -> DutyPattern:
    """A weekly duty whose shifts end a week too early."""
    now = clock.now()
    lead = factories.actor(factories.make_staff("team_lead"))
    made: DutyPattern = weekly(
        lead, factories.make_staff("duty_manager"), now=now - timedelta(days=7), first_day=now.date()
    )
    return made


def looked(sweeper: Command, *, since_swept: timedelta = timedelta(minutes=1)) -> None:
    """One round, with the last sweep so long ago."""
    SweepHeartbeat.objects.update_or_create(pk=1, defaults={"swept_at": clock.now() - since_swept, "counts": {}})
    sweeper._look()
    for thread in sweeper._beside.values():
        thread.join(timeout=30)


def test_with_nobody_else_sweeping_the_rota_is_extended_each_hour(pattern: DutyPattern) -> None:
    """P-9: else nobody would be on duty eight weeks later"""
    sweeper, before = Command(), pattern.shifts.count()

    looked(sweeper)
    assert pattern.shifts.count() == before
    sweeper._tidied_at -= TIDY_EVERY
    looked(sweeper)
    assert pattern.shifts.count() == before + 7

    DutyPattern.objects.update(expanded_until=pattern.expanded_until)
    pattern.shifts.order_by("-starts_at").first().delete()
    looked(sweeper)
    assert pattern.shifts.count() == before + 6  # not again within the hour


def test_while_others_sweep_the_sweeper_leaves_tidying_to_them(pattern: DutyPattern) -> None:
    sweeper, before = Command(), pattern.shifts.count()
    sweeper._tidied_at -= TIDY_EVERY

    looked(sweeper, since_swept=timedelta(0))

    assert pattern.shifts.count() == before


@pytest.mark.parametrize(("waits", "sends"), [(timedelta(seconds=20), False), (timedelta(seconds=40), True)])
def test_mail_that_nobody_sends_is_sent_by_the_sweeper_while_others_sweep(
    own_database: OwnDatabase, waits: timedelta, sends: bool
) -> None:
    """P-9: the worker for mail may be gone alone."""
    organisation = factories.make_organisation()
    factories.make_subscription(organisation)
    making.filed(factories.actor(factories.make_person(organisation, "global_admin")))
    mail = Delivery.objects.filter(channel=Delivery.Channel.MAIL)
    mail.update(next_attempt_at=clock.now() - waits)

    looked(Command(), since_swept=timedelta(0))

    assert mail.get().state == (DeliveryState.SENT if sends else DeliveryState.PENDING)
