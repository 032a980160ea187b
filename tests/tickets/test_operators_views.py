"""The views that stay as they are for operators (RELIABILITY section 5)."""

import hashlib

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from accounts.models import Delivery
from tests import factories
from tests.tickets import making
from tests.tickets.conftest import MONDAY
from tickets.services.sweeping import sweep

COLUMNS = {
    "ops_timer": [
        ("id", "bigint"),
        ("number", "character varying"),
        ("kind", "character varying"),
        ("step", "character varying"),
        ("generation", "integer"),
        ("due_at", "timestamp with time zone"),
        ("state", "character varying"),
        ("settled_at", "timestamp with time zone"),
        ("attempts", "smallint"),
    ],
    "ops_delivery": [
        ("id", "bigint"),
        ("event_id", "bigint"),
        ("channel", "character varying"),
        ("destination_hash", "text"),
        ("message_id", "character varying"),
        ("state", "character varying"),
        ("attempts", "smallint"),
        ("next_attempt_at", "timestamp with time zone"),
        ("delivered_at", "timestamp with time zone"),
    ],
    "ops_event": [
        ("id", "bigint"),
        ("number", "character varying"),
        ("kind", "character varying"),
        ("ref", "character varying"),
        ("actor", "bigint"),
        ("on_behalf_of", "bigint"),
        ("at", "timestamp with time zone"),
        ("recorded_at", "timestamp with time zone"),
    ],
}


def asked(statement: str, *values: object) -> list[tuple[object, ...]]:
    """What the database answers."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


@pytest.fixture
def filed(admin):
    """An A, filed just now."""
    return making.filed(admin)


@pytest.mark.parametrize("view", COLUMNS)
def test_a_view_has_these_columns_and_types_and_no_others(db, view):
    found = asked(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position",
        view,
    )

    assert found == COLUMNS[view]


@pytest.mark.parametrize("view", COLUMNS)
def test_a_view_has_a_row_for_each_timer_delivery_and_event(filed, view):
    table = {"ops_timer": "tickets_timer", "ops_delivery": "accounts_delivery", "ops_event": "accounts_event"}[view]

    assert asked(f"SELECT count(*) FROM {view}") == asked(f"SELECT count(*) FROM {table}")


def test_the_same_receiver_has_the_same_hash_and_nobody_can_test_a_guess(filed, organisation):
    """P-5: without the salt, a few thousand guesses would name everybody."""
    other = factories.make_person(organisation, "reader")
    first = Delivery.objects.order_by("id").first()
    assert first
    copies = Delivery.objects.filter(destination=first.destination).values_list("id", flat=True)
    hashes = {
        digest for (digest,) in asked("SELECT destination_hash FROM ops_delivery WHERE id = ANY (%s)", list(copies))
    }

    assert len(hashes) == 1
    assert hashlib.sha256(first.destination.encode()).hexdigest() not in hashes
    assert hashlib.sha256(f"person:{other.pk}".encode()).hexdigest() not in hashes


def test_who_may_read_the_views_alone_cannot_read_the_salt(filed):
    """P-6"""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE ROLE monitoring_of_a_test")
        cursor.execute("GRANT SELECT ON ops_timer, ops_delivery, ops_event TO monitoring_of_a_test")
        cursor.execute("SET LOCAL ROLE monitoring_of_a_test")
        cursor.execute("SELECT destination_hash FROM ops_delivery")
        assert cursor.fetchall()
        for table in ("ops_salt", "accounts_delivery", "accounts_person"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                cursor.execute(f"SELECT * FROM {table}")
        transaction.set_rollback(True)


def test_a_ref_names_what_an_event_settles(admin, engineer):
    """P-2"""
    request = making.filed(admin, now=MONDAY)
    sweep(now=request.due_at)

    settled = asked(
        "SELECT timer.state, event.kind FROM ops_event event JOIN ops_timer timer ON event.ref = 'timer:' || timer.id"
    )

    assert settled
    assert {state for state, _ in settled} == {"fired"}
