"""`manage.py sweep`: one sweep, and what it did."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand

from tickets.services import relay, sweeping

WITHIN = timedelta(minutes=10)


class Command(BaseCommand):
    """Fire every timer that is due and send every notice that is due, once."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep and relay, and say what that did."""
        counts = sweeping.sweep()
        sent = relay.relay_all(within=WITHIN)
        self.stdout.write(f"timers fired or put off: {counts['timers']}; deliveries attempted: {sent}")
