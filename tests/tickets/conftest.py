"""Surroundings of the tests of requests: one customer with an admin, and an engineer."""

from datetime import UTC, datetime

import pytest

from accounts.actors import Actor
from accounts.models import Organisation
from tests import factories
from tests.tickets import making
from tickets.models import ServiceRequest
from tickets.services.closing import Ending, close_request

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday, 10:00 in Taipei


@pytest.fixture
def organisation(db: None) -> Organisation:
    """A customer in Taipei with an enterprise plan."""
    organisation = factories.make_organisation()
    factories.make_subscription(organisation)
    return organisation


@pytest.fixture
def admin(organisation: Organisation) -> Actor:
    """The customer's global admin."""
    return factories.actor(factories.make_person(organisation, "global_admin"))


@pytest.fixture
def engineer(db: None) -> Actor:
    """An engineer of technical support."""
    return factories.actor(factories.make_staff("engineer"))


@pytest.fixture
def open_request(admin: Actor) -> ServiceRequest:
    """An A, filed on Monday morning."""
    return making.filed(admin, now=MONDAY)


@pytest.fixture
def closed_request(open_request: ServiceRequest, engineer: Actor) -> ServiceRequest:
    """The same, closed by an engineer within the hour."""
    ending = Ending("solved", "Mail flows again.")
    at = MONDAY.replace(minute=30)
    return close_request(number=open_request.number, actor=engineer, ending=ending, now=at)
