"""`manage.py publish_policy FILE`: check a policy document, show what it would have changed, publish it (SLA-1)."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import pluralize

from accounts import clock
from sla import selectors as sla
from sla.errors import PolicyInvalid, PolicyVersionTaken
from sla.policy import Policy
from sla.policy_text import read_text
from sla.policy_wording import difference_lines
from sla.problem_wording import problem_sentence
from tickets.selectors.what_if import Change, WhatIf, what_if
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
        """Check the document, show what it changes and would have changed, publish."""
        try:
            document = read_text(_text(file))
            policy = Policy.from_document(document)
            in_force = self._compare(document, policy)
            if dry_run:
                self.stdout.write("Nothing was published (--dry-run).")
                return
            published = publish_policy(document=document, label="command line", replacing=in_force)
        except PolicyInvalid as error:
            faults = "\n".join(f"  {fault.path or 'document'}: {problem_sentence(fault)}" for fault in error.problems)
            raise CommandError(f"The policy is not valid; nothing was changed.\n{faults}") from error
        except PolicyVersionTaken as error:
            raise CommandError(
                f"Nothing was changed: version {error.version} is not above the newest, {error.newest}, or another "
                "version came into force meanwhile."
            ) from error
        self.stdout.write(f"Policy version {published.version} is in force.")

    def _compare(self, document: Any, policy: Policy) -> int:
        """Show the differences and the last 30 days; return the version in force that this is about.

        Raises PolicyVersionTaken before any of it, where the document could not be published anyway.
        """
        in_force = sla.policy_in_force().version
        if policy.version <= in_force:
            raise PolicyVersionTaken(version=policy.version, newest=in_force)
        lines = difference_lines(sla.policy_document(in_force), document)
        self.stdout.write(f"Against version {in_force}: {len(lines)} difference{pluralize(len(lines))}.")
        for place, change in lines:
            self.stdout.write(f"  {place}: {change}")
        self._show(what_if(policy, now=clock.now()))
        return in_force

    def _show(self, result: WhatIf) -> None:
        cut = "" if result.is_complete else f" (the newest of {result.total})"
        self.stdout.write(
            f"Last 30 days: {result.promises} promise{pluralize(result.promises)}{cut}; "
            f"{result.differ} would have another outcome; "
            f"breaches: {result.breaches_more} more, {result.breaches_fewer} fewer."
        )
        for change in result.changes[:SHOWN]:
            self.stdout.write(f"  {_line(change)}")
        if result.differ > SHOWN:
            self.stdout.write(f"  … and {result.differ - SHOWN} more")


def _line(change: Change) -> str:
    before, after = change.due_at or "no commitment", change.would_be_due_at or "no commitment"
    if change.breached == change.would_be_breached:
        return f"{change.number} {change.severity}: {before} -> {after}"
    return f"{change.number} {change.severity}: {before} -> {after}, " + (
        "breached" if change.would_be_breached else "no longer breached"
    )


def _text(file: str) -> str:
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read: {error}") from error
