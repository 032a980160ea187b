"""The world of the door: made once for each process, in a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from tests import databases
from tests.door import state, worlds

UNLIMITED = 10_000


@pytest.fixture(scope="session")
def built_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[worlds.World, BaseDatabaseWrapper]]:
    """Two furnished tenants, committed, and a connection to their database."""
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
            yield made, databases.connected_to(name)


@pytest.fixture
def world(
    built_world: tuple[worlds.World, BaseDatabaseWrapper], django_db_blocker: Any, settings: Any
) -> Iterator[worlds.World]:
    """The world, to be asked inside `undone()`."""
    made, theirs = built_world
    settings.RATE_LIMIT_FACTOR = UNLIMITED
    with django_db_blocker.unblock(), databases.kept(theirs):
        yield made
