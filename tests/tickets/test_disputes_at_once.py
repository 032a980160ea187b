"""Several people at once about one disputed severity: one dispute, one that settles it (SE-5, P-2)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from accounts.models import Delivery, Event
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import in_threads
from tickets.errors import NoDispute, SeverityDisputedAlready
from tickets.models import SeverityDecision, SeverityDispute
from tickets.services.disputes import agree_to_dispute, decline_dispute, dispute_severity
from tickets.verification import faults

THREADS = 8


@pytest.fixture
def admin(own_database: Any) -> Any:
    """The customer's global admin."""
    organisation = factories.make_organisation()
    factories.make_subscription(organisation)
    return factories.make_person(organisation, "global_admin")


def outcomes(results: list[Any]) -> Counter[str]:
    """How often each kind of result came."""
    return Counter(type(result).__name__ for result in results)


def test_of_two_senior_engineers_one_settles_it(admin: Any) -> None:
    """SE-5, P-2: half of them agree, half of them decline"""
    seniors = [factories.actor(factories.make_staff("senior_engineer")) for _ in range(THREADS)]
    number = making.filed(factories.actor(admin)).number
    dispute_severity(number=number, actor=factories.actor(admin), severity="B", statement="One branch.")

    def settle(place: int) -> SeverityDispute:
        act = agree_to_dispute if place % 2 else decline_dispute
        return act(number=number, actor=seniors[place], reason="Looked at it.")

    results = in_threads(*[lambda place=place: settle(place) for place in range(THREADS)])

    assert outcomes(results) == {SeverityDispute.__name__: 1, NoDispute.__name__: THREADS - 1}
    assert Event.objects.filter(kind="dispute_settled").count() == 1
    assert SeverityDecision.objects.count() == 2
    assert Delivery.objects.filter(notice="dispute_settled", channel="mail").count() == 1
    assert not list(faults())


def test_of_admins_who_dispute_one_comes_first(admin: Any) -> None:
    """SE-5"""
    actor = factories.actor(admin)
    number = making.filed(actor).number

    def dispute(place: int) -> SeverityDispute:
        return dispute_severity(number=number, actor=actor, severity="B", statement=f"{place} people.")

    results = in_threads(*[lambda place=place: dispute(place) for place in range(THREADS)])

    assert outcomes(results) == {SeverityDispute.__name__: 1, SeverityDisputedAlready.__name__: THREADS - 1}
    assert not list(faults())


def test_a_double_click_disputes_once(admin: Any) -> None:
    """P-2"""
    actor = factories.actor(admin)
    number = making.filed(actor).number

    def dispute() -> SeverityDispute:
        return dispute_severity(number=number, actor=actor, severity="B", statement="One branch.")

    results = in_threads(*[dispute] * THREADS)

    assert len({result.pk for result in results}) == 1
    assert Event.objects.filter(kind="severity_disputed").count() == 1
