"""Reminders: attention without a promise, the next public update, and customers who stay silent."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from accounts.models import Delivery, Event
from tests import factories
from tests.tickets import making
from tests.tickets.conftest import MONDAY
from tickets.errors import IllegalTransition, ReopenWindowClosed
from tickets.filing import Contact
from tickets.lifecycle import State
from tickets.models import Message, ServiceRequest, Timer, TimerState
from tickets.selectors.timers import GRACE, waiting_close_of
from tickets.services import firing
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


REMINDED_AT = (MONDAY + 2 * DAY, MONDAY + 7 * DAY)  # after 2 and 5 business days
CLOSE_AT = MONDAY + 14 * DAY  # after 10 business days


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


# ── Customers who stay silent ───────────────────────────────────────────────────────────────────────────────────────


def test_a_silent_customer_is_reminded_after_two_and_five_business_days(asked, admin):
    """DESIGN: and each reminder names the instant of the closing."""
    first, second = REMINDED_AT
    assert planned("waiting_reminder") == [("1", first, "waiting", ""), ("2", second, "waiting", "")]
    assert planned("waiting_close") == [("", CLOSE_AT, "waiting", "")]
    assert waiting_close_of(asked) == CLOSE_AT

    sweep(now=first + GRACE - MICROSECOND)
    assert not steps("waiting_reminder")
    for now in (first + GRACE, second + GRACE, second + DAY):
        sweep(now=now)

    assert steps("waiting_reminder") == [("1", first), ("2", second)]
    assert told("waiting_reminder", "1") == told("waiting_reminder", "2") == {admin.person_id}
    notices = Delivery.objects.filter(notice="waiting_reminder")
    assert {notice.context["due_at"] for notice in notices} == {CLOSE_AT.isoformat()}
    assert not list(faults())


def silent_for(service_request, until):
    """Let time pass as in a portal that runs, without a word of the customer."""
    for at in (*REMINDED_AT, CLOSE_AT):
        if at <= until:
            sweep(now=at + GRACE)
    return ServiceRequest.objects.get(pk=service_request.pk)


def test_after_ten_business_days_it_is_closed_as_announced(asked, admin, engineer):
    """DESIGN: dated at its deadline, said in public, told to both sides, with what follows every close."""
    closed = silent_for(asked, CLOSE_AT)

    assert (closed.state, closed.resolution, closed.closed_at) == (State.CLOSED, "no_reply", CLOSE_AT)
    event = Event.objects.get(kind="request_closed")
    assert (event.at, event.actor, event.data) == (CLOSE_AT, None, {"resolution": "no_reply"})
    message = Message.objects.latest("id")
    assert (message.kind, message.author, message.at) == ("system", None, CLOSE_AT)
    assert "as announced" in message.body
    people = set(Delivery.objects.filter(event=event).values_list("person", "notice"))
    assert people == {(person.person_id, "closed_without_reply") for person in (admin, engineer)}
    assert planned("archive") == [("", CLOSE_AT + 14 * DAY + MICROSECOND, "waiting", "")]
    assert planned("survey")
    assert not list(faults())


@pytest.mark.parametrize("late", [timedelta(0), MICROSECOND])
def test_what_was_closed_without_a_reply_can_be_reopened_for_14_days(asked, admin, late):
    """CH-4: counted from the instant that was announced."""
    silent_for(asked, CLOSE_AT)
    now = CLOSE_AT + 14 * DAY + late

    if late:
        with pytest.raises(ReopenWindowClosed):
            reopen_request(number=asked.number, actor=admin, now=now)
    else:
        assert reopen_request(number=asked.number, actor=admin, now=now).state == State.AWAITING_RESPONSE


@pytest.mark.parametrize("side", SIDES)
def test_a_word_of_the_customer_before_the_closing_has_happened_is_heard(asked, admin, side):
    """DESIGN: before its instant, at it, and after it while no sweep has been there."""
    for at in REMINDED_AT:
        sweep(now=at + GRACE)
    add_customer_message(number=asked.number, actor=admin, body="Since nine.", now=CLOSE_AT + side)

    sweep(now=CLOSE_AT + MINUTE)

    assert ServiceRequest.objects.get().state == State.IN_PROGRESS
    assert planned("waiting_close") == [("", CLOSE_AT, "cancelled", "customer_wrote")]
    assert not Event.objects.filter(kind="request_closed").exists()
    assert not list(faults())


def test_a_word_after_the_closing_has_happened_asks_for_reopening(asked, admin):
    """DESIGN"""
    silent_for(asked, CLOSE_AT)

    with pytest.raises(IllegalTransition):
        add_customer_message(number=asked.number, actor=admin, body="Since nine.", now=CLOSE_AT + MINUTE)

    assert ServiceRequest.objects.get().state == State.CLOSED


def test_an_engineers_own_close_at_the_very_instant_is_theirs(asked, engineer):
    """P-3"""
    close_request(number=asked.number, actor=engineer, ending=Ending("no_reply", "Closed."), now=CLOSE_AT)

    sweep(now=CLOSE_AT + MINUTE)

    assert Event.objects.get(kind="request_closed").actor_id == engineer.person_id
    assert planned("waiting_close") == [("", CLOSE_AT, "cancelled", "closed")]


@pytest.mark.parametrize("say", [ask_customer, reply_publicly])
def test_every_further_word_of_support_gives_the_customer_the_whole_time_again(asked, engineer, say):
    """DESIGN: an engineer who asks again, or writes, while the customer is silent."""
    sweep(now=REMINDED_AT[0] + GRACE)
    now = MONDAY + 3 * DAY
    say(number=asked.number, actor=engineer, body="Are you there?", now=now)

    assert planned("waiting_close", state="waiting") == [("", CLOSE_AT + 3 * DAY, "waiting", "")]
    assert [at for _, at, _, _ in planned("waiting_reminder", state="waiting")] == [now + 4 * DAY, now + 7 * DAY]
    sweep(now=CLOSE_AT + MINUTE)
    assert ServiceRequest.objects.get().state == State.AWAITING_CUSTOMER
    assert not list(faults())


def test_nobody_is_closed_whom_a_portal_that_was_away_could_not_warn(asked):
    """DESIGN: always announced beforehand; back after the closing, the customer gets five business days anew."""
    back_at = MONDAY + 21 * DAY
    sweep(now=back_at)

    assert ServiceRequest.objects.get().state == State.AWAITING_CUSTOMER
    put_off_to = back_at + 7 * DAY
    assert planned("waiting_close") == [
        ("", CLOSE_AT, "cancelled", "announced_late"),
        ("put_off", put_off_to, "waiting", ""),
    ]
    assert Delivery.objects.filter(notice="waiting_reminder").last().context["due_at"] == put_off_to.isoformat()
    assert not list(faults())
    sweep(now=put_off_to + GRACE)

    assert ServiceRequest.objects.get().closed_at == put_off_to
    assert not list(faults())


def test_workers_that_were_off_for_two_hours_change_no_instant(asked):
    """P-4"""
    for at in (*REMINDED_AT, CLOSE_AT):
        sweep(now=at + 2 * HOUR)

    assert ServiceRequest.objects.get().closed_at == CLOSE_AT


def test_without_its_announcement_no_closing_happens(asked):
    """P-3: the closing ends failed, for people to see, and the request stays open."""
    Timer.objects.filter(kind="waiting_reminder").update(state="failed", settled_at=REMINDED_AT[1])

    now = CLOSE_AT
    for _ in range(firing.MOST_ATTEMPTS):
        now += 2 * HOUR
        sweep(now=now)

    assert ServiceRequest.objects.get().state == State.AWAITING_CUSTOMER
    close = Timer.objects.get(kind="waiting_close")
    assert (close.state, close.cause) == (TimerState.FAILED, "NotAnnounced")


def test_the_closing_names_the_end_of_the_reopen_window_on_the_contacts_clock(admin, engineer):
    """CH-4"""
    here = making.filed(admin, contact=Contact(phone="+886 2 5550 0100", timezone="Asia/Taipei"), now=MONDAY)
    ask_customer(number=here.number, actor=engineer, body="Since when?", now=MONDAY)

    silent_for(here, CLOSE_AT)

    assert "until Monday, 21 December, 10:00 (Asia/Taipei)" in Message.objects.latest("id").body


# ── Races ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_of_a_closing_and_a_word_of_the_customer_exactly_one_happens(own_database):
    """RELIABILITY section 4: two threads, twelve rounds; states and events agree."""
    organisation = factories.make_organisation()
    factories.make_subscription(organisation)
    admin = factories.actor(factories.make_person(organisation, "global_admin"))
    engineer = factories.actor(factories.make_staff("engineer"))
    for _ in range(12):
        number = making.filed(admin, now=MONDAY).number
        ask_customer(number=number, actor=engineer, body="Since when?", now=MONDAY)
        for at in REMINDED_AT:
            sweep(now=at + GRACE)
        results = side_by_side(
            lambda: sweep(now=CLOSE_AT + GRACE),
            lambda number=number: add_customer_message(number=number, actor=admin, body="Nine.", now=CLOSE_AT),
        )

        service_request = ServiceRequest.objects.get(number=number)
        heard = not isinstance(results[1], Exception)
        closed = Event.objects.filter(number=number, kind="request_closed").count()
        assert heard or isinstance(results[1], IllegalTransition)
        assert (service_request.state, closed) == ((State.IN_PROGRESS, 0) if heard else (State.CLOSED, 1))
    assert not list(faults())


def side_by_side(*works):
    """Run the works in threads, each on a connection of its own, and return what they returned or raised."""
    results = [None] * len(works)
    barrier = threading.Barrier(len(works))

    def run(index, work):
        try:
            barrier.wait(timeout=10)
            results[index] = work()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results
