"""The drill of RELIABILITY section 5: back up, restore elsewhere, and nothing that happened meanwhile happens again."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.core.management import call_command
from django.db import connection, connections

from accounts import clock
from support_portal import embedded
from support_portal.embedded import postgres_program
from tests import databases, factories
from tests.conftest import OwnDatabase
from tests.processes import eventually
from tests.tickets import making
from tickets.models import Timer
from tickets.services import relay
from tickets.services.sweeping import sweep

TO_A_POINT = "\nrecovery_target = 'immediate'\nrecovery_target_action = 'promote'\nrestore_command = 'false'\n"


def open_the_desk() -> None:
    """A portal that has swept before, with an A that came due two days ago; nothing of it has fired or been sent."""
    sweep()
    for role in ("engineer", "team_lead", "duty_manager"):
        factories.make_staff(role)
    organisation = factories.make_organisation()
    factories.make_subscription(organisation)
    admin = factories.make_person(organisation, "global_admin")
    making.filed(factories.actor(admin), now=clock.now() - timedelta(days=2))


def the_night_passes(mailoutbox: list[Any]) -> None:
    """After the backup the portal goes on: everything fires, and everything is sent."""
    sweep_and_relay()
    assert mailoutbox
    assert not Timer.objects.filter(state="waiting", due_at__lt=clock.now()).exists()
    mailoutbox.clear()


def sweep_and_relay() -> None:
    """What worker and sweeper do."""
    sweep()
    while relay.relay_deliveries():
        pass


def drill(mailoutbox: list[Any]) -> None:
    """Verify; sweep and relay, and nothing goes out; release, and everything goes out once."""
    assert said("verify").startswith("All invariants hold")
    sweep_and_relay()
    assert mailoutbox == []
    assert said("verify").startswith("All invariants hold")

    said("release_held")
    sweep_and_relay()
    sent = [message.extra_headers["Message-ID"] for message in mailoutbox]
    sweep_and_relay()
    assert 0 < len(set(sent)) == len(sent) == len(mailoutbox)
    assert said("verify").startswith("All invariants hold")


def said(*command: str) -> str:
    """What a command says; it must end well."""
    output = StringIO()
    call_command(*command, stdout=output)
    return output.getvalue()


def program(name: str, *arguments: str | Path) -> None:
    """Run one of PostgreSQL's programs on the server at hand."""
    settings = connection.settings_dict
    where = {"PGHOST": settings["HOST"], "PGPORT": settings["PORT"] or "5432", "PGUSER": settings["USER"]}
    password = {"PGPASSWORD": settings["PASSWORD"]} if settings["PASSWORD"] else {}
    environment = {**os.environ, **where, **password}
    subprocess.run([postgres_program(name), *arguments], check=True, env=environment, timeout=60)


def dumped(name: str, folder: Path) -> Path:
    """A dump of a database."""
    file = folder / "portal.dump"
    program("pg_dump", "--format=custom", f"--file={file}", name)
    return file


@pytest.fixture
def elsewhere(own_database: OwnDatabase) -> Iterator[str]:
    """An empty database with another name."""
    name = f"{own_database.name}_restored"
    databases.run_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    yield name
    databases.use(own_database.name)
    databases.run_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def test_a_dump_restored_elsewhere_sends_nothing_until_it_is_released(
    own_database: OwnDatabase, elsewhere: str, tmp_path: Path, mailoutbox: list[Any]
) -> None:
    """P-2: last night's mail does not go out again."""
    open_the_desk()
    file = dumped(own_database.name, tmp_path)
    the_night_passes(mailoutbox)

    program("pg_restore", "--no-owner", "--exit-on-error", "--dbname", elsewhere, file)
    databases.use(elsewhere)

    drill(mailoutbox)


def test_a_dump_restored_over_its_own_database_sends_nothing_until_it_is_released(
    own_database: OwnDatabase, tmp_path: Path, mailoutbox: list[Any]
) -> None:
    """P-2: cluster and database are the same ones."""
    open_the_desk()
    file = dumped(own_database.name, tmp_path)
    the_night_passes(mailoutbox)

    connection.close()
    program("pg_restore", "--clean", "--if-exists", "--no-owner", "--dbname", own_database.name, file)

    drill(mailoutbox)


# ── Recovery to a point in time, on a cluster of the test's own ─────────────────────────────────────────────────────


@contextmanager
def cluster(folder: Path, name: str) -> Iterator[embedded.Postgres]:
    """A running cluster in `folder`, which this process uses meanwhile."""
    before = dict(connection.settings_dict)
    sockets = embedded.socket_folder(folder / "sockets")
    server = embedded.Postgres(folder / name, sockets, folder / f"{name}-log" / "postgres.log", durable=False)
    process = server.start()
    connections.close_all()
    connection.settings_dict.update(HOST=str(sockets), PORT="", USER=embedded.USER, PASSWORD="", NAME=embedded.DATABASE)
    try:
        yield server
    finally:
        connections.close_all()
        connection.settings_dict.update(before)
        embedded.stop(process, signal.SIGINT)


def serves_writes() -> bool:
    """Whether the recovery is over."""
    settings = connection.settings_dict
    administrator = psycopg2.connect(host=settings["HOST"], user=settings["USER"], dbname="postgres")
    try:
        with administrator.cursor() as cursor:
            cursor.execute("SELECT pg_is_in_recovery()")
            return not cursor.fetchone()[0]  # type: ignore[index]
    finally:
        administrator.close()


def test_a_cluster_recovered_to_a_point_in_time_sends_nothing_until_it_is_released(
    own_database: OwnDatabase, tmp_path: Path, mailoutbox: list[Any]
) -> None:
    """P-2: cluster, database and tables are the same ones; the timeline is another."""
    empty = dumped(own_database.name, tmp_path)
    with cluster(tmp_path, "original"):
        program("pg_restore", "--no-owner", "--exit-on-error", "--dbname", embedded.DATABASE, empty)
        open_the_desk()
        program("pg_basebackup", "--checkpoint=fast", "--wal-method=stream", f"--pgdata={tmp_path / 'recovered'}")
        the_night_passes(mailoutbox)

    (tmp_path / "recovered" / "recovery.signal").touch()
    with (tmp_path / "recovered" / "postgresql.auto.conf").open("a") as configuration:
        configuration.write(TO_A_POINT)
    with cluster(tmp_path, "recovered"):
        eventually(serves_writes, within=30, what="the end of the recovery")
        drill(mailoutbox)
