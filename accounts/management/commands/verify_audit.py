"""`manage.py verify_audit FILE`: verify an exported audit trail, and name the first record that is not as it was."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts.audit import verify_audit


class Command(BaseCommand):
    """Verify an export in NDJSON; exit 1 on the first altered, missing, inserted or reordered record, naming it."""

    help = __doc__
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what the stand-alone script takes."""
        verify_audit.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the file; no database is needed."""
        status, words = verify_audit.report(options["file"], options["head"])
        (self.stderr if status else self.stdout).write(words)
        if status:
            sys.exit(status)
