"""Promises of a first response: made at filing, revised with the severity, kept or broken."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Event
from sla.commitments import CommitmentState
from tests import factories
from tests.tickets import making
from tests.tickets.conftest import MONDAY
from tests.tickets.policies import publish
from tickets.errors import ReasonRequired, SeverityNotPermitted
from tickets.filing import Contact
from tickets.models import Commitment, ServiceRequest, SeverityDecision, Timer
from tickets.selectors.detail import commitments_of
from tickets.services.closing import Ending, close_request
from tickets.services.conversation import add_customer_message, add_internal_note, log_call, reply_publicly
from tickets.services.filing import file_request
from tickets.services.severity import change_severity
from tickets.services.sweeping import sweep

MICROSECOND = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
END_OF_TUESDAY = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)  # midnight in Taipei

# SLA-1, cell by cell: availability, target, and the due instant of what is filed on Monday at 10:00 in Taipei.
CELLS = {
    ("business_standard", "A"): ("always", "PT1H", MONDAY + HOUR),
    ("business_standard", "B"): ("business_hours", "none", None),
    ("business_standard", "C"): ("business_hours", "none", None),
    ("office_365_e3", "A"): ("always", "PT1H", MONDAY + HOUR),
    ("office_365_e3", "B"): ("always", "next_day", END_OF_TUESDAY),
    ("office_365_e3", "C"): ("always", "none", None),
    ("office_365_f1", "A"): ("always", "PT1H", MONDAY + HOUR),
    ("office_365_f1", "B"): ("always", "next_day", END_OF_TUESDAY),
    ("office_365_f1", "C"): ("always", "none", None),
    ("elevated", "A"): ("always", "PT1H", MONDAY + HOUR),
    ("elevated", "B"): ("always", "PT2H", MONDAY + 2 * HOUR),
    ("elevated", "C"): ("always", "PT4H", MONDAY + 4 * HOUR),
}


def states(service_request, *, now):
    """The states of its promises, oldest first."""
    return [standing.state for standing in reversed(commitments_of(service_request, now=now))]


@pytest.fixture
def elevated(organisation):
    """Premier support for the organisation."""
    return factories.make_elevated_contract(organisation)


@pytest.mark.django_db
@pytest.mark.parametrize(("plan", "severity"), CELLS)
def test_every_cell_of_the_response_table_is_promised_at_filing(plan, severity):
    """SLA-1, SLA-5, SLA-6"""
    organisation = factories.make_organisation()
    code = "office_365_e3" if plan == "elevated" else plan
    factories.make_subscription(organisation, code)
    if plan == "elevated":
        factories.make_elevated_contract(organisation)
    admin = factories.actor(factories.make_person(organisation, "global_admin"))

    service_request = making.filed(admin, severity=severity, now=MONDAY)

    commitment = Commitment.objects.get(request=service_request)
    assert (commitment.severity, commitment.policy_version_id) == (severity, 1)
    assert (commitment.availability, commitment.target, commitment.due_at) == CELLS[plan, severity]
    assert service_request.due_at == commitment.due_at


@pytest.mark.django_db
@pytest.mark.parametrize(("trial", "plan"), [(True, "business_basic"), (False, "exchange_online_plan_1")])
def test_trials_and_standalone_plans_are_handled_as_the_table_says(trial, plan):
    """SLA-2, CH-2: a trial counts as its plan, a standalone plan as Enterprise."""
    organisation = factories.make_organisation()
    factories.make_subscription(organisation, plan, trial=trial)
    admin = factories.actor(factories.make_person(organisation, "global_admin"))

    service_request = making.filed(admin, severity="B", now=MONDAY)

    assert service_request.tier == ("business" if trial else "enterprise")
    assert service_request.due_at == (None if trial else END_OF_TUESDAY)


def test_no_commitment_has_no_deadline(admin):
    """SLA-6, P-3: only the desk's own attention is called to it."""
    service_request = making.filed(admin, severity="C", now=MONDAY)

    assert states(service_request, now=MONDAY + timedelta(days=400)) == [CommitmentState.NONE]
    assert set(Timer.objects.values_list("kind", "commitment")) == {("attention", None)}


