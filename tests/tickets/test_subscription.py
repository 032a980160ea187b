"""Another subscription: another tier, and another promise, on record."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.errors import NotPermitted, SubscriptionNotFound
from accounts.models import Delivery, Event, Person
from sla.commitments import CommitmentState
from tests import factories
from tests.tickets import making
from tests.tickets.conftest import MONDAY
from tests.tickets.policies import publish
from tickets.errors import IllegalTransition
from tickets.models import Commitment, ServiceRequest, Timer
from tickets.selectors.detail import commitments_of
from tickets.services.conversation import reply_publicly
from tickets.services.severity import change_severity
from tickets.services.subscription import change_subscription
from tickets.services.sweeping import sweep
from tickets.verification import faults

MICROSECOND, MINUTE, HOUR, DAY = timedelta(microseconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
END_OF_TUESDAY = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)  # midnight in Taipei
END_OF_WEDNESDAY = END_OF_TUESDAY + DAY


@pytest.fixture
def business(organisation):
    """A second subscription, of a Business plan."""
    return factories.make_subscription(organisation, "business_standard", reference="business")


@pytest.fixture
def impaired(admin):
    """A B about the Enterprise plan, due by the end of Tuesday."""
    return making.filed(admin, severity="B", now=MONDAY)


def promises(service_request):
    """Tier, reason and due instant of its promises, oldest first."""
    rows = Commitment.objects.filter(request=service_request).order_by("cycle", "revision")
    return [(row.tier, row.reason, row.due_at) for row in rows]


def states(service_request, *, now):
    """How its promises stand, oldest first."""
    return [standing.state for standing in reversed(commitments_of(service_request, now=now))]


def test_a_plan_that_promises_more_counts_from_the_change(admin, engineer, organisation, business):
    """SLA-5, settled point 2"""
    about_business = making.filed(admin, severity="B", subscription="business", now=MONDAY)
    enterprise = organisation.subscriptions.exclude(reference="business").get().reference

    changed = change_subscription(
        number=about_business.number, actor=engineer, subscription=enterprise, now=MONDAY + DAY
    )

    assert promises(changed) == [("business", "filed", None), ("enterprise", "subscription", END_OF_WEDNESDAY)]
    assert (changed.tier, changed.due_at, changed.queue_at) == ("enterprise", END_OF_WEDNESDAY, END_OF_WEDNESDAY)
    assert set(Timer.objects.filter(kind="attention").values_list("state", "cause")) == {("cancelled", "subscription")}
    assert Timer.objects.filter(kind="response", state="waiting").count() == 4
    assert not list(faults())


def test_a_plan_that_promises_less_hides_no_breach(impaired, engineer, business):
    """Settled point 1: the old promise is watched until its own due instant."""
    now = END_OF_TUESDAY - MINUTE
    changed = change_subscription(number=impaired.number, actor=engineer, subscription="business", now=now)
    assert promises(changed) == [("enterprise", "filed", END_OF_TUESDAY), ("business", "subscription", None)]
    assert changed.due_at is None

    late = END_OF_TUESDAY + MICROSECOND
    assert states(impaired, now=END_OF_TUESDAY) == [CommitmentState.SUPERSEDED, CommitmentState.NONE]
    assert states(impaired, now=late) == [CommitmentState.BREACHED, CommitmentState.NONE]
    sweep(now=END_OF_TUESDAY + MINUTE)

    assert Commitment.objects.get(tier="enterprise").breached_at == END_OF_TUESDAY
    assert not list(faults())


@pytest.mark.parametrize("late", [timedelta(0), MICROSECOND])
def test_an_answer_settles_the_promise_that_was_taken_away(impaired, engineer, business, late):
    """Settled point 1: at its due instant in time, one microsecond later not."""
    change_subscription(number=impaired.number, actor=engineer, subscription="business", now=MONDAY + HOUR)
    reply_publicly(number=impaired.number, actor=engineer, body="We are on it.", now=END_OF_TUESDAY + late)

    assert bool(Commitment.objects.get(tier="enterprise").breached_at) == bool(late)
    assert not list(faults())


def test_changing_it_after_the_due_instant_records_the_breach(impaired, engineer, business):
    """P-4"""
    change_subscription(number=impaired.number, actor=engineer, subscription="business", now=END_OF_TUESDAY + HOUR)

    assert Commitment.objects.get(tier="enterprise").breached_at == END_OF_TUESDAY
    assert not list(faults())


def test_to_and_fro_gives_back_what_was_promised_first(impaired, engineer, organisation, business):
    """Settled point 2: never behind an earlier promise of the cycle."""
    enterprise = organisation.subscriptions.exclude(reference="business").get().reference
    for subscription, hours in (("business", 1), (enterprise, 20)):
        now = MONDAY + hours * HOUR
        changed = change_subscription(number=impaired.number, actor=engineer, subscription=subscription, now=now)

    assert changed.due_at == END_OF_TUESDAY
    change_severity(number=impaired.number, actor=engineer, severity="A", reason="All.", now=MONDAY + 21 * HOUR)
    assert [due_at for _, _, due_at in promises(impaired)][-1] == MONDAY + 22 * HOUR
    assert not list(faults())


def test_a_cycle_keeps_its_policy(impaired, engineer, business):
    """SLA-1"""
    publish(version=2, enterprise_b="PT2H")
    change_subscription(number=impaired.number, actor=engineer, subscription="business", now=MONDAY + HOUR)

    assert set(Commitment.objects.values_list("policy_version", flat=True)) == {1}


def test_elevated_support_is_found_anew(impaired, engineer, organisation, business):
    """SLA-5: a contract that began since."""
    factories.make_elevated_contract(organisation, starts_at=MONDAY + MINUTE)

    now = MONDAY + HOUR
    changed = change_subscription(number=impaired.number, actor=engineer, subscription="business", now=now)

    assert promises(changed)[-1] == ("elevated", "subscription", now + 2 * HOUR)


def test_a_contract_that_has_ended_hides_no_breach_of_what_it_promised(admin, engineer, organisation, business):
    """SLA-5, settled point 1: a later instant is a lesser promise."""
    contract = factories.make_elevated_contract(organisation)
    enterprise = organisation.subscriptions.exclude(reference="business").get().reference
    filed = making.filed(admin, severity="B", subscription="business", now=MONDAY)
    contract.ends_at = MONDAY + MINUTE
    contract.save()

    changed = change_subscription(number=filed.number, actor=engineer, subscription=enterprise, now=MONDAY + HOUR)

    assert promises(changed)[-1] == ("enterprise", "subscription", END_OF_TUESDAY)
    assert states(filed, now=MONDAY + 2 * HOUR + MICROSECOND) == [CommitmentState.BREACHED, CommitmentState.RUNNING]
    sweep(now=MONDAY + 3 * HOUR)
    assert Commitment.objects.get(tier="elevated").breached_at == MONDAY + 2 * HOUR
    assert not list(faults())


def test_an_untaken_a_is_watched_on_without_a_new_start(open_request, engineer, organisation):
    """Settled point 3: its severity has not changed."""
    factories.make_subscription(organisation, "office_365_f1", reference="frontline")
    change_subscription(number=open_request.number, actor=engineer, subscription="frontline", now=MONDAY + 8 * MINUTE)

    assert Timer.objects.get(kind="untaken").due_at == MONDAY + 10 * MINUTE


def test_after_the_first_response_the_promise_stays(impaired, engineer, business):
    """Settled point 2"""
    reply_publicly(number=impaired.number, actor=engineer, body="We are on it.", now=MONDAY + HOUR)
    changed = change_subscription(number=impaired.number, actor=engineer, subscription="business", now=MONDAY + DAY)

    assert (changed.subscription, changed.tier) == (business, "business")
    assert len(promises(changed)) == 1


def test_admins_may_until_the_first_response_and_engineers_are_not_bound_by_it(impaired, admin, engineer, business):
    """RO-1"""
    reader = factories.actor(factories.make_person(business.organisation, "reader"))
    common = {"number": impaired.number, "subscription": "business"}
    with pytest.raises(NotPermitted):
        change_subscription(**common, actor=reader, now=MONDAY)
    change_subscription(**common, actor=admin, now=MONDAY + MINUTE)
    reply_publicly(number=impaired.number, actor=engineer, body="We are on it.", now=MONDAY + HOUR)

    with pytest.raises(IllegalTransition):
        change_subscription(**common, actor=admin, now=MONDAY + HOUR)

    assert Event.objects.get(kind="subscription_changed").actor_id == admin.person_id


@pytest.mark.parametrize("which", ["missing", "foreign", "ended"])
def test_only_a_running_subscription_of_the_organisation_will_do(impaired, engineer, organisation, which):
    """P-5"""
    factories.make_subscription(factories.make_organisation(), reference="foreign")
    factories.make_subscription(organisation, reference="ended", ends_at=MONDAY)

    with pytest.raises(SubscriptionNotFound):
        change_subscription(number=impaired.number, actor=engineer, subscription=which, now=MONDAY)

    assert not Event.objects.filter(kind="subscription_changed").exists()


def test_the_other_side_is_told(impaired, admin, engineer, business):
    """P-10"""
    change_subscription(number=impaired.number, actor=engineer, subscription="business", now=MONDAY + HOUR)

    notice = Delivery.objects.filter(notice="subscription_changed", channel="portal").get()
    assert notice.person_id == admin.person_id


# ── The page and the API ────────────────────────────────────────────────────────────────────────────────────────────


def browser_of(actor):
    """A signed-in browser of this actor's person."""
    return factories.browser_of(Person.objects.get(pk=actor.person_id))


