"""Customers who stay silent: two reminders, then the closing that they announced."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from accounts.models import Delivery, Event, Person
from tests import factories
from tests.tickets import making
from tests.tickets.conftest import MONDAY
from tests.tickets.test_reminders import DAY, HOUR, MICROSECOND, MINUTE, SIDES, planned, steps, told
from tickets.errors import IllegalTransition, ReopenWindowClosed
from tickets.filing import Contact
from tickets.lifecycle import State
from tickets.models import Message, ServiceRequest, Timer, TimerState
from tickets.selectors.timers import GRACE, waiting_close_of
from tickets.services import firing
from tickets.services.closing import Ending, close_request, reopen_request
from tickets.services.conversation import add_customer_message, ask_customer, reply_publicly
from tickets.services.sweeping import sweep
from tickets.verification import faults

REMINDED_AT = (MONDAY + 2 * DAY, MONDAY + 7 * DAY)  # after 2 and 5 business days
CLOSE_AT = MONDAY + 14 * DAY  # after 10 business days


@pytest.fixture
def asked(open_request, engineer):
    """An A whose customer was asked something on Monday morning."""
    ask_customer(number=open_request.number, actor=engineer, body="Since when?", now=MONDAY)
    return ServiceRequest.objects.get()


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
    event, message = Event.objects.get(kind="request_closed"), Message.objects.latest("id")
    assert (event.at, event.actor, event.data) == (
        CLOSE_AT,
        None,
        {
            "resolution": "no_reply",
            "message": message.pk,
            "state": {"from": "awaiting_customer", "to": "closed"},
        },
    )
    assert (message.kind, message.author, message.at) == ("system", None, CLOSE_AT)
    assert "as announced" in message.body
    people = set(Delivery.objects.filter(event=event).values_list("person", "notice"))
    assert people == {(person.person_id, "closed_without_reply") for person in (admin, engineer)}
    assert planned("archive") == [("", CLOSE_AT + 14 * DAY + MICROSECOND, "waiting", "")]
    assert planned("survey")
    assert not list(faults())


def test_both_sides_read_on_its_page_why_it_was_closed(asked, admin, engineer):
    """DESIGN: the portal's own words stand in the conversation"""
    silent_for(asked, CLOSE_AT)

    for reader in (admin, engineer):
        page = factories.browser_of(Person.objects.get(pk=reader.person_id)).get(f"/requests/{asked.number}/")
        assert (page.status_code, page.content.count(b"as announced")) == (200, 1)


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
