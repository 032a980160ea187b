"""Escalation by people: by the customer to those who lead, by an engineer to senior engineers (DESIGN, escalation)."""

from datetime import timedelta

import pytest

from accounts.errors import NotPermitted
from accounts.models import Delivery, Event
from tests import factories
from tests.tickets import making
from tests.tickets.conftest import MONDAY
from tickets.errors import AlreadyTaken, EscalatedAlready, IllegalTransition, InvalidText, UnknownChoice
from tickets.models import Commitment, Escalation, ServiceRequest, Timer
from tickets.selectors.queue import queue_page
from tickets.services.assignment import assign_request, take_request
from tickets.services.closing import Ending, close_request, reopen_request
from tickets.services.escalation import AGAIN_AFTER, escalate_request, escalate_to_senior
from tickets.verification import faults

MICROSECOND = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
WHY = {"reason": "business_impact", "justification": "Our shops cannot sell."}
NOTE = {"reason": "technical_expertise", "note": "Restarted twice. Needs somebody who knows the connector."}


@pytest.fixture
def people(db):
    """Somebody in each role that an escalation may tell."""
    return {role: factories.make_staff(role) for role in ("engineer", "team_lead", "duty_manager", "senior_engineer")}


def told(notice):
    """The people whom a notice told by mail."""
    return set(Delivery.objects.filter(notice=notice, channel="mail").values_list("person", flat=True))


def promises():
    """Everything that was promised, and when something is to happen."""
    timers = Timer.objects.order_by("pk").values_list("pk", "due_at", "state", "generation")
    return list(Commitment.objects.order_by("pk").values()), list(timers)


# ── by the customer ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_escalation_tells_team_lead_duty_manager_and_who_has_the_request(open_request, admin, people):
    """DESIGN, timers and escalation"""
    take_request(number=open_request.number, actor=factories.actor(people["engineer"]), now=MONDAY)

    escalate_request(number=open_request.number, actor=admin, now=MONDAY + HOUR, **WHY)

    assert told("escalation_requested") == {people[role].pk for role in ("engineer", "team_lead", "duty_manager")}
    event = Event.objects.get(kind="escalation_requested")
    assert (event.at, event.actor_id, event.internal) == (MONDAY + HOUR, admin.person_id, False)
    assert event.data["reason"] == "business_impact"
    assert not list(faults())


def test_while_nobody_has_it_the_team_is_told(open_request, admin, people):
    """DESIGN, timers and escalation"""
    escalate_request(number=open_request.number, actor=admin, now=MONDAY, **WHY)

    assert {people["engineer"].pk, people["senior_engineer"].pk} <= told("escalation_requested")


@pytest.mark.parametrize("act", ["escalate", "senior"])
def test_no_escalation_moves_a_promise_or_a_timer(open_request, admin, engineer, act):
    """SLA-1: a promise is moved by nothing but what it was made from"""
    before = promises()

    if act == "escalate":
        escalate_request(number=open_request.number, actor=admin, now=MONDAY, **WHY)
    else:
        escalate_to_senior(number=open_request.number, actor=engineer, now=MONDAY, **NOTE)

    assert promises() == before
    row = ServiceRequest.objects.get()
    assert (row.state, row.severity, row.due_at) == (open_request.state, "A", open_request.due_at)


def test_the_same_words_again_are_the_same_escalation(open_request, admin, people):
    """P-2"""
    first = escalate_request(number=open_request.number, actor=admin, now=MONDAY, **WHY)
    again = escalate_request(number=open_request.number, actor=admin, now=MONDAY + HOUR, **WHY)

    assert first == again
    assert Event.objects.filter(kind="escalation_requested").count() == 1
    assert Delivery.objects.filter(notice="escalation_requested", channel="mail").count() == len(people)


def test_another_escalation_waits_for_four_hours(open_request, admin):
    """DESIGN, timers and escalation"""
    escalate_request(number=open_request.number, actor=admin, now=MONDAY, **WHY)
    other = {"reason": "resolution_time", "justification": "It takes too long."}

    with pytest.raises(EscalatedAlready) as refusal:
        escalate_request(number=open_request.number, actor=admin, now=MONDAY + AGAIN_AFTER - MICROSECOND, **other)
    assert refusal.value.again_at == MONDAY + AGAIN_AFTER
    escalate_request(number=open_request.number, actor=admin, now=MONDAY + AGAIN_AFTER, **other)

    assert Escalation.objects.count() == 2


