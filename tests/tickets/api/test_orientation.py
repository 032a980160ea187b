"""Severity levels, hours of support and promises, asked for over the API before anything is filed."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from accounts import clock
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import code_of, pointers_of, queries
from tests.tickets.conftest import MONDAY
from tickets.models import Commitment, ServiceRequest

LEVELS, HOURS = "/api/v1/severity-levels/", "/api/v1/support-hours/"
PROMISE = "/api/v1/commitments/preview/"


# ── Severities ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_severities_are_told_in_words_and_whether_one_may_set_them(api, staff, reader, organisation):
    """SE-1, SE-5"""
    plain = api.get(LEVELS).json()["levels"]
    assert [(each["code"], each["may_set"]) for each in plain] == [("A", False), ("B", False), ("C", False)]
    assert plain[0]["name"] == "A – critical"
    assert plain[0]["meaning"].startswith("One or more services cannot be reached")

    factories.make_elevated_contract(organisation)

    assert all(each["may_set"] for each in api.get(LEVELS).json()["levels"])
    assert not any(each["may_set"] for each in reader.get(LEVELS).json()["levels"])
    assert all(each["may_set"] for each in staff.get(LEVELS).json()["levels"])


# ── Promises ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_promise_asked_for_is_the_one_that_filing_makes(api, organisation, admin_person):
    """SLA-1, SE-1: by GET and by POST alike; nothing is stored"""
    subscription = organisation.subscriptions.get().reference
    question = {"severity": "A", "subscription": subscription}
    asked = api.post(PROMISE, question)
    assert asked.status_code == 200
    assert not ServiceRequest.objects.exists()
    assert not Commitment.objects.exists()

    filed = making.filed(factories.actor(admin_person), now=MONDAY)  # at no midnight, which has other words
    told = Commitment.objects.get(request=filed)
    received = told.received_at.isoformat()
    again = api.post(PROMISE, question | {"received_at": received}).json()

    assert datetime.fromisoformat(again["due_at"]) == told.due_at
    assert (again["availability"], again["target"]) == (told.availability, told.target) == ("always", "PT1H")
    assert again["policy_version"] == told.policy_version_id
    assert again == api.get(PROMISE, question | {"received_at": received}).json()
    assert again["explanation"][-1].endswith("that is 1 h.")


@pytest.mark.parametrize(
    ("tier", "severity", "target"),
    [
        *(("business", "A", "PT1H"), ("business", "B", "none"), ("business", "C", "none")),
        *(("enterprise", "A", "PT1H"), ("enterprise", "B", "next_day"), ("enterprise", "C", "none")),
        *(("frontline", "A", "PT1H"), ("frontline", "B", "next_day"), ("frontline", "C", "none")),
        *(("elevated", "A", "PT1H"), ("elevated", "B", "PT2H"), ("elevated", "C", "PT4H")),
    ],
)
def test_every_cell_of_the_table_can_be_asked_for(api, tier, severity, target):
    """SLA-1, SLA-6"""
    told = api.get(PROMISE, {"tier": tier, "severity": severity}).json()

    assert told["target"] == target
    assert told["tier"] == tier
    assert (told["due_at"] is None) is (told["state"] == "none") is (target == "none")


def test_what_is_asked_beforehand_is_told_to_the_second(api):
    promise = api.get(PROMISE, {"severity": "A"})
    hours = api.get(HOURS, {"severity": "A", "language": "en"})

    assert promise.json()["due_at"]
    assert hours.json()["desk"]["next_open_at"]
    for answer in (promise, hours):
        assert not re.search(rb"\d\.\d+Z", answer.content)


@pytest.mark.parametrize("kind", ["presales", "billing"])
def test_presales_and_billing_are_promised_nothing_in_business_hours(api, kind):
    """BI-2"""
    told = api.get(PROMISE, {"kind": kind, "severity": "A"}).json()

    assert (told["availability"], told["target"], told["due_at"]) == ("business_hours", "none", None)


def test_a_contract_counts_for_what_it_covers(api, organisation):
    """SLA-5"""
    assert code_of(api.get(PROMISE, {"kind": "advisory", "severity": "B"})) == "elevated-required"

    factories.make_elevated_contract(organisation)

    assert api.get(PROMISE, {"kind": "advisory", "severity": "B"}).json()["target"] == "PT2H"
    assert api.get(PROMISE, {"kind": "billing", "severity": "B"}).json()["target"] == "none"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"severity": "D"}, "#/severity"),
        ({"kind": "sales"}, "#/kind"),
        ({"tier": "gold"}, "#/tier"),
        ({"received_at": "2026-11-24"}, "#/received_at"),
        ({"urgent": True}, "#/urgent"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(api, change, place):
    """RELIABILITY, the API"""
    assert pointers_of(api.post(PROMISE, {"severity": "A", **change})) == [place]


@pytest.mark.parametrize(("days", "status"), [(365, 200), (-365, 200), (367, 400), (-367, 400)])
def test_the_instant_lies_within_a_year(api, days, status):
    """Holidays are known for the years around this one"""
    at = (clock.now() + timedelta(days=days)).isoformat()

    assert api.post(PROMISE, {"severity": "A", "received_at": at}).status_code == status


def test_support_staff_say_whose_terms_they_mean(staff, organisation):
    """P-5"""
    assert pointers_of(staff.post(PROMISE, {"severity": "A"})) == ["#/organisation"]
    assert staff.post(PROMISE, {"severity": "B", "organisation": organisation.slug}).json()["target"] == "next_day"
    assert code_of(staff.post(PROMISE, {"severity": "B", "organisation": "nowhere"})) == "organisation-not-found"


@pytest.mark.parametrize("address", [PROMISE, HOURS])
def test_nothing_is_told_of_others(stranger, organisation, address):
    """P-5: another's subscription and another's name equal missing ones"""
    theirs = organisation.subscriptions.get().reference

    for question in ({"subscription": theirs}, {"organisation": organisation.slug}):
        answers = [
            stranger.get(address, {"severity": "A", **each}) for each in (question, dict.fromkeys(question, "x"))
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert len({code_of(answer) for answer in answers}) == 1


# ── Hours ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_support_around_the_clock_in_ones_language(api, organisation):
    """LA-1, SLA-3"""
    told = api.get(HOURS, {"language": "en", "severity": "A", "region": organisation.country}).json()

    assert told["available_now"] is True
    assert told["desk"]["availability"] == "always"
    assert told["days_without_support"] == []
    assert told["engineers"]["language"] == "en"
    assert told["region"] == organisation.country


def test_business_hours_close_the_desk_on_weekends_and_holidays(api):
    """SLA-3, SLA-4: the days of the next thirty on which nobody is there"""
    told = api.get(HOURS, {"tier": "business", "severity": "C", "language": "en"}).json()

    days = [datetime.fromisoformat(each["date"]).replace(tzinfo=UTC) for each in told["days_without_support"]]
    assert told["desk"]["availability"] == "business_hours"
    assert 8 <= len(days) < 20
    assert [day for day in days if day.weekday() >= 5]
    assert told["available_now"] <= told["desk"]["is_open"]
    assert told["next_available_at"] >= told["desk"]["next_open_at"]


def test_a_language_that_nobody_speaks_is_never_available(api):
    """LA-1"""
    told = api.get(HOURS, {"language": "hu", "severity": "A"}).json()

    assert (told["available_now"], told["next_available_at"]) == (False, None)
    assert told["engineers"]["regions"] == []
    assert told["sooner"]["language"] == "en"
    assert len(told["days_without_support"]) == 30


def test_without_a_severity_the_hours_of_the_least_one_are_told(api):
    """SLA-3"""
    assert api.get(HOURS, {"tier": "business"}).json()["severity"] == "C"


@pytest.mark.parametrize("query", [{"language": "klingon"}, {"region": "Taiwan"}, {"severity": "D"}, {"zone": "UTC"}])
def test_hours_of_what_does_not_exist_are_refused_by_name(api, query):
    """RELIABILITY, the API"""
    assert pointers_of(api.get(HOURS, query)) == list(query)


@pytest.mark.parametrize(("address", "budget"), [(HOURS, 9), (PROMISE, 8)])
def test_asking_costs_few_queries(api, address, budget):
    """STYLE section 5"""
    api.get(address, {"severity": "A"})
    with queries() as made:
        assert api.get(address, {"severity": "A"}).status_code == 200

    assert len(made) <= budget
