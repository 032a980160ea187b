"""`manage.py publish_policy FILE`: check a policy document, show what it would have changed, publish it (SLA-1)."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import clock
from sla.errors import PolicyInvalid, PolicyVersionTaken
from sla.policy import Policy
from tickets.replay import Replay, replay
from tickets.services.policies import publish_policy

SHOWN = 20


class Command(BaseCommand):
    """Publish a policy document (JSON); an invalid one changes nothing and every faulty cell is named."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the document, and whether to stop short of publishing."""
        parser.add_argument("file", help="the document; - for standard input")
        parser.add_argument("--dry-run", action="store_true", help="only check it and show what would change")

    def handle(self, *args: Any, file: str, dry_run: bool, **options: Any) -> None:
        """Check the document, show the replay, publish."""
        document = _read(file)
        try:
            policy = Policy.from_document(document)
            self._show(replay(policy, now=clock.now()))
            if dry_run:
                self.stdout.write("Nothing was published (--dry-run).")
                return
            published = publish_policy(document=document, label="command line")
        except PolicyInvalid as error:
            faults = "\n".join(f"  {problem}" for problem in error.problems)
            raise CommandError(f"The policy is not valid; nothing was changed.\n{faults}") from error
        except PolicyVersionTaken as error:
            raise CommandError(f"Version {error.version} is not above the newest, {error.newest}.") from error
        self.stdout.write(f"Policy version {published.version} is in force.")

    def _show(self, result: Replay) -> None:
        self.stdout.write(
            f"Last 30 days: {result.promises} promises; {len(result.changes)} would be due at another instant; "
            f"breaches: {result.breaches_more} more, {result.breaches_fewer} fewer."
        )
        for change in result.changes[:SHOWN]:
            before, after = change.due_at or "no commitment", change.would_be_due_at or "no commitment"
            self.stdout.write(f"  {change.number} {change.severity}: {before} -> {after}")
        if len(result.changes) > SHOWN:
            self.stdout.write(f"  … and {len(result.changes) - SHOWN} more")


def _read(file: str) -> object:
    try:
        return json.loads(sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CommandError(f"{file} cannot be read as JSON: {error}") from error
