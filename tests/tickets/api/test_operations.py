"""What failed for good, over the API: who reads it, and who tries it again."""

from datetime import datetime, timedelta

import pytest

from accounts import clock
from accounts.models import Delivery, Event
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import code_of, pointers_of, queries
from tests.tickets.test_operations_page import failed_delivery, failed_timer
from tickets.models import Commitment, Timer
from tickets.services.conversation import reply_publicly

BROKEN = "/api/v1/operations/broken-promises/"
TIMERS, DELIVERIES = "/api/v1/operations/timers/", "/api/v1/operations/deliveries/"


@pytest.fixture
def operator(db):
    return factories.api_of(factories.make_staff("operator"))


@pytest.fixture
def filed(admin):
    return making.filed(admin)


def test_what_failed_is_listed_page_by_page_and_tells_nothing_of_the_requests(operator, filed):
    """P-3, P-5: the number alone, and of a notice neither to whom nor what it says"""
    timers = [failed_timer(filed, step=step).pk for step in ("50", "75")]
    delivery = failed_delivery(filed)

    first = operator.get(TIMERS, {"page_size": 1}).json()
    second = operator.get(first["next"]).json()
    [notice] = operator.get(DELIVERIES).json()["results"]

    assert [first["results"][0]["id"], second["results"][0]["id"], second["next"]] == [*sorted(timers)[::-1], None]
    assert first["results"][0].keys() == {
        "id", "kind", "step", "number", "due_at", "failed_at", "attempts", "error",
    }  # fmt: skip
    assert (first["results"][0]["number"], first["results"][0]["error"]) == (filed.number, "ZeroDivisionError")
    assert (notice["id"], notice["number"], notice["error"]) == (delivery.pk, filed.number, "SMTPDataError 554")
    assert notice.keys() == {"id", "channel", "notice", "number", "created_at", "attempts", "error"}


def test_broken_promises_are_listed_with_the_instant_at_which_they_were_noticed(operator, admin):
    """P-4: those of the last seven days, the newest first"""
    now = clock.now()
    numbers = [making.filed(admin, severity="A", now=now - timedelta(days=days)).number for days in (9, 3, 2)]
    for commitment in Commitment.objects.filter(request__number__in=numbers):
        noticed = commitment.due_at + timedelta(seconds=2)
        Commitment.objects.filter(pk=commitment.pk).update(breached_at=commitment.due_at, breach_detected_at=noticed)

    told = operator.get(BROKEN).json()["results"]

    assert [each["number"] for each in told] == [numbers[2], numbers[1]]
    lag = datetime.fromisoformat(told[0]["breach_detected_at"]) - datetime.fromisoformat(told[0]["breached_at"])
    assert (lag, told[0]["responded_at"], told[0]["severity"]) == (timedelta(seconds=2), None, "A")
    for other in ("engineer", "account_manager"):
        assert code_of(factories.api_of(factories.make_staff(other)).get(BROKEN)) == "not-permitted"


@pytest.mark.parametrize("path", [TIMERS, DELIVERIES])
def test_the_lists_cost_as_many_queries_for_one_as_for_all(operator, filed, path):
    failed_timer(filed, step="50")
    failed_delivery(filed)
    operator.get(path)

    with queries() as for_one:
        [_] = operator.get(path).json()["results"]
    Timer.objects.filter(request=filed).update(state="failed", settled_at=clock.now(), attempts=8)
    Delivery.objects.update(state="failed")
    with queries() as for_all:
        assert len(operator.get(path).json()["results"]) > 1

    assert len(for_one) == len(for_all)


def test_a_timer_is_tried_again_once_however_often_it_is_said(operator, filed):
    """P-2, P-3, P-10"""
    timer = failed_timer(filed, step="50")
    path = f"{TIMERS}{timer.pk}/retry/"

    first, again = (operator.post(path, {}, headers={"Idempotency-Key": "k"}) for _ in range(2))

    assert (first.status_code, first.json(), again.json()) == (200, {"waits_again": True}, first.json())
    assert again["Idempotency-Replayed"] == "true"
    assert Event.objects.filter(kind="timer_retried", number=filed.number).count() == 1
    assert (late := operator.post(path, {})).status_code == 409
    assert code_of(late) == "not-failed"


@pytest.mark.parametrize("path", [f"{TIMERS}{{}}/retry/", f"{DELIVERIES}{{}}/retry/", f"{DELIVERIES}{{}}/give-up/"])
@pytest.mark.parametrize("number", [999_999, 2**70])
def test_what_there_never_was_is_not_found(operator, path, number):
    missing = operator.post(path.format(number), {})

    assert (missing.status_code, code_of(missing)) == (404, "failure-not-found")


def test_a_timer_whose_cause_has_passed_is_cancelled_instead(operator, filed, engineer):
    """P-3"""
    timer = failed_timer(filed, step="50")
    reply_publicly(number=filed.number, actor=engineer, body="We are on it.")

    assert operator.post(f"{TIMERS}{timer.pk}/retry/", {}).json() == {"waits_again": False}
    timer.refresh_from_db()
    assert timer.state == "cancelled"


@pytest.mark.parametrize(
    ("act", "state", "kind"),
    [("retry", "pending", "delivery_retried"), ("give-up", "cancelled", "delivery_given_up")],
)
def test_a_notice_is_sent_again_or_given_up_once(operator, filed, act, state, kind):
    """P-2, P-10"""
    delivery = failed_delivery(filed)
    path = f"{DELIVERIES}{delivery.pk}/{act}/"

    done, late = (operator.post(path, {}) for _ in range(2))

    assert (done.status_code, late.status_code, code_of(late)) == (204, 409, "not-failed")
    delivery.refresh_from_db()
    assert delivery.state == state
    assert Event.objects.get(kind=kind).number == filed.number


def test_all_notices_are_sent_again_at_once(operator, filed):
    count = Delivery.objects.filter(channel="mail").update(state="failed")

    assert operator.post(f"{DELIVERIES}retry-all/", {}).json() == {"retried": count}
    assert operator.get(DELIVERIES).json()["results"] == []


@pytest.mark.parametrize(
    "act", ["timers/1/retry/", "deliveries/1/retry/", "deliveries/1/give-up/", "deliveries/retry-all/"]
)
def test_who_may_not(act, db, admin_person):
    """RO-3, scopes"""
    path = f"/api/v1/operations/{act}"
    reading = factories.api_of(factories.make_staff("operator"), "operations:read")

    for person in (factories.make_staff("engineer"), admin_person):
        api = factories.api_of(person)
        assert {code_of(api.post(path, {})), code_of(api.get(TIMERS)), code_of(api.get(DELIVERIES))} == {
            "not-permitted"
        }
    assert reading.post(path, {}).json()["scope"] == "operations:write"
    assert (reading.get(TIMERS).status_code, pointers_of(reading.get(TIMERS, {"x": "1"}))) == (200, ["x"])