@pytest.mark.parametrize(
    ("late", "state"), [(timedelta(0), CommitmentState.KEPT), (MICROSECOND, CommitmentState.BREACHED)]
)
def test_a_reply_at_exactly_the_due_instant_keeps_the_promise(open_request, engineer, late, state):
    """SLA-1: and one microsecond later does not."""
    now = open_request.due_at + late

    reply_publicly(number=open_request.number, actor=engineer, body="We are on it.", now=now)

    assert states(open_request, now=now) == [state]
    assert Event.objects.filter(kind="commitment_breached").exists() == bool(late)
    assert Commitment.objects.get().breached_at == (open_request.due_at if late else None)


@pytest.mark.parametrize("act", ["note", "severity", "customer"])
def test_what_is_no_response_does_not_stop_the_clock(open_request, admin, engineer, act):
    """SLA-1: notes, changes of severity and the customer's own words are no response."""
    number, now = open_request.number, MONDAY + timedelta(minutes=5)
    if act == "note":
        add_internal_note(number=number, actor=engineer, body="Looks like transport.", now=now)
    elif act == "severity":
        change_severity(number=number, actor=engineer, severity="B", reason="One site only.", now=now)
    else:
        add_customer_message(number=number, actor=admin, body="Still down.", now=now)

    assert ServiceRequest.objects.get().responded_at is None
    assert Commitment.objects.filter(end="").count() == 1


def test_a_logged_call_is_a_response(open_request, engineer):
    """SLA-1, CH-3"""
    log_call(number=open_request.number, actor=engineer, body="Spoke to the admin.", now=MONDAY + HOUR)

    assert states(open_request, now=MONDAY + HOUR) == [CommitmentState.KEPT]


def test_raising_the_severity_gives_the_earlier_of_both_promises(admin, engineer):
    """Settled point 2"""
    service_request = making.filed(admin, severity="B", now=MONDAY)
    soon, late = MONDAY + 2 * HOUR, END_OF_TUESDAY - timedelta(minutes=10)

    for changed_at, due_at in ((soon, soon + HOUR), (late, END_OF_TUESDAY)):
        number = making.filed(admin, severity="B", now=MONDAY).number
        raised = change_severity(number=number, actor=engineer, severity="A", reason="Everyone now.", now=changed_at)
        assert raised.due_at == due_at
    assert service_request.due_at == END_OF_TUESDAY


def test_lowering_cannot_hide_a_breach(open_request, engineer):
    """Settled point 1: the promise that was lowered away is watched to its own due instant."""
    change_severity(
        number=open_request.number, actor=engineer, severity="B", reason="Fewer people.", now=MONDAY + 59 * HOUR / 60
    )
    due_at = MONDAY + HOUR

    assert states(open_request, now=due_at) == [CommitmentState.SUPERSEDED, CommitmentState.RUNNING]
    assert states(open_request, now=due_at + MICROSECOND) == [CommitmentState.BREACHED, CommitmentState.RUNNING]
    sweep(now=due_at + timedelta(minutes=1))
    assert Commitment.objects.get(severity="A").breached_at == due_at
    assert Event.objects.get(kind="commitment_breached").at == due_at


def test_a_response_in_time_settles_the_promise_that_was_lowered_away(open_request, engineer):
    """Settled point 1"""
    change_severity(number=open_request.number, actor=engineer, severity="B", reason="Fewer people.", now=MONDAY)
    reply_publicly(number=open_request.number, actor=engineer, body="We are on it.", now=MONDAY + HOUR)

    sweep(now=MONDAY + timedelta(days=3))

    assert states(open_request, now=MONDAY + timedelta(days=3)) == [CommitmentState.SUPERSEDED, CommitmentState.KEPT]
    assert not Event.objects.filter(kind="commitment_breached").exists()


def test_a_cycle_keeps_its_policy_when_the_severity_changes(open_request, engineer):
    """SLA-1, settled point 2"""
    publish(version=2, enterprise_b="PT2H")
    lowered = change_severity(number=open_request.number, actor=engineer, severity="B", reason="Fewer.", now=MONDAY)

    assert lowered.due_at == END_OF_TUESDAY
    assert set(Commitment.objects.values_list("policy_version", flat=True)) == {1}


