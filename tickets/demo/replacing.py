"""Filling a database beside ours that takes its place when it is whole: a running portal never sees half a demo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from django.core.management import call_command
from django.db import connection
from psycopg2.errors import InsufficientPrivilege, ObjectInUse
from psycopg2.sql import SQL, Composed, Identifier

from tickets.services import holding

MAINTENANCE = "postgres"
LONGEST_NAME = 63  # bytes of an identifier


class CannotReplace(Exception):
    """The database cannot be made anew; the message is one for people."""


@contextmanager
def replaced_by_copy() -> Iterator[None]:
    """Work inside on a copy of our database, as it is; afterwards the copy is ours.

    The event table refuses DELETE and TRUNCATE, so a database is dropped and made anew. Whatever fails inside leaves
    ours untouched. Raises CannotReplace.
    """
    name = connection.settings_dict["NAME"]
    with _beside(SQL("CREATE DATABASE {} TEMPLATE {}"), name):
        holding.adopt()  # it is the portal's own, and no restored backup
        yield


@contextmanager
def replaced_by_new() -> Iterator[None]:
    """The same on an empty database with all migrations."""
    with _beside(SQL("CREATE DATABASE {}"), connection.settings_dict["NAME"]):
        call_command("migrate", interactive=False, verbosity=0)
        yield


@contextmanager
def _beside(create: SQL, name: str) -> Iterator[None]:
    draft = f"{name[: LONGEST_NAME - 6]}_draft"
    names = [Identifier(draft), Identifier(name)][: create.string.count("{}")]
    _run(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(draft)), create.format(*names))
    try:
        _use(draft)
        try:
            yield
        finally:
            _use(name)
    except BaseException:
        _run(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(draft)))
        raise
    _run(
        SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)),
        SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(draft), Identifier(name)),
    )


def _use(name: str) -> None:
    """Point this process at a database."""
    connection.close()
    connection.settings_dict["NAME"] = name


def _run(*statements: Composed) -> None:
    """Run statements on the server, outside our database and any transaction."""
    connection.close()
    parameters = {**connection.get_connection_params(), "dbname": MAINTENANCE}
    try:
        administrator = psycopg2.connect(**parameters)
    except psycopg2.OperationalError as error:
        raise CannotReplace(f"The server's database {MAINTENANCE!r} cannot be reached: {error}".strip()) from error
    try:
        administrator.autocommit = True
        with administrator.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    except InsufficientPrivilege as error:
        reason = str(error).strip()
        raise CannotReplace(f"The database role may not make databases (CREATEDB, and own them): {reason}") from error
    except ObjectInUse as error:
        raise CannotReplace(
            f"Somebody else uses the database; stop the portal and try again. ({error})".strip()
        ) from error
    finally:
        administrator.close()
