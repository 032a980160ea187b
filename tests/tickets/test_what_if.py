"""What a policy would have changed: history played again, under the version in force and under others."""

from datetime import timedelta

import pytest

from accounts.models import Subscription
from sla import selectors as sla
from sla.policy import Policy
from tests import factories
from tests.tickets import making
from tests.tickets.conftest import MONDAY
from tests.tickets.policies import capped, document, publish, publish_document
from tickets.models import Commitment
from tickets.replay import due_instants, recomputed
from tickets.selectors import what_if as module
from tickets.selectors.detail import commitments_of
from tickets.selectors.terms import calendar_of
from tickets.selectors.what_if import what_if
from tickets.services.closing import Ending, close_request, reopen_request
from tickets.services.conversation import reply_publicly
from tickets.services.severity import change_severity
from tickets.services.subscription import change_subscription
from tickets.services.sweeping import sweep

pytestmark = pytest.mark.django_db

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DESK = {
    "timezone": "Asia/Taipei",
    "windows": {str(day): [["09:00", "24:00"]] for day in range(7)},
    "holidays": ["2026-11-25"],
}


def regional(version):
    """The default with a desk of its own for Taiwan, billing as B at most, and hours for Enterprise B."""
    changed = capped("billing", "B", version=version)
    changed["calendars"] = {"desk": DESK}
    changed["regions"] = {"TW": "calendar:desk"}
    changed["rules"]["technical"]["enterprise"]["B"] = {"availability": "calendar:desk", "target": "PT20H"}
    changed["rules"]["technical"]["enterprise"]["C"] = {"availability": "business_hours", "target": "day+3"}
    changed["rules"]["billing"]["enterprise"]["B"] = {"availability": "calendar:desk", "target": "day+1"}
    return changed


@pytest.fixture
def lead(db):
    return factories.actor(factories.make_staff("team_lead", "billing_specialist"))


@pytest.fixture
def history(admin, lead, organisation):
    """A month of everything: raised, lowered, moved, reopened, answered late, closed unanswered, of two policies."""

    def change(filed, severity, now):
        change_severity(number=filed.number, actor=lead, severity=severity, reason="Seen again", now=now)

    def answer(filed, now):
        reply_publicly(number=filed.number, actor=lead, body="We are on it.", now=now)

    first = Subscription.objects.get(organisation=organisation)
    lesser = factories.make_subscription(organisation, "business_standard", reference="lesser")
    raised = making.filed(admin, severity="C", now=MONDAY)
    late = making.filed(admin, severity="A", now=MONDAY)
    publish_document(regional(2))
    change(raised, "B", MONDAY + HOUR)
    change(raised, "A", MONDAY + 2 * HOUR)
    answer(raised, MONDAY + 4 * HOUR)
    answer(late, MONDAY + 2 * HOUR)
    lowered = making.filed(admin, severity="A", now=MONDAY + HOUR)
    change(lowered, "C", MONDAY + HOUR + 10 * MINUTE)
    change(lowered, "B", MONDAY + 5 * HOUR)
    for hours in (12, 40, 90):
        making.filed(admin, severity="B", now=MONDAY + hours * HOUR)
    capped_one = making.filed(admin, severity="A", category="billing", service="", now=MONDAY + 3 * HOUR)
    close_request(number=capped_one.number, actor=admin, ending=Ending("withdrawn", ""), now=MONDAY + 6 * DAY)
    for moved in (making.filed(admin, severity="B", now=MONDAY + HOUR) for _ in range(2)):
        change_subscription(number=moved.number, actor=lead, subscription=lesser.reference, now=MONDAY + 3 * HOUR)
    change_subscription(number=moved.number, actor=lead, subscription=first.reference, now=MONDAY + 4 * HOUR)
    close_request(number=late.number, actor=lead, ending=Ending("solved", "Done."), now=MONDAY + DAY)
    reopen_request(number=late.number, actor=admin, reason="Again", now=MONDAY + 2 * DAY)
    sweep(now=MONDAY + 9 * DAY)
    return MONDAY + 9 * DAY


def cycles():
    """All promises, by cycle."""
    rows = list(Commitment.objects.select_related("calendar_version").order_by("request_id", "cycle", "revision"))
    keys = dict.fromkeys((row.request_id, row.cycle) for row in rows)
    return [[row for row in rows if (row.request_id, row.cycle) == key] for key in keys]


def test_every_promise_follows_from_the_version_that_it_was_made_under(history):
    """SLA-1, P-4"""
    for cycle in cycles():
        policy = sla.policy_version(cycle[0].policy_version_id).policy
        due = [row.due_at for row in cycle]

        assert due_instants(cycle, policy, calendar_of(cycle[0].calendar_version)) == due
        assert [recomputed(row, policy) for row in cycle] == due


def test_simulating_the_version_in_force_reproduces_history_exactly(history):
    """SLA-1, P-4: due instants and breaches of what was promised under it, and the very breaches on record."""
    result = what_if(sla.policy_in_force().policy, now=history)
    replayed = list(module.replay(sla.policy_in_force().policy, sla.policy_in_force().policy, now=history))

    assert (result.differ, result.breaches_more, result.breaches_fewer, result.changes) == (0, 0, 0, [])
    assert result.promises == Commitment.objects.count() == len(replayed) == 17
    assert {each.promise.policy_version for each in replayed} == {1, 2}
    for each in replayed:
        if each.promise.policy_version == 2:
            assert each.draft == each.in_force == each.recorded
    on_record = set(Commitment.objects.filter(breached_at__isnull=False).values_list("request__number", "due_at"))
    assert {(each.promise.number, each.recorded.due_at) for each in replayed if each.recorded.breached} == on_record
    assert len(on_record) >= 4


