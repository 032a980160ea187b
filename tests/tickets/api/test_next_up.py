"""The next request to take, over the API."""

from datetime import timedelta

import pytest

from accounts import clock
from accounts.models import DutyShift, Person
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import code_of, path_of, queries
from tests.tickets.test_budgets import multiply
from tickets.models import ServiceRequest

NEXT = "/api/v1/queue/next/"
BUDGET = 10  # token, limits, clock, skills, rota, load, two parts of the queue, the promise; one more for seniors


@pytest.fixture
def filed(admin_person):
    """An A and a C, filed just now."""
    actor = factories.actor(admin_person)
    return {severity: making.filed(actor, severity=severity) for severity in "CA"}


def test_the_next_one_comes_with_its_reasons_and_its_version(staff, filed):
    """Settled point 16"""
    told = staff.get(NEXT)

    assert told.status_code == 200
    assert told.json()["request"]["number"] == filed["A"].number
    assert told["ETag"].startswith(f'"{filed["A"].version}-')
    assert told.json()["urgency"] == "soon"
    assert told.json()["promised"] is True
    assert 3500 < told.json()["seconds_left"] <= 3600
    assert [each["code"] for each in told.json()["reasons"]] == ["promise_due", "severity", "age"]
    assert told.json()["reasons"][1]["sentence"] == "Its severity is A – critical."


def test_what_is_taken_is_no_longer_the_next_one_and_nothing_is_taken_by_asking(staff, filed):
    """Settled point 16; RELIABILITY: two engineers taking one request"""
    for severity in "AC":
        told = staff.get(NEXT)
        assert told.json()["request"]["number"] == filed[severity].number
        assert ServiceRequest.objects.get(number=filed[severity].number).assignee is None
        taken = staff.post(
            path_of(filed[severity].number, "assign"), {"assignee": "me"}, headers={"If-Match": told["ETag"]}
        )
        assert taken.status_code == 200

    empty = staff.get(NEXT)
    assert (empty.status_code, empty.content) == (204, b"")


def test_a_request_without_a_promise_is_no_promise(staff, filed):
    """SLA-6"""
    ServiceRequest.objects.filter(pk=filed["A"].pk).update(assignee=factories.make_staff("engineer"))

    told = staff.get(NEXT).json()

    assert told["promised"] is False
    assert told["request"]["due_at"] is None
    assert told["reasons"][0]["code"] == "look_owed"


def test_language_and_service_decide_and_are_told_in_the_language_of_the_caller(admin_person):
    """LA-1"""
    actor = factories.actor(admin_person)
    english, chinese = making.filed(actor), making.filed(actor)
    ServiceRequest.objects.filter(pk=chinese.pk).update(language="zh-Hant")
    ServiceRequest.objects.filter(pk=english.pk).update(language="en")
    person = factories.make_staff("engineer", languages=["zh-Hant"], services=["exchange_online"], language="zh-Hant")

    told = factories.api_of(person).get(NEXT).json()

    assert told["request"]["number"] == chinese.number
    assert {"language_spoken", "service_known"} <= {each["code"] for each in told["reasons"]}
    assert any("繁體中文" in each["sentence"] for each in told["reasons"])


def test_a_senior_engineer_is_given_what_was_offered_to_them_though_somebody_has_it(staff, filed):
    """RO-3"""
    row = ServiceRequest.objects.get(pk=filed["A"].pk)
    staff.post(path_of(row.number, "assign"), {"assignee": "me"})
    offer = {"reason": "technical_expertise", "justification": "The connector."}
    assert staff.post(path_of(row.number, "escalate"), offer).status_code == 201
    senior = factories.api_of(factories.make_staff("senior_engineer"))

    told = senior.get(NEXT).json()

    assert told["request"]["number"] == row.number
    assert "senior_wanted" in {each["code"] for each in told["reasons"]}
    assert staff.get(NEXT).json()["request"]["number"] == filed["C"].number


@pytest.mark.parametrize("role", ["billing_specialist", "presales_specialist"])
def test_nobody_is_given_what_their_roles_do_not_reach(filed, role):
    """P-6"""
    assert factories.api_of(factories.make_staff(role)).get(NEXT).status_code == 204


