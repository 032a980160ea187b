"""`manage.py plan_reminders`: after an upgrade, reminders for the requests that were open before there were any."""

from typing import Any

from django.core.management.base import BaseCommand

from tickets.services.catching_up import plan_missing_reminders


class Command(BaseCommand):
    """Plan what open requests lack; a second run finds nothing to do."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Plan, and say for how many requests."""
        self.stdout.write(f"requests given reminders: {plan_missing_reminders()}")