def test_the_page_offers_running_subscriptions_and_sets_the_chosen_one(admin, organisation, business):
    """P-5, CH-2"""
    factories.make_subscription(factories.make_organisation(), reference="foreign")
    filed = making.filed(admin, severity="B")
    browser, address = browser_of(admin), f"/requests/{filed.number}/subscription/"

    text = browser.get(address).content.decode()
    assert "(business)" in text
    assert "foreign" not in text
    assert browser.post(address, {"subscription": "foreign"}).status_code == 400
    answer = browser.post(address, {"subscription": "business"})

    assert (answer.status_code, answer.url) == (302, f"/requests/{filed.number}/")
    assert ServiceRequest.objects.get().subscription == business


def test_the_page_says_why_it_cannot_be_done_any_more(admin, engineer, business):
    """RO-1"""
    filed = making.filed(admin, severity="B")
    reply_publicly(number=filed.number, actor=engineer, body="We are on it.")
    page = f"/requests/{filed.number}/"

    assert "Change the subscription" not in browser_of(admin).get(page).content.decode()
    assert "Change the subscription" in browser_of(engineer).get(page).content.decode()
    assert browser_of(admin).post(f"{page}subscription/", {"subscription": "business"}).status_code == 409


def test_the_api_changes_subscription_and_contact_at_once_or_neither(admin, organisation, business):
    """Settled point 11, SLA-5"""
    filed = making.filed(admin, severity="B")
    api = factories.api_of(Person.objects.get(pk=admin.person_id))
    address = f"/api/v1/service-requests/{filed.number}/"

    def patch(**body):
        return api.patch(address, body, format="json", headers={"If-Match": api.get(address)["ETag"]})

    refused = patch(subscription="business", primary_contact="nobody@example.com")
    assert (refused.status_code, ServiceRequest.objects.get().tier) == (400, "enterprise")
    assert patch(subscription="missing").status_code == 404
    changed = patch(subscription="business", contact={"phone": "+886 2 5550 0199"})

    assert changed.status_code == 200
    assert changed.json()["commitment"]["state"] == "none"
    assert ServiceRequest.objects.get().contact_phone == "+886 2 5550 0199"
