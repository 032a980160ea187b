"""`manage.py set_up`: everything that must be in place before the portal serves; repeatable, and quick when done."""

import hashlib
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand

from support_portal import translations
from tickets.services.catching_up import plan_missing_reminders


class Command(BaseCommand):
    """Migrate, collect static files, compile translations, and fill an empty demo."""

    help = "Bring database, static files and translations up to date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer the demo data."""
        parser.add_argument("--demo", action="store_true", help="fill an empty database with demo data")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do each step, saying how long it took."""
        self._step("Compiling translations", translations.compile_all)
        self._step("Migrating the database", lambda: call_command("migrate", interactive=False, verbosity=0))
        self._step("Planning reminders that an upgrade brings", plan_missing_reminders)
        self._step("Collecting static files", collect_static_files)
        if options["demo"] and settings.DEMO:
            self._step("Filling in demo data", lambda: call_command("demo", if_empty=True))

    def _step(self, what: str, act: Callable[[], Any]) -> None:
        began = time.monotonic()
        self.stdout.write(f"  {what:<44} ", ending="")
        self.stdout.flush()
        act()
        self.stdout.write(f"{time.monotonic() - began:5.1f} s")
        self.stdout.flush()


def collect_static_files() -> bool:
    """Collect the static files unless they are as they were; tell whether there was anything to do."""
    root = Path(settings.STATIC_ROOT)
    note, now = root.with_name(f"{root.name}.fingerprint"), static_fingerprint()
    if note.exists() and note.read_text() == now and root.is_dir():
        return False
    note.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    note.write_text(now)
    return True


def static_fingerprint() -> str:
    """Return a value that changes with any static file's path, size or time."""
    digest = hashlib.sha256(str(settings.STORAGES["staticfiles"]["BACKEND"]).encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = Path(storage.path(path)).stat()
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
