"""`manage.py run`: the whole portal in the foreground, as `make run` starts it."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from support_portal import run


class Command(BaseCommand):
    """Run servers, web, worker, beat and sweeper until Ctrl-C."""

    help = "Run the whole portal in the foreground: servers, web, worker, beat and sweeper."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until asked to stop."""
        sys.exit(run.main())
