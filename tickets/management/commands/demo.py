"""`manage.py demo`: throw the demo away and make it anew, or fill an empty database with it."""

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from tickets.demo.loading import is_empty, load
from tickets.demo.replacing import CannotReplace, replaced_by_copy, replaced_by_new


class Command(BaseCommand):
    """Make the demo: customers, staff, and two months of requests in every state, dated relative to now."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Offer when, how much and how else."""
        parser.add_argument("--if-empty", action="store_true", help="only where there is no organisation yet")
        parser.add_argument("--seed", type=int, default=1, help="another number tells the same stories otherwise")
        parser.add_argument("--limit", type=int, help="at most so many requests (all: about 300)")
        parser.add_argument("--yes-really", action="store_true", help="even where the settings say this is no demo")

    def handle(
        self, *args: Any, if_empty: bool, seed: int, limit: int | None, yes_really: bool, **options: Any
    ) -> None:
        """Refuse, skip, or make it beside the database and let it take its place."""
        self._quiet, began = options["verbosity"] == 0, time.monotonic()
        self._refuse_elsewhere(yes_really)
        if if_empty and not is_empty():
            if options["verbosity"] > 1:
                self._say("There is data already; nothing was changed.")
            return
        old_files = _files_in_var()
        try:
            with replaced_by_copy() if if_empty else replaced_by_new():
                states = load(say=self._say, seed=seed, limit=limit)
        except CannotReplace as error:
            raise CommandError(str(error)) from error
        _clear_away(old_files)
        told = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in sorted(states.items()))
        self._say(f"{states.total()} requests ({told}) after {time.monotonic() - began:.1f} s.")
        self._say(f"How to sign in: {settings.DEMO_FILE}")

    def _refuse_elsewhere(self, yes_really: bool) -> None:
        if not settings.DEMO and not yes_really:
            raise CommandError(
                f"This is no demo, and the database {connection.settings_dict['NAME']!r} may hold what somebody needs. "
                "Making the demo drops it, and brings people whose password everybody knows. If that is what you "
                "want, set DEMO=1 or repeat with --yes-really."
            )

    def _say(self, line: str) -> None:
        if not self._quiet:
            self.stdout.write(line)
            self.stdout.flush()


def _files_in_var() -> list[Path]:
    """The attachments and mails of the database as it is, as far as they lie in the demo's own folder."""
    folders = [folder for folder in (settings.MEDIA_ROOT, settings.MAIL_DIR) if folder.is_relative_to(settings.VAR_DIR)]
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def _clear_away(files: list[Path]) -> None:
    """Forget what belonged to the database before: its files, and what was cached of it."""
    for path in files:
        path.unlink(missing_ok=True)
    cache.clear()
