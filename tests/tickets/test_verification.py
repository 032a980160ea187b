"""`verify`: a sound history is left alone, and each thing that is not as it must be is named."""

import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F

from accounts.models import Delivery
from severity.assessment import Impact
from tests.tickets import making
from tests.tickets.conftest import MONDAY
from tickets.models import Commitment, Message, ServiceRequest, SeverityDecision, Survey, Timer
from tickets.services.closing import Ending, close_request
from tickets.services.conversation import ask_customer, reply_publicly
from tickets.services.severity import change_severity
from tickets.services.sweeping import sweep
from tickets.verification import INVARIANTS, faults

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


def close(request, engineer):
    """Close it within a minute."""
    close_request(number=request.number, actor=engineer, ending=Ending("solved", "Done."), now=MONDAY + MINUTE)


def ripen(request, engineer):
    """Let it come due unanswered, and a sweep see that."""
    sweep(now=request.due_at + MINUTE)


def survey(request, engineer):
    """Close it, and ask for an opinion."""
    close(request, engineer)
    sweep(now=MONDAY + timedelta(days=2))


def change(model, **values):
    """Change rows behind the portal's back."""
    return lambda: model.objects.update(**values)


def unguard():
    """Let events be changed."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE accounts_event DISABLE TRIGGER USER")


def pretend(**which):
    """Let timers have fired that did not."""
    return lambda: Timer.objects.filter(**which).update(state="fired", settled_at=F("due_at"))


def pretend_answer():
    """Let a survey have been answered that was not."""
    asked = Survey.objects.get()
    change(Survey, answered_at=MONDAY + MONTH, rating=5, answered_by=asked.request.opened_by)()


BROKEN = {"breached_at": F("due_at"), "breach_detected_at": F("due_at")}
BREAKS = [
    (leave, change(ServiceRequest, created_at=MONDAY - MONTH), "has no event of its filing"),
    (close, change(ServiceRequest, closed_at=MONDAY), "has no event of its closing"),
    (leave, change(Commitment, received_at=MONDAY - MINUTE), "at an instant no event tells"),
    (
        ripen,
        lambda: Timer.objects.filter(state="fired").update(settled_at=F("due_at") - MINUTE),
        "fired before it was due",
    ),
    (leave, pretend(step="50"), "fired without its event"),
    (
        ripen,
        lambda: Timer.objects.filter(state="fired").update(state="cancelled", cause="taken"),
        "is settled by an event but did not fire",
    ),
    (close, pretend(kind="survey"), "fired without its survey"),
    (survey, pretend_answer, "was answered without an event"),
    (close, lambda: cancel("archive"), "nothing will archive it"),
    (leave, lambda: Timer.objects.filter(kind="response").delete(), "but no ladder watches it"),
    (leave, change(Commitment, due_at=None), "has a ladder without a due instant"),
    (leave, change(ServiceRequest, due_at=MONDAY), "mirrors a due instant"),
    (answer, change(Commitment, responded_at=F("due_at") + MINUTE), "was answered late but no breach is on record"),
    (answer, change(Commitment, **BROKEN), "although it was answered in time"),
    (leave, change(Commitment, **BROKEN), "has a breach without its event"),
    (
        question,
        lambda: SeverityDecision.objects.filter(source="engineer").update(at=MONDAY),
        "changed its severity to C without an event",
    ),
    (leave, unguard, "accounts_event: can be changed"),
    (answer, change(Commitment, responded_at=MONDAY + 2 * MINUTE), "that no event tells"),
    (leave, change(Commitment, ended_at=MONDAY, end="closed"), "ended by a closing that no event tells"),
    (
        ripen,
        change(Commitment, breach_detected_at=F("breached_at") - MINUTE),
        "has a breach that was noticed before it happened",
    ),
    (leave, change(ServiceRequest, severity="B"), "has a severity that is not the one decided last"),
    (leave, change(ServiceRequest, severity="B"), "at another severity than the one promised for"),
    (leave, change(Delivery, state="sent", delivered_at=None), "went out at no instant"),
    (leave, change(Commitment, due_at=F("due_at") + MINUTE), "recomputed 2026-11-23"),
    (leave, change(Commitment, target="PT2H"), "promises always, PT2H, its policy always, PT1H"),
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


def test_a_higher_candidate_that_counts_until_it_is_confirmed_is_no_fault(admin):
    """P-10, settled point 9"""
    words = {"subject": "Mail is slow", "description": "Several colleagues wait an hour for their mail since noon."}
    unsure = making.filed(admin, impact=Impact(), now=MONDAY, **words)

    assert (unsure.severity, unsure.needs_confirmation) == ("A", True)
    assert SeverityDecision.objects.get().severity == "B"
    assert [fault.problem for fault in faults()] == []


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


def test_every_invariant_has_a_test_that_breaks_it():
    """P-10: three words in a row, out of those that each search uses for every row, stand above."""
    broken = set().union(*(in_threes(words) for _, _, words in BREAKS), in_threes("nothing will record the breach"))
    texts = [" ".join(re.findall(r"'([^']*)'", query.split("FROM")[0])) for _, query in INVARIANTS]

    assert [text for text in texts if not in_threes(text) & broken] == []


def in_threes(text):
    """Every three neighbouring words."""
    words = re.findall(r"\w+", text)
    return set(zip(words, words[1:], words[2:], strict=False))


def test_the_command_ends_with_1_and_names_the_first_fault(open_request, capsys):
    """P-4, P-10"""
    call_command("verify")
    assert capsys.readouterr().out.startswith("All invariants hold; 1 promises recomputed.")

    Commitment.objects.update(target="PT2H")
    with pytest.raises(SystemExit) as ended:
        call_command("verify")

    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith(f"P-4 {open_request.number}: commitment")
