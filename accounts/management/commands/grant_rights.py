"""`manage.py grant_rights ROLE`: give the application's role in PostgreSQL what it needs, and no more."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection, transaction

from accounts.audit.rights import grants_for, insert_only_tables


class Command(BaseCommand):
    """Grant the rights, as the role that owns the tables; to be run again after each migration (P-10)."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the name of a role that exists."""
        parser.add_argument("role", help="the role that web server, worker, relay and sweeper sign in as")

    def handle(self, *args: Any, **options: Any) -> None:
        """Grant them together, or none."""
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                for statement in grants_for(options["role"]):
                    cursor.execute(statement)
        except DatabaseError as error:
            raise CommandError(str(error).strip()) from None
        self.stdout.write(f"{options['role']} can add to {len(insert_only_tables())} tables, and change none of them.")
