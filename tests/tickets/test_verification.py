"""`verify`: a sound history is left alone, and each thing that is not as it must be is named."""

from datetime import timedelta

import pytest
from django.db.models import F

from tests.tickets import making
from tests.tickets.conftest import MONDAY
from tickets.models import Commitment, Message, ServiceRequest, Timer
from tickets.services.closing import Ending, close_request
from tickets.services.conversation import ask_customer, reply_publicly
from tickets.services.severity import change_severity
from tickets.services.sweeping import sweep
from tickets.verification import faults

MINUTE = timedelta(minutes=1)
MONTH = timedelta(days=30)


def answer(request, engineer):
    """Answer it in time."""
    reply_publicly(number=request.number, actor=engineer, body="We are on it.", now=MONDAY + MINUTE)


def archive(request, engineer):
    """Close it, and let its reopen window pass."""
    close_request(number=request.number, actor=engineer, ending=Ending("solved", "Done."), now=MONDAY + MINUTE)
    sweep(now=MONDAY + MONTH)


def leave(request, engineer):
    """Do nothing about it."""


def ask(request, engineer):
    """Ask its customer something."""
    ask_customer(number=request.number, actor=engineer, body="Since when?", now=MONDAY + MINUTE)


def lapse(request, engineer):
    """Ask its customer something, who keeps silent to the end."""
    ask(request, engineer)
    for days in (2, 7, 14):
        sweep(now=MONDAY + timedelta(days=days, minutes=2))


def question(request, engineer):
    """Let it be one for which nothing is promised."""
    change_severity(number=request.number, actor=engineer, severity="C", reason="A question.", now=MONDAY + MINUTE)


def cancel(kind):
    """Cancel timers behind the portal's back."""
    Timer.objects.filter(kind=kind).update(state="cancelled", settled_at=MONDAY, cause="superseded")


def postpone(kind):
    """Move the instant of timers behind the portal's back."""
    late = F("due_at") + MINUTE
    Timer.objects.filter(kind=kind).update(due_at=late, next_attempt_at=late, settled_at=F("settled_at") + 2 * MINUTE)


def withdraw_late(request, engineer):
    """Pretend that its admins closed it long after it was due, and nobody noticed."""
    late = request.due_at + MINUTE
    Commitment.objects.update(ended_at=late, end="closed")
    ServiceRequest.objects.update(state="in_progress", due_at=None)


BREAKS = [
    (answer, lambda: ServiceRequest.objects.update(responded_at=MONDAY), "was answered without an event"),
    (answer, lambda: Message.objects.update(at=MONDAY + MONTH), "of an instant that no event tells"),
    (answer, lambda: Timer.objects.update(state="waiting", settled_at=None), "goes on although its promise has ended"),
    (answer, lambda: Timer.objects.update(state="waiting", settled_at=None), "an untaken A that it is not"),
    (archive, lambda: ServiceRequest.objects.update(closed_at=MONDAY), "was archived without the event"),
    (leave, lambda: Commitment.objects.update(ended_at=MONDAY, end="closed"), "without a running commitment"),
    (withdraw_late, lambda: None, "was closed late and unanswered"),
    (answer, lambda: cancel("update_due"), "nothing asks for its next update"),
    (answer, lambda: ServiceRequest.objects.update(state="awaiting_response"), "(update_due) goes on although"),
    (ask, lambda: cancel("waiting_close"), "nothing will end that"),
    (ask, lambda: ServiceRequest.objects.update(state="in_progress"), "(waiting_reminder) goes on although"),
    (ask, lambda: ServiceRequest.objects.update(state="in_progress"), "(waiting_close) goes on although"),
    (ask, lambda: Timer.objects.update(cause=""), "was cancelled, and nothing tells why"),
    (question, lambda: cancel("attention"), "nothing calls attention to it"),
    (question, lambda: ServiceRequest.objects.update(state="in_progress"), "(attention) goes on although"),
    (lapse, lambda: cancel("waiting_reminder"), "had not been told so before"),
    (lapse, lambda: postpone("waiting_close"), "at another instant than was announced"),
    (
        archive,
        lambda: Timer.objects.filter(kind="archive").update(state="waiting", settled_at=None),
        "(archive) goes on",
    ),
]


@pytest.mark.parametrize(("happened", "broken", "words"), BREAKS, ids=[words for _, _, words in BREAKS])
def test_what_breaks_an_invariant_is_named(open_request, engineer, happened, broken, words):
    """P-3, P-4, P-10"""
    happened(open_request, engineer)
    broken()

    assert words in "\n".join(map(str, faults()))


def test_a_promise_that_came_due_while_nothing_watched_it_is_named(admin):
    """P-3, P-4: relative to the database's clock, which is past this one's due instant."""
    making.filed(admin, now=MONDAY - MONTH)
    assert not list(faults())

    Timer.objects.update(state="cancelled", settled_at=MONDAY, cause="superseded")

    assert "nothing will record the breach" in "\n".join(map(str, faults()))


@pytest.mark.parametrize("happened", [leave, answer, archive, ask, lapse, question])
def test_a_sound_history_is_left_alone(open_request, engineer, happened):
    """P-10"""
    happened(open_request, engineer)

    assert not list(faults())