def test_the_outcome_on_record_is_the_one_that_the_request_shows(history):
    """P-4"""
    replayed = {
        (each.promise.number, each.promise.cycle, each.promise.revision): each.recorded.breached
        for each in module.replay(sla.policy_in_force().policy, sla.policy_in_force().policy, now=history)
    }
    for cycle in cycles():
        for standing in commitments_of(cycle[0].request, now=history):
            row = standing.row
            assert replayed[row.request.number, row.cycle, row.revision] is (standing.state == "breached")


def test_a_shorter_target_shows_the_breaches_that_it_would_have_brought(admin, lead):
    """SLA-1"""
    filed = making.filed(admin, severity="A", now=MONDAY)
    reply_publicly(number=filed.number, actor=lead, body="Looking", now=MONDAY + 40 * MINUTE)

    result = what_if(Policy.from_document(document(version=2, enterprise_a="PT30M")), now=MONDAY + DAY)

    (change,) = result.changes
    assert (result.differ, result.breaches_more, result.breaches_fewer) == (1, 1, 0)
    assert (change.number, change.would_be_due) == (filed.number, MONDAY + 30 * MINUTE)
    assert (result.breaches["A"].recorded, result.breaches["A"].draft) == (0, 1)
    assert result.shifts["earlier"] == 1


def test_an_answer_at_the_due_instant_of_the_draft_would_have_kept_it(admin, lead):
    """SLA-1: at the deadline is in time, one microsecond later is not."""
    for late in (timedelta(0), timedelta(microseconds=1)):
        filed = making.filed(admin, severity="A", now=MONDAY)
        reply_publicly(number=filed.number, actor=lead, body="Looking", now=MONDAY + 30 * MINUTE + late)

    result = what_if(Policy.from_document(document(version=2, enterprise_a="PT30M")), now=MONDAY + DAY)

    assert (result.differ, result.breaches_more) == (2, 1)


def test_what_older_versions_promised_is_compared_with_the_one_in_force(admin):
    """SLA-1: a draft that says what is in force changes nothing, though the record says otherwise."""
    making.filed(admin, severity="A", now=MONDAY)
    publish(version=2, enterprise_a="PT30M")

    result = what_if(Policy.from_document(document(version=3, enterprise_a="PT30M")), now=MONDAY + DAY)

    assert (result.older, result.differ) == (1, 0)
    assert (result.breaches["A"].recorded, result.breaches["A"].in_force, result.breaches["A"].draft) == (1, 1, 1)


def test_a_promise_gained_and_one_lost_are_counted_as_such(admin):
    """SLA-6: no promise is no far-away date."""
    making.filed(admin, severity="C", now=MONDAY)
    making.filed(admin, severity="A", now=MONDAY)
    changed = document(version=2)
    column = changed["rules"]["technical"]["enterprise"]
    column["A"]["target"], column["C"]["target"] = "none", "PT8H"

    result = what_if(Policy.from_document(changed), now=MONDAY + HOUR)

    assert (result.shifts["gained"], result.shifts["lost"], result.differ) == (1, 1, 2)


def test_a_cap_of_the_draft_counts_and_is_named(admin):
    """Settled point 7"""
    making.filed(admin, severity="A", now=MONDAY)
    draft = Policy.from_document(capped("technical", "B", version=2))

    (change,) = what_if(draft, now=MONDAY + HOUR).changes

    assert (change.severity, change.counts_as) == ("A", "B")


def test_only_the_last_30_days_count(admin):
    making.filed(admin, severity="A", now=MONDAY)
    draft = Policy.from_document(document(version=2, enterprise_a="PT30M"))

    assert what_if(draft, now=MONDAY + 30 * DAY - MINUTE).promises == 1
    assert what_if(draft, now=MONDAY + 30 * DAY).promises == 0
    assert what_if(draft, now=MONDAY - MINUTE).promises == 0


def test_beyond_the_limit_the_newest_are_looked_at_and_the_rest_is_owned_up_to(admin, lead, monkeypatch):
    monkeypatch.setattr(module, "MOST_PROMISES", 3)
    filed = [making.filed(admin, severity="C", now=MONDAY + each * HOUR) for each in range(3)]
    change_severity(number=filed[0].number, actor=lead, severity="B", reason="Seen again", now=MONDAY + DAY)

    result = what_if(sla.policy_in_force().policy, now=MONDAY + 2 * DAY)

    assert (result.promises, result.total, result.is_complete) == (2, 4, False)


def test_many_changes_of_severity_take_no_more_than_their_number(admin, lead, django_assert_max_num_queries):
    """A raise looks at what was promised before it, once."""
    filed = making.filed(admin, severity="C", now=MONDAY)
    for turn in range(30):
        severity = "AC"[turn % 2]
        change_severity(number=filed.number, actor=lead, severity=severity, reason="To and fro", now=MONDAY + MINUTE)
    row = Commitment.objects.get(request=filed, revision=30)

    with django_assert_max_num_queries(3):
        recomputed(row, sla.policy_in_force().policy)
    with django_assert_max_num_queries(5):
        assert what_if(sla.policy_in_force().policy, now=MONDAY + HOUR).promises == 31


def test_a_comparison_is_kept_and_read_again(history):
    result = what_if(Policy.from_document(document(version=3, enterprise_a="PT30M")), now=history)

    assert type(result).from_document(result.as_document()) == result
