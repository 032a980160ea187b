"""`manage.py retention`: remove what is older than it is kept, now; `--dry-run` only counts it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tickets.services.retention import RULES, apply_retention, due_for_removal


class Command(BaseCommand):
    """Do at once what housekeeping does in portions: remove what is past its time, or count it."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Offer to change nothing."""
        parser.add_argument("--dry-run", action="store_true", help="only say how much of each kind is past its time")

    def handle(self, *args: Any, **options: Any) -> None:
        """Count, and unless told otherwise remove until nothing more goes."""
        counts = due_for_removal()
        for rule in RULES:
            self.stdout.write(f"{rule.name}: {counts[rule.name]} past their time ({rule.setting})")
        if options["dry_run"]:
            self.stdout.write("Nothing was changed (--dry-run).")
            return
        removed = 0
        while portion := apply_retention():
            removed += portion
        self.stdout.write(f"Removed: {removed} in all.")
