"""A policy that treats a kind of support as B at most: at filing, at a change of severity and at reopening."""

import pytest

from accounts.models import Event, Person
from tests import factories
from tests.tickets import making
from tests.tickets.conftest import MONDAY
from tests.tickets.policies import capped, publish_document
from tickets.errors import SeverityCapped
from tickets.models import Commitment, SeverityDecision
from tickets.services.closing import Ending, close_request, reopen_request
from tickets.services.severity import change_severity
from tickets.verification import faults

pytestmark = pytest.mark.django_db


@pytest.fixture
def specialist(db):
    """Somebody who works on billing requests."""
    return factories.actor(factories.make_staff("billing_specialist", "team_lead"))


def severities_promised(service_request):
    return list(Commitment.objects.filter(request=service_request).order_by("id").values_list("severity", flat=True))


def test_what_is_filed_counts_as_the_cap_at_most(admin):
    """SE-1; settled point 7"""
    publish_document(capped("billing", "B", version=2))

    service_request = making.filed(admin, category="billing", service="", now=MONDAY)

    assert service_request.severity == "B"
    assert severities_promised(service_request) == ["B"]
    assert [fault.problem for fault in faults()] == []


def test_nobody_raises_a_request_above_the_cap_that_it_was_promised_under(admin, specialist):
    """SE-5; settled point 7"""
    publish_document(capped("billing", "B", version=2))
    service_request = making.filed(admin, category="billing", service="", now=MONDAY)

    with pytest.raises(SeverityCapped) as refusal:
        change_severity(
            number=service_request.number, actor=specialist, severity="A", reason="It is urgent", now=MONDAY
        )

    service_request.refresh_from_db()
    assert (refusal.value.cap, service_request.severity) == ("B", "B")
    assert severities_promised(service_request) == ["B"]


def test_up_to_the_cap_a_severity_can_be_raised(admin, specialist):
    """SE-5"""
    publish_document(capped("billing", "B", version=2))
    service_request = making.filed(admin, severity="C", category="billing", service="", now=MONDAY)

    change_severity(number=service_request.number, actor=specialist, severity="B", reason="It is urgent", now=MONDAY)

    assert severities_promised(service_request) == ["C", "B"]


def test_a_request_reopened_under_a_cap_is_lowered_to_it_on_record(admin, specialist):
    """SE-5, CH-4: a new cycle is promised under the policy in force then."""
    service_request = making.filed(admin, category="billing", service="", now=MONDAY)
    close_request(number=service_request.number, actor=specialist, ending=Ending("solved", "Paid."), now=MONDAY)
    publish_document(capped("billing", "B", version=2))

    reopened = reopen_request(number=service_request.number, actor=admin, now=MONDAY)

    reopened.refresh_from_db()
    assert (reopened.severity, severities_promised(reopened)) == ("B", ["A", "B"])
    last = SeverityDecision.objects.filter(request=reopened).latest("id")
    assert (last.source, last.previous, last.severity) == ("engine", "A", "B")
    changed = Event.objects.get(number=reopened.number, kind="severity_changed")
    assert changed.data.items() >= {"from": "A", "to": "B", "policy_version": 2}.items()


def test_the_page_and_the_api_say_what_the_cap_is(admin):
    """SE-1; settled point 7"""
    publish_document(capped("billing", "B", version=2))
    person = Person.objects.get(pk=admin.person_id)
    sent = {"subject": "A bill", "description": "Nobody can pay, everything is down.", "category": "billing"}

    told = factories.api_of(person).post("/api/v1/service-requests/", sent).json()
    previewed = factories.api_of(person).post("/api/v1/service-requests/preview/", sent).json()
    page = factories.browser_of(person).get(f"/requests/{told['number']}/").content.decode()

    assert told["commitment"]["severity_cap"] == previewed["commitment"]["severity_cap"] == "B"
    assert "is treated as B at most" in page


def test_without_a_cap_none_is_told(admin):
    """Settled point 7"""
    person = Person.objects.get(pk=admin.person_id)
    sent = {"subject": "A bill", "description": "What is this for?", "category": "billing"}

    told = factories.api_of(person).post("/api/v1/service-requests/", sent).json()

    assert told["commitment"]["severity_cap"] is None


def test_the_api_refuses_a_severity_above_the_cap(admin):
    """SE-5; settled point 7"""
    publish_document(capped("technical", "B", version=2))
    factories.make_elevated_contract(admin_organisation := Person.objects.get(pk=admin.person_id).organisation)
    service_request = making.filed(admin, now=None)
    person = Person.objects.get(organisation=admin_organisation)

    answer = factories.api_of(person).post(
        f"/api/v1/service-requests/{service_request.number}/severity/", {"severity": "A", "reason": "It is worse"}
    )

    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[-1].rsplit("#", 1)[-1]) == (409, "severity-capped")