def test_a_reopened_request_begins_without_escalations(open_request, admin, engineer):
    number = open_request.number
    escalate_request(number=number, actor=admin, now=MONDAY, **WHY)
    escalate_to_senior(number=number, actor=engineer, now=MONDAY, **NOTE)
    close_request(number=number, actor=engineer, ending=Ending("solved", "Done."), now=MONDAY + HOUR)
    reopened = reopen_request(number=number, actor=admin, now=MONDAY + 2 * HOUR)

    assert (reopened.escalated_at, reopened.senior_wanted_at) == (None, None)
    escalate_request(number=number, actor=admin, now=MONDAY + 2 * HOUR, **WHY)
    assert Escalation.objects.filter(target="management").count() == 2


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [({"reason": "impatience"}, UnknownChoice), ({"justification": " \n"}, InvalidText)],
)
def test_an_escalation_needs_a_known_reason_and_words(open_request, admin, changed, refusal):
    with pytest.raises(refusal):
        escalate_request(number=open_request.number, actor=admin, now=MONDAY, **{**WHY, **changed})
    assert not Escalation.objects.exists()


def test_a_closed_request_is_not_escalated(closed_request, admin, engineer):
    """DESIGN, life of a request"""
    now = closed_request.closed_at + HOUR
    with pytest.raises(IllegalTransition):
        escalate_request(number=closed_request.number, actor=admin, now=now, **WHY)
    with pytest.raises(IllegalTransition):
        escalate_to_senior(number=closed_request.number, actor=engineer, now=now, **NOTE)


# ── to a senior engineer ────────────────────────────────────────────────────────────────────────────────────────────


def test_senior_engineers_are_told_and_find_it_in_their_queue(open_request, engineer, people):
    """DESIGN, timers and escalation"""
    making_other = making.filed  # another request, which nobody offers
    making_other(factories.actor(open_request.opened_by), severity="C", now=MONDAY)
    take_request(number=open_request.number, actor=engineer, now=MONDAY)

    escalate_to_senior(number=open_request.number, actor=engineer, now=MONDAY, **NOTE)

    assert told("senior_wanted") == {people["senior_engineer"].pk}
    senior = factories.actor(people["senior_engineer"])
    assert [row.number for row in queue_page(senior, now=MONDAY, view="senior").rows] == [open_request.number]
    assert ServiceRequest.objects.get(pk=open_request.pk).assignee_id == engineer.person_id
    assert Event.objects.get(kind="senior_engineer_wanted").internal


def test_a_senior_engineer_takes_it_over_and_the_offer_ends(open_request, engineer, people):
    """DESIGN, timers and escalation"""
    senior, colleague = factories.actor(people["senior_engineer"]), factories.actor(people["engineer"])
    take_request(number=open_request.number, actor=engineer, now=MONDAY)
    with pytest.raises(AlreadyTaken):
        take_request(number=open_request.number, actor=senior, now=MONDAY)
    escalate_to_senior(number=open_request.number, actor=engineer, now=MONDAY, **NOTE)

    with pytest.raises(AlreadyTaken):
        take_request(number=open_request.number, actor=colleague, now=MONDAY)
    taken = take_request(number=open_request.number, actor=senior, now=MONDAY + HOUR)

    assert (taken.assignee_id, taken.senior_wanted_at) == (senior.person_id, None)
    assert ServiceRequest.objects.get().senior_wanted_at is None
    assert queue_page(senior, now=MONDAY, view="senior").rows == []


@pytest.mark.parametrize("how", ["taken", "assigned"])
def test_whoever_had_a_request_is_told_that_a_colleague_has_it_now(open_request, engineer, people, how):
    """RO-3: two people do not work on the same request without knowing of each other."""
    senior, lead = factories.actor(people["senior_engineer"]), factories.actor(people["team_lead"])
    take_request(number=open_request.number, actor=engineer, now=MONDAY)
    escalate_to_senior(number=open_request.number, actor=engineer, now=MONDAY, **NOTE)

    if how == "taken":
        take_request(number=open_request.number, actor=senior, now=MONDAY + HOUR)
    else:
        assign_request(number=open_request.number, actor=lead, assignee_id=senior.person_id, now=MONDAY + HOUR)

    assert told("request_taken_over") == {engineer.person_id}
    event = Event.objects.get(kind=f"request_{how}", at=MONDAY + HOUR)
    assert set(Delivery.objects.filter(notice="request_taken_over").values_list("event", flat=True)) == {event.pk}


