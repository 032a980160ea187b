"""Customers who act on a request that waits for them, without a message: they are not silent."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.tickets.conftest import MONDAY
from tests.tickets.test_reminders import DAY, HOUR, MINUTE, planned
from tests.tickets.test_silent_customers import CLOSE_AT, REMINDED_AT
from tickets.lifecycle import State
from tickets.models import ServiceRequest
from tickets.selectors.timers import GRACE, waiting_close_of
from tickets.services.attachments import attach_file
from tickets.services.conversation import ask_customer, reply_publicly
from tickets.services.details import change_details
from tickets.services.disputes import dispute_severity
from tickets.services.escalation import escalate_request
from tickets.services.severity import change_severity
from tickets.services.sweeping import sweep
from tickets.services.translators import ask_translator, cancel_translator
from tickets.verification import faults


@pytest.fixture
def asked(open_request, engineer):
    """An A whose customer was asked something on Monday morning."""
    ask_customer(number=open_request.number, actor=engineer, body="Since when?", now=MONDAY)
    return ServiceRequest.objects.get()


def attach(**common):
    attach_file(**common, upload=SimpleUploadedFile("trace.log", b"some lines"))


def escalate(**common):
    escalate_request(**common, reason="business_impact", justification="Our shops cannot sell.")


def ask_for_call(**common):
    change_details(**common, changes={"callback_at": common["now"] + DAY})


def change_phone(**common):
    change_details(**common, changes={"phone": "+886 2 5550 0199"})


def lower(**common):
    change_severity(**common, severity="B", reason="Fewer of us.")


def dispute(**common):
    dispute_severity(**common, severity="B", statement="Fewer of us.")


BY_CUSTOMERS = [escalate, ask_translator, ask_for_call, change_phone, attach, dispute]
BY_BOTH = [ask_translator, ask_for_call, change_phone, attach, lower]


@pytest.fixture
def room(settings, tmp_path, organisation):
    """A folder for files."""
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.mark.parametrize("act", BY_CUSTOMERS)
def test_a_customer_who_acts_without_a_message_has_the_whole_time_again(asked, admin, room, act):
    """DESIGN: whoever acts is not silent, and is not closed as such; only a message moves the state."""
    sweep(now=REMINDED_AT[0] + GRACE)
    now = MONDAY + 3 * DAY
    act(number=asked.number, actor=admin, now=now)

    assert planned("waiting_close") == [
        ("", CLOSE_AT, "cancelled", "customer_acted"),
        ("", CLOSE_AT + 3 * DAY, "waiting", ""),
    ]
    assert [at for _, at, _, _ in planned("waiting_reminder", state="waiting")] == [now + 4 * DAY, now + 7 * DAY]
    row = ServiceRequest.objects.get()
    assert (row.state, row.queue_at) == (State.AWAITING_CUSTOMER, now + 4 * DAY)
    assert waiting_close_of(row) == CLOSE_AT + 3 * DAY
    sweep(now=CLOSE_AT + MINUTE)
    assert ServiceRequest.objects.get().state == State.AWAITING_CUSTOMER
    assert not list(faults())


def test_a_customer_who_calls_the_translator_off_is_not_silent_either(asked, admin, engineer):
    """LA-2"""
    ask_translator(number=asked.number, actor=engineer, now=MONDAY)
    cancel_translator(number=asked.number, actor=admin, now=MONDAY + DAY)

    assert planned("waiting_close", state="waiting") == [("", CLOSE_AT + DAY, "waiting", "")]
    assert not ServiceRequest.objects.get().translator


@pytest.mark.parametrize("act", BY_BOTH)
def test_what_an_engineer_does_without_a_word_leaves_the_wait_as_it_is(asked, engineer, room, act):
    """DESIGN: the customer is as silent as before."""
    act(number=asked.number, actor=engineer, now=MONDAY + DAY)

    assert planned("waiting_close") == [("", CLOSE_AT, "waiting", "")]


@pytest.mark.parametrize("act", [escalate, change_phone, attach])
def test_a_customer_who_acts_while_it_is_ours_to_do_moves_no_update(open_request, admin, engineer, room, act):
    """RO-3"""
    reply_publicly(number=open_request.number, actor=engineer, body="We are on it.", now=MONDAY)
    before = planned("update_due")
    act(number=open_request.number, actor=admin, now=MONDAY + HOUR)

    assert planned("update_due") == before
