"""`manage.py api_errors`: write docs/api-errors.md from the table of problems, or check that it is up to date."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from support_portal.api.problem_table import as_markdown


class Command(BaseCommand):
    """Write the page, or check it."""

    help = "Write docs/api-errors.md from the table of problems; with --check fail when it is not up to date."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer the check."""
        parser.add_argument("--check", action="store_true", help="change nothing; fail when it is not up to date")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked."""
        page = settings.BASE_DIR / "docs" / "api-errors.md"
        if not options["check"]:
            page.write_text(as_markdown(), encoding="utf-8")
        elif not page.exists() or page.read_text(encoding="utf-8") != as_markdown():
            raise CommandError("docs/api-errors.md is not up to date: run manage.py api_errors")
        self.stdout.write("docs/api-errors.md is up to date")