def test_whoever_hands_a_request_on_or_takes_a_free_one_is_told_nothing(open_request, engineer, people):
    take_request(number=open_request.number, actor=engineer, now=MONDAY)
    for each in ("engineer", "engineer", "senior_engineer"):
        giver = factories.actor(ServiceRequest.objects.get().assignee)
        assign_request(number=open_request.number, actor=giver, assignee_id=people[each].pk, now=MONDAY)

    assert told("request_taken_over") == set()


def test_an_assignment_to_a_colleague_keeps_the_offer_and_one_to_a_senior_ends_it(open_request, engineer, people):
    escalate_to_senior(number=open_request.number, actor=engineer, now=MONDAY, **NOTE)
    for role, stands in (("engineer", True), ("senior_engineer", False)):
        assign_request(number=open_request.number, actor=engineer, assignee_id=people[role].pk, now=MONDAY)
        assert (ServiceRequest.objects.get().senior_wanted_at is not None) is stands


def test_an_offer_that_stands_is_not_made_again(open_request, engineer, people):
    """P-2"""
    first = escalate_to_senior(number=open_request.number, actor=engineer, now=MONDAY, **NOTE)
    assert escalate_to_senior(number=open_request.number, actor=engineer, now=MONDAY + HOUR, **NOTE) == first
    assert Event.objects.filter(kind="senior_engineer_wanted").count() == 1


def test_what_senior_engineers_do_not_do_is_not_offered_to_them(admin):
    """RO-3"""
    bill = making.filed(admin, severity="C", category="billing", service="subscription", now=MONDAY)
    with pytest.raises(NotPermitted):
        escalate_to_senior(
            number=bill.number, actor=factories.actor(factories.make_staff("team_lead")), now=MONDAY, **NOTE
        )


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def admin_person(organisation):
    return factories.make_person(organisation, "global_admin", name="Wei Chen")


def test_both_sides_see_an_escalation_and_only_staff_an_offer(admin_person, people):
    """DESIGN, timers and escalation; RELIABILITY, tenant gate: what is internal is absent from customers' pages"""
    row = making.filed(factories.actor(admin_person))
    customer, staff = factories.browser_of(admin_person), factories.browser_of(people["engineer"])
    address = f"/requests/{row.number}/"
    sent = customer.post(
        f"{address}escalate/", {f"escalate-{name}": each for name, each in WHY.items()}, follow=True
    ).content.decode()
    assert "Those who can help have been told" in sent
    offered = staff.post(f"{address}senior/", {f"senior-{name}": each for name, each in NOTE.items()}, follow=True)

    theirs, ours = customer.get(address).content.decode(), offered.content.decode()

    for page in (theirs, ours):
        assert "Escalated by the customer" in page
        assert "Our shops cannot sell." in page
    assert "Restarted twice" in ours
    assert "Restarted twice" not in theirs
    assert "senior" not in theirs.lower()


def test_a_form_without_words_comes_back_open(admin_person):
    row = making.filed(factories.actor(admin_person))
    sent = {"escalate-reason": "resolution_time", "escalate-justification": ""}

    page = factories.browser_of(admin_person).post(f"/requests/{row.number}/escalate/", sent)

    assert page.status_code == 400
    assert not Escalation.objects.exists()


def test_the_queue_marks_what_was_escalated(admin_person, people):
    row = making.filed(factories.actor(admin_person))
    escalate_request(number=row.number, actor=factories.actor(admin_person), **WHY)

    assert "escalated" in factories.browser_of(people["engineer"]).get("/queue/").content.decode()


def test_a_take_that_comes_too_late_says_so(admin_person, people):
    """STYLE section 9: a refusal is shown on the page that comes back"""
    row = making.filed(factories.actor(admin_person))
    first, second = (factories.browser_of(person) for person in (people["engineer"], people["senior_engineer"]))
    first.post(f"/requests/{row.number}/take/")

    late = second.post(f"/requests/{row.number}/take/")

    assert (late.status_code, "Another engineer has the request now." in late.content.decode()) == (409, True)
