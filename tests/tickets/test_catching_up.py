"""Reminders for requests that were opened before there were any."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from tests.tickets import making
from tests.tickets.conftest import MONDAY
from tickets.models import ServiceRequest, Timer
from tickets.services.catching_up import plan_missing_reminders
from tickets.services.conversation import ask_customer, reply_publicly
from tickets.verification import faults

DAY = timedelta(days=1)
REMINDERS = ("attention", "update_due", "waiting_reminder", "waiting_close")


@pytest.fixture
def of_old(admin, engineer):
    """A question, an A in progress and one that waits for its customer, none of them with reminders."""
    question, worked, asked = (making.filed(admin, severity=severity, now=MONDAY).number for severity in "CBB")
    reply_publicly(number=worked, actor=engineer, body="We are on it.", now=MONDAY)
    ask_customer(number=asked, actor=engineer, body="Since when?", now=MONDAY)
    Timer.objects.filter(kind__in=REMINDERS).delete()
    return question, worked, asked


def planned(number, kind):
    """The instants of what waits."""
    timers = Timer.objects.filter(request__number=number, kind=kind, state="waiting").order_by("due_at")
    return list(timers.values_list("due_at", flat=True))


def test_each_gets_what_its_state_calls_for_once(of_old):
    """P-3, P-2: and a customer who was never warned gets the whole time."""
    question, worked, asked = of_old
    assert len([fault for fault in faults() if "nothing" in str(fault)]) == 3
    now = MONDAY + 3 * DAY

    assert plan_missing_reminders(now=now) == 3
    assert plan_missing_reminders(now=now) == 0

    assert planned(question, "attention") == [MONDAY + 3 * DAY, MONDAY + 8 * DAY]
    assert planned(worked, "update_due") == [now]  # the lead: both steps have passed, and the higher one speaks
    assert planned(asked, "waiting_close") == [now + 14 * DAY]
    assert not list(faults())


def test_a_request_that_has_its_reminders_is_left_alone(open_request):
    """P-2"""
    before = ServiceRequest.objects.get()

    call_command("plan_reminders")

    assert ServiceRequest.objects.get().version == before.version
