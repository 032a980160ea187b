"""The page of operations: what it shows to whom, and what can be done about a failure."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import clock
from accounts.errors import NotPermitted
from accounts.models import Delivery, DutyShift, Event
from support_portal import faults
from tests import factories
from tests.tickets import making
from tests.tickets.test_budgets import cost_of
from tickets.errors import NotFailed
from tickets.models import Commitment, Timer
from tickets.services import operating, relay
from tickets.services.closing import Ending, close_request, reopen_request
from tickets.services.conversation import reply_publicly
from tickets.services.sweeping import sweep
from tickets.verification import faults as faults_of_history

PAGE = "/staff/operations/"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def no_faults_of_other_tests():
    faults.forget()


@pytest.fixture
def operator_person(db):
    return factories.make_staff("operator", name="Ona Watch")


@pytest.fixture
def operator(operator_person):
    return factories.actor(operator_person)


@pytest.fixture
def browser(operator_person) -> Client:
    return factories.browser_of(operator_person)


@pytest.fixture
def filed(admin):
    """An A, filed just now."""
    return making.filed(admin)


def failed_timer(filed, **which):
    """One of its timers, failed."""
    timer = Timer.objects.get(request=filed, **which)
    Timer.objects.filter(pk=timer.pk).update(
        state="failed", settled_at=clock.now(), attempts=8, cause="ZeroDivisionError"
    )
    return timer


def failed_delivery(filed):
    """One of its mails, failed."""
    delivery = Delivery.objects.filter(number=filed.number, channel="mail").first()
    Delivery.objects.filter(pk=delivery.pk).update(state="failed", attempts=3, last_error="SMTPDataError 554")
    return delivery


def text_of(browser, address=PAGE, **headers):
    answer = browser.get(address, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


# ── what it shows ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_portal_in_order_is_calm(browser):
    sweep()

    page = text_of(browser)

    assert "Nothing needs you" in page
    assert "tone-danger" not in page
    assert "Failed notices, newest first" not in page
    assert "No promise was broken in the last 7 days" in page


def test_what_failed_is_listed_with_its_last_error(browser, filed):
    """P-3, P-9"""
    sweep()
    timer, delivery = failed_timer(filed, step="50"), failed_delivery(filed)

    page = text_of(browser)

    assert "Timers have failed" in page
    assert "Notices have failed" in page
    assert f"timer {timer.pk}, tried 8 times" in page
    assert "ZeroDivisionError" in page
    assert f"delivery {delivery.pk} by mail, tried 3 times" in page
    assert "SMTPDataError 554" in page


def test_an_operator_reads_numbers_and_nothing_of_the_requests(browser, filed):
    """P-5, P-6: no subject, no organisation, no link to a page that is not theirs."""
    failed_timer(filed, step="50")

    page = text_of(browser)

    assert filed.number in page
    assert f"/requests/{filed.number}/" not in page
    assert filed.subject not in page
    assert filed.organisation.name not in page


def test_a_duty_manager_is_led_to_the_request(filed):
    failed_timer(filed, step="50")

    assert f"/requests/{filed.number}/" in text_of(factories.browser_of(factories.make_staff("duty_manager")))


def test_broken_promises_tell_how_late_that_was_noticed(browser, admin):
    """P-4: the lag is reported."""
    making.filed(admin, now=clock.now() - timedelta(days=1))
    sweep()
    promise = Commitment.objects.get()
    lag = timedelta(hours=2, minutes=10)
    Commitment.objects.update(breach_detected_at=promise.breached_at + lag)

    assert "2 hr 10 min" in text_of(browser)


def test_what_is_held_and_who_is_away_is_told(browser, filed, settings):
    """P-9"""
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    held = Timer.objects.filter(request=filed).update(state="held")

    page = text_of(browser)

    assert "release_held" in page
    assert held
    assert "Held after a restore" in page
    assert "Redis does not answer" in page
    assert "Nobody has swept for 30 seconds" in page


def test_the_id_of_a_500_is_shown(browser):
    faults.note("an-id-of-mine")

    assert "an-id-of-mine" in text_of(browser)


def test_a_seat_without_anybody_is_named_and_the_rota_is_one_step_away(browser):
    """RO-3"""
    now, ada = clock.now(), factories.make_staff("duty_manager")
    DutyShift.objects.create(
        role="duty_manager", person=ada, starts_at=now - timedelta(hours=2), ends_at=now - timedelta(hours=1)
    )

    page = text_of(browser)

    assert "Duty manager · All teams" in page
    assert f'href="{reverse("accounts:rota")}">Duty rota</a>' in page.split('class="stats"')[0].split('id="state"')[1]


def test_htmx_gets_alerts_and_figures_alone(browser, filed):
    failed_timer(filed, step="50")

    part = text_of(browser, **{"HX-Request": "true"})

    assert "Timers have failed" in part
    assert "<html" not in part
    assert "ZeroDivisionError" not in part


@pytest.mark.parametrize("role", ["engineer", "account_manager"])
def test_others_may_not_read_it(db, role):
    """RO-3"""
    assert factories.browser_of(factories.make_staff(role)).get(PAGE).status_code == 403


def test_a_customer_may_not_read_it(admin, organisation):
    """P-6"""
    assert factories.browser_of(factories.make_person(organisation, "global_admin")).get(PAGE).status_code == 403


def test_the_page_costs_as_much_with_a_hundred_failures_as_with_none(browser, filed):
    sweep()
    few = cost_of(browser, PAGE)
    Timer.objects.filter(request=filed, state="waiting").update(state="failed", settled_at=clock.now())
    Delivery.objects.filter(channel="mail").update(state="failed")

    assert cost_of(browser, PAGE) == few


# ── what can be done ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_failed_timer_is_tried_again_and_fires(browser, operator_person, admin):
    """P-3, P-10"""
    filed = making.filed(admin, now=clock.now() - timedelta(days=1))
    timer = failed_timer(filed, step="100")

    answer = browser.post(f"{PAGE}timers/{timer.pk}/retry/", follow=True)
    sweep()

    assert "tried again with the next sweep" in answer.content.decode()
    timer.refresh_from_db()
    assert (timer.state, timer.attempts, timer.cause) == ("waiting", 0, "")
    Timer.objects.filter(pk=timer.pk).update(next_attempt_at=timer.due_at)
    sweep()
    timer.refresh_from_db()
    assert timer.state == "fired"
    event = Event.objects.get(kind="timer_retried")
    assert (event.actor_id, event.number, event.internal) == (operator_person.pk, filed.number, True)
    assert not list(faults_of_history())


def test_a_timer_whose_cause_has_passed_is_cancelled_instead(operator, filed, engineer):
    """P-3: nobody is warned of a promise that was kept."""
    timer = failed_timer(filed, step="50")
    reply_publicly(number=filed.number, actor=engineer, body="We are on it.")

    assert not operating.retry_timer(timer_id=timer.pk, actor=operator)

    timer.refresh_from_db()
    assert (timer.state, timer.cause) == ("cancelled", "passed")


def test_the_archiving_of_a_request_that_was_reopened_has_passed(operator, filed, engineer):
    """CH-4"""
    close_request(number=filed.number, actor=engineer, ending=Ending("solved", "Done."))
    timer = failed_timer(filed, kind="archive")
    reopen_request(number=filed.number, actor=engineer, reason="Again.")

    assert not operating.retry_timer(timer_id=timer.pk, actor=operator)


def test_a_timer_that_has_not_failed_is_left_alone(operator, filed):
    timer = Timer.objects.get(request=filed, step="50")

    with pytest.raises(NotFailed):
        operating.retry_timer(timer_id=timer.pk, actor=operator)

    timer.refresh_from_db()
    assert timer.state == "waiting"


def test_a_failed_notice_is_sent_again(browser, operator_person, filed, mailoutbox):
    """P-2, P-10"""
    delivery = failed_delivery(filed)

    browser.post(f"{PAGE}deliveries/{delivery.pk}/retry/")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_delivery SET next_attempt_at = now() WHERE state = 'pending'")
    relay.relay_deliveries()

    delivery.refresh_from_db()
    assert delivery.state == "sent"
    assert delivery.message_id in {message.extra_headers["Message-ID"] for message in mailoutbox}
    assert Event.objects.get(kind="delivery_retried").actor_id == operator_person.pk


def test_a_notice_that_nobody_will_send_is_given_up(browser, filed):
    delivery = failed_delivery(filed)

    browser.post(f"{PAGE}deliveries/{delivery.pk}/give-up/")

    delivery.refresh_from_db()
    assert delivery.state == "cancelled"
    assert Event.objects.filter(kind="delivery_given_up", number=filed.number).exists()


def test_all_failed_notices_are_sent_again_at_once(browser, filed):
    Delivery.objects.filter(channel="mail").update(state="failed")

    answer = browser.post(f"{PAGE}deliveries/retry/", follow=True)

    assert "sent again" in answer.content.decode()
    assert not Delivery.objects.filter(state="failed").exists()
    assert Event.objects.get(kind="deliveries_retried").data["deliveries"] > 0


def test_who_comes_second_is_told_so(browser, filed):
    delivery = failed_delivery(filed)
    browser.post(f"{PAGE}deliveries/{delivery.pk}/retry/")

    answer = browser.post(f"{PAGE}deliveries/{delivery.pk}/retry/", follow=True)

    assert "Somebody else has seen to it" in answer.content.decode()
    assert Event.objects.filter(kind="delivery_retried").count() == 1


@pytest.mark.parametrize(
    "act", ["timers/1/retry/", "deliveries/1/retry/", "deliveries/1/give-up/", "deliveries/retry/"]
)
def test_others_may_do_none_of_it(act, db):
    """RO-3"""
    browser = factories.browser_of(factories.make_staff("engineer"))

    assert browser.post(PAGE + act).status_code == 403
    with pytest.raises(NotPermitted):
        operating.retry_deliveries(actor=factories.actor(factories.make_staff("engineer")))
