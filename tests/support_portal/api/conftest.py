"""A customer, and programs that call the API for its people."""

import pytest

from tests import factories


@pytest.fixture
def organisation(db):
    return factories.make_organisation()


@pytest.fixture
def admin(organisation):
    return factories.make_person(organisation, "global_admin")


@pytest.fixture
def api(admin):
    """A program with every scope."""
    return factories.api_of(admin)
