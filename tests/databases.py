"""Databases for tests: one template per test run, migrated once, and quick copies of it.

Migrating takes a dozen seconds, so a dump of the result is kept for the next run, under the digest of all that it
depends on.
"""

import fcntl
import hashlib
import itertools
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg2
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from support_portal.embedded import postgres_program

SESSION_FOLDER = Path(os.environ["PORTAL_TEST_SESSION"])
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
PREFIX = f"test_{SESSION_FOLDER.name.rpartition('-')[2]}"
TEMPLATE = f"{PREFIX}_template"
ROOT = Path(__file__).parents[1]
DUMPS = ROOT / ".pytest_cache" / "templates"

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
    """Make the template, migrated or from the dump of an earlier run, unless another process of this run has."""
    with (SESSION_FOLDER / "template.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = SESSION_FOLDER / "template.done"
        if not done.exists():
            run_sql(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)", f"CREATE DATABASE {TEMPLATE}")
            use(TEMPLATE)
            if not _restored():
                call_command("migrate", interactive=False, verbosity=0)
                _keep_dump()
            connections.close_all()
            done.touch()


def _restored() -> bool:
    """Fill the template from the kept dump, if there is one of these very migrations, and if the server is ours."""
    dump = _dump()
    if not _server_is_ours() or not dump.exists():
        return False
    program = [
        postgres_program("pg_restore"),
        "--exit-on-error",
        "--single-transaction",
        f"--dbname={url_of(TEMPLATE)}",
    ]
    subprocess.run([*program, dump], check=True)
    return True


def _keep_dump() -> None:
    if _server_is_ours():
        DUMPS.mkdir(parents=True, exist_ok=True)
        for old in DUMPS.glob("*.dump"):
            old.unlink()
        unfinished = DUMPS / f"{os.getpid()}.unfinished"
        program = [postgres_program("pg_dump"), "--format=custom", "--compress=1", f"--file={unfinished}"]
        subprocess.run([*program, url_of(TEMPLATE)], check=True)
        unfinished.rename(_dump())


def _server_is_ours() -> bool:
    return str(connection.settings_dict["HOST"]).startswith(str(SESSION_FOLDER))


def _dump() -> Path:
    """Where the dump of what migrations make of an empty database lies: under the digest of all they depend on."""
    sources = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("*/data/*.*"), ROOT / "requirements" / "run.txt"]
    digest = hashlib.sha256()
    for source in sorted(sources):
        digest.update(f"{source.relative_to(ROOT)}\0".encode() + source.read_bytes())
    return DUMPS / f"{digest.hexdigest()}.dump"


@contextmanager
def used(name: str) -> Iterator[None]:
    """Point this process at a database for a while."""
    before = connection.settings_dict["NAME"]
    use(name)
    try:
        yield
    finally:
        use(before)


def connected_to(name: str) -> BaseDatabaseWrapper:
    """A connection to a database, for `kept`."""
    other = connection.copy()
    other.settings_dict["NAME"] = name
    return other


@contextmanager
def kept(other: BaseDatabaseWrapper) -> Iterator[None]:
    """Point this thread at another connection for a while; both stay open, and warm, from test to test."""
    before = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = other
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = before


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
