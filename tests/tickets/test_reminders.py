"""Reminders inside the desk: attention where nothing is promised, and the next public update."""

from datetime import timedelta

import pytest

from accounts.models import Delivery, Event
from tests import factories
from tests.tickets import making
from tests.tickets.conftest import MONDAY
from tickets.models import ServiceRequest, Timer
from tickets.selectors.timers import GRACE
from tickets.services.assignment import release_request, take_request
from tickets.services.closing import Ending, close_request, reopen_request
from tickets.services.conversation import (
    add_customer_message,
    add_internal_note,
    ask_customer,
    log_call,
    reply_publicly,
)
from tickets.services.severity import change_severity
from tickets.services.sweeping import sweep
from tickets.verification import faults

MICROSECOND, MINUTE, HOUR, DAY = timedelta(microseconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SIDES = [-MICROSECOND, timedelta(0), MICROSECOND]


def planned(kind, **filters):
    """Step, instant, state and cause of timers of a kind, in the order in which they were planned."""
    rows = Timer.objects.filter(kind=kind, **filters).order_by("generation", "due_at", "id")
    return [(row.step, row.due_at, row.state, row.cause) for row in rows]


def steps(timer):
    """Which steps of a kind the desk or the customer has been told of, and when that was due."""
    return list(Event.objects.filter(data__timer=timer).order_by("id").values_list("data__step", "at"))


def told(timer, step):
    """Whom a step told by mail."""
    event = Event.objects.get(data__timer=timer, data__step=step)
    return set(Delivery.objects.filter(event=event, channel="mail").values_list("person", flat=True))


@pytest.fixture
def lead(db):
    """Whoever looks after the team."""
    return factories.make_staff("team_lead")


@pytest.fixture
def question(admin):
    """A C, for which nothing is promised, filed on Monday morning."""
    return making.filed(admin, severity="C", now=MONDAY)


@pytest.fixture
def worked(open_request, engineer):
    """An A in progress, whose customer heard from us on Monday morning."""
    reply_publicly(number=open_request.number, actor=engineer, body="We are on it.", now=MONDAY)
    return ServiceRequest.objects.get()


@pytest.fixture
def asked(open_request, engineer):
    """An A whose customer was asked something on Monday morning."""
    ask_customer(number=open_request.number, actor=engineer, body="Since when?", now=MONDAY)
    return ServiceRequest.objects.get()


# ── Attention where nothing is promised ─────────────────────────────────────────────────────────────────────────────


def test_what_has_no_promise_calls_for_attention_after_three_business_days_and_after_six(question, engineer, lead):
    """SLA-6, DESIGN: the team first, then its lead, so that nothing starves."""
    first, second = MONDAY + 3 * DAY, MONDAY + 8 * DAY
    assert planned("attention") == [("1", first, "waiting", ""), ("2", second, "waiting", "")]

    sweep(now=first + GRACE - MICROSECOND)
    assert not steps("attention")
    for now in (first + GRACE, first + GRACE, second + GRACE, second + DAY):
        sweep(now=now)

    assert steps("attention") == [("1", first), ("2", second)]
    assert told("attention", "1") == {engineer.person_id}
    assert told("attention", "2") == {lead.pk}
    assert not list(faults())


def test_attention_is_never_shown_as_a_promise(question):
    """SLA-6: no due instant, and nothing that the customer may read."""
    sweep(now=MONDAY + 30 * DAY)

    assert question.due_at is None
    assert set(Event.objects.filter(data__timer="attention").values_list("internal", flat=True)) == {True}


@pytest.mark.parametrize("side", SIDES)
def test_a_first_answer_ends_the_attention_ladder(question, engineer, side):
    """DESIGN: before its instant, at it, and after it while no sweep has been there."""
    reply_publicly(number=question.number, actor=engineer, body="Like this.", now=MONDAY + 3 * DAY + side)

    sweep(now=MONDAY + 3 * DAY + MINUTE)

    assert not steps("attention")
    assert {(state, cause) for _, _, state, cause in planned("attention")} == {("cancelled", "answered")}


def test_its_own_admin_ends_the_attention_ladder_too(question, admin):
    """DESIGN, life of a request"""
    close_request(number=question.number, actor=admin, ending=Ending("solved"), now=MONDAY + HOUR)

    assert {(state, cause) for _, _, state, cause in planned("attention")} == {("cancelled", "closed")}


def test_a_promise_takes_the_place_of_the_attention_ladder_and_gives_it_back(question, engineer):
    """Settled points 2 and 3: lowered again, attention counts from receipt."""
    raised_at = MONDAY + 4 * DAY
    change_severity(number=question.number, actor=engineer, severity="A", reason="All of them.", now=raised_at)
    assert {(state, cause) for _, _, state, cause in planned("attention")} == {("cancelled", "superseded")}

    change_severity(number=question.number, actor=engineer, severity="C", reason="One.", now=raised_at + MINUTE)

    again = planned("attention", state="waiting")
    assert again == [("1", raised_at + MINUTE, "waiting", ""), ("2", MONDAY + 8 * DAY, "waiting", "")]


def test_a_reopened_request_without_a_promise_calls_for_attention_anew(question, engineer, admin):
    """DESIGN: a new cycle."""
    close_request(number=question.number, actor=engineer, ending=Ending("solved", "Done."), now=MONDAY + HOUR)
    reopen_request(number=question.number, actor=admin, now=MONDAY + DAY)

    assert planned("attention", state="waiting")[0] == ("1", MONDAY + 4 * DAY, "waiting", "")
    assert not list(faults())


# ── The next public update ──────────────────────────────────────────────────────────────────────────────────────────


def test_an_a_in_progress_owes_an_update_after_two_hours(worked, engineer, lead):
    """RO-3: its assignee is told at the instant, the lead one period later."""
    assert planned("update_due") == [("1", MONDAY + 2 * HOUR, "waiting", ""), ("2", MONDAY + 4 * HOUR, "waiting", "")]
    assert worked.queue_at == MONDAY + 2 * HOUR

    sweep(now=MONDAY + 2 * HOUR + GRACE - MICROSECOND)
    assert not steps("update_due")
    sweep(now=MONDAY + 4 * HOUR + GRACE)

    assert steps("update_due") == [("1", MONDAY + 2 * HOUR), ("2", MONDAY + 4 * HOUR)]
    assert told("update_due", "1") == {engineer.person_id}
    assert told("update_due", "2") == {lead.pk}
    assert not list(faults())


@pytest.mark.parametrize(("severity", "days"), [("B", (1, 2)), ("C", (3, 8))])
def test_others_owe_it_after_one_and_three_business_days(admin, engineer, severity, days):
    """RO-3, settled point 8"""
    service_request = making.filed(admin, severity=severity, now=MONDAY)
    log_call(number=service_request.number, actor=engineer, body="Called.", now=MONDAY)

    assert [at for _, at, _, _ in planned("update_due")] == [MONDAY + day * DAY for day in days]


def test_the_lead_is_reminded_once_a_period_and_no_faster(worked, lead):
    """RO-3"""
    for minutes in range(0, 12 * 60, 10):
        sweep(now=MONDAY + minutes * MINUTE + 5 * MINUTE)

    assert steps("update_due") == [(str(step), MONDAY + 2 * step * HOUR) for step in range(1, 6)]
    assert planned("update_due", state="waiting") == [("6", MONDAY + 12 * HOUR, "waiting", "")]


def test_periods_that_passed_while_workers_were_away_are_not_made_up_for(worked, lead):
    """P-3: what was planned fires, late; there is no burst of what was not."""
    back_at = MONDAY + 2 * DAY

    sweep(now=back_at)

    assert steps("update_due") == [("1", MONDAY + 2 * HOUR), ("2", MONDAY + 4 * HOUR)]
    assert planned("update_due", state="waiting") == [("3", back_at + 2 * HOUR, "waiting", "")]


@pytest.mark.parametrize("say", [reply_publicly, log_call])
@pytest.mark.parametrize("side", SIDES)
def test_each_public_word_plans_the_next_update_anew(worked, engineer, say, side):
    """RO-3: before the instant, at it, and after it while no sweep has been there."""
    now = MONDAY + 2 * HOUR + side
    say(number=worked.number, actor=engineer, body="Still looking.", now=now)

    sweep(now=MONDAY + 2 * HOUR + MINUTE)

    assert not steps("update_due")
    assert planned("update_due", state="cancelled", cause="updated")
    assert planned("update_due", state="waiting")[0] == ("1", now + 2 * HOUR, "waiting", "")
    assert ServiceRequest.objects.get().queue_at == now + 2 * HOUR


def test_notes_and_the_customers_own_words_are_no_update(worked, admin, engineer):
    """RO-3"""
    add_internal_note(number=worked.number, actor=engineer, body="Hm.", now=MONDAY + HOUR)
    add_customer_message(number=worked.number, actor=admin, body="And?", now=MONDAY + HOUR)

    assert planned("update_due")[0] == ("1", MONDAY + 2 * HOUR, "waiting", "")


def test_lowering_counts_the_update_from_the_last_one_and_raising_from_the_change(worked, engineer):
    """RO-3, settled point 2"""
    change_severity(number=worked.number, actor=engineer, severity="B", reason="Fewer.", now=MONDAY + HOUR)
    lowered = ServiceRequest.objects.get().queue_at
    change_severity(number=worked.number, actor=engineer, severity="A", reason="All.", now=MONDAY + 3 * HOUR)

    assert lowered == MONDAY + DAY
    assert ServiceRequest.objects.get().queue_at == MONDAY + 5 * HOUR
    assert [(at, state, cause) for step, at, state, cause in planned("update_due") if step == "1"] == [
        (MONDAY + 2 * HOUR, "cancelled", "superseded"),
        (MONDAY + DAY, "cancelled", "superseded"),
        (MONDAY + 5 * HOUR, "waiting", ""),
    ]


def test_an_update_that_is_overdue_when_the_severity_changes_stays_overdue(worked, engineer):
    """Settled point 3: of the steps that passed only the highest is told again."""
    now = MONDAY + 3 * HOUR
    sweep(now=now)
    change_severity(number=worked.number, actor=engineer, severity="B", reason="Fewer.", now=now)
    change_severity(number=worked.number, actor=engineer, severity="A", reason="All.", now=MONDAY + 2 * DAY)

    assert ServiceRequest.objects.get().queue_at == MONDAY + DAY
    *_, first, second = planned("update_due")
    assert (first[0], first[2:], second[:3]) == ("1", ("cancelled", "overtaken"), ("2", MONDAY + 2 * DAY, "waiting"))


def test_an_update_is_counted_from_the_answer_that_set_work_going_again(asked, admin, engineer):
    """RO-3: not from a question of long ago; the customer's second message changes nothing."""
    answered_at = MONDAY + DAY
    add_customer_message(number=asked.number, actor=admin, body="Since nine.", now=answered_at)
    assert planned("update_due") == [
        ("1", answered_at + 2 * HOUR, "waiting", ""),
        ("2", answered_at + 4 * HOUR, "waiting", ""),
    ]
    add_customer_message(number=asked.number, actor=admin, body="Or ten.", now=answered_at + HOUR)

    change_severity(number=asked.number, actor=engineer, severity="B", reason="Few.", now=answered_at + HOUR)

    assert planned("update_due", state="waiting")[0] == ("1", answered_at + DAY, "waiting", "")


@pytest.mark.parametrize("end", ["ask", "close"])
def test_nothing_is_owed_while_the_customer_is_asked_or_when_it_is_closed(worked, engineer, end):
    """RO-3"""
    now = MONDAY + HOUR
    if end == "ask":
        ask_customer(number=worked.number, actor=engineer, body="Since when?", now=now)
    else:
        close_request(number=worked.number, actor=engineer, ending=Ending("solved", "Done."), now=now)

    causes = {(state, cause) for _, _, state, cause in planned("update_due")}
    assert causes == {("cancelled", "asked" if end == "ask" else "closed")}
    assert not list(faults())


@pytest.mark.parametrize("how", ["released", "raised"])
def test_an_a_in_progress_that_nobody_has_is_told_to_the_duty_manager_as_well(admin, engineer, how):
    """Settled point 3, as we read it: until it has an assignee, answered or not."""
    duty = factories.make_staff("duty_manager")
    number = making.filed(admin, severity="A" if how == "released" else "B", now=MONDAY).number
    reply_publicly(number=number, actor=engineer, body="We are on it.", now=MONDAY)
    release_request(number=number, actor=engineer, now=MONDAY + MINUTE)
    if how == "raised":
        change_severity(number=number, actor=engineer, severity="A", reason="All.", now=MONDAY + MINUTE)

    sweep(now=MONDAY + 11 * MINUTE + GRACE)

    assert told("untaken", "") == {duty.pk}
    assert not list(faults())


def test_the_ten_minutes_stop_while_the_customer_is_asked_and_start_with_the_answer(asked, admin, engineer):
    """Settled point 3"""
    release_request(number=asked.number, actor=engineer, now=MONDAY + MINUTE)
    assert not planned("untaken", state="waiting")

    add_customer_message(number=asked.number, actor=admin, body="Since nine.", now=MONDAY + HOUR)
    assert planned("untaken", state="waiting") == [("", MONDAY + HOUR + 10 * MINUTE, "waiting", "")]
    take_request(number=asked.number, actor=engineer, now=MONDAY + HOUR + MINUTE)

    assert not planned("untaken", state="waiting")
