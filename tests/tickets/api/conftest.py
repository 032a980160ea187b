"""Programs that call the API: of a customer's admins and readers, of a stranger, and of support staff."""

from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from accounts import clock
from accounts.models import Organisation, Person, Subscription
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import close_at, form_of
from tickets.lifecycle import REOPEN_WINDOW
from tickets.models import ServiceRequest
from tickets.services.closing import Ending, close_request


@pytest.fixture
def admin_person(organisation: Organisation) -> Person:
    return factories.make_person(organisation, "global_admin")


@pytest.fixture
def api(admin_person: Person) -> APIClient:
    """A program of the customer's global admin, with every scope."""
    return factories.api_of(admin_person)


@pytest.fixture
def staff(db: None) -> APIClient:
    """A program of an engineer."""
    return factories.api_of(factories.make_staff("engineer", name="Ravi Iyer"))


@pytest.fixture
def reader(organisation: Organisation) -> APIClient:
    """A program of somebody who may only read."""
    return factories.api_of(factories.make_person(organisation, "reader"))


@pytest.fixture
def stranger(db: None) -> APIClient:
    """A program of another organisation's global admin."""
    other = factories.make_organisation()
    factories.make_subscription(other)
    return factories.api_of(factories.make_person(other, "global_admin"))


@pytest.fixture
def subscription(organisation: Organisation) -> Subscription:
    return organisation.subscriptions.get()


@pytest.fixture
def form(subscription: Subscription) -> dict:
    """A filled-in form about mail that nobody can send: an A."""
    return form_of(subscription)


@pytest.fixture
def open_request(admin_person: Person) -> ServiceRequest:
    """An A, filed just now."""
    return making.filed(factories.actor(admin_person))


@pytest.fixture
def closed_now(open_request: ServiceRequest, admin_person: Person) -> ServiceRequest:
    """The same, closed by the admin at this very instant."""
    ending = Ending("solved")
    return close_request(number=open_request.number, actor=factories.actor(admin_person), ending=ending)


@pytest.fixture
def archived_request(closed_now: ServiceRequest) -> ServiceRequest:
    """The same, its reopen window over for a day."""
    close_at(closed_now, clock.now() - REOPEN_WINDOW - timedelta(days=1))
    return ServiceRequest.objects.get(pk=closed_now.pk)
