"""Somebody else has the request at this very moment: whoever waits in vain, or for too long, is told to come back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from accounts import transactions
from accounts.actors import Actor
from accounts.errors import Busy
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import in_threads
from tests.waiting import waits_for
from tickets.models import Message, ServiceRequest
from tickets.services.conversation import add_customer_message


@pytest.fixture
def admin(own_database: Any) -> Actor:
    """The customer's global admin."""
    organisation = factories.make_organisation()
    factories.make_subscription(organisation)
    return factories.actor(factories.make_person(organisation, "global_admin"))


@pytest.fixture
def row(admin: Actor) -> ServiceRequest:
    """A request with its description alone."""
    return making.filed(admin)


def hold(row: ServiceRequest) -> None:
    ServiceRequest.objects.select_for_update().get(pk=row.pk)


def bodies_of(row: ServiceRequest) -> list[str]:
    return list(Message.objects.filter(request=row).order_by("pk").values_list("body", flat=True))[1:]


def test_who_has_the_lock_in_time_is_heard(row: ServiceRequest, admin: Actor) -> None:
    """Settled point 5"""
    refused = waits_for(
        lambda: hold(row), lambda: add_customer_message(number=row.number, actor=admin, body="Still there?")
    )

    assert (refused, bodies_of(row)) == (None, ["Still there?"])


def test_who_has_the_lock_too_late_is_refused_and_changes_nothing(
    row: ServiceRequest, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settled point 5: any wait is too long here, as more than 3 s are otherwise"""
    monkeypatch.setattr(transactions, "LONGEST_WAIT", timedelta(0))

    refused = waits_for(
        lambda: hold(row), lambda: add_customer_message(number=row.number, actor=admin, body="Still there?")
    )

    assert (refused, bodies_of(row)) == (Busy, [])


def test_who_cannot_have_the_lock_at_all_is_refused_and_changes_nothing(row: ServiceRequest, admin: Actor) -> None:
    """Settled point 5: after a tenth of a second here, 3 s otherwise"""

    def write() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        add_customer_message(number=row.number, actor=admin, body="Still there?")

    with transaction.atomic():
        hold(row)
        [refused] = in_threads(write)

    assert (type(refused), bodies_of(row)) == (Busy, [])
