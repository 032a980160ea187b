"""Disputes of a severity over the API (SE-5)."""

import pytest

from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import QUEUE, code_of, path_of, pointers_of, queries
from tickets.models import ServiceRequest, SeverityDispute

WHY = {"severity": "B", "statement": "Only the branch in Tainan is affected."}


@pytest.fixture
def senior(db):
    """A program of a senior engineer."""
    return factories.api_of(factories.make_staff("senior_engineer", name="Aiko Sato"))


def test_a_dispute_is_made_once_however_often_the_call_is_sent(api, open_request):
    """SE-5, P-2"""
    path, keyed = path_of(open_request.number, "dispute"), {"Idempotency-Key": "k"}
    made, again = (api.post(path, WHY, headers=keyed) for _ in range(2))
    second = api.post(path, {"severity": "C", "statement": "And less."})

    assert (made.status_code, made.json()) == (201, again.json())
    assert (made.json()["state"], made.json()["disputed"], made.json()["asked"]) == ("open", "A", "B")
    assert made["ETag"] == '"2"'
    assert (second.status_code, code_of(second)) == (409, "severity-disputed-already")
    assert SeverityDispute.objects.count() == 1


def test_the_request_tells_of_the_dispute_and_of_every_decision(api, staff, senior, open_request):
    """SE-5; and the target is for support staff alone"""
    shown = api.get(path_of(open_request.number)).json()
    assert (shown["severity"], shown["dispute"]) == ("A", None)
    assert [row["source"] for row in shown["severity_decisions"]] == ["engine"]
    assert shown["severity_decisions"][0]["engine_version"]

    made = api.post(path_of(open_request.number, "dispute"), WHY).json()
    theirs, ours = (caller.get(path_of(open_request.number)).json() for caller in (api, staff))

    assert theirs["dispute"] == made
    assert (theirs["severity"], theirs["desk"]) == ("A", None)
    assert ours["desk"]["dispute_due_at"] == staff.get(QUEUE).json()["results"][0]["dispute_due_at"]
    assert ours["desk"]["dispute_due_at"]
    assert "due" not in " ".join(theirs["dispute"])
    settled = {"accepted": True, "reason": "One branch."}
    senior.post(path_of(open_request.number, "dispute", "settle"), settled)
    last = api.get(path_of(open_request.number)).json()["severity_decisions"][-1]
    assert {**last, "at": None} == {
        "severity": "B",
        "previous": "A",
        "source": "engineer",
        "actor": {"name": "Aiko Sato"},
        "on_behalf_of": None,
        "reason": "One branch.",
        "engine_version": None,
        "at": None,
    }


@pytest.mark.parametrize(
    ("body", "state", "severity"),
    [
        ({"accepted": True, "reason": "One branch."}, "agreed", "B"),
        ({"accepted": True, "severity": "C", "reason": "A question."}, "agreed", "C"),
        ({"accepted": False, "reason": "Kaohsiung reports the same."}, "declined", "A"),
    ],
)
def test_a_senior_engineer_settles_it(api, senior, open_request, body, state, severity):
    """SE-5"""
    api.post(path_of(open_request.number, "dispute"), WHY)
    path = path_of(open_request.number, "dispute", "settle")

    settled = senior.post(path, body)
    late = senior.post(path, body)

    assert (settled.status_code, settled.json()["state"], settled.json()["reason"]) == (200, state, body["reason"])
    assert settled.json()["severity"] == (None if state == "declined" else severity)
    assert settled["ETag"] == f'"{ServiceRequest.objects.get().version}"'
    shown = api.get(path_of(open_request.number)).json()
    assert (shown["severity"], shown["dispute"]["state"]) == (severity, state)
    assert (late.status_code, code_of(late)) == (409, "no-dispute")


