"""Databases for tests: one template per test run, migrated once, and quick copies of it."""

import fcntl
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg2
from django.core.management import call_command
from django.db import connection, connections

SESSION_FOLDER = Path(os.environ["PORTAL_TEST_SESSION"])
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
PREFIX = f"test_{SESSION_FOLDER.name.rpartition('-')[2]}"
TEMPLATE = f"{PREFIX}_template"

_numbers = itertools.count(1)


def run_sql(*statements: str) -> None:
    """Run statements outside any test database and any transaction."""
    settings = connection.settings_dict
    administrator = psycopg2.connect(
        host=settings["HOST"] or None,
        port=settings["PORT"] or None,
        user=settings["USER"] or None,
        password=settings["PASSWORD"] or None,
        dbname="postgres",
    )
    try:
        administrator.autocommit = True
        with administrator.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        administrator.close()


def use(name: str) -> None:
    """Point this process, with the threads it may start, at a database."""
    connections.close_all()
    connection.settings_dict["NAME"] = name


def make_template() -> None:
    """Migrate the template unless another process of this test run has done so."""
    with (SESSION_FOLDER / "template.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = SESSION_FOLDER / "template.done"
        if not done.exists():
            run_sql(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)", f"CREATE DATABASE {TEMPLATE}")
            use(TEMPLATE)
            call_command("migrate", interactive=False, verbosity=0)
            connections.close_all()
            done.touch()


@contextmanager
def used(name: str) -> Iterator[None]:
    """Point this process at a database for a while."""
    before = connection.settings_dict["NAME"]
    use(name)
    try:
        yield
    finally:
        use(before)


@contextmanager
def copied(purpose: str) -> Iterator[str]:
    """Make a copy of the template, use it inside, and drop it afterwards whoever is still connected."""
    name = f"{PREFIX}_{WORKER}_{purpose}_{next(_numbers)}"
    run_sql(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    try:
        with used(name):
            yield name
    finally:
        run_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def url_of(name: str) -> str:
    """Return what a process of its own needs as DATABASE_URL."""
    settings = connection.settings_dict
    user = quote(settings["USER"] or "")
    password = f":{quote(settings['PASSWORD'])}" if settings["PASSWORD"] else ""
    if settings["HOST"].startswith("/"):
        return f"postgresql://{user}{password}@/{name}?host={quote(settings['HOST'])}"
    port = f":{settings['PORT']}" if settings["PORT"] else ""
    return f"postgresql://{user}{password}@{settings['HOST']}{port}/{name}"
