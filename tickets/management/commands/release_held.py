"""`manage.py release_held`: after a restore, let go what was held, or drop it; `--hold` holds in the first place."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_datetime

from tickets.services import holding, releasing
from tickets.services.holding import Held


class Command(BaseCommand):
    """Say what is held since a restore, and release it: timers fire, dated at their deadlines, and notices go out."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Offer which part, and what becomes of it."""
        parser.add_argument("--timers", action="store_true", help="timers only")
        parser.add_argument("--deliveries", action="store_true", help="notices only")
        parser.add_argument("--before", type=_instant, help="only what was due (timers) or written (notices) before")
        parser.add_argument("--drop", action="store_true", help="tell nobody: timers do their work in silence")
        parser.add_argument("--dry-run", action="store_true", help="only say what is held")
        parser.add_argument("--hold", action="store_true", help="hold what is due and unsent now, and release nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Count, hold or release, and say what that did."""
        if options["hold"]:
            self._say(holding.hold_by_hand(), "held")
            return
        both = options["timers"] == options["deliveries"]
        chosen = releasing.Choice(
            timers=both or options["timers"], deliveries=both or options["deliveries"], before=options["before"]
        )
        if options["dry_run"]:
            self._say(releasing.held(chosen), "held; nothing was changed (--dry-run)")
        elif options["drop"]:
            self._say(releasing.drop(chosen=chosen), "settled without telling anybody")
        else:
            self._say(releasing.release(chosen=chosen), "released; sweep and relay take them from here")

    def _say(self, counts: Held, what: str) -> None:
        self.stdout.write(f"{counts.timers} timers and {counts.deliveries} deliveries {what}.")


def _instant(text: str) -> datetime:
    """An instant with its offset, such as 2026-11-23T08:00:00Z."""
    try:
        instant = parse_datetime(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise CommandError(f"{text} is no instant with an offset, such as 2026-11-23T08:00:00Z.")
    return instant
