"""Timers: the ladder, its re-planning, and the sweep."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from accounts.models import Delivery, Event
from tests import factories
from tests.tickets import making
from tests.tickets.conftest import MONDAY
from tickets.models import Commitment, ServiceRequest, SweepHeartbeat, Timer, TimerState
from tickets.selectors.timers import GRACE
from tickets.services import firing
from tickets.services.assignment import release_request, take_request
from tickets.services.conversation import reply_publicly
from tickets.services.severity import change_severity
from tickets.services.sweeping import sweep, sweep_is_stale
from tickets.verification import faults

MICROSECOND = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def ladder(**filters):
    """Step and state of response timers, in order."""
    rows = Timer.objects.filter(kind="response", **filters).order_by("generation", "due_at", "id")
    return [(row.step, row.state) for row in rows]


@pytest.fixture
def people(db):
    """Somebody for every step of the ladder."""
    roles = ("engineer", "team_lead", "duty_manager")
    return {role: factories.make_staff(role) for role in roles}


def told(step):
    """The people whom one step of the ladder told by mail."""
    event = Event.objects.get(kind="escalation_step", data__timer="response", data__step=step)
    return set(Delivery.objects.filter(event=event, channel="mail").values_list("person", flat=True))


def test_the_ladder_is_planned_at_50_75_100_and_200_per_cent(open_request):
    """DESIGN, timers and escalation: percentages of the span from receipt to due."""
    planned = Timer.objects.filter(kind="response").order_by("due_at").values_list("step", "due_at", "state")

    minutes = {"50": 30, "75": 45, "100": 60, "200": 120}
    assert list(planned) == [(step, MONDAY + m * MINUTE, "waiting") for step, m in minutes.items()]


def test_each_step_fires_once_after_the_grace_and_is_dated_at_its_instant(open_request, people):
    """P-3: 4 s of grace let what arrived in time win; the effect is dated at the deadline all the same."""
    due_at = MONDAY + 30 * MINUTE

    sweep(now=due_at + GRACE - MICROSECOND)
    assert not Event.objects.filter(kind="escalation_step", data__step="50").exists()
    for _ in range(2):
        sweep(now=due_at + GRACE)

    assert Event.objects.get(kind="escalation_step", data__step="50").at == due_at
    assert told("50") == {people["engineer"].pk}


def test_the_steps_tell_team_lead_and_duty_manager_in_turn(open_request, people):
    """DESIGN, timers and escalation"""
    sweep(now=MONDAY + 3 * HOUR)

    lead, duty = people["team_lead"].pk, people["duty_manager"].pk
    assert [told(step) for step in ("75", "100", "200")] == [{lead}, {duty}, {duty}]
    assert Commitment.objects.get().breached_at == MONDAY + HOUR
    assert not list(faults())


def test_an_assignee_is_told_instead_of_the_team(open_request, engineer, people):
    """DESIGN, timers and escalation"""
    take_request(number=open_request.number, actor=engineer, now=MONDAY)

    sweep(now=MONDAY + 31 * MINUTE)

    assert told("50") == {engineer.person_id}


def test_the_account_manager_is_told_at_200_per_cent(organisation, admin, people):
    """DESIGN, timers and escalation; EL-1"""
    manager = factories.make_staff("account_manager")
    factories.make_elevated_contract(organisation, account_manager=manager)
    making.filed(admin, now=MONDAY)

    sweep(now=MONDAY + 3 * HOUR)

    assert told("200") == {manager.pk, people["duty_manager"].pk}


def test_workers_that_were_off_change_nothing_but_the_lag(open_request, people):
    """P-4: the breach is dated at the deadline; when it was noticed is kept beside it."""
    sweep(now=MONDAY + 26 * HOUR)

    commitment = Commitment.objects.get()
    assert commitment.breached_at == MONDAY + HOUR
    assert commitment.breach_detected_at == MONDAY + 26 * HOUR


def test_a_response_cancels_what_has_not_come_due(open_request, engineer):
    """DESIGN, timers and escalation: superseded steps are cancelled, never deleted."""
    reply_publicly(number=open_request.number, actor=engineer, body="We are on it.", now=MONDAY + 31 * MINUTE)

    assert set(Timer.objects.filter(kind="response").values_list("state", "cause")) == {("cancelled", "answered")}
    assert sweep(now=MONDAY + 2 * HOUR)["timers"] == 0


def test_a_late_response_still_lets_the_breach_step_speak(open_request, engineer, people):
    """P-3: a deadline that passed is told of, whoever was faster."""
    reply_publicly(number=open_request.number, actor=engineer, body="Sorry.", now=MONDAY + HOUR + MICROSECOND)

    sweep(now=MONDAY + 2 * HOUR)

    assert told("100") == {people["duty_manager"].pk}
    assert Event.objects.filter(kind="commitment_breached").count() == 1
    assert not list(faults())


def test_replanning_fires_only_the_highest_of_the_steps_that_passed(admin, engineer, people):
    """Settled point 3: the others are cancelled as overtaken."""
    service_request = making.filed(admin, severity="B", now=MONDAY)
    span = service_request.due_at - MONDAY
    raised_at = MONDAY + span * 0.8

    change_severity(number=service_request.number, actor=engineer, severity="A", reason="Everyone.", now=raised_at)

    planned = Timer.objects.filter(kind="response", generation=2).order_by("due_at", "id")
    due_at = ServiceRequest.objects.get().due_at
    assert due_at == raised_at + HOUR
    assert [(row.step, row.state, row.cause) for row in planned.filter(state="cancelled")] == [
        ("50", "cancelled", "overtaken")
    ]
    assert planned.get(step="75").due_at == raised_at


def test_an_untaken_a_is_told_to_the_duty_manager_after_10_minutes(open_request, people):
    """Settled point 3"""
    sweep(now=MONDAY + 10 * MINUTE + GRACE - MICROSECOND)
    assert not Event.objects.filter(data__timer="untaken").exists()
    sweep(now=MONDAY + 10 * MINUTE + GRACE)

    assert Event.objects.get(data__timer="untaken").at == MONDAY + 10 * MINUTE


def test_taking_it_stops_the_ten_minutes_and_releasing_it_starts_them_again(open_request, engineer):
    """Settled point 3"""
    take_request(number=open_request.number, actor=engineer, now=MONDAY + 5 * MINUTE)
    release_request(number=open_request.number, actor=engineer, now=MONDAY + 8 * MINUTE)

    rows = Timer.objects.filter(kind="untaken").order_by("id").values_list("state", "cause", "due_at")
    assert list(rows) == [
        ("cancelled", "taken", MONDAY + 10 * MINUTE),
        ("waiting", "", MONDAY + 18 * MINUTE),
    ]


def test_a_poisoned_timer_is_put_off_and_does_not_stop_the_others(open_request, people):
    """P-3: it ends failed after eight tries, for people to see."""
    poisoned = Timer.objects.get(kind="untaken")
    Timer.objects.filter(pk=poisoned.pk).update(recipients={"not": "a list"}, kind="nonsense")
    now = MONDAY + 40 * MINUTE

    sweep(now=now)
    assert ladder(state="fired") == [("50", "fired")]
    for _ in range(firing.MOST_ATTEMPTS):
        now += 2 * HOUR
        sweep(now=now)

    poisoned.refresh_from_db()
    assert (poisoned.state, poisoned.attempts, poisoned.cause) == (TimerState.FAILED, 8, "ValueError")
    assert [state for _, state in ladder()] == ["fired"] * 4


def test_a_sweep_leaves_a_sign_of_life(open_request):
    """P-3: what /readyz and the sweeper look at."""
    assert sweep_is_stale()

    sweep(now=MONDAY)

    assert SweepHeartbeat.objects.get().counts == {"timers": 0, "batches": 0}
    assert not sweep_is_stale()


def in_threads(*works):
    """Run the works side by side, each on a connection of its own, and return what they returned or raised."""
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


def customer():
    """An admin of a customer with an enterprise plan."""
    organisation = factories.make_organisation()
    factories.make_subscription(organisation)
    return factories.actor(factories.make_person(organisation, "global_admin"))


def test_sweeps_side_by_side_fire_each_timer_once(own_database):
    """P-2, P-3: SKIP LOCKED and one condition on the locked row."""
    admin = customer()
    for role in ("engineer", "team_lead", "duty_manager"):
        factories.make_staff(role)
    for _ in range(12):
        making.filed(admin, now=MONDAY)

    counts = in_threads(*[lambda: sweep(now=MONDAY + 9 * HOUR) for _ in range(4)])

    assert sum(count["timers"] for count in counts) == 12 * 5
    assert Event.objects.filter(kind="escalation_step").count() == 12 * 5
    assert Event.objects.filter(kind="commitment_breached").count() == 12
    assert not list(faults())


def test_a_sweep_waits_for_nobody(own_database):
    """P-3: a request that somebody holds is left for the next sweep."""
    service_request = making.filed(customer(), now=MONDAY)
    held, swept = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            ServiceRequest.objects.select_for_update(no_key=True).get(pk=service_request.pk)
            held.set()
            assert swept.wait(timeout=20)

    def look():
        assert held.wait(timeout=20)
        try:
            return sweep(now=MONDAY + 9 * HOUR)["timers"]
        finally:
            swept.set()

    _, fired = in_threads(hold, look)

    assert fired == 0
    assert sweep(now=MONDAY + 9 * HOUR)["timers"] == 5


def test_of_two_engineers_who_take_a_request_one_gets_it(own_database):
    """RELIABILITY section 4"""
    number = making.filed(customer()).number
    engineers = [factories.actor(factories.make_staff("engineer")) for _ in range(2)]

    results = in_threads(*[lambda actor=actor: take_request(number=number, actor=actor) for actor in engineers])

    assert sorted(type(result).__name__ for result in results) == ["AlreadyTaken", "ServiceRequest"]
    assert Event.objects.filter(kind="request_taken").count() == 1


def test_lowering_between_breach_and_sweep_still_lets_the_breach_step_speak(open_request, engineer, people):
    """P-3, settled point 1: nothing that was due goes unsaid."""
    late = MONDAY + HOUR + timedelta(seconds=2)
    change_severity(number=open_request.number, actor=engineer, severity="B", reason="Fewer people.", now=late)

    sweep(now=MONDAY + 2 * HOUR)

    event = Event.objects.get(kind="escalation_step", data__timer="response", data__step="100")
    assert set(event.deliveries.values_list("person", flat=True)) == {people["duty_manager"].pk}
    assert Event.objects.filter(kind="commitment_breached").count() == 1
    assert not list(faults())