def test_customers_and_those_who_take_nothing_are_refused(api, filed):
    """RO-3"""
    assert api.get(NEXT).status_code == 403
    manager = factories.api_of(factories.make_staff("account_manager"))
    assert code_of(manager.get(NEXT)) == "not-permitted"


def test_a_token_needs_the_queue_scope(filed):
    """P-6"""
    api = factories.api_of(factories.make_staff("engineer"), "requests:read")
    assert code_of(api.get(NEXT)) == "scope-missing"


def test_a_query_is_refused_by_name(staff, filed):
    """RELIABILITY, the API"""
    assert code_of(staff.get(NEXT, {"view": "work"})) == "invalid-query"


@pytest.mark.parametrize(("role", "more"), [("engineer", 0), ("senior_engineer", 1)])
def test_it_costs_the_same_for_one_request_and_for_a_hundred(filed, role, more):
    """STYLE section 5"""
    api, found = factories.api_of(factories.make_staff(role)), set()
    row = ServiceRequest.objects.get(pk=filed["A"].pk)
    assert api.get(NEXT).status_code == 200  # warm
    for amount in (1, 25, 100):
        multiply(row, amount)
        with queries() as made:
            assert api.get(NEXT).status_code == 200
        found.add(len(made))

    assert len(found) == 1
    assert max(found) <= BUDGET + more


def test_what_waited_too_long_comes_first_whatever_the_engineer_speaks(filed):
    """Settled point 16: nothing starves"""
    past = clock.now() - timedelta(days=6)
    ServiceRequest.objects.filter(pk=filed["C"].pk).update(queue_at=past, language="fr")
    person = factories.make_staff("engineer", languages=["en", "zh-Hant"])

    told = factories.api_of(Person.objects.get(pk=person.pk)).get(NEXT).json()

    assert told["request"]["number"] == filed["C"].number
    assert told["urgency"] == "neglected"
    assert "neglected" in {each["code"] for each in told["reasons"]}


def test_whoever_is_off_duty_or_has_much_in_hand_is_told_so_with_the_next_one(admin_person, filed):
    """RO-3: nothing is held back from them; the rota outweighs working hours"""
    now = clock.now()
    never = {str((now.weekday() + 3) % 7): [["09:00", "09:01"]]}
    person = factories.make_staff("engineer", working_hours=never, timezone="UTC")
    api, mine = factories.api_of(person), making.filed(factories.actor(admin_person))

    off = api.get(NEXT).json()
    assert off["you"] == {"on_duty": False, "works_now": False, "in_hand": 0, "late_in_hand": 0, "owes_at": None}
    assert (off["request"]["number"], off["reasons"][-1]["code"]) == (filed["A"].number, "off_duty")

    ServiceRequest.objects.filter(pk=mine.pk).update(assignee=person, queue_at=now - timedelta(minutes=5))
    hour = timedelta(hours=1)
    DutyShift.objects.create(role="on_call", person=person, starts_at=now - hour, ends_at=now + hour)
    told = api.get(NEXT).json()
    assert {**told["you"], "owes_at": ""} == {
        "on_duty": True, "works_now": False, "in_hand": 1, "late_in_hand": 1, "owes_at": ""
    }  # fmt: skip
    assert [each["code"] for each in told["reasons"]][-2:] == ["load", "own_owed_first"]
    assert "Requests that you have in hand: 1;" in told["reasons"][-2]["sentence"]


def test_the_page_of_the_queue_offers_the_same_one_to_take(filed):
    """Settled point 16: with its reasons, at the top of what is to do, and not in a queue that is filtered"""
    person = factories.make_staff("engineer")
    browser = factories.browser_of(person)
    best = factories.api_of(person).get(NEXT).json()

    offered = browser.get("/queue/").context["next_up"]
    assert offered["request"].number == best["request"]["number"]
    assert offered["why"][-1] == best["reasons"][-1]["sentence"]
    assert b"Take this one next" in browser.get("/queue/?view=unassigned", headers={"HX-Request": "true"}).content
    for query in ("view=waiting", "view=mine", "tag=VIP", "organisation=contoso"):
        assert browser.get(f"/queue/?{query}").context["next_up"] is None
    manager = factories.make_staff("account_manager")
    assert factories.browser_of(manager).get("/queue/").context["next_up"] is None