def test_engineers_do_not_settle_and_staff_do_not_dispute(api, staff, senior, open_request):
    """RO-1, RO-3"""
    api.post(path_of(open_request.number, "dispute"), WHY)
    answer = {"accepted": False, "reason": "No."}

    for caller in (staff, api):
        refused = caller.post(path_of(open_request.number, "dispute", "settle"), answer)
        assert (refused.status_code, code_of(refused)) == (403, "not-permitted")
    refused = senior.post(path_of(open_request.number, "dispute"), WHY)
    assert (refused.status_code, code_of(refused)) == (403, "not-permitted")


def test_elevated_support_is_led_from_the_severity_to_the_dispute(api, staff, organisation, admin_person):
    """SE-5: both sides of the first response"""
    factories.make_elevated_contract(organisation)
    number = making.filed(factories.actor(admin_person)).number
    assert code_of(api.post(path_of(number, "dispute"), WHY)) == "severity-not-disputed"
    assert api.post(path_of(number, "severity"), {"severity": "B", "reason": "Calmer."}).status_code == 200
    staff.post(path_of(number, "messages"), {"body": "We are on it."})

    refused = api.post(path_of(number, "severity"), {"severity": "A", "reason": "Worse."})

    assert (refused.status_code, code_of(refused)) == (409, "severity-by-request")
    assert "Dispute the severity instead" in refused.json()["detail"]
    assert set(api.get(path_of(number)).json()["may"]) & {"set_severity", "dispute_severity"} == {"dispute_severity"}
    assert api.post(path_of(number, "dispute"), {"severity": "A", "statement": "All of us."}).status_code == 201


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({**WHY, "severity": "D"}, 400, "#/severity"),
        ({"severity": "B"}, 400, "#/statement"),
        ({**WHY, "statement": ""}, 400, "#/statement"),
        ({**WHY, "statement": "x" * 2_001}, 400, "#/statement"),
        ({**WHY, "statement": "\u202e"}, 400, "#/statement"),
        ({**WHY, "reason": "x"}, 400, "#/reason"),
        ({**WHY, "severity": "A"}, 409, "#/severity"),
    ],
)
def test_a_dispute_that_is_none_is_refused_by_its_field(api, open_request, body, status, pointer):
    """P-8"""
    refused = api.post(path_of(open_request.number, "dispute"), body)

    assert (refused.status_code, pointers_of(refused)) == (status, [pointer])
    assert not SeverityDispute.objects.exists()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"accepted": True}, "#/reason"),
        ({"accepted": "yes", "reason": "x"}, "#/accepted"),
        ({"reason": "x"}, "#/accepted"),
        ({"accepted": False, "severity": "C", "reason": "x"}, "#/severity"),
    ],
)
def test_a_settlement_that_is_none_is_refused_by_its_field(api, senior, open_request, body, pointer):
    """P-8"""
    api.post(path_of(open_request.number, "dispute"), WHY)

    refused = senior.post(path_of(open_request.number, "dispute", "settle"), body)

    assert (refused.status_code, pointers_of(refused)) == (400, [pointer])
    assert SeverityDispute.objects.get().state == "open"


def test_a_stale_version_disputes_nothing(api, open_request):
    """Settled point 11"""
    refused = api.post(path_of(open_request.number, "dispute"), WHY, headers={"If-Match": '"7"'})

    assert (refused.status_code, code_of(refused)) == (412, "version-mismatch")
    assert not SeverityDispute.objects.exists()


def test_a_dispute_costs_one_query_more_and_decisions_none(api, senior, open_request):
    """STYLE section 5"""
    path = path_of(open_request.number)

    def cost():
        with queries() as made:
            api.get(path)
        return len(made)

    cost()
    before = cost()
    api.post(f"{path}dispute/", WHY)
    assert cost() == before + 1
    senior.post(f"{path}dispute/settle/", {"accepted": True, "reason": "One branch."})
    for severity in "CABC":
        senior.post(f"{path}severity/", {"severity": severity, "reason": "To and fro."})
    assert cost() == before + 1