def test_a_later_policy_counts_from_the_next_request(admin):
    """SLA-1"""
    before = making.filed(admin, severity="B", now=MONDAY)
    publish(version=2, enterprise_b="PT2H")
    after = making.filed(admin, severity="B", now=MONDAY)

    assert (before.due_at, after.due_at) == (END_OF_TUESDAY, MONDAY + 2 * HOUR)


def test_after_the_first_response_a_change_of_severity_makes_no_new_promise(open_request, engineer):
    """Settled point 2"""
    reply_publicly(number=open_request.number, actor=engineer, body="We are on it.", now=MONDAY)

    change_severity(number=open_request.number, actor=engineer, severity="C", reason="Solved mostly.", now=MONDAY)

    assert Commitment.objects.count() == 1


def test_only_elevated_support_sets_its_own_severity(open_request, organisation, admin):
    """SE-5"""
    reference = organisation.subscriptions.get().reference

    with pytest.raises(SeverityNotPermitted):
        change_severity(number=open_request.number, actor=admin, severity="B", reason="Calmer now.", now=MONDAY)
    with pytest.raises(SeverityNotPermitted):
        file_request(actor=admin, filing=making.filing(severity="B", subscription=reference), now=MONDAY)
    assert ServiceRequest.objects.count() == 1


def test_elevated_support_sets_no_severity_of_billing_requests(elevated, admin):
    """SE-5, SLA-5: neither at filing nor later; the elevated column is one of technical requests."""
    billing = making.filed(admin, category="billing", service="", now=MONDAY)

    with pytest.raises(SeverityNotPermitted):
        change_severity(number=billing.number, actor=admin, severity="B", reason="We are in a hurry.", now=MONDAY)


def test_elevated_support_claims_a_severity_and_both_are_kept(elevated, organisation, admin):
    """SE-5"""
    form = making.filing(**making.QUESTION, severity="B", subscription=organisation.subscriptions.get().reference)

    service_request = file_request(actor=admin, filing=form, now=MONDAY)

    assert (service_request.severity, service_request.due_at) == ("B", MONDAY + 2 * HOUR)
    decisions = SeverityDecision.objects.order_by("id").values_list("source", "severity", "actor")
    assert list(decisions) == [("engine", "C", None), ("customer", "B", admin.person_id)]


def test_a_change_of_severity_needs_a_reason(open_request, engineer):
    """SE-5"""
    with pytest.raises(ReasonRequired):
        change_severity(number=open_request.number, actor=engineer, severity="B", reason="  ", now=MONDAY)


def test_every_change_is_kept_with_who_when_and_why(open_request, engineer):
    """SE-5, P-10"""
    change_severity(number=open_request.number, actor=engineer, severity="B", reason="One site only.", now=MONDAY)

    decision = SeverityDecision.objects.get(source="engineer")
    assert (decision.previous, decision.severity, decision.reason) == ("A", "B", "One site only.")
    assert (decision.actor_id, decision.at) == (engineer.person_id, MONDAY)
    assert Event.objects.get(kind="severity_changed").data == {"from": "A", "to": "B"}


def test_a_close_before_any_response_counts_as_one_for_engineers(open_request, engineer):
    """DESIGN, life of a request"""
    ending = Ending("solved", "Fixed.")
    close_request(number=open_request.number, actor=engineer, ending=ending, now=open_request.due_at)

    assert states(open_request, now=MONDAY + timedelta(days=1)) == [CommitmentState.KEPT]


def test_raising_to_a_asks_for_a_phone_number_that_nobody_gave(admin, engineer):
    """Settled point 10: at once, and nothing waits for it."""
    number = making.filed(admin, severity="B", contact=Contact(), now=MONDAY).number

    raised = change_severity(number=number, actor=engineer, severity="A", reason="Everyone.", now=MONDAY)

    assert raised.phone_missing
    assert Event.objects.get(kind="phone_needed").deliveries.filter(notice="phone_needed").exists()
