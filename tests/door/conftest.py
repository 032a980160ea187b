"""The world of the door: made once for each process, in a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from tests import databases
from tests.door import state, worlds

UNLIMITED = 10_000


@pytest.fixture(scope="session")
def built_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[worlds.World, str]]:
    """Two furnished tenants, committed, and the name of their database."""
    with django_db_blocker.unblock():
        before = connection.settings_dict["NAME"]
        with databases.copied("door") as name:
            with pytest.MonkeyPatch.context() as patched:  # and not for the tests that come after
                patched.setattr("django.conf.settings.RATE_LIMIT_FACTOR", UNLIMITED)
                made = worlds.build()
                for tenant in made.tenants:
                    state.remember(tenant)
                state.remember_everything()
            databases.use(before)
            yield made, name


@pytest.fixture
def world(built_world: tuple[worlds.World, str], django_db_blocker: Any, settings: Any) -> Iterator[worlds.World]:
    """The world, to be asked inside `undone()`."""
    made, name = built_world
    settings.RATE_LIMIT_FACTOR = UNLIMITED
    with django_db_blocker.unblock(), databases.used(name):
        yield made
