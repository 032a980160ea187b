"""Disputing a severity: who may, once, what the desk does about it, and by when (SE-5)."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction

from accounts import clock
from accounts.errors import NotPermitted, TooMany
from accounts.models import Delivery, ElevatedContract, Event, Person
from tests import factories
from tests.tickets import making, policies
from tests.tickets.conftest import MONDAY
from tests.tickets.test_budgets import cost_of
from tickets.errors import (
    IllegalTransition,
    InvalidText,
    NoDispute,
    ReasonRequired,
    RequestNotFound,
    SeverityAsItStands,
    SeverityByRequest,
    SeverityCapped,
    SeverityDisputedAlready,
    SeverityNotDisputed,
    SeverityNotPermitted,
    UnknownChoice,
)
from tickets.models import Commitment, ServiceRequest, SeverityDecision, SeverityDispute, Timer
from tickets.selectors.detail import allowed_acts, decisions_of
from tickets.selectors.disputes import disputes_of
from tickets.selectors.queue import queue_page
from tickets.selectors.terms import was_and_is_elevated
from tickets.selectors.timers import GRACE
from tickets.services.assignment import take_request
from tickets.services.closing import Ending, close_request, reopen_request
from tickets.services.conversation import ask_customer, reply_publicly
from tickets.services.disputes import (
    MOST_IN_AN_HOUR,
    SETTLED_WITHIN,
    agree_to_dispute,
    decline_dispute,
    dispute_severity,
)
from tickets.services.filing import file_request
from tickets.services.firing import fire_due_timers
from tickets.services.relay import relay_all
from tickets.services.severity import change_severity
from tickets.verification import faults

MICROSECOND, MINUTE, HOUR, DAY = timedelta(microseconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WORDS = "Only the branch in Tainan is affected, and it is closed today."
WHY = {"severity": "B", "statement": WORDS}
AT_TWO = [("en", "Mon 23 Nov 2026, 02:00 UTC"), ("zh-hant", "2026年11月23日 (一) 02:00 UTC")]  # Monday morning
STAFF = ("engineer", "senior_engineer", "team_lead", "duty_manager")


@pytest.fixture
def people(db):
    """Somebody in each role that has to do with disputes."""
    return {role: factories.make_staff(role) for role in STAFF}


@pytest.fixture
def senior(people):
    return factories.actor(people["senior_engineer"])


@pytest.fixture
def disputed(open_request, admin, people):
    """An A of Monday morning whose admin asks for a B at once."""
    return dispute_severity(number=open_request.number, actor=admin, now=MONDAY, **WHY)


@pytest.fixture
def elevated(organisation):
    """Elevated support, with which admins set the severity until an engineer has begun."""
    return factories.make_elevated_contract(organisation)


def told(notice):
    """The people whom a notice told by mail."""
    return set(Delivery.objects.filter(notice=notice, channel="mail").values_list("person", flat=True))


def the_request():
    return ServiceRequest.objects.get()


def offered(actor, now=MONDAY):
    """What an actor is offered on the one request there is."""
    row = the_request()
    return allowed_acts(actor, row, elevated=was_and_is_elevated(row, now=now), now=now)


def timer():
    return Timer.objects.get(kind="dispute")


def agree(number, actor, **changes):
    given = {"reason": "One branch, and nobody works there today.", "now": MONDAY + 20 * MINUTE, **changes}
    return agree_to_dispute(number=number, actor=actor, **given)


def decline(number, actor, **changes):
    given = {"reason": "The branch in Kaohsiung reports the same.", "now": MONDAY + 20 * MINUTE, **changes}
    return decline_dispute(number=number, actor=actor, **given)


# ── who may, and when ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_dispute_is_on_record_and_moves_neither_severity_nor_promise(open_request, admin, people):
    """SE-5, SLA-1"""
    before = list(Commitment.objects.values())

    made = dispute_severity(number=open_request.number, actor=admin, now=MONDAY, **WHY)

    row = the_request()
    assert (made.disputed, made.asked, made.statement, made.asked_by_id) == ("A", "B", WORDS, admin.person_id)
    assert (made.state, made.due_at, made.on_behalf_of_id) == ("open", MONDAY + HOUR, None)
    assert (row.severity, row.due_at, row.dispute_due_at) == ("A", open_request.due_at, MONDAY + HOUR)
    assert row.version == open_request.version + 1
    assert list(Commitment.objects.values()) == before
    event = Event.objects.get(kind="severity_disputed")
    assert (event.at, event.actor_id, event.internal) == (MONDAY, admin.person_id, False)
    assert event.data == {"dispute": made.pk, "from": "A", "to": "B"}
    assert not list(faults())


def test_a_second_dispute_is_refused_until_the_request_was_reopened(open_request, admin, people, disputed, senior):
    """SE-5: once for each cycle, whether or not the first one is settled"""
    number, other = open_request.number, {"severity": "C", "statement": "And less."}
    with pytest.raises(SeverityDisputedAlready):
        dispute_severity(number=number, actor=admin, now=MONDAY + MINUTE, **other)
    decline(number, senior)
    with pytest.raises(SeverityDisputedAlready):
        dispute_severity(number=number, actor=admin, now=MONDAY + HOUR, **WHY)
    assert "dispute_severity" not in offered(admin)
    assert SeverityDispute.objects.count() == 1

    close_request(number=number, actor=senior, ending=Ending("solved", "Done."), now=MONDAY + 2 * HOUR)
    reopen_request(number=number, actor=admin, now=MONDAY + 3 * HOUR)
    assert "dispute_severity" in offered(admin)
    again = dispute_severity(number=number, actor=admin, now=MONDAY + 3 * HOUR, **WHY)

    assert (again.cycle, [each.cycle for each in disputes_of(the_request())]) == (2, [2, 1])
    assert not list(faults())


def test_one_organisation_cannot_use_up_the_mail_of_those_who_settle(open_request, admin, people, senior):
    """SE-5: ten an hour, by closing and reopening or over many requests; the next hour has its own"""
    number = open_request.number

    def go_on(step):
        at = MONDAY + step * MINUTE
        dispute_severity(number=number, actor=admin, now=at, **WHY)
        close_request(number=number, actor=senior, ending=Ending("solved", "Done."), now=at)
        reopen_request(number=number, actor=admin, now=at)

    for step in range(MOST_IN_AN_HOUR):
        go_on(step)
    with pytest.raises(TooMany):
        go_on(MOST_IN_AN_HOUR)
    assert SeverityDispute.objects.count() == MOST_IN_AN_HOUR

    go_on(61)


def test_the_same_words_while_it_stands_are_the_same_dispute(open_request, admin, disputed):
    """P-2"""
    again = dispute_severity(number=open_request.number, actor=admin, now=MONDAY + MINUTE, **WHY)

    assert again == disputed
    assert Event.objects.filter(kind="severity_disputed").count() == 1
    assert Timer.objects.filter(kind="dispute").count() == 1


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"severity": "A"}, SeverityAsItStands),
        ({"severity": "D"}, UnknownChoice),
        ({"statement": " \n"}, InvalidText),
        ({"statement": "x" * 2_001}, InvalidText),
        ({"statement": "\u202e"}, InvalidText),
    ],
)
def test_a_dispute_needs_another_severity_and_a_statement(open_request, admin, changed, refusal):
    """SE-5, P-8"""
    with pytest.raises(refusal):
        dispute_severity(number=open_request.number, actor=admin, now=MONDAY, **{**WHY, **changed})

    assert not SeverityDispute.objects.exists()
    assert the_request().version == open_request.version
    dispute_severity(number=open_request.number, actor=admin, now=MONDAY, **{**WHY, "statement": "x" * 2_000})


@pytest.mark.parametrize("state", ["awaiting_response", "in_progress", "awaiting_customer", "closed"])
def test_a_request_is_disputed_while_it_is_open(open_request, admin, engineer, state):
    """DESIGN, life of a request"""
    number = open_request.number
    if state == "in_progress":
        reply_publicly(number=number, actor=engineer, body="We look.", now=MONDAY)
    elif state == "awaiting_customer":
        ask_customer(number=number, actor=engineer, body="Since when?", now=MONDAY)
    elif state == "closed":
        close_request(number=number, actor=engineer, ending=Ending("solved", "Done."), now=MONDAY)

    may = "dispute_severity" in offered(admin)
    assert may is (state != "closed")
    if may:
        dispute_severity(number=number, actor=admin, now=MONDAY + MINUTE, **WHY)
        assert the_request().state == state
    else:
        with pytest.raises(IllegalTransition):
            dispute_severity(number=number, actor=admin, now=MONDAY + MINUTE, **WHY)
    assert not list(faults())


def test_elevated_support_sets_the_severity_until_the_first_response_and_disputes_it_afterwards(
    elevated, admin, engineer, people
):
    """SE-5: both sides of the boundary"""
    number = making.filed(admin, now=MONDAY).number
    with pytest.raises(SeverityNotDisputed):
        dispute_severity(number=number, actor=admin, now=MONDAY, **WHY)
    assert {"set_severity", "dispute_severity"} & offered(admin) == {"set_severity"}
    change_severity(number=number, actor=admin, severity="B", reason="Calmer now.", now=MONDAY)

    reply_publicly(number=number, actor=engineer, body="We look.", now=MONDAY + MINUTE)

    assert {"set_severity", "dispute_severity"} & offered(admin) == {"dispute_severity"}
    with pytest.raises(SeverityByRequest):
        change_severity(number=number, actor=admin, severity="A", reason="Worse.", now=MONDAY + MINUTE)
    assert the_request().severity == "B"
    dispute_severity(number=number, actor=admin, severity="A", statement="All of us now.", now=MONDAY + MINUTE)
    assert not list(faults())


def test_what_was_filed_before_elevated_support_began_is_disputed_and_not_set(organisation, admin, people):
    """SE-5, SLA-5: it keeps its promise; what is offered and what is allowed are the same"""
    number = making.filed(admin, now=MONDAY).number
    factories.make_elevated_contract(organisation, starts_at=MONDAY + MINUTE)
    now = MONDAY + 2 * MINUTE
    assert {"set_severity", "dispute_severity"} & offered(admin, now=now) == {"dispute_severity"}

    with pytest.raises(SeverityNotPermitted):
        change_severity(number=number, actor=admin, severity="B", reason="Calmer.", now=now)

    assert the_request().severity == "A"
    dispute_severity(number=number, actor=admin, now=now, **WHY)
    assert not list(faults())


def test_a_new_cycle_lets_elevated_support_set_the_severity_again(elevated, admin, engineer):
    """SE-5: an engineer has not begun with what was just reopened"""
    number = making.filed(admin, now=MONDAY).number
    close_request(number=number, actor=engineer, ending=Ending("solved", "Done."), now=MONDAY + MINUTE)
    reopen_request(number=number, actor=admin, now=MONDAY + HOUR)

    change_severity(number=number, actor=admin, severity="B", reason="Less this time.", now=MONDAY + HOUR)

    assert the_request().severity == "B"


def test_a_closed_request_of_elevated_support_says_that_it_is_closed(elevated, admin, engineer):
    number = making.filed(admin, now=MONDAY).number
    close_request(number=number, actor=engineer, ending=Ending("solved", "Done."), now=MONDAY)

    with pytest.raises(IllegalTransition):
        change_severity(number=number, actor=admin, severity="B", reason="Less.", now=MONDAY + MINUTE)


def test_without_elevated_support_a_severity_is_still_not_set(open_request, admin, engineer):
    """SE-5"""
    reply_publicly(number=open_request.number, actor=engineer, body="We look.", now=MONDAY)

    with pytest.raises(SeverityNotPermitted):
        change_severity(number=open_request.number, actor=admin, severity="B", reason="Less.", now=MONDAY)


def test_elevated_support_disputes_what_it_does_not_cover(elevated, admin):
    """SE-5, SLA-5: of billing requests it sets no severity"""
    bill = making.filed(admin, severity="C", category="billing", service="subscription", now=MONDAY)

    made = dispute_severity(number=bill.number, actor=admin, severity="B", statement="Due on Friday.", now=MONDAY)

    assert made.state == "open"


def test_a_cap_of_the_policy_caps_what_can_be_asked_for(admin, people):
    """Settled point 7"""
    policies.publish_document(policies.capped("billing", "B", version=2))
    bill = making.filed(admin, severity="C", category="billing", service="subscription", now=MONDAY)

    with pytest.raises(SeverityCapped):
        dispute_severity(number=bill.number, actor=admin, severity="A", statement="Now.", now=MONDAY)
    dispute_severity(number=bill.number, actor=admin, severity="B", statement="Now.", now=MONDAY)
    with pytest.raises(SeverityCapped):
        agree(bill.number, factories.actor(people["team_lead"]), severity="A")


def test_readers_read_disputes_and_make_none(open_request, organisation, disputed):
    """RO-1"""
    reader = factories.actor(factories.make_person(organisation, "reader"))

    with pytest.raises(NotPermitted):
        dispute_severity(number=open_request.number, actor=reader, now=MONDAY, **WHY)
    assert not {"dispute_severity", "settle_dispute"} & offered(reader)


def test_strangers_find_nothing_to_dispute(open_request):
    """P-5"""
    stranger = factories.actor(factories.make_person(factories.make_organisation(), "global_admin"))

    with pytest.raises(RequestNotFound):
        dispute_severity(number=open_request.number, actor=stranger, now=MONDAY, **WHY)


def test_a_partner_disputes_on_behalf_of_the_customer(open_request, organisation, people):
    """PA-1"""
    partner = factories.make_partner()
    factories.make_delegation(organisation, partner)
    person = factories.make_person(partner, "service_support_admin")
    actor = factories.actor(person, customer=organisation)

    made = dispute_severity(number=open_request.number, actor=actor, now=MONDAY, **WHY)

    assert (made.asked_by_id, made.on_behalf_of_id) == (person.pk, organisation.pk)
    event = Event.objects.get(kind="severity_disputed")
    assert (event.actor_id, event.on_behalf_of_id) == (person.pk, organisation.pk)


def test_a_partners_decision_says_on_whose_behalf(organisation, elevated):
    """PA-1, SE-5: what is claimed at filing, and what is changed"""
    partner = factories.make_partner()
    factories.make_delegation(organisation, partner)
    person = factories.make_person(partner, "service_support_admin")
    actor = factories.actor(person, customer=organisation)
    subscription = organisation.subscriptions.get().reference
    filing = making.filing(severity="B", subscription=subscription)
    number = file_request(actor=actor, filing=filing, now=MONDAY).number

    change_severity(number=number, actor=actor, severity="C", reason="Less.", now=MONDAY)

    decisions = decisions_of(the_request()).values_list("source", "severity", "actor", "on_behalf_of")
    theirs = (person.pk, organisation.pk)
    assert list(decisions) == [("engine", "A", None, None), ("customer", "B", *theirs), ("customer", "C", *theirs)]


# ── what the desk does about it ─────────────────────────────────────────────────────────────────────────────────────


def test_senior_engineers_are_told_and_who_has_the_request(open_request, admin, people):
    """SE-5"""
    take_request(number=open_request.number, actor=factories.actor(people["engineer"]), now=MONDAY)

    dispute_severity(number=open_request.number, actor=admin, now=MONDAY, **WHY)

    assert told("severity_disputed") == {people[role].pk for role in ("senior_engineer", "engineer")}


def test_the_lead_is_told_of_what_senior_engineers_do_not_do(admin, people):
    """SE-5, RO-3"""
    bill = making.filed(admin, severity="C", category="billing", service="subscription", now=MONDAY)

    dispute_severity(number=bill.number, actor=admin, severity="B", statement="Due on Friday.", now=MONDAY)

    assert told("severity_disputed") == {people["team_lead"].pk}
    with pytest.raises(RequestNotFound):
        agree(bill.number, factories.actor(people["senior_engineer"]))
    agree(bill.number, factories.actor(people["team_lead"]))


def test_with_no_senior_engineer_the_lead_is_told(open_request, admin):
    """SE-5"""
    lead = factories.make_staff("team_lead")

    dispute_severity(number=open_request.number, actor=admin, now=MONDAY, **WHY)

    assert told("severity_disputed") == {lead.pk}


@pytest.mark.parametrize("role", STAFF)
def test_senior_engineers_and_those_who_lead_settle_it(disputed, open_request, people, role):
    """RO-1, SE-5"""
    actor = factories.actor(people[role])
    if role == "engineer":
        for settle in (agree, decline):
            with pytest.raises(NotPermitted):
                settle(open_request.number, actor)
        assert SeverityDispute.objects.get().state == "open"
        return

    assert "settle_dispute" in offered(actor)
    assert agree(open_request.number, actor).state == "agreed"


def test_agreeing_is_an_ordinary_change_of_severity(disputed, open_request, senior):
    """SE-5, settled point 2"""
    settled = agree(open_request.number, senior)

    row, at = the_request(), MONDAY + 20 * MINUTE
    assert (row.severity, row.dispute_due_at, row.disputed_cycle) == ("B", None, 1)
    lowered = Commitment.objects.get(ended_at=None)
    assert (lowered.severity, lowered.reason, lowered.received_at, row.due_at) == (
        "B",
        "lowered",
        MONDAY,
        lowered.due_at,
    )
    decision = SeverityDecision.objects.latest("id")
    assert (decision.source, decision.severity, decision.previous, decision.actor_id, decision.at) == (
        "engineer",
        "B",
        "A",
        senior.person_id,
        at,
    )
    assert (settled.decision, settled.reason, settled.settled_by_id, settled.settled_at) == (
        decision,
        decision.reason,
        senior.person_id,
        at,
    )
    assert (timer().state, timer().cause, timer().settled_at) == ("cancelled", "settled", at)
    event = Event.objects.get(kind="dispute_settled")
    assert event.data == {"dispute": settled.pk, "outcome": "agreed", "severity": "B"}
    assert not list(faults())


def test_another_severity_than_the_one_asked_for_may_be_agreed(disputed, open_request, senior):
    """SE-5"""
    settled = agree(open_request.number, senior, severity="C")

    assert (settled.state, settled.asked, settled.decision.severity, the_request().severity) == (
        "agreed",
        "B",
        "C",
        "C",
    )
    assert not list(faults())


def test_declining_leaves_severity_promise_and_place_as_they_are(disputed, open_request, senior):
    """SE-5"""
    before, queue_at = list(Commitment.objects.values()), the_request().queue_at

    settled = decline(open_request.number, senior)

    row = the_request()
    assert (settled.state, settled.decision, settled.settled_by_id) == ("declined", None, senior.person_id)
    assert (row.severity, row.dispute_due_at, row.queue_at) == ("A", None, queue_at)
    assert list(Commitment.objects.values()) == before
    assert (timer().state, timer().cause) == ("cancelled", "settled")
    assert row.version == open_request.version + 2
    assert not list(faults())


def test_declining_is_a_decision_on_record_that_the_severity_stands(disputed, open_request, senior):
    """SE-5"""
    settled = decline(open_request.number, senior)

    decision = SeverityDecision.objects.latest("id")
    assert (decision.source, decision.previous, decision.severity, decision.actor_id, decision.reason) == (
        "engineer",
        "A",
        "A",
        senior.person_id,
        settled.reason,
    )
    assert told("severity_changed") == set()


def test_declining_confirms_a_severity_that_was_yet_to_be_confirmed(disputed, open_request, senior):
    """SE-5, settled point 9: somebody has looked at it"""
    ServiceRequest.objects.update(needs_confirmation=True)

    decline(open_request.number, senior)

    assert not the_request().needs_confirmation
    assert SeverityDecision.objects.latest("id").reason == SeverityDispute.objects.get().reason
    assert Event.objects.filter(kind="severity_confirmed").count() == 1
    assert not list(faults())


@pytest.mark.parametrize("settle", [agree, decline])
def test_settling_needs_a_reason(disputed, open_request, senior, settle):
    """SE-5"""
    with pytest.raises(ReasonRequired):
        settle(open_request.number, senior, reason=" ")
    with pytest.raises(InvalidText):
        settle(open_request.number, senior, reason="x" * 2_001)

    assert SeverityDispute.objects.get().state == "open"


def test_to_agree_on_what_stands_is_refused(disputed, open_request, senior):
    with pytest.raises(SeverityAsItStands):
        agree(open_request.number, senior, severity="A")

    assert SeverityDispute.objects.get().state == "open"


@pytest.mark.parametrize("settle", [agree, decline])
def test_what_is_settled_is_not_settled_again(disputed, open_request, senior, people, settle):
    """P-2"""
    decline(open_request.number, senior)

    with pytest.raises(NoDispute):
        settle(open_request.number, factories.actor(people["team_lead"]), now=MONDAY + HOUR)

    assert SeverityDispute.objects.get().settled_by_id == senior.person_id
    assert the_request().severity == "A"


def test_an_ordinary_change_to_what_was_asked_for_settles_it(disputed, open_request, engineer, admin):
    """SE-5"""
    change_severity(number=open_request.number, actor=engineer, severity="B", reason="One branch.", now=MONDAY + MINUTE)

    settled = SeverityDispute.objects.get()
    assert (settled.state, settled.settled_by_id, settled.reason) == ("agreed", engineer.person_id, "One branch.")
    assert settled.decision == SeverityDecision.objects.latest("id")
    assert (the_request().dispute_due_at, timer().state) == (None, "cancelled")
    assert told("dispute_settled") == {admin.person_id}
    assert told("severity_changed") == set()  # told with it
    assert not list(faults())


@pytest.mark.parametrize("severity", ["B", "C"])
def test_a_customer_who_sets_the_severity_withdraws_the_dispute_instead_of_agreeing_with_it(
    organisation, elevated, admin, people, severity
):
    """SE-5: while the contract had run out they disputed it; now it is renewed, and they set it"""
    number = making.filed(admin, now=MONDAY).number
    take_request(number=number, actor=factories.actor(people["engineer"]), now=MONDAY)
    ElevatedContract.objects.update(ends_at=MONDAY + MINUTE)
    dispute_severity(number=number, actor=admin, now=MONDAY + 2 * MINUTE, **WHY)
    ElevatedContract.objects.update(ends_at=None)

    at = MONDAY + 3 * MINUTE
    change_severity(number=number, actor=admin, severity=severity, reason="Calmer now.", now=at)

    ended = SeverityDispute.objects.get()
    assert (ended.state, ended.settled_by_id, ended.settled_at, ended.decision, ended.reason) == (
        "withdrawn",
        admin.person_id,
        at,
        None,
        "",
    )
    assert (the_request().severity, the_request().dispute_due_at, timer().state) == (severity, None, "cancelled")
    event = Event.objects.get(kind="dispute_settled")
    assert event.data == {"dispute": ended.pk, "outcome": "withdrawn", "severity": severity}
    assert (told("dispute_settled"), told("severity_changed")) == (set(), {people["engineer"].pk})
    assert "settle_dispute" not in offered(factories.actor(people["senior_engineer"]), now=at)
    assert not list(faults())


def test_an_ordinary_change_to_something_else_leaves_it_standing(disputed, open_request, engineer, senior):
    """SE-5"""
    change_severity(number=open_request.number, actor=engineer, severity="C", reason="A question.", now=MONDAY + MINUTE)

    assert (SeverityDispute.objects.get().state, timer().state) == ("open", "waiting")
    assert not list(faults())
    assert agree(open_request.number, senior).decision.previous == "C"
    assert not list(faults())


@pytest.mark.parametrize("settle", [agree, decline])
def test_who_asked_is_told_why(disputed, open_request, senior, admin, people, settle):
    """SE-5"""
    mail.outbox.clear()

    settled = settle(open_request.number, senior)
    relay_all()

    assert told("dispute_settled") == {admin.person_id}
    (letter,) = [each for each in mail.outbox if "settled" in each.subject]
    assert settled.reason in letter.body


@pytest.mark.parametrize("settle", [agree, decline])
@pytest.mark.parametrize(("language", "asked_at"), AT_TWO)
def test_the_outcome_reads_well_for_whoever_stands_in_for_the_asker(
    open_request, organisation, admin, senior, settle, language, asked_at
):
    """P-6: an asker who may no longer read it is stood in for by the primary contact, who asked for nothing"""
    colleague = factories.make_person(organisation, "service_support_admin")
    dispute_severity(number=open_request.number, actor=factories.actor(colleague), now=MONDAY, **WHY)
    colleague.role_grants.all().delete()
    person = Person.objects.get(pk=admin.person_id)
    Person.objects.update(language=language, timezone="UTC")
    relay_all()
    mail.outbox.clear()

    settle(open_request.number, senior)
    relay_all()

    told = "".join(each.body for each in mail.outbox if each.to == [person.email])
    assert asked_at in told
    assert "You asked" not in told


def test_an_asker_who_is_not_the_primary_contact_hears_of_the_outcome_and_the_contact_of_the_change(
    open_request, organisation, admin, senior
):
    """RO-2, SE-5"""
    colleague = factories.make_person(organisation, "service_support_admin")
    dispute_severity(number=open_request.number, actor=factories.actor(colleague), now=MONDAY, **WHY)

    agree(open_request.number, senior)

    assert (told("dispute_settled"), told("severity_changed")) == ({colleague.pk}, {admin.person_id})


def test_whoever_may_no_longer_read_the_request_is_not_told(open_request, organisation, admin, senior):
    """P-6"""
    colleague = factories.make_person(organisation, "service_support_admin")
    dispute_severity(number=open_request.number, actor=factories.actor(colleague), now=MONDAY, **WHY)
    colleague.role_grants.all().delete()

    decline(open_request.number, senior)

    assert told("dispute_settled") == {admin.person_id}


def test_a_close_ends_what_is_not_settled(disputed, open_request, engineer):
    """SE-5, P-3"""
    at = MONDAY + 30 * MINUTE
    close_request(number=open_request.number, actor=engineer, ending=Ending("solved", "Done."), now=at)

    ended = SeverityDispute.objects.get()
    assert (ended.state, ended.settled_at, ended.settled_by_id, the_request().dispute_due_at) == (
        "ended",
        at,
        None,
        None,
    )
    assert (timer().state, timer().cause) == ("cancelled", "closed")
    assert told("dispute_settled") == set()
    assert not list(faults())


# ── by when ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_hour_later_those_who_lead_hear_of_it_once(disputed, people):
    """SE-5, P-3: at the hour, not a microsecond before it"""
    at = MONDAY + SETTLED_WITHIN
    assert timer().due_at == at
    fire_due_timers(now=at + GRACE - MICROSECOND)
    assert told("dispute_unsettled") == set()

    fire_due_timers(now=at + GRACE)
    fire_due_timers(now=at + DAY)

    assert told("dispute_unsettled") == {people[role].pk for role in ("team_lead", "duty_manager")}
    event = Event.objects.get(kind="escalation_step", data__timer="dispute")
    assert (event.at, event.internal, timer().state) == (at, True, "fired")
    assert SeverityDispute.objects.get().state == "open"
    assert not list(faults())


@pytest.mark.parametrize(("language", "asked_at"), AT_TWO)
def test_those_who_lead_read_when_it_was_asked_however_late_they_hear(disputed, people, language, asked_at):
    """SE-5, P-3: after a hold an hour ago would be wrong"""
    Person.objects.update(language=language, timezone="UTC")
    fire_due_timers(now=MONDAY + 2 * DAY)
    mail.outbox.clear()

    relay_all()

    told = "".join(each.body for each in mail.outbox if each.to == [people["team_lead"].email])
    assert asked_at in told
    assert "an hour ago" not in told


@pytest.mark.parametrize("settle", [agree, decline])
def test_what_was_settled_in_time_calls_nobody(disputed, open_request, senior, settle):
    """P-3: settled at the very instant, which the sweep leaves time for"""
    settle(open_request.number, senior, now=MONDAY + SETTLED_WITHIN)

    fire_due_timers(now=MONDAY + SETTLED_WITHIN + GRACE)

    assert told("dispute_unsettled") == set()
    assert not list(faults())


def test_what_is_settled_late_is_settled(disputed, open_request, senior):
    fire_due_timers(now=MONDAY + SETTLED_WITHIN + GRACE)

    settled = agree(open_request.number, senior, now=MONDAY + 2 * HOUR)

    assert (settled.state, timer().state) == ("agreed", "fired")
    assert not list(faults())


def test_the_queue_counts_the_hour_and_forgets_it_once_it_is_settled(admin, engineer, senior, people):
    """Settled point 16: so that a dispute does not starve"""
    question = making.filed(admin, severity="C", now=MONDAY - MINUTE)
    critical = making.filed(admin, now=MONDAY - HOUR + 50 * MINUTE)  # due at 50 minutes past
    later = making.filed(admin, now=MONDAY + 5 * MINUTE)
    order = [critical.number, later.number, question.number]
    now = MONDAY + 10 * MINUTE
    assert [row.number for row in queue_page(engineer, now=now).rows] == order

    dispute_severity(number=question.number, actor=admin, severity="B", statement="Many ask.", now=MONDAY)
    assert [row.number for row in queue_page(engineer, now=now).rows] == [
        critical.number,
        question.number,
        later.number,
    ]
    assert [row.number for row in queue_page(senior, now=now, view="senior").rows] == [question.number]

    decline(question.number, senior)
    assert [row.number for row in queue_page(engineer, now=now).rows] == order
    assert queue_page(senior, now=now, view="senior").rows == []


def test_the_pages_of_the_queue_join_without_gap_or_repeat_around_disputes(admin, engineer):
    """Settled point 16"""
    rows = [making.filed(admin, severity="C", now=MONDAY + number * MINUTE) for number in range(5)]
    for row in rows[1:4:2]:
        dispute_severity(number=row.number, actor=admin, severity="B", statement="Many ask.", now=MONDAY + 9 * MINUTE)

    seen, cursor = [], None
    for _ in rows:
        found = queue_page(engineer, now=MONDAY + 10 * MINUTE, cursor=cursor, size=1)
        seen += [row.number for row in found.rows]
        cursor = found.next

    assert seen == [rows[place].number for place in (1, 3, 0, 2, 4)]
    assert cursor is None


# ── what the database holds ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_dispute_of_another_tenants_request_cannot_be_stored(disputed):
    """P-5"""
    other = factories.make_organisation()

    def hand_over():
        with transaction.atomic():
            SeverityDispute.objects.update(organisation=other)
            connection.check_constraints()

    with pytest.raises(IntegrityError):
        hand_over()


@pytest.mark.parametrize(
    "broken",
    [
        {"state": "agreed", "settled_at": MONDAY},
        {"state": "declined"},
        {"settled_at": MONDAY},
        {"asked": "A"},
        {"asked": "D"},
    ],
)
def test_a_dispute_that_contradicts_itself_cannot_be_stored(disputed, broken):
    with pytest.raises(IntegrityError), transaction.atomic():
        SeverityDispute.objects.update(**broken)


@pytest.mark.parametrize(
    "damage",
    [
        lambda: ServiceRequest.objects.update(dispute_due_at=None),
        lambda: SeverityDispute.objects.update(state="declined", settled_at=MONDAY),
        lambda: SeverityDispute.objects.update(at=MONDAY - MINUTE),
        lambda: Timer.objects.filter(kind="dispute").update(state="cancelled", settled_at=MONDAY, cause="settled"),
    ],
)
def test_verify_finds_a_dispute_that_was_tampered_with(disputed, damage):
    """P-3, P-4, P-10"""
    assert not list(faults())
    damage()
    assert list(faults())


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def admin_person(organisation):
    return factories.make_person(organisation, "global_admin", name="Wei Chen")


@pytest.fixture
def page_of(admin_person, people):
    """What an admin and a member of the support staff see of one request, and post to it."""
    row = making.filed(factories.actor(admin_person), now=clock.now() - 20 * MINUTE)
    return row, factories.browser_of(admin_person), factories.browser_of(people["senior_engineer"])


def test_both_sides_see_a_dispute_and_only_staff_its_target(page_of):
    """SE-5: never shown to the customer as a promise"""
    row, customer, staff = page_of
    address = f"/requests/{row.number}/"
    sent = {"dispute-severity": "B", "dispute-statement": WORDS}

    answer = customer.post(f"{address}dispute/", sent, follow=True).content.decode()
    theirs, ours = customer.get(address).content.decode(), staff.get(address).content.decode()

    assert "An experienced engineer has been told" in answer
    for page in (theirs, ours):
        assert WORDS in page
        assert "Severity disputed: B instead of A" in page
    assert "internal target" in ours
    assert "internal target" not in theirs
    assert "/dispute/agree/" in ours
    assert "/dispute/agree/" not in theirs
    assert "senior" not in theirs.lower()
    due_at = the_request().dispute_due_at.strftime("%Y-%m-%dT%H:%M")
    assert due_at in ours
    assert due_at not in theirs


def test_staff_see_what_is_claimed_assessed_and_agreed_side_by_side(page_of):
    """SE-5"""
    row, customer, staff = page_of
    address = f"/requests/{row.number}/"
    assert "Claimed" not in customer.get(address).content.decode()
    assert [each["severity"] for each in staff.get(address).context["stances"]] == ["", "A", "A"]

    dispute_severity(number=row.number, actor=factories.actor(row.opened_by), **WHY)
    shown = staff.get(address)

    assert [(each["label"], each["severity"]) for each in shown.context["stances"]] == [
        ("Claimed", "B"),
        ("Assessed", "A"),
        ("Counts now", "A"),
    ]


def test_the_page_settles_a_dispute_and_tells_the_customer_why(page_of):
    """SE-5"""
    row, customer, staff = page_of
    address = f"/requests/{row.number}/"
    customer.post(f"{address}dispute/", {"dispute-severity": "B", "dispute-statement": WORDS})

    settled = staff.post(
        f"{address}dispute/agree/", {"agree-severity": "C", "agree-reason": "A question."}, follow=True
    )

    assert "The severity is changed; the customer has been told." in settled.content.decode()
    theirs = customer.get(address).content.decode()
    assert "The disputed severity was changed to C" in theirs
    assert "A question." in theirs
    assert "Disputed by the customer" in theirs
    assert the_request().severity == "C"


def test_the_page_declines_a_dispute_and_tells_the_customer_why(page_of):
    """SE-5"""
    row, customer, staff = page_of
    address = f"/requests/{row.number}/"
    customer.post(f"{address}dispute/", {"dispute-severity": "B", "dispute-statement": WORDS})

    staff.post(f"{address}dispute/decline/", {"decline-reason": "Kaohsiung reports the same."})

    theirs = customer.get(address).content.decode()
    assert "The dispute was declined: the severity stayed A" in theirs
    assert "Kaohsiung reports the same." in theirs


def test_a_declined_dispute_tells_of_the_severity_that_counted_then(page_of, people, senior):
    """SE-5: which an engineer may have changed since it was disputed, and may change afterwards"""
    row, customer, _ = page_of
    number, engineer, at = row.number, factories.actor(people["engineer"]), row.created_at
    dispute_severity(number=number, actor=factories.actor(row.opened_by), now=at + MINUTE, **WHY)
    change_severity(number=number, actor=engineer, severity="C", reason="A question.", now=at + 2 * MINUTE)
    decline(number, senior, now=at + 3 * MINUTE)
    change_severity(number=number, actor=engineer, severity="A", reason="All of them now.", now=at + 4 * MINUTE)

    shown = customer.get(f"/requests/{number}/")

    assert "The dispute was declined: the severity stayed C" in shown.content.decode()
    declined = [each for each in shown.context["decisions"] if each["source"] == "Dispute declined"]
    assert [(each["severity"], each["who"]) for each in declined] == [("C", people["senior_engineer"].name)]


def test_what_was_agreed_is_told_as_a_thing_of_the_past(page_of, people, senior):
    """SE-5: another severity may have come to count since"""
    row, customer, _ = page_of
    engineer, at = factories.actor(people["engineer"]), row.created_at
    dispute_severity(number=row.number, actor=factories.actor(row.opened_by), now=at + MINUTE, **WHY)
    agree(row.number, senior, now=at + 2 * MINUTE)
    change_severity(number=row.number, actor=engineer, severity="C", reason="Calmer.", now=at + 3 * MINUTE)

    page = customer.get(f"/requests/{row.number}/").content.decode()

    assert "The disputed severity was changed to B" in page


def test_a_dispute_that_a_close_ended_tells_of_the_severity_that_counted_then(page_of, people):
    """SE-5"""
    row, customer, _ = page_of
    engineer = factories.actor(people["engineer"])
    dispute_severity(number=row.number, actor=factories.actor(row.opened_by), **WHY)
    change_severity(number=row.number, actor=engineer, severity="C", reason="A question.")
    close_request(number=row.number, actor=engineer, ending=Ending("solved", "Done."))

    shown = customer.get(f"/requests/{row.number}/")

    assert shown.context["dispute"] is None
    (ended,) = [each for each in shown.context["decisions"] if each["source"].startswith("Closed before")]
    assert ended["severity"] == "C"


def test_a_withdrawn_dispute_is_no_longer_on_the_page_and_stays_in_the_history(page_of, organisation):
    """SE-5"""
    row, customer, staff = page_of
    admin, at = factories.actor(row.opened_by), row.created_at
    dispute_severity(number=row.number, actor=admin, now=at + MINUTE, **WHY)
    factories.make_elevated_contract(organisation)
    ServiceRequest.objects.update(tier="elevated")
    change_severity(number=row.number, actor=admin, severity="C", reason="Calmer now.", now=at + 2 * MINUTE)

    for browser in (customer, staff):
        shown = browser.get(f"/requests/{row.number}/?tab=history")
        assert shown.context["dispute"] is None
        assert [(each["severity"], each["source"]) for each in shown.context["decisions"]] == [
            ("A", "Assessed by the portal"),
            ("B", "Disputed by the customer"),
            ("C", "Set by the customer"),
        ]
        assert "Withdrawn" in shown.content.decode()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"dispute-severity": "B", "dispute-statement": ""}, '<option value="B" selected'),
        ({"dispute-severity": "", "dispute-statement": WORDS}, WORDS),
        ({"dispute-severity": "A", "dispute-statement": WORDS}, WORDS),
    ],
)
def test_a_form_that_is_not_right_comes_back_with_what_was_typed(page_of, sent, kept):
    """STYLE section 9"""
    row, customer, _ = page_of

    page = customer.post(f"/requests/{row.number}/dispute/", sent)

    assert page.status_code in (400, 409)
    assert kept in page.content.decode()
    assert page.context["opened_dispute"]
    assert not SeverityDispute.objects.exists()


@pytest.mark.parametrize("name", ["agree", "decline"])
def test_whoever_settles_too_late_is_told_so(page_of, senior, name):
    """STYLE section 9: a refusal is shown on the page that comes back"""
    row, _, staff = page_of
    dispute_severity(number=row.number, actor=factories.actor(row.opened_by), **WHY)
    decline(row.number, senior, now=None)

    late = staff.post(f"/requests/{row.number}/dispute/{name}/", {f"{name}-severity": "B", f"{name}-reason": "Yes."})

    assert (late.status_code, "Somebody has settled it meanwhile" in late.content.decode()) == (409, True)


def test_the_queue_marks_what_is_disputed(page_of):
    """SE-5"""
    row, _, staff = page_of
    assert "severity disputed" not in staff.get("/queue/").content.decode()
    dispute_severity(number=row.number, actor=factories.actor(row.opened_by), **WHY)

    assert "severity disputed" in staff.get("/queue/").content.decode()
    assert row.number in staff.get("/queue/?view=senior").content.decode()


def test_a_dispute_costs_the_page_of_a_request_one_query_and_the_queue_none(page_of):
    """STYLE section 5"""
    row, customer, staff = page_of
    pages = [(customer, f"/requests/{row.number}/"), (staff, f"/requests/{row.number}/"), (staff, "/queue/")]
    before = [cost_of(browser, address) for browser, address in pages]

    dispute_severity(number=row.number, actor=factories.actor(row.opened_by), **WHY)

    after = [cost_of(browser, address) for browser, address in pages]
    assert [many - few for many, few in zip(after, before, strict=True)] == [1, 1, 0]


def test_the_ladder_tells_of_the_hour_to_staff(page_of):
    """P-3"""
    row, _, staff = page_of
    dispute_severity(number=row.number, actor=factories.actor(row.opened_by), **WHY)

    page = staff.get(f"/requests/{row.number}/?tab=history").content.decode()

    assert "Disputed severity not settled" in page
    assert clock.now() < timer().due_at
