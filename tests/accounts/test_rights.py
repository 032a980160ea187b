"""The application under a role of its own in PostgreSQL: it works, and it cannot rewrite the record (P-10)."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction

from accounts.audit.rights import insert_only_tables
from accounts.models import Event, Seal
from accounts.services import people
from tests import databases, factories
from tests.conftest import OwnDatabase
from tests.tickets import making
from tickets.services.closing import Ending, close_request, reopen_request
from tickets.services.conversation import reply_publicly
from tickets.services.sweeping import sweep

KEPT = ["accounts_calendarversion", "accounts_event", "accounts_seal", "sla_policyversion", "tickets_correction"]


@pytest.fixture
def restricted(own_database: OwnDatabase) -> Iterator[str]:
    """Act as a role that has what `grant_rights` gives, and no more."""
    role = f"{own_database.name}_app"
    databases.run_sql(f"CREATE ROLE {role}")
    try:
        call_command("grant_rights", role)
        yield role
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute(f"DROP OWNED BY {role}")
        databases.run_sql(f"DROP ROLE {role}")


def act_as(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")


def test_the_application_works_without_the_right_to_change_the_record(restricted):
    """P-10"""
    organisation = factories.make_organisation()
    factories.make_subscription(organisation)
    act_as(restricted)
    admin = factories.actor(factories.make_person(organisation, "global_admin"))
    engineer = factories.actor(factories.make_staff("engineer"))
    colleague = factories.make_person(organisation)

    people.give_role(person_id=colleague.pk, role="reader", actor=admin)
    filed = making.filed(admin)
    reply_publicly(number=filed.number, actor=engineer, body="We look into it.")
    close_request(number=filed.number, actor=engineer, ending=Ending("solved", message="Done."))
    reopen_request(number=filed.number, actor=admin, reason="Not quite.")
    sweep()

    assert Seal.objects.count() == Event.objects.count() > 5


REWRITING = (
    "UPDATE {table} SET {column} = {column}",
    "DELETE FROM {table}",
    "TRUNCATE {table} CASCADE",
    "ALTER TABLE {table} DISABLE TRIGGER USER",
    "DROP TABLE {table} CASCADE",
    "SET session_replication_role = replica",
    "UPDATE django_migrations SET name = name",
    "SELECT salt FROM ops_salt",
)


def test_the_record_is_refused_by_privilege(restricted):
    """P-10: not only by the trigger, which whoever owns the table could switch off."""
    act_as(restricted)
    for table in KEPT:
        column = {"tickets_correction": "what", "accounts_seal": "salt"}.get(table, "id")
        for statement in REWRITING:
            rewrite = statement.format(table=table, column=column)
            with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
                connection.cursor().execute(rewrite)


def test_every_table_that_refuses_changes_is_kept(db):
    """P-10"""
    assert insert_only_tables() == KEPT


def test_a_role_that_does_not_exist_changes_nothing(db):
    """P-10"""
    with pytest.raises(CommandError, match="does not exist"):
        call_command("grant_rights", "nobody_of_this_name")
