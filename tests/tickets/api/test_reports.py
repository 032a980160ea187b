"""The report on commitments, held against a slow computation from the rows of each request."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from statistics import mean
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts import clock
from accounts.models import Organisation, Person
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import code_of, queries
from tickets.models import Commitment, ServiceRequest, Survey
from tickets.selectors.detail import commitments_of
from tickets.selectors.sla_report import GROUPS, STATES
from tickets.services.closing import Ending, close_request, reopen_request
from tickets.services.conversation import reply_publicly
from tickets.services.severity import change_severity

REPORT = "/api/v1/reports/sla/"


def quantile(values: list[float], share: float) -> float:
    """As PostgreSQL interpolates it."""
    place = share * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


@pytest.fixture
def desk(admin_person: Person) -> Person:
    """A lead, and requests of which every sort of promise came."""
    admin, person = factories.actor(admin_person), factories.make_staff("team_lead")
    lead, now = factories.actor(person), clock.now()

    def filed(severity: str, hours: float, **more: Any) -> ServiceRequest:
        return making.filed(admin, severity=severity, now=now - timedelta(hours=hours), **more)

    def at(request: ServiceRequest, minutes: int) -> Any:
        return request.created_at + timedelta(minutes=minutes)

    def answered(request: ServiceRequest, minutes: int) -> ServiceRequest:
        reply_publicly(number=request.number, actor=lead, body="We look.", now=at(request, minutes))
        return request

    answered(filed("A", 50), 10)
    answered(filed("A", 49), 60)
    answered(filed("A", 48), 61)
    filed("A", 47)
    filed("A", 0.2)
    answered(filed("C", 700), 500)
    filed("C", 1)
    withdrawn = filed("A", 30)
    close_request(number=withdrawn.number, actor=admin, ending=Ending("withdrawn"), now=at(withdrawn, 20))
    for minutes, hours in ((20, 20), (90, 19)):
        lowered = filed("A", hours)
        change_severity(number=lowered.number, actor=lead, severity="C", reason="Less.", now=at(lowered, 5))
        answered(lowered, minutes)
    raised = filed("C", 18)
    change_severity(number=raised.number, actor=lead, severity="A", reason="More.", now=at(raised, 5))
    back = answered(filed("A", 17, category="billing", service=""), 30)
    close_request(number=back.number, actor=lead, ending=Ending("solved", "Done."), now=at(back, 40))
    for cycle, rating in ((1, 2), (2, 5)):
        more = {
            "severity": "A",
            "resolution": "solved",
            "expires_at": now,
            "answered_by": admin_person,
            "rating": rating,
        }
        Survey.objects.create(
            organisation=back.organisation, request=back, cycle=cycle, asked_at=now, answered_at=now, **more
        )
    reopen_request(number=back.number, actor=admin, now=at(back, 60))
    answered(back, 65)
    answered(filed("A", 16, is_test=True), 1)
    return person


def slowly(zone: str, group_by: str) -> dict[str, dict[str, Any]]:
    """The same from every request by itself."""
    now, cells = clock.now(), []
    for request in ServiceRequest.objects.filter(is_test=False).select_related("service"):
        common = {
            "category": request.category,
            "service": request.service_code or "",
            "month": request.created_at.astimezone(ZoneInfo(zone)).strftime("%Y-%m"),
        }
        cells.append(({**common, "severity": request.severity, "tier": request.tier}[group_by], "request", request))
        standing = sorted(commitments_of(request, now=now), key=lambda each: (each.row.cycle, each.row.revision))
        for _cycle, each in groupby(standing, key=lambda each: each.row.cycle):
            promises = list(each)
            for promise in promises:
                name = {**common, "severity": promise.row.severity, "tier": promise.row.tier}[group_by]
                cells.append((name, "state", promise.state.value))
            last = promises[-1].row
            if last.responded_at:
                name = {**common, "severity": last.severity, "tier": last.tier}[group_by]
                cells.append((name, "response", (last.responded_at - last.received_at).total_seconds()))
    return {name: _figures([cell for cell in cells if cell[0] == name]) for name in {cell[0] for cell in cells}}


def _figures(cells: list[tuple[str, str, Any]]) -> dict[str, Any]:
    requests = [each for _, what, each in cells if what == "request"]
    states = [each for _, what, each in cells if what == "state"]
    times = sorted(each for _, what, each in cells if what == "response")
    closed = [each for each in requests if each.closed_at or each.cycle > 1]
    reopened = [each for each in requests if each.cycle > 1]
    ratings = list(Survey.objects.filter(request__in=requests, rating__isnull=False).values_list("rating", flat=True))
    judged = states.count("kept") + states.count("breached")
    return {
        "requests": len(requests),
        "commitments": {state: states.count(state) for state in STATES},
        "kept_share": states.count("kept") / judged if judged else None,
        "responses": len(times),
        "response_median_seconds": pytest.approx(quantile(times, 0.5), abs=0.51) if times else None,
        "response_p90_seconds": pytest.approx(quantile(times, 0.9), abs=0.51) if times else None,
        "closed": len(closed),
        "reopened": len(reopened),
        "reopen_rate": len(reopened) / len(closed) if closed else None,
        "survey_answers": len(ratings),
        "survey_average": mean(ratings) if ratings else None,
    }


@pytest.mark.parametrize("group_by", GROUPS)
def test_the_figures_are_those_of_a_slow_computation(desk: Person, group_by: str) -> None:
    """SLA-1, SLA-6, RO-4: request by request, promise by promise"""
    report = factories.api_of(desk).get(REPORT, {"group_by": group_by}).json()

    found = {line.pop("group"): line for line in report["groups"]}
    assert found == slowly(report["timezone"], group_by)
    if group_by == "severity":
        counts = report["total"]["commitments"]
        assert all(counts[state] for state in STATES), counts
        assert sum(counts.values()) == Commitment.objects.filter(request__is_test=False).count()
        assert (report["total"]["reopen_rate"], report["total"]["survey_average"]) == (0.5, 3.5)


def test_customers_have_their_own(api: APIClient, stranger: APIClient, reader: APIClient, desk: Person) -> None:
    """P-5"""
    whole = factories.api_of(desk).get(REPORT).json()["total"]

    assert api.get(REPORT).json()["total"] == whole
    assert stranger.get(REPORT).json()["total"]["requests"] == 0
    assert stranger.get(REPORT).json()["groups"] == []
    assert code_of(reader.get(REPORT)) == "not-permitted"


def test_the_desk_names_one_organisation(desk: Person, api: APIClient, organisation: Organisation) -> None:
    """P-5: and customers none but their own"""
    lead, other = factories.api_of(desk), factories.make_organisation()
    factories.make_subscription(other)
    making.filed(factories.actor(factories.make_person(other, "global_admin")))
    counts = [lead.get(REPORT, {"organisation": one.slug}).json()["total"]["requests"] for one in (organisation, other)]

    assert (lead.get(REPORT).json()["total"]["requests"], counts) == (13, [12, 1])
    assert api.get(REPORT, {"organisation": organisation.slug}).json()["total"]["requests"] == 12
    for caller, slug in ((api, other.slug), (lead, "nobody")):
        assert code_of(caller.get(REPORT, {"organisation": slug})) == "organisation-not-found"


def test_an_account_manager_has_that_of_their_customers(desk: Person, organisation: Organisation) -> None:
    """EL-1"""
    manager = factories.make_staff("account_manager")
    assert factories.api_of(manager).get(REPORT).json()["total"]["requests"] == 0

    factories.make_elevated_contract(organisation, account_manager=manager)

    assert factories.api_of(manager).get(REPORT).json()["total"]["requests"] == 12


def test_days_are_the_callers_own_and_include_both_ends(api: APIClient, admin_person: Person) -> None:
    zone = ZoneInfo(admin_person.timezone)
    begins = clock.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=3)
    actor = factories.actor(admin_person)
    ends = begins + timedelta(days=1)
    for at in (begins - timedelta(microseconds=1), begins, ends - timedelta(microseconds=1), ends):
        making.filed(actor, now=at)

    day = begins.date().isoformat()

    assert api.get(REPORT, {"from": day, "to": day}).json()["total"]["requests"] == 2


@pytest.mark.parametrize(
    ("days", "status"),
    [
        ({"from": "2024-01-01", "to": "2024-12-31"}, 200),
        ({"from": "2023-12-31", "to": "2024-12-31"}, 400),
        ({"from": "2024-01-02", "to": "2024-01-01"}, 400),
        ({"from": "0001-01-01", "to": "0001-01-01"}, 400),
        ({"from": "9999-12-31", "to": "9999-12-31"}, 400),
        ({"to": "0001-01-01"}, 400),
        ({"from": "yesterday"}, 400),
        ({"group_by": "assignee"}, 400),
        ({"since": "2024-01-01"}, 400),
    ],
)
def test_a_report_spans_366_days_at_most(api: APIClient, days: dict[str, str], status: int) -> None:
    """P-8: and days that no calendar has are refused"""
    assert api.get(REPORT, days).status_code == status


def test_the_statements_are_few_however_many_requests_there_are(api: APIClient, desk: Person) -> None:
    with queries() as made:
        api.get(REPORT)

    assert len([sql for sql in made if "tickets_servicerequest" in sql]) == 2
    assert connection.vendor == "postgresql"
