"""Print what engineers decided about assessed requests, as labelled cases to measure the assessment with."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand

from accounts import clock
from tickets.selectors import labels

MOST_DAYS = 3_650


class Command(BaseCommand):
    """Print a line of JSON for each label, in the form that `assess_severity --evaluate` reads (SE-1, SE-5, SC-6).

    The lines hold what customers wrote: they are personal data, to be kept and deleted as such.
    """

    help = "Prints decisions of engineers as labelled cases, JSON lines for assess_severity --evaluate."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        default = labels.REPORTED.days
        parser.add_argument(
            "--days", type=_days, default=default, help=f"how far back, {default} unless told otherwise"
        )
        parser.add_argument(
            "--decided-only",
            action="store_true",
            help="leave out requests that were answered with the severity unchanged",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the command."""
        since = clock.now() - timedelta(days=options["days"])
        for line in labels.labelled_cases(since=since, decided_only=options["decided_only"]):
            self.stdout.write(json.dumps(line, ensure_ascii=False))


def _days(value: str) -> int:
    if not (value.isascii() and value.isdigit() and 0 < int(value) <= MOST_DAYS):
        raise ArgumentTypeError(f"a number of days from 1 to {MOST_DAYS}")
    return int(value)
